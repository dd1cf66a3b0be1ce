//! The verdict as data, for programs: as JSON (`harness/kata/VERDICT.md` says what stands in it), or as lines that an editor finds
//! its way by.

use crate::climb::{self, Climb, Stop};
use crate::failure;
use crate::junit::{Outcome, TestRun};
use crate::ladder::Climbed;
use crate::rung::Rung;
use crate::stories::Stories;
use crate::test_file::{self, tests_in_file};
use crate::workspace::{Kata, Workspace};
use anstream::adapter::strip_str;
use interleaving::{Row, Story};
use serde_json::{Value, json};

/// Goes up when a field goes or changes its meaning, not when one is added.
const SCHEMA: u32 = 1;

/// Everything that was found out about these katas.
pub fn to_json(workspace: &Workspace, climbs: &[(&Kata, Climb)]) -> Value {
    let verdicts = climbs.iter().map(|(_, climb)| verdict_of(climb));
    json!({
        "schema": SCHEMA,
        "verdict": worst(verdicts),
        "katas": climbs.iter().map(|(kata, climb)| of_kata(workspace, kata, climb)).collect::<Vec<_>>(),
    })
}

fn of_kata(workspace: &Workspace, kata: &Kata, climb: &Climb) -> Value {
    let of_rung = |rung: Rung| match climb.rungs.iter().find(|(climbed, _)| *climbed == rung) {
        Some((_, climbed)) => of_rung(workspace, kata, rung, climbed),
        None => json!({ "name": rung.name(), "verdict": "not-run", "errors": [], "warnings": 0, "tests": [], "junit": null }),
    };
    json!({
        "name": kata.name,
        "title": kata.title,
        "belt": kata.belt,
        "file": workspace.shown(&kata.folder.join("src/lib.rs")),
        "verdict": verdict_of(climb),
        "rungs": Rung::ALL.map(of_rung),
    })
}

fn of_rung(workspace: &Workspace, kata: &Kata, rung: Rung, climbed: &Climbed) -> Value {
    match climbed {
        Climbed::NotBuilt(diagnostics) => {
            let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error);
            json!({
                "name": rung.name(),
                "verdict": NOT_BUILT,
                "errors": errors.map(|error| strip_str(&error.text).to_string()).collect::<Vec<_>>(),
                "warnings": diagnostics.iter().filter(|diagnostic| !diagnostic.is_error).count(),
                "tests": [],
                "junit": null,
            })
        }
        Climbed::Tested { tests, warnings } => json!({
            "name": rung.name(),
            "verdict": if climbed.is_green() { GREEN } else { RED },
            "errors": [],
            "warnings": warnings,
            "tests": tests.iter().map(|test| of_test(workspace, kata, rung, test)).collect::<Vec<_>>(),
            "junit": workspace.shown(&workspace.junit(kata, rung)),
        }),
    }
}

fn of_test(workspace: &Workspace, kata: &Kata, rung: Rung, test: &TestRun) -> Value {
    let file = kata.folder.join(rung.file());
    let listed = tests_in_file(&file).into_iter().find(|listed| listed.name == test_file::function(&test.name));
    let covered = climb::receipts(rung, std::slice::from_ref(test));
    let stories = Stories::of(workspace, kata);
    json!({
        "name": test.name,
        "file": workspace.shown(&file),
        "line": listed.map(|listed| listed.line),
        "outcome": match test.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::TimedOut => "timed-out",
            Outcome::Ended => "ended",
        },
        "signal": test.signal,
        "seconds": test.seconds,
        "covered": covered.into_iter().map(|(_, words)| words).collect::<Vec<_>>(),
        "report": (!test.is_green()).then(|| failure::told(test)),
        "story": stories.of_test(test).map(|_| workspace.shown(&stories.file(test))),
    })
}

const GREEN: &str = "green";
const RED: &str = "red";
const NOT_BUILT: &str = "not-built";

fn verdict_of(climb: &Climb) -> &'static str {
    match climb.stop() {
        None => GREEN,
        Some((_, Stop::Red(_))) => RED,
        Some((_, Stop::NotBuilt(_))) => NOT_BUILT,
    }
}

fn worst(verdicts: impl Iterator<Item = &'static str>) -> &'static str {
    let all: Vec<&str> = verdicts.collect();
    [NOT_BUILT, RED].into_iter().find(|verdict| all.contains(verdict)).unwrap_or(GREEN)
}

/// The places that a failure is about, each as `file:line:column: error: words`: first where the test stands, then each step that
/// explains it. An editor shows them beside the code.
pub fn lines(workspace: &Workspace, kata: &Kata, climb: &Climb) -> Vec<String> {
    let Some((rung, Stop::Red(test))) = climb.stop() else { return Vec::new() };
    let file = kata.folder.join(rung.file());
    let listed = tests_in_file(&file).into_iter().find(|listed| listed.name == test_file::function(&test.name));
    let sentence = test_file::sentence(&test.name);
    let what = failure::told_in_a_line(test);
    let mut lines =
        vec![format!("{}:{}:1: error: {sentence}: {what}", workspace.shown(&file), listed.map_or(1, |listed| listed.line))];
    lines.extend(Stories::of(workspace, kata).of_test(test).iter().flat_map(lines_of_story));
    lines
}

fn lines_of_story(story: &Story) -> Vec<String> {
    let steps = story.rows.iter().filter_map(|row| match row {
        Row::Step(step) if step.marked => Some(step),
        _ => None,
    });
    let line = |step: &interleaving::StepTold| {
        let at = step.at.as_ref()?;
        let thread = story.threads.get(step.thread).map_or("?", |thread| &thread.name);
        Some(format!("{at}: warning: step {}, {thread}: {}", step.number, step.text))
    };
    steps.filter_map(line).collect()
}
