//! Who catches what, as a table: a row for each attempt, a column for each rung. Beside the sign of a checker stands how many
//! interleavings it took, for the test that took fewest.

use super::attempt::{Attempt, Attempts, Kind};
use crate::junit::TestRun;
use crate::rung::Rung;
use std::fmt::Write;

/// The table of one kata, the same at every run as long as the outcome is the same.
pub fn matrix(attempts: &Attempts<'_>, runs: &[TestRun]) -> String {
    let width = attempts.all.iter().map(|attempt| attempt.name.chars().count()).max().unwrap_or_default();
    let names = Rung::ALL.map(Rung::name).join("  ");
    let mut table = format!("{:7}  {:width$}  {names}\n", "", "");
    for attempt in &attempts.all {
        let mut row = format!("{:7}  {:width$}", attempt.kind.name(), attempt.name);
        for rung in Rung::ALL {
            let _ = write!(row, "  {:columns$}", sign(attempt, rung, runs), columns = rung.name().len());
        }
        table.push_str(row.trim_end());
        table.push('\n');
    }
    table
}

/// What the table comes to, for a kata in which all is as it should be.
pub fn conclusion(attempts: &Attempts<'_>, runs: &[TestRun]) -> String {
    let correct = attempts.of(Kind::Correct).count();
    let tests =
        attempts.of(Kind::Correct).next().map_or(0, |first| runs.iter().filter(|run| run.package == first.package).count());
    let flawed = attempts.of(Kind::Flawed).count();
    let hidden = attempts.of(Kind::Flawed).filter(|attempt| is_hidden(attempt)).count();
    format!(
        "{correct} correct solutions pass all {tests} tests; {flawed} flawed ones are caught, {hidden} of them by the checkers alone."
    )
}

/// Whether neither the examples nor the properties notice.
pub fn is_hidden(attempt: &Attempt) -> bool {
    Rung::ALL.iter().filter(|rung| rung.runs_on_os_threads()).all(|rung| attempt.header.survives.contains(rung))
}

fn sign(attempt: &Attempt, rung: Rung, runs: &[TestRun]) -> String {
    let on_rung = || runs.iter().filter(|run| run.package == attempt.package && run.file == rung.name());
    if on_rung().next().is_none() {
        "?".to_owned()
    } else if attempt.header.may_be_caught_by.contains(&rung) {
        "~".to_owned()
    } else if on_rung().all(TestRun::is_green) {
        "✓".to_owned()
    } else {
        let red = on_rung().filter(|run| !run.is_green());
        let took = red.filter_map(|run| found_in_interleaving(&run.stderr)).min();
        took.map_or("✗".to_owned(), |took| format!("✗ {took}"))
    }
}

/// The number in a checker's `Found by loom in interleaving 1,234; …`.
fn found_in_interleaving(report: &str) -> Option<usize> {
    let (_, rest) = report.rsplit_once(" in interleaving ")?;
    let digits = rest.chars().take_while(|c| c.is_ascii_digit() || *c == ',').filter(char::is_ascii_digit);
    digits.collect::<String>().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::attempt::tests::{attempt, attempts, kata};
    use super::super::header::Header;
    use super::*;
    use crate::junit::Outcome;

    fn runs(package: &str, red: &[Rung]) -> Vec<TestRun> {
        let run = |rung: Rung| TestRun {
            package: package.to_owned(),
            file: rung.name().to_owned(),
            name: "a".to_owned(),
            outcome: if red.contains(&rung) { Outcome::Failed } else { Outcome::Passed },
            signal: None,
            seconds: 0.0,
            stdout: String::new(),
            stderr: if rung == Rung::Loom {
                "Found by loom in interleaving 1,234; no thread was interrupted.".to_owned()
            } else {
                String::new()
            },
        };
        Rung::ALL.map(run).to_vec()
    }

    #[test]
    fn the_table_shows_who_catches_what() {
        let kata = kata();
        let relaxed = Header { survives: vec![Rung::Examples, Rung::Properties], ..Header::default() };
        let racy = Header { may_be_caught_by: vec![Rung::Examples], ..Header::default() };
        let all = vec![
            attempt(Kind::Stub, "", Header::default()),
            attempt(Kind::Correct, "swap", Header::default()),
            attempt(Kind::Flawed, "racy", racy),
            attempt(Kind::Flawed, "relaxed", relaxed),
            attempt(Kind::Flawed, "unbuilt", Header::default()),
        ];
        let attempts = attempts(&kata, all);
        let runs = [
            runs("k-stub-", &Rung::ALL),
            runs("k-correct-swap", &[]),
            runs("k-flawed-racy", &[Rung::Properties, Rung::Shuttle, Rung::Loom]),
            runs("k-flawed-relaxed", &[Rung::Loom]),
        ]
        .concat();
        let expected = "                  examples  properties  shuttle  loom
stub              ✗         ✗           ✗        ✗ 1234
correct  swap     ✓         ✓           ✓        ✓
flawed   racy     ~         ✗           ✗        ✗ 1234
flawed   relaxed  ✓         ✓           ✓        ✗ 1234
flawed   unbuilt  ?         ?           ?        ?
";
        assert_eq!(matrix(&attempts, &runs), expected);
        assert_eq!(
            conclusion(&attempts, &runs),
            "1 correct solutions pass all 4 tests; 3 flawed ones are caught, 1 of them by the checkers alone."
        );
    }
}
