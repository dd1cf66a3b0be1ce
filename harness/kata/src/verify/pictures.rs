//! The pictures: what a checker says of a flawed attempt, as a file that people have read and found clear. A change to how failures
//! are told shows there, and is read again.
//!
//! `harness/attempts/<kata>/pictures/<attempt>.<rung>.<test>.txt` is what that test says of that attempt, in [`WIDTH`] columns.

use super::Problem;
use super::attempt::{Attempt, Attempts, Kind};
use crate::failure;
use crate::junit::TestRun;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

/// How wide the pictures are, in columns.
pub const WIDTH: usize = 100;

/// A file with a picture.
pub struct Picture<'a> {
    /// The file.
    pub file: PathBuf,
    /// The file as it is shown.
    pub shown: String,
    /// The attempt.
    pub attempt: &'a Attempt,
    /// The name of the rung.
    pub rung: String,
    /// The name of the test.
    pub test: String,
}

/// The pictures of a kata, by the alphabet. A file that is none goes to `problems`.
pub fn of<'a>(workspace: &Workspace, attempts: &'a Attempts<'_>, problems: &mut Vec<Problem>) -> Vec<Picture<'a>> {
    let folder = workspace.root.join(&attempts.folder).join("pictures");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut pictures = Vec::new();
    for file in files {
        let shown = workspace.shown(&file);
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let mut parts = stem.splitn(3, '.').map(str::to_owned);
        let (name, rung, test) = (parts.next(), parts.next(), parts.next());
        let attempt = attempts.of(Kind::Flawed).find(|attempt| Some(&attempt.name) == name.as_ref());
        match (attempt, rung, test) {
            (Some(attempt), Some(rung), Some(test)) => pictures.push(Picture { file, shown, attempt, rung, test }),
            _ => problems.push(Problem::new(
                &shown,
                "belongs to no flawed attempt: a picture is called <attempt>.<rung>.<test>.txt".to_owned(),
            )),
        }
    }
    pictures
}

impl Picture<'_> {
    /// What the test said this time, if it said something.
    fn now(&self, runs: &[TestRun]) -> Option<String> {
        let is_it = |run: &&TestRun| run.package == self.attempt.package && run.file == self.rung && run.name == self.test;
        runs.iter().find(is_it).and_then(failure::report).map(|report| format!("{}\n", report.trim()))
    }

    /// Holds the picture against what the test said this time.
    pub fn hold(&self, runs: &[TestRun], problems: &mut Vec<Problem>) {
        let then = fs::read_to_string(&self.file).unwrap_or_default().replace("\r\n", "\n");
        let Some(now) = self.now(runs) else {
            let what = format!("{}::{} draws no picture of this attempt any more", self.rung, self.test);
            problems.push(Problem::new(&self.shown, what));
            return;
        };
        if now == then {
            return;
        }
        let differs = then.lines().zip(now.lines()).position(|(then, now)| then != now);
        let line = differs.unwrap_or_else(|| then.lines().count().min(now.lines().count()));
        let nth = |text: &str| text.lines().nth(line).unwrap_or("(it ends)").to_owned();
        let what = format!("line {} was and is now\n  {}\n  {}", line + 1, nth(&then), nth(&now));
        let help = "to take all pictures anew: cargo kata verify --bless; then read what `git diff` shows".to_owned();
        problems.push(Problem { help, ..Problem::new(&self.shown, what) });
    }

    /// Takes the picture anew.
    pub fn take(&self, runs: &[TestRun]) -> Result<()> {
        let now = self.now(runs).with_context(|| format!("{}: {}::{} draws no picture", self.shown, self.rung, self.test))?;
        fs::write(&self.file, now).with_context(|| format!("{} cannot be written", self.shown))
    }
}

#[cfg(test)]
mod tests {
    use super::super::attempt::tests::attempt;
    use super::super::header::Header;
    use super::*;
    use crate::junit::Outcome;
    use interleaving::REPORT_FOLLOWS;

    fn run(report: &str) -> TestRun {
        TestRun {
            package: "k-flawed-x".to_owned(),
            file: "loom".to_owned(),
            name: "two_take_turns".to_owned(),
            outcome: Outcome::Failed,
            signal: None,
            seconds: 0.1,
            stdout: String::new(),
            stderr: format!("{REPORT_FOLLOWS}\n\n{report}"),
        }
    }

    fn held(file: &str, runs: &[TestRun]) -> Vec<String> {
        let attempt = attempt(Kind::Flawed, "x", Header::default());
        let path = std::env::temp_dir().join(format!("picture-{}-{:?}.txt", std::process::id(), std::thread::current().id()));
        fs::write(&path, file).unwrap();
        let (rung, test) = ("loom".to_owned(), "two_take_turns".to_owned());
        let picture = Picture { file: path.clone(), shown: "x.txt".to_owned(), attempt: &attempt, rung, test };
        let mut problems = Vec::new();
        picture.hold(runs, &mut problems);
        fs::remove_file(path).unwrap();
        problems.into_iter().map(|problem| problem.what).collect()
    }

    #[test]
    fn a_picture_that_is_as_it_was_is_no_problem() {
        assert_eq!(held("Deadlock.\n\nstep  main\n", &[run("Deadlock.\n\nstep  main")]), [] as [&str; 0]);
    }

    #[test]
    fn a_picture_that_has_changed_is_named_with_its_first_line_that_differs() {
        let held = held("Deadlock.\n\nstep  main\n", &[run("Deadlock.\n\nstep  worker")]);
        assert_eq!(held, ["line 3 was and is now\n  step  main\n  step  worker"]);
    }

    #[test]
    fn a_test_that_says_nothing_any_more_is_named() {
        assert_eq!(held("Deadlock.\n", &[]), ["loom::two_take_turns draws no picture of this attempt any more"]);
    }
}
