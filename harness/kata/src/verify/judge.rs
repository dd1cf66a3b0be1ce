//! Holds what the tests said of an attempt against what it says of itself.

use super::Problem;
use super::attempt::{Attempt, Kind};
use crate::failure;
use crate::junit::{Outcome, TestRun};
use crate::rung::Rung;
use crate::test_file::function;
use std::collections::BTreeSet;

/// Everything in which `runs`, the tests of these rungs on this attempt, differ from what the attempt claims.
pub fn judge(attempt: &Attempt, rungs: &[Rung], runs: &[&TestRun]) -> Vec<Problem> {
    let mut found = Vec::new();
    for run in runs.iter().filter(|run| run.outcome == Outcome::TimedOut) {
        found.push(format!("{} was ended after {:.0} seconds: no test may run that long", name(run), run.seconds));
    }
    for &rung in rungs {
        let on_rung: Vec<&TestRun> = runs.iter().copied().filter(|run| run.file == rung.name()).collect();
        if on_rung.is_empty() {
            found.push(format!("no test ran on {rung}"));
            continue;
        }
        match attempt.kind {
            Kind::Stub => found.extend(on_rung.iter().filter_map(|run| stub(run))),
            Kind::Correct => found.extend(on_rung.iter().filter(|run| !run.is_green()).map(|run| rejected(run))),
            Kind::Flawed => flawed(attempt, rung, &on_rung, &mut found),
        }
    }
    found.into_iter().map(|what| Problem::new(&attempt.shown, what)).collect()
}

fn stub(run: &TestRun) -> Option<String> {
    if run.is_green() {
        return Some(format!("{} is green on the stub: it tests nothing that a learner writes", name(run)));
    }
    (!failure::is_unwritten(run))
        .then(|| format!("{} does not fail by `todo!`, but: {}", name(run), failure::told_in_a_line(run)))
}

fn rejected(run: &TestRun) -> String {
    format!("{} rejects this correct solution: {}", name(run), failure::told_in_a_line(run))
}

fn flawed(attempt: &Attempt, rung: Rung, runs: &[&TestRun], found: &mut Vec<String>) {
    let header = &attempt.header;
    let red = runs.iter().find(|run| !run.is_green());
    let mut caught = header.caught_on(rung).peekable();
    if header.may_be_caught_by.contains(&rung) {
        return;
    }
    if header.survives.contains(&rung) {
        if let Some(run) = red {
            let why = failure::told_in_a_line(run);
            found.push(format!("it says that it survives {rung}, but {} is red: {why}", name(run)));
        }
        return;
    }
    if caught.peek().is_none() {
        found.push(match red {
            Some(run) => format!("{} is red, but {rung} stands in none of its lists", name(run)),
            None => format!("{rung} is all green, but stands in none of its lists"),
        });
    }
    for named in caught {
        let of_function: Vec<&&TestRun> = runs.iter().filter(|run| run.name == named || function(&run.name) == named).collect();
        if of_function.is_empty() {
            found.push(format!("there is no test {rung}::{named}"));
        } else if of_function.iter().all(|run| run.is_green()) {
            found.push(format!("{rung}::{named} does not catch it"));
        }
    }
}

/// What the tests of these rungs said of an attempt this time, in the words of a header.
pub fn as_it_ran(runs: &[&TestRun], rungs: &[Rung]) -> String {
    let mut caught = Vec::new();
    let mut survived = Vec::new();
    for rung in rungs {
        let red = runs.iter().filter(|run| run.file == rung.name() && !run.is_green());
        let red: BTreeSet<String> = red.map(|run| format!("{rung}::{}", function(&run.name))).collect();
        if red.is_empty() {
            survived.push(rung.name().to_owned());
        }
        caught.extend(red);
    }
    let listed = |items: &[String]| if items.is_empty() { "nothing".to_owned() } else { items.join(", ") };
    format!("caught by: {}\nsurvives: {}", listed(&caught), listed(&survived))
}

fn name(run: &TestRun) -> String {
    format!("{}::{}", run.file, run.name)
}

#[cfg(test)]
mod tests {
    use super::super::attempt::tests::attempt;
    use super::super::header::Header;
    use super::*;
    use rstest::rstest;

    const LOST: &str = "thread 'x' (1) panicked at src/lib.rs:1:1:\nlost";
    const UNWRITTEN: &str = "thread 'x' (1) panicked at src/lib.rs:1:1:\nnot yet implemented: it";

    fn run(test: &str, outcome: Outcome, stderr: &str) -> TestRun {
        let (file, name) = test.split_once("::").unwrap();
        TestRun {
            package: "k-flawed-x".to_owned(),
            file: file.to_owned(),
            name: name.to_owned(),
            outcome,
            signal: None,
            seconds: 60.0,
            stdout: String::new(),
            stderr: stderr.to_owned(),
        }
    }

    /// One green test on each rung, save where `changed` has something else.
    fn runs(changed: &[(&str, Outcome, &str)]) -> Vec<TestRun> {
        let green = Rung::ALL.map(|rung| format!("{rung}::a"));
        let unchanged = green.iter().filter(|test| changed.iter().all(|(name, ..)| name != test));
        let mut runs: Vec<TestRun> = unchanged.map(|test| run(test, Outcome::Passed, "")).collect();
        runs.extend(changed.iter().map(|(test, outcome, stderr)| run(test, *outcome, stderr)));
        runs
    }

    fn problems(kind: Kind, header: Header, runs: &[TestRun]) -> Vec<String> {
        let attempt = attempt(kind, "x", header);
        let runs: Vec<&TestRun> = runs.iter().collect();
        judge(&attempt, &Rung::ALL, &runs).into_iter().map(|problem| problem.what).collect()
    }

