//! Runs what is asked for, whatever was known before, and says what came of it: to a person, or to a program.

use crate::Exit;
use crate::climb::{self, Climb, Plan};
use crate::console::{self, bad, bold, dim, good};
use crate::failure;
use crate::junit::TestRun;
use crate::ladder::Climbed;
use crate::list;
use crate::rung::Rung;
use crate::stories::{self, Stories};
use crate::tell::{self, Speech};
use crate::test_file;
use crate::tools::Tools;
use crate::verdict;
use crate::workspace::{Kata, Workspace};
use anyhow::Result;

/// What is to be checked, and how it is to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// These katas. If none is named: the one that the learner is at, or all of them with `all`.
    pub katas: Vec<String>,
    /// Only this rung.
    pub rung: Option<Rung>,
    /// Every test, and not only those up to the first red one.
    pub all: bool,
    /// Whether to say it as JSON.
    pub json: bool,
    /// Whether to add lines for an editor.
    pub lines: bool,
}

/// Checks the katas.
pub fn check(tools: &Tools<'_>, request: &Request) -> Result<Exit> {
    let workspace = tools.workspace;
    let named = workspace.named(&request.katas)?;
    let katas = if request.katas.is_empty() && !request.all { vec![list::current(workspace)] } else { named };
    let plan = Plan { rungs: request.rung.map_or(Rung::ALL.to_vec(), |rung| vec![rung]), everything: request.all };
    let mut climbs: Vec<(&Kata, Climb)> = Vec::new();
    for kata in katas {
        if !request.json {
            if !climbs.is_empty() {
                console::out("");
            }
            console::out(bold(tell::heading(workspace, kata)));
            console::out("");
        }
        let tell = |rung, climbed: &Climbed| {
            if request.all { tell_all(workspace, kata, rung, climbed) } else { tell::tell_rung(rung, climbed) }
        };
        let climb = climb::climb_kata(tools, kata, &plan, &mut |rung, climbed| {
            if !request.json {
                tell(rung, climbed);
            }
        })?;
        if !request.json && !request.all {
            match climb.stop() {
                Some(stop) => tell::tell_stop(tools, kata, Speech::OfKata, stop),
                None => {
                    console::out("");
                    console::out(good(conclusion(kata, request.rung)));
                }
            }
        }
        let lines = if request.lines { verdict::lines(workspace, kata, &climb) } else { Vec::new() };
        if !lines.is_empty() {
            console::out("");
            lines.into_iter().for_each(console::out);
        }
        climbs.push((kata, climb));
    }
    if request.json {
        console::out(format!("{:#}", verdict::to_json(workspace, &climbs)));
    } else if request.all {
        console::out("");
        climbs.iter().for_each(|(kata, climb)| tell_count(kata, climb));
    }
    let exits: Vec<Exit> = climbs.iter().map(|(_, climb)| climb.exit()).collect();
    Ok([Exit::NotBuilt, Exit::Red].into_iter().find(|exit| exits.contains(exit)).unwrap_or(Exit::Green))
}

fn conclusion(kata: &Kata, rung: Option<Rung>) -> String {
    match rung {
        None => format!("{} is all green.", kata.title),
        Some(rung) => format!("{}: {rung} is green.", kata.title),
    }
}

fn tell_count(kata: &Kata, climb: &Climb) {
    let (green, all) = (climb.tests().filter(|test| test.is_green()).count(), climb.tests().count());
    let sign = if climb.exit() == Exit::Green { good("✓") } else { bad("✗") };
    let not_built = if climb.exit() == Exit::NotBuilt { ", and some do not compile" } else { "" };
    console::out(format!("{sign} {}: {green} of {all} tests are green{not_built}", kata.title));
}

/// Tells every test of a rung, with what a checker went through, or why it is red.
fn tell_all(workspace: &Workspace, kata: &Kata, rung: Rung, climbed: &Climbed) {
    tell::tell_rung(rung, climbed);
    let tests = match climbed {
        Climbed::NotBuilt(diagnostics) => {
            console::out("");
            tell::tell_why(workspace, kata, (rung, climb::Stop::NotBuilt(diagnostics)));
            console::out("");
            return;
        }
        Climbed::Tested { tests, .. } => tests,
    };
    for test in tests {
        let sign = if test.is_green() { good("✓") } else { bad("✗") };
        console::out(format!("      {sign} {}", test_file::sentence(&test.name)));
        let covered = climb::receipts(rung, std::slice::from_ref(test));
        for (_, words) in covered {
            let lines = console::wrapped(&words, console::width().saturating_sub(8), 2);
            console::out(dim(console::indented(&lines, 8)));
        }
        if !test.is_green() {
            console::out("");
            console::out(console::indented(&why(workspace, kata, test), 8));
            console::out("");
        }
    }
}

fn why(workspace: &Workspace, kata: &Kata, test: &TestRun) -> String {
    let story = Stories::of(workspace, kata).of_test(test).map(|story| story.to_text(stories::look(8)));
    failure::told_with(test, story.as_deref())
}
