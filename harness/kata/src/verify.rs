//! Tests the harness, and holds each kata's tests against solutions that are known to be right or wrong. What the learner has
//! written in `katas/*/src/` plays no part.

mod attempt;
mod bench;
mod header;
mod judge;
mod matrix;
pub mod overlay;
mod pictures;

use crate::Exit;
use crate::console::{self, bad, bold, dim, good};
use crate::hints::Hints;
use crate::nextest::Nextest;
use crate::rung::Rung;
use crate::test_file::{function, tests_in_file};
use crate::workspace::{Kata, Workspace};
use anyhow::{Context, Result};
use attempt::{Attempt, Attempts, Kind};
use bench::Bench;
use std::fs;
use std::time::Instant;

/// The fewest correct attempts that a kata has: there is more than one way to be right, and none may be rejected.
const CORRECT: usize = 5;
/// The fewest flawed attempts that a kata has.
const FLAWED: usize = 10;
/// The fewest flawed attempts that only the checkers notice: they are what the kata is about.
const HIDDEN: usize = 2;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Problem {
    /// The file that it is about.
    file: String,
    /// What it is.
    what: String,
    /// What helps to understand it, such as what to type to see it; may be empty.
    help: String,
}

impl Problem {
    fn new(file: &str, what: String) -> Self {
        Self { file: file.to_owned(), what, help: String::new() }
    }
}

/// Tests the katas of these names; if there are none, the harness, and then all of them. With `os_runs`, also counts how often the examples
/// and the properties notice each flawed attempt.
pub fn verify(workspace: &Workspace, names: &[String], os_runs: usize) -> Result<Exit> {
    let katas = workspace.named(names)?;
    let nextest = Nextest::find_or_install(workspace)?;
    // All katas are read and laid out, whichever are asked for: what is built for the others then stays.
    let mut misread = Vec::new();
    let template = workspace.template()?;
    let read = workspace.katas.iter().chain([&template]).map(|kata| attempt::read(workspace, kata, &mut misread));
    let all = read.collect::<Result<Vec<_>>>()?;
    let bench = Bench { workspace, nextest, folder: overlay::lay(workspace, &all)? };
    let is_asked_for = |kata: &Kata| katas.contains(&kata) || names.is_empty();
    let attempts: Vec<Attempts<'_>> = all.into_iter().filter(|attempts| is_asked_for(attempts.kata)).collect();

    let mut problems = Vec::new();
    // Who names a kata is at work on that.
    if names.is_empty() {
        step("the harness's own tests", &mut problems, |problems| bench.test_harness(problems))?;
    }
    step("the attempts' headers, and how many there are", &mut problems, |problems| {
        misread.retain(|problem| attempts.iter().any(|attempts| attempts.has(&problem.file)));
        problems.extend(misread.iter().cloned());
        attempts.iter().for_each(|attempts| count(attempts, problems));
        Ok(format!("{} attempts", attempts.iter().map(|attempts| attempts.all.len()).sum::<usize>()))
    })?;
    step("a hint for each test, and no test that is not there", &mut problems, |problems| {
        let files = attempts.iter().map(|attempts| hold_hints(workspace, attempts.kata, problems));
        Ok(format!("{} hints", files.collect::<Result<Vec<_>>>()?.into_iter().sum::<usize>()))
    })?;
    let mut shots = Vec::new();
    for attempts in &attempts {
        shots.extend(pictures::of(workspace, attempts, &mut problems));
    }
    let mut built = Vec::new();
    step("each attempt compiles, and each stub without a warning", &mut problems, |problems| {
        built = bench.build(&attempts, problems)?;
        Ok(format!("{} packages", built.len()))
    })?;
    let mut runs = Vec::new();
    step("each attempt is what it claims to be", &mut problems, |problems| {
        runs = bench.run(&built, &Rung::ALL)?;
        problems.extend(bench.judge(&built, &misread, &runs, &Rung::ALL));
        Ok(format!("{} runs of tests", runs.len()))
    })?;

    step("the pictures are as they were", &mut problems, |problems| {
        shots.iter().for_each(|picture| picture.hold(&runs, problems));
        Ok(format!("{} pictures", shots.len()))
    })?;

    for attempts in &attempts {
        console::out("");
        console::out(bold(&attempts.kata.title));
        console::out(console::indented(&matrix::matrix(attempts, &runs), 2));
        if !problems.iter().any(|problem| attempts.has(&problem.file)) {
            console::out(format!("  {}", matrix::conclusion(attempts, &runs)));
        }
        note_untried(attempts);
    }
    if os_runs > 0 {
        let flawed: Vec<&Attempt> = built.iter().copied().filter(|attempt| attempt.kind == Kind::Flawed).collect();
        problems.extend(bench.count_os_runs(&flawed, &misread, os_runs)?);
    }
    tell(&problems);
    Ok(if problems.is_empty() { Exit::Green } else { Exit::Red })
}

