//! What a learner sees: the rungs that are climbed, the first red test, and what to do next.

use crate::Exit;
use crate::climb::{Climb, Plan, Stop, climb_kata, receipts};
use crate::console::{self, bad, bold, dim, good};
use crate::failure;
use crate::ladder::{Climbed, grouped};
use crate::list::{Progress, State};
use crate::rung::Rung;
use crate::rustc::Diagnostic;
use crate::stories::{self, Stories};
use crate::test_file::{self, tests_in_file};
use crate::tools::Tools;
use crate::verdict;
use crate::workspace::{Kata, Workspace};
use anyhow::Result;

/// At most so many errors of rustc are shown: one changed signature makes an error at every call.
const ERRORS: usize = 3;

/// So many lines stand below a picture.
const BELOW: usize = 10;

/// How the next step is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speech {
    /// As a command about this kata.
    OfKata,
    /// As a command about the path, where that leads to the same kata.
    OfPath,
    /// Not at all, where there are keys for it.
    Keys,
}

impl Speech {
    /// That of a command that was given this name or none.
    pub fn to(only: Option<&str>) -> Self {
        if only.is_some() { Self::OfKata } else { Self::OfPath }
    }
}

/// Climbs the kata of that name, or all that are not solved, up to the first red test. With `lines`, adds lines for an editor.
pub fn climb(tools: &Tools<'_>, only: Option<&str>, speech: Speech, lines: bool) -> Result<Exit> {
    let workspace = tools.workspace;
    let katas = workspace.named(only.as_slice())?;
    let mut climbed = 0;
    for kata in &katas {
        if only.is_none() && Progress::of(workspace, kata).state() == State::Green {
            continue;
        }
        climbed += 1;
        console::out(bold(heading(workspace, kata)));
        console::out("");
        let climb = climb_kata(tools, kata, &Plan::to_the_first_red(), &mut |rung, climbed| tell_rung(rung, climbed))?;
        if let Some(stop) = climb.stop() {
            tell_stop(tools, kata, speech, stop);
            if lines {
                console::out("");
                verdict::lines(workspace, kata, &climb).into_iter().for_each(console::out);
            }
            return Ok(climb.exit());
        }
        tell_green(kata, &climb);
        if only.is_none() && workspace.katas.last() != Some(*kata) {
            console::out(format!("  how others solve it  cargo kata solution {}", kata.name));
            console::out("");
        }
    }
    tell_end(workspace, &katas, only.is_some(), speech, climbed);
    Ok(Exit::Green)
}

/// The name of a kata, and its place.
pub fn heading(workspace: &Workspace, kata: &Kata) -> String {
    let place = workspace.katas.iter().position(|other| other == kata).map_or(0, |index| index + 1);
    format!("{} ({} belt, kata {place} of {})", kata.title, kata.belt, workspace.katas.len())
}

/// Says in a line what came of a rung.
pub fn tell_rung(rung: Rung, climbed: &Climbed) {
    match climbed {
        Climbed::Tested { tests, .. } if climbed.is_green() => {
            let summary = summary(&receipts(rung, tests)).map(|words| format!("   {}", dim(words))).unwrap_or_default();
            let unit = if tests.len() == 1 { "test" } else { "tests" };
            console::out(format!("  {} {rung:<10} {:>3} {unit}{summary}", good("✓"), tests.len()));
        }
        Climbed::Tested { .. } => console::out(format!("  {} {rung}", bad("✗"))),
        Climbed::NotBuilt(_) => console::out(format!("  {} {rung:<10} does not compile", bad("✗"))),
    }
}

/// All receipts of a rung in a line.
fn summary(receipts: &[(String, String)]) -> Option<String> {
    if receipts.is_empty() {
        return None;
    }
    let is_number = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit());
    // `all 48 interleavings that …, 24 with a spurious failure (2 threads)`: the first number of each part counts.
    let of_part = |part: &str| part.split(' ').find(is_number).and_then(|number| number.replace(',', "").parse::<u64>().ok());
    let parts = receipts.iter().flat_map(|(_, words)| words.split(", "));
    let total: u64 = parts.filter_map(of_part).sum();
    let whole = receipts.iter().filter(|(_, words)| words.contains("that it can tell apart")).count();
    let whole = match whole {
        0 => String::new(),
        _ if whole == receipts.len() => ", which are all that there are".to_owned(),
        _ => format!("; in {whole} of {} tests that is all that there are", receipts.len()),
    };
    Some(format!("{} interleavings{whole}", grouped(total)))
}

fn tell_green(kata: &Kata, climb: &Climb) {
    console::out("");
    console::out(good(format!("{} is all green.", kata.title)));
    match climb.warnings() {
        0 => {}
        1 => console::out(dim(format!("rustc has one warning: cargo check -p {}", kata.name))),
        more => console::out(dim(format!("rustc has {more} warnings: cargo check -p {}", kata.name))),
    }
    console::out("");
}