    fn flawed(lists: &str, changed: &[(&str, Outcome, &str)]) -> Vec<String> {
        let source: String = lists.split("; ").map(|line| format!("//! {line}\n")).collect();
        problems(Kind::Flawed, Header::of_flawed(&format!("//! Wrong.\n//!\n{source}")).unwrap(), &runs(changed))
    }

    #[rstest]
    #[case("caught by: loom::a; survives: examples, properties, shuttle", &[("loom::a", Outcome::Failed, LOST)])]
    #[case("caught by: loom::a; survives: examples, shuttle; may be caught by: properties", &[("loom::a", Outcome::Failed, LOST)])]
    #[case(
        "caught by: loom::a; survives: examples, shuttle; may be caught by: properties",
        &[("loom::a", Outcome::Failed, LOST), ("properties::a", Outcome::Failed, LOST)]
    )]
    #[case(
        "caught by: loom::b; survives: examples, properties, shuttle",
        &[("loom::b::case_1_x", Outcome::Passed, ""), ("loom::b::case_2_y", Outcome::Failed, LOST)]
    )]
    #[case(
        "caught by: loom::b::case_2_y; survives: examples, properties, shuttle",
        &[("loom::b::case_1_x", Outcome::Passed, ""), ("loom::b::case_2_y", Outcome::Failed, LOST)]
    )]
    #[case("caught by: loom::a; survives: examples, properties, shuttle", &[("loom::a", Outcome::Ended, LOST)])]
    fn a_flawed_attempt_that_is_what_it_says_is_right(#[case] lists: &str, #[case] changed: &[(&str, Outcome, &str)]) {
        assert_eq!(flawed(lists, changed), [] as [&str; 0]);
    }

    #[rstest]
    #[case("caught by: loom::a; survives: examples, properties, shuttle", &[], "loom::a does not catch it")]
    #[case(
        "caught by: loom::b::case_1_x; survives: examples, properties, shuttle",
        &[("loom::b::case_1_x", Outcome::Passed, ""), ("loom::b::case_2_y", Outcome::Failed, LOST)],
        "loom::b::case_1_x does not catch it"
    )]
    #[case("caught by: loom::c; survives: examples, properties, shuttle", &[], "there is no test loom::c")]
    #[case(
        "caught by: loom::a; survives: examples, properties, shuttle",
        &[("loom::a", Outcome::Failed, LOST), ("shuttle::a", Outcome::Failed, LOST)],
        "it says that it survives shuttle, but shuttle::a is red: src/lib.rs:1:1: lost"
    )]
    #[case(
        "caught by: loom::a; survives: examples, properties",
        &[("loom::a", Outcome::Failed, LOST)],
        "shuttle is all green, but stands in none of its lists"
    )]
    #[case(
        "caught by: loom::a; survives: examples, properties",
        &[("loom::a", Outcome::Failed, LOST), ("shuttle::a", Outcome::Failed, LOST)],
        "shuttle::a is red, but shuttle stands in none of its lists"
    )]
    #[case(
        "caught by: loom::a; survives: examples, properties, shuttle",
        &[("loom::a", Outcome::TimedOut, "")],
        "loom::a was ended after 60 seconds: no test may run that long"
    )]
    #[case(
        "caught by: loom::a; survives: examples, shuttle; may be caught by: properties",
        &[("loom::a", Outcome::Failed, LOST), ("properties::a", Outcome::TimedOut, "")],
        "properties::a was ended after 60 seconds: no test may run that long"
    )]
    fn each_difference_of_a_flawed_attempt_is_named(
        #[case] lists: &str,
        #[case] changed: &[(&str, Outcome, &str)],
        #[case] expected: &str,
    ) {
        assert_eq!(flawed(lists, changed), [expected]);
    }

    #[test]
    fn a_correct_attempt_is_never_rejected() {
        assert_eq!(problems(Kind::Correct, Header::default(), &runs(&[])), [] as [&str; 0]);
        let rejected = problems(Kind::Correct, Header::default(), &runs(&[("loom::a", Outcome::Failed, LOST)]));
        assert_eq!(rejected, ["loom::a rejects this correct solution: src/lib.rs:1:1: lost"]);
    }

    #[test]
    fn a_stub_fails_every_test_by_todo() {
        let unwritten = ["examples::a", "properties::a", "shuttle::a", "loom::a"].map(|test| (test, Outcome::Failed, UNWRITTEN));
        assert_eq!(problems(Kind::Stub, Header::default(), &runs(&unwritten)), [] as [&str; 0]);
        let found =
            problems(Kind::Stub, Header::default(), &runs(&[unwritten[0], unwritten[1], ("loom::a", Outcome::Failed, LOST)]));
        assert_eq!(
            found,
            [
                "shuttle::a is green on the stub: it tests nothing that a learner writes",
                "loom::a does not fail by `todo!`, but: src/lib.rs:1:1: lost",
            ]
        );
    }

    #[test]
    fn the_outcome_is_told_as_a_header_would() {
        let changed = [
            ("loom::b::case_1_x", Outcome::Failed, LOST),
            ("loom::b::case_2_y", Outcome::Failed, LOST),
            ("shuttle::a", Outcome::Failed, LOST),
        ];
        let runs = runs(&changed);
        let runs: Vec<&TestRun> = runs.iter().collect();
        assert_eq!(as_it_ran(&runs, &Rung::ALL), "caught by: shuttle::a, loom::b\nsurvives: examples, properties");
    }

    #[test]
    fn a_rung_without_a_test_is_noticed() {
        let runs: Vec<TestRun> = runs(&[]).into_iter().filter(|run| run.file != "loom").collect();
        assert_eq!(problems(Kind::Correct, Header::default(), &runs), ["no test ran on loom"]);
    }
}