/// Takes the pictures of the katas of these names anew, all if there are none.
pub fn bless(workspace: &Workspace, names: &[String]) -> Result<Exit> {
    let katas = workspace.named(names)?;
    let nextest = Nextest::find_or_install(workspace)?;
    let mut problems = Vec::new();
    let template = workspace.template()?;
    let read = workspace.katas.iter().chain([&template]).map(|kata| attempt::read(workspace, kata, &mut problems));
    let all = read.collect::<Result<Vec<_>>>()?;
    let bench = Bench { workspace, nextest, folder: overlay::lay(workspace, &all)? };
    for attempts in all.iter().filter(|attempts| katas.contains(&attempts.kata)) {
        let pictures = pictures::of(workspace, attempts, &mut problems);
        let mut pictured: Vec<&Attempt> = pictures.iter().map(|picture| picture.attempt).collect();
        pictured.dedup_by_key(|attempt| &attempt.package);
        let runs = bench.run(&pictured, &[Rung::Shuttle, Rung::Loom])?;
        pictures.iter().try_for_each(|picture| picture.take(&runs))?;
        console::out(format!("{} {}: {}", good("✓"), attempts.kata.title, counted(pictures.len(), "picture")));
    }
    tell(&problems);
    Ok(if problems.is_empty() { Exit::Green } else { Exit::Red })
}

/// Does a step and says how it went. How long it took goes to standard error: standard output is the same at every run.
fn step(what: &str, problems: &mut Vec<Problem>, work: impl FnOnce(&mut Vec<Problem>) -> Result<String>) -> Result<()> {
    console::progress(what);
    let (start, before) = (Instant::now(), problems.len());
    let found = work(problems)?;
    console::clear_progress();
    let new = problems.len() - before;
    if new == 0 {
        console::out(format!("{} {what}: {found}", good("✓")));
    } else {
        console::out(format!("{} {what}: {found}, {}", bad("✗"), bad(counted(new, "problem"))));
    }
    console::err(dim(format!("  {:.1} s", start.elapsed().as_secs_f64())));
    Ok(())
}

/// Whether a kata has attempts enough to say that its tests are good.
fn count(attempts: &Attempts<'_>, problems: &mut Vec<Problem>) {
    let hidden = attempts.of(Kind::Flawed).filter(|attempt| matrix::is_hidden(attempt)).count();
    let counts = [
        (attempts.of(Kind::Correct).count(), CORRECT, "correct attempts"),
        (attempts.of(Kind::Flawed).count(), FLAWED, "flawed attempts"),
        (hidden, HIDDEN, "flawed attempts that survive the examples and the properties"),
    ];
    for (count, least, what) in counts.into_iter().filter(|(count, least, _)| count < least) {
        problems.push(Problem::new(&attempts.folder, format!("has {count} {what}; a kata needs {least} at least")));
    }
    let reference = &attempts.kata.reference;
    if !attempts.of(Kind::Correct).any(|attempt| attempt.name == *reference) {
        problems.push(Problem::new(
            &attempts.folder,
            format!("has no correct attempt `{reference}`, which the manifest calls the reference"),
        ));
    }
}

