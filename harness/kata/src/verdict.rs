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
            Outcome::Flooded => "flooded",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rustc::Diagnostic;
    use std::fs;

    fn workspace() -> Workspace {
        Workspace::find().unwrap()
    }

    fn test(name: &str, outcome: Outcome) -> TestRun {
        TestRun {
            package: "counter".to_owned(),
            file: "examples".to_owned(),
            name: name.to_owned(),
            outcome,
            signal: None,
            seconds: 0.5,
            stdout: String::new(),
            stderr: "thread 'a' (1) panicked at src/lib.rs:3:5:\nlost".to_owned(),
        }
    }

    fn climb(upper: Climbed) -> Climb {
        let tests = vec![test("a_new_counter_stands_at_zero", Outcome::Passed), test("no_such_test", Outcome::Failed)];
        Climb { rungs: vec![(Rung::Examples, Climbed::Tested { tests, warnings: 1 }), (Rung::Properties, upper)] }
    }

    fn not_built() -> Climbed {
        let error = Diagnostic { package: "counter".to_owned(), is_error: true, text: "\u{1b}[31merror\u{1b}[0m: no".to_owned() };
        Climbed::NotBuilt(vec![error])
    }

    #[test]
    fn everything_that_was_found_out_stands_in_the_verdict() {
        let workspace = workspace();
        let verdict = to_json(&workspace, &[(&workspace.katas[0], climb(not_built()))]);
        assert_eq!(verdict["verdict"], "red", "the first rung that is not green counts");
        let rungs = &verdict["katas"][0]["rungs"];
        assert_eq!([&rungs[0]["verdict"], &rungs[1]["verdict"], &rungs[2]["verdict"]], ["red", "not-built", "not-run"]);
        assert_eq!(rungs[1]["errors"][0], "error: no", "without colour");
        let tests = &rungs[0]["tests"];
        assert_eq!([&tests[0]["outcome"], &tests[1]["outcome"]], ["passed", "failed"]);
        assert_eq!(tests[0]["file"], "katas/counter/tests/examples.rs");
        assert!(tests[0]["line"].is_number() && tests[1]["line"].is_null());
        assert_eq!([&tests[0]["report"], &tests[1]["report"]], [&Value::Null, &json!("src/lib.rs:3:5: lost")]);
    }

    #[test]
    fn of_several_katas_the_worst_verdict_counts() {
        assert_eq!(worst([GREEN, GREEN].into_iter()), GREEN);
        assert_eq!(worst([GREEN, RED].into_iter()), RED);
        assert_eq!(worst([NOT_BUILT, RED].into_iter()), NOT_BUILT);
    }

    /// Every field, each once, whatever list it is in.
    fn fields(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields_here) => fields_here.iter().for_each(|(name, value)| {
                found.push(name.clone());
                fields(value, found);
            }),
            Value::Array(values) => values.iter().for_each(|value| fields(value, found)),
            _ => {}
        }
        found.sort();
        found.dedup();
    }

    #[test]
    fn the_stated_schema_has_every_field_and_no_other() {
        let workspace = workspace();
        let stated = fs::read_to_string(workspace.root.join("harness/kata/VERDICT.md")).unwrap();
        let rows = stated.lines().filter(|line| line.starts_with("| `") && !line.starts_with("| `schema` is"));
        let names = rows.flat_map(|row| row.split('|').nth(1).unwrap_or_default().split('`').skip(1).step_by(2));
        let mut names: Vec<String> = names.map(|name| name.rsplit('.').next().unwrap_or(name).to_owned()).collect();
        names.sort();
        names.dedup();
        let mut found = Vec::new();
        fields(&to_json(&workspace, &[(&workspace.katas[0], climb(not_built()))]), &mut found);
        assert_eq!(names, found);
        assert!(stated.contains(&format!("`schema` is {SCHEMA}.")));
    }

    #[test]
    fn a_failure_is_a_line_for_its_test() {
        let workspace = workspace();
        let lines = lines(&workspace, &workspace.katas[0], &climb(not_built()));
        assert_eq!(lines, ["katas/counter/tests/examples.rs:1:1: error: no such test: src/lib.rs:3:5: lost"]);
    }
}