/// Tells why a solution gets no further, and what to do next.
pub fn tell_stop(tools: &Tools<'_>, kata: &Kata, speech: Speech, stop: (Rung, Stop<'_>)) {
    console::out("");
    tell_why(tools.workspace, kata, stop);
    console::out("");
    console::out(bold("What next"));
    for (what, how) in next_steps(tools, kata, speech, stop) {
        console::out(format!("  {what:<15} {how}"));
    }
}

/// Tells why a solution gets no further.
pub fn tell_why(workspace: &Workspace, kata: &Kata, (rung, stop): (Rung, Stop<'_>)) {
    match stop {
        Stop::NotBuilt(diagnostics) => {
            console::out(bad("It does not compile yet. rustc says:"));
            let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|diagnostic| diagnostic.is_error).collect();
            for error in errors.iter().take(ERRORS) {
                console::out("");
                console::out(&error.text);
            }
            let more = errors.len().saturating_sub(ERRORS);
            if more > 0 {
                let errors = if more == 1 { "one more error".to_owned() } else { format!("{more} more errors") };
                console::out("");
                console::out(format!("… and {errors}. The tests call your functions as the brief has them."));
            }
        }
        Stop::Red(test) => {
            let file = kata.folder.join(rung.file());
            let listed = tests_in_file(&file).into_iter().find(|listed| listed.name == test_file::function(&test.name));
            let line = listed.map(|listed| format!(":{}", listed.line)).unwrap_or_default();
            console::out(format!("{} {}", bad("✗"), bold(test_file::sentence(&test.name))));
            console::out(dim(format!("  {}{line}", workspace.shown(&file))));
            console::out("");
            let story = Stories::of(workspace, kata).of_test(test);
            let text = story.as_ref().map(|story| story.to_text(stories::look(2)));
            let told = console::indented(&failure::told_with(test, text.as_deref()), 2);
            let is_long = console::height().is_some_and(|height| told.lines().count() + BELOW > height);
            console::out(told);
            // What was said first is no longer on the screen.
            for story in story.iter().filter(|_| is_long) {
                console::out("");
                console::out(console::wrapped(&format!("  In short: {}", stories::headline(story)), console::width(), 2));
            }
        }
    }
}

fn next_steps(tools: &Tools<'_>, kata: &Kata, speech: Speech, (rung, stop): (Rung, Stop<'_>)) -> Vec<(&'static str, String)> {
    let name = &kata.name;
    let folder = tools.workspace.shown(&kata.folder);
    let mut steps = vec![("edit", format!("{folder}/src/lib.rs")), ("the brief", format!("{folder}/README.md"))];
    let again = match speech {
        Speech::OfKata => format!("cargo kata {name}"),
        Speech::OfPath => "cargo kata".to_owned(),
        Speech::Keys => return steps,
    };
    steps.push(("a hint", format!("cargo kata hint {name}")));
    if let Some(test) = stop.written() {
        if Stories::of(tools.workspace, kata).of_test(test).is_some() {
            steps.push(("in the browser", format!("cargo kata show {name}")));
            steps.push(("step by step", format!("cargo kata replay {name}")));
        } else {
            steps.push(("a picture", format!("cargo kata show {name}, if a checker finds one")));
        }
    }
    steps.push(("then", again));
    if let Stop::Red(test) = stop {
        let only = if tools.nextest.is_on_path() { "cargo nextest run" } else { "cargo test" };
        steps.push(("only this test", format!("{only} -p {name} --test {rung} -- --exact {}", test.name)));
    }
    steps
}

fn tell_end(workspace: &Workspace, katas: &[&Kata], only_one: bool, speech: Speech, climbed: usize) {
    if !only_one {
        if climbed == 0 {
            console::out(dim("Nothing has changed since all of it was last run; cargo kata check --all runs it once more."));
            console::out("");
        }
        console::out(bold(good(format!("All {} katas are green. Congratulations!", katas.len()))));
        console::out("");
    }
    if speech == Speech::Keys {
        return;
    }
    console::out(bold("What next"));
    if only_one && workspace.katas.len() > 1 {
        console::out("  the next kata                 cargo kata");
    }
    for kata in katas {
        console::out(format!("  how others solve {:<12} cargo kata solution {}", kata.title, kata.name));
    }
    if only_one {
        console::out(format!("  what each test went through   cargo kata check {} --all", katas[0].name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receipts_are_added_up() {
        let of = |words: &[&str]| {
            summary(&words.iter().map(|words| (String::new(), (*words).to_owned())).collect::<Vec<_>>()).unwrap_or_default()
        };
        let whole = "all 1,048 interleavings that it can tell apart, 24 with a spurious failure or wakeup (2 threads)";
        let part =
            "all 9 interleavings with at most 2 interruptions, 1,000 random ones, 500 with few changes of turn (2 threads)";
        assert_eq!(of(&[whole]), "1,072 interleavings, which are all that there are");
        assert_eq!(of(&[part]), "1,509 interleavings");
        assert_eq!(of(&[part, whole]), "2,581 interleavings; in 1 of 2 tests that is all that there are");
        assert_eq!(of(&[]), "");
    }
}