/// Holds the hints of a kata against its tests, and returns how many there are.
fn hold_hints(workspace: &Workspace, kata: &Kata, problems: &mut Vec<Problem>) -> Result<usize> {
    let file = kata.hints.clone();
    let shown = workspace.shown(&file);
    let text = fs::read_to_string(&file).with_context(|| format!("{shown} cannot be read"))?;
    let tests = Rung::ALL.iter().flat_map(|rung| tests_in_file(&kata.folder.join(rung.file())));
    let mut tests: Vec<String> = tests.map(|test| test.name).collect();
    tests.sort();
    tests.dedup();
    let hints = Hints::read(&text);
    problems.extend(hints.problems(&tests).into_iter().map(|what| Problem::new(&shown, what)));
    Ok(hints.steps.len() + hints.symptoms.len())
}

/// Names the tests that no flawed attempt is said to be caught by: nobody knows whether they can fail.
fn note_untried(attempts: &Attempts<'_>) {
    for rung in Rung::ALL {
        let is_named =
            |name: &str| attempts.all.iter().any(|attempt| attempt.header.caught_on(rung).any(|named| function(named) == name));
        for test in tests_in_file(&attempts.kata.folder.join(rung.file())).iter().filter(|test| !is_named(&test.name)) {
            console::err(dim(format!("  no flawed attempt is caught by {rung}::{}", test.name)));
        }
    }
}

/// `1 problem`, `2 problems`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Tells the problems, file by file.
fn tell(problems: &[Problem]) {
    let mut files: Vec<&str> = problems.iter().map(|problem| problem.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    for file in &files {
        console::err(format!("\n{}", bold(file)));
        let of_file = || problems.iter().filter(|problem| problem.file == *file);
        for problem in of_file() {
            console::err(format!("  {} {}", bad("✗"), console::indented(&problem.what, 4).trim_start()));
        }
        let mut help: Vec<&str> = of_file().map(|problem| problem.help.as_str()).filter(|help| !help.is_empty()).collect();
        help.dedup();
        for help in help {
            console::err(console::indented(help, 4));
        }
    }
    if !files.is_empty() {
        console::err(format!("\n{}", bad(format!("{} in {}", counted(problems.len(), "problem"), counted(files.len(), "file")))));
        console::err("Mend the file, or its header if the header is wrong, and type `cargo kata verify` again.");
    }
}

#[cfg(test)]
mod tests {
    use super::attempt::tests::{attempt, attempts, kata};
    use super::header::Header;
    use super::*;

    #[test]
    fn a_kata_needs_enough_attempts_of_each_kind() {
        let kata = kata();
        let hidden = || Header { survives: vec![Rung::Examples, Rung::Properties], ..Header::default() };
        let mut all = vec![attempt(Kind::Stub, "", Header::default())];
        all.extend(["swap", "1", "2", "3", "4"].map(|name| attempt(Kind::Correct, name, Header::default())));
        all.extend((0..8).map(|n| attempt(Kind::Flawed, &n.to_string(), Header::default())));
        all.extend((8..10).map(|n| attempt(Kind::Flawed, &n.to_string(), hidden())));
        let counted = |all: &[Attempt]| {
            let mut problems = Vec::new();
            count(&attempts(&kata, all.to_vec()), &mut problems);
            problems.into_iter().map(|problem| problem.what).collect::<Vec<_>>()
        };
        assert_eq!(counted(&all), [] as [&str; 0]);
        let expected = [
            "has 4 correct attempts; a kata needs 5 at least",
            "has 9 flawed attempts; a kata needs 10 at least",
            "has 1 flawed attempts that survive the examples and the properties; a kata needs 2 at least",
            "has no correct attempt `swap`, which the manifest calls the reference",
        ];
        all.pop();
        all.remove(1);
        assert_eq!(counted(&all), expected);
    }
}
