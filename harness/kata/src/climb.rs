//! How far a solution gets: the ladder of a kata up to the first red test, or all of it.

use crate::Exit;
use crate::console;
use crate::failure;
use crate::junit::TestRun;
use crate::ladder::{Climbed, Ladder};
use crate::list::{self, Obstacle, Progress, State};
use crate::run::unwritable;
use crate::rung::Rung;
use crate::rustc::Diagnostic;
use crate::stories::Stories;
use crate::test_file;
use crate::tools::Tools;
use crate::workspace::{Kata, Workspace, cargo};
use anyhow::{Context, Result};
use std::fs;
use std::process::Stdio;

/// How far a solution gets.
pub struct Climb {
    /// The rungs that were climbed, from the bottom up, with what came of them.
    pub rungs: Vec<(Rung, Climbed)>,
}

/// Why a solution gets no further.
#[derive(Clone, Copy)]
pub enum Stop<'a> {
    /// It does not compile.
    NotBuilt(&'a [Diagnostic]),
    /// A test is red.
    Red(&'a TestRun),
}

impl Climb {
    /// The first rung that is not green, and why; nothing if all are green.
    pub fn stop(&self) -> Option<(Rung, Stop<'_>)> {
        self.rungs.iter().find_map(|(rung, climbed)| match climbed {
            Climbed::NotBuilt(diagnostics) => Some((*rung, Stop::NotBuilt(diagnostics))),
            Climbed::Tested { .. } => Some((*rung, Stop::Red(climbed.red()?))),
        })
    }

    /// The tests that ran.
    pub fn tests(&self) -> impl Iterator<Item = &TestRun> {
        self.rungs.iter().flat_map(|(_, climbed)| match climbed {
            Climbed::NotBuilt(_) => &[],
            Climbed::Tested { tests, .. } => tests.as_slice(),
        })
    }

    /// What is in the way.
    pub fn obstacle(&self) -> Option<Obstacle> {
        self.stop().map(|(_, stop)| match stop {
            Stop::NotBuilt(_) => Obstacle::DoesNotCompile,
            Stop::Red(test) if failure::is_unwritten(test) => Obstacle::Unwritten(test_file::function(&test.name).to_owned()),
            Stop::Red(test) => Obstacle::Red(test_file::function(&test.name).to_owned()),
        })
    }

    /// How the command ends after this.
    pub fn exit(&self) -> Exit {
        match self.stop() {
            None => Exit::Green,
            Some((_, Stop::Red(_))) => Exit::Red,
            Some((_, Stop::NotBuilt(_))) => Exit::NotBuilt,
        }
    }

    /// How many warnings rustc has about it.
    pub fn warnings(&self) -> usize {
        let warnings = self.rungs.iter().map(|(_, climbed)| match climbed {
            Climbed::NotBuilt(_) => 0,
            Climbed::Tested { warnings, .. } => *warnings,
        });
        warnings.max().unwrap_or(0)
    }
}

impl<'a> Stop<'a> {
    /// The red test, if there may be an interleaving of it to look at: all that is called has been written, and compiles.
    pub fn written(self) -> Option<&'a TestRun> {
        match self {
            Self::Red(test) if !failure::is_unwritten(test) => Some(test),
            _ => None,
        }
    }
}

/// How much of a kata is run.
pub struct Plan {
    /// These rungs.
    pub rungs: Vec<Rung>,
    /// Whether the rest is run after a red test as well.
    pub everything: bool,
}

impl Plan {
    /// The whole ladder, up to the first red test.
    pub fn to_the_first_red() -> Self {
        Self { rungs: Rung::ALL.to_vec(), everything: false }
    }
}

/// Climbs a kata as `plan` says, and calls `tell` after each rung.
pub fn climb_kata(tools: &Tools<'_>, kata: &Kata, plan: &Plan, tell: &mut dyn FnMut(Rung, &Climbed)) -> Result<Climb> {
    prepare(tools.workspace, kata)?;
    list::note_run(tools.workspace, kata);
    let mut ladder = Ladder::new(tools, kata, &plan.rungs, plan.everything)?;
    let mut climb = Climb { rungs: Vec::new() };
    let progress = Progress::of(tools.workspace, kata);
    Stories::of(tools.workspace, kata).clear();
    while let Some((rung, climbed)) = ladder.climb()? {
        tell(rung, &climbed);
        let goes_on = climbed.is_green() || plan.everything;
        climb.rungs.push((rung, climbed));
        if !goes_on {
            break;
        }
    }
    // If the file has changed meanwhile, nobody knows which of the two has been run.
    if plan.rungs == Rung::ALL && Progress::of(tools.workspace, kata) == progress {
        let state = match climb.stop() {
            None => State::Green,
            Some((rung, Stop::Red(_))) => State::Stopped(rung),
            Some((_, Stop::NotBuilt(_))) => State::NotBuilt,
        };
        progress.write(state, climb.obstacle());
    }
    Ok(climb)
}

