//! The page: a failing interleaving in the browser, or what a green kata's checks went through.

use crate::Exit;
use crate::climb::{self, Climb, Stop};
use crate::console::{self, bold, dim};
use crate::stories::{self, Stories};
use crate::tell::{self, Speech};
use crate::tools::Tools;
use crate::workspace::Kata;
use anyhow::{Context, Result};
use interleaving::Story;
use std::fs;
use std::io::{IsTerminal, stdout};

/// Writes the page of a kata, of the first one that is not green if none is named, and opens it if somebody is there to look.
pub fn show(tools: &Tools<'_>, only: Option<&str>) -> Result<Exit> {
    let workspace = tools.workspace;
    let (kata, climb) = climb::first_that_is_not_green(tools, only)?;
    if let Some(stop) = climb.stop().filter(|(_, stop)| stop.written().is_none()) {
        console::out("There is no interleaving to show yet:");
        tell::tell_stop(tools, kata, Speech::to(only), stop);
        return Ok(climb.exit());
    }
    let shown = told(tools, kata, &climb)?;
    if shown.is_empty() {
        console::out("There is no interleaving to show: the red test runs on real threads, and leaves none.");
        console::out(format!("  the test        cargo kata {}", kata.name));
        return Ok(Exit::Red);
    }
    let page = workspace.notes.join("pages").join(format!("{}.html", kata.name));
    let folder = page.parent().unwrap_or(&workspace.root);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&page, interleaving::page(&kata.title, &shown)));
    written.with_context(|| format!("{} cannot be written", page.display()))?;
    console::out(bold(format!("{}: {}", kata.title, headline(&climb, &shown))));
    console::out(format!("  the page        {}", page.display()));
    if stdout().is_terminal() {
        if open::that_detached(&page).is_err() {
            console::out(dim("  It did not open by itself: open that file in a browser."));
        }
    } else {
        console::out(dim("  Open that file in a browser: it needs no network."));
    }
    Ok(Exit::Green)
}

/// What the page is about, in a line.
fn headline(climb: &Climb, shown: &[Story]) -> String {
    if climb.stop().is_none() {
        return format!("all green; one interleaving of each of {} tests", shown.len());
    }
    stories::headline(&shown[0])
}

/// The stories that the page is to have: of the red test, or of every test that a checker ran.
fn told(tools: &Tools<'_>, kata: &Kata, climb: &Climb) -> Result<Vec<Story>> {
    let stories = Stories::of(tools.workspace, kata);
    if let Some((rung, Stop::Red(test))) = climb.stop() {
        let failing = climb::failing(tools, kata, (rung, test))?;
        if let Some((found, other)) = failing.as_ref().filter(|(_, other)| other.name != test.name) {
            console::out(console::wrapped(&stories::another(test, *found, other), console::width(), 0));
        }
        return Ok(failing.and_then(|(_, test)| stories.of_test(&test)).into_iter().collect());
    }
    Ok(climb.tests().filter_map(|test| stories.of_test(test)).collect())
}