/// The kata of that name; without a name, the one that the learner is at, or the first one after it that is not all green, or the last
/// one if all are. And how far it gets.
pub fn first_that_is_not_green<'a>(tools: &Tools<'a>, only: Option<&str>) -> Result<(&'a Kata, Climb)> {
    let workspace = tools.workspace;
    let mut katas = workspace.named(only.as_slice())?;
    if only.is_none() {
        let current = list::current(workspace);
        katas.retain(|kata| *kata != current);
        katas.insert(0, current);
    }
    let is_solved = |kata: &Kata| Progress::of(workspace, kata).state() == State::Green;
    let mut last = None;
    for kata in &katas {
        if is_solved(kata) && (katas.len() > 1 && katas.last() != Some(kata)) {
            continue;
        }
        let climb = climb_to_the_red(tools, kata)?;
        let stops = climb.stop().is_some();
        last = Some((*kata, climb));
        if stops {
            break;
        }
    }
    last.context("there is no kata")
}

/// Climbs a kata. If it is known which rung is red, that one alone is run, as long as it is.
fn climb_to_the_red(tools: &Tools<'_>, kata: &Kata) -> Result<Climb> {
    if let State::Stopped(rung) = Progress::of(tools.workspace, kata).state() {
        let plan = Plan { rungs: vec![rung], everything: false };
        let climb = climb_kata(tools, kata, &plan, &mut |_, _| {})?;
        if climb.stop().is_some() {
            return Ok(climb);
        }
    }
    climb_kata(tools, kata, &Plan::to_the_first_red(), &mut |_, _| {})
}

/// Where nothing was built yet: builds what `kata` needs, and shows how it goes. The others follow when it is their turn.
fn prepare(workspace: &Workspace, kata: &Kata) -> Result<()> {
    let notes = &workspace.notes;
    if notes.exists() {
        return Ok(());
    }
    console::err("Building the tests for the first time: about a minute.");
    let mut build = cargo();
    build
        .args(["build", "--tests", "--message-format", "json", "--package", &kata.name])
        .current_dir(&workspace.root)
        .env("CARGO_TARGET_DIR", &workspace.target)
        .stdout(Stdio::null());
    // If it does not compile, the climb says why.
    build.status().context("cargo cannot be started")?;
    fs::create_dir_all(notes).with_context(|| unwritable(notes))
}

/// The red test that has an interleaving to show: `red` itself, or, if that runs on real threads, the first one of a checker that
/// the same code fails.
pub fn failing(tools: &Tools<'_>, kata: &Kata, (rung, red): (Rung, &TestRun)) -> Result<Option<(Rung, TestRun)>> {
    let stories = Stories::of(tools.workspace, kata);
    if stories.of_test(red).is_some() {
        return Ok(Some((rung, red.clone())));
    }
    let others: Vec<Rung> = Rung::ALL.into_iter().filter(|&other| other > rung && !other.runs_on_os_threads()).collect();
    let mut ladder = Ladder::new(tools, kata, &others, false)?;
    while let Some((rung, climbed)) = ladder.climb()? {
        if let Some(test) = climbed.red().filter(|test| stories.of_test(test).is_some()) {
            return Ok(Some((rung, test.clone())));
        }
    }
    Ok(None)
}

/// What a checker says it has gone through in a test: the test's name as a sentence, and the checker's words.
pub fn receipts(rung: Rung, tests: &[TestRun]) -> Vec<(String, String)> {
    let begins = format!("{rung} ran ");
    let of_test = |test: &TestRun| -> Vec<(String, String)> {
        let receipts = test.stdout.lines().filter_map(|line| line.strip_prefix(&begins));
        receipts.map(|receipt| (test_file::sentence(&test.name), receipt.to_owned())).collect()
    };
    let mut receipts: Vec<(String, String)> = tests.iter().flat_map(of_test).collect();
    receipts.dedup();
    receipts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::junit::Outcome;

    #[test]
    fn receipts_are_those_of_the_rungs_own_checker() {
        let test = TestRun {
            package: "spinlock".to_owned(),
            file: "loom".to_owned(),
            name: "two_take_turns".to_owned(),
            outcome: Outcome::Passed,
            signal: None,
            seconds: 0.1,
            stdout: "a print of the learner\nloom ran all 26 interleavings (2 threads)".to_owned(),
            stderr: String::new(),
        };
        assert_eq!(
            receipts(Rung::Loom, std::slice::from_ref(&test)),
            [("two take turns".to_owned(), "all 26 interleavings (2 threads)".to_owned())]
        );
        assert!(receipts(Rung::Shuttle, &[test]).is_empty());
    }
}
