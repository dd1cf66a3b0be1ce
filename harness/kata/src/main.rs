//! The command `cargo kata`: shows a learner the next test to make green, and holds the katas against their attempts.

mod climb;
mod console;
mod failure;
mod hint;
mod hints;
mod junit;
mod list;
mod nextest;
mod replay;
mod reset;
mod run;
mod rung;
mod rustc;
mod show;
mod solution;
mod stories;
mod test_file;
mod verify;
mod watch;
mod workspace;

use anyhow::{Context, Result, bail};
use lexopt::prelude::*;
use std::process::ExitCode;
use workspace::Workspace;

/// How the command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Every test that was asked for is green.
    Green = 0,
    /// A test is red, or an attempt is not what it claims to be.
    Red = 1,
    /// Nothing could be found out: a wrong argument, a missing tool, a broken file.
    CannotRun = 2,
}

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Request {
    Help,
    Climb { kata: Option<String> },
    Show { kata: Option<String> },
    Hint { kata: Option<String>, again: bool },
    List,
    Watch { kata: Option<String> },
    Reset { kata: String },
    Solution { kata: String, spoil: bool },
    Replay { kata: Option<String> },
    Verify { katas: Vec<String>, os_runs: usize },
    Bless { katas: Vec<String> },
}

fn main() -> ExitCode {
    let exit = request(lexopt::Parser::from_env()).and_then(fulfil).unwrap_or_else(|error| {
        console::clear_progress();
        console::err(format!("{}: {error:#}", console::bad("error")));
        Exit::CannotRun
    });
    ExitCode::from(exit as u8)
}

fn fulfil(request: Request) -> Result<Exit> {
    match request {
        Request::Help => {
            console::out(HELP.trim_end());
            Ok(Exit::Green)
        }
        Request::Climb { kata } => climb::climb(&Workspace::find()?, kata.as_deref()),
        Request::Hint { kata, again } => hint::hint(&Workspace::find()?, kata.as_deref(), again),
        Request::Watch { kata } => watch::watch(&Workspace::find()?, kata.as_deref()),
        Request::List => list::list(&Workspace::find()?),
        Request::Reset { kata } => reset::reset(&Workspace::find()?, &kata),
        Request::Solution { kata, spoil } => solution::solution(&Workspace::find()?, &kata, spoil),
        Request::Show { kata } => show::show(&Workspace::find()?, kata.as_deref()),
        Request::Replay { kata } => replay::replay(&Workspace::find()?, kata.as_deref()),
        Request::Bless { katas } => verify::bless(&Workspace::find()?, &katas),
        Request::Verify { katas, os_runs } => verify::verify(&Workspace::find()?, &katas, os_runs),
    }
}

fn request(mut arguments: lexopt::Parser) -> Result<Request> {
    let mut names = Vec::new();
    let mut os_runs = None;
    let mut flags: Vec<&str> = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Request::Help),
            Long("os-runs") => os_runs = Some(arguments.value()?.parse::<usize>()?),
            Long("bless") => flags.push("bless"),
            Long("again") => flags.push("again"),
            Long("spoil") => flags.push("spoil"),
            Value(name) => names.push(name.string()?),
            _ => bail!("{}; `cargo kata help` shows what there is", argument.unexpected()),
        }
    }
    let command = names.first().map_or("", String::as_str);
    let belongs = [("bless", "verify"), ("again", "hint"), ("spoil", "solution")];
    if let Some((flag, to)) = belongs.iter().find(|(flag, to)| flags.contains(flag) && command != *to) {
        bail!("`--{flag}` goes with `cargo kata {to}`");
    }
    if os_runs.is_some() && command != "verify" {
        bail!("`--os-runs` goes with `cargo kata verify`");
    }
    let most = match command {
        "verify" => usize::MAX,
        "show" | "replay" | "hint" | "watch" | "reset" | "solution" => 2,
        _ => 1,
    };
    if names.len() > most && matches!(command, "list" | "help") {
        bail!("`cargo kata {command}` is about all katas: leave the name out");
    }
    if names.len() > most {
        bail!("one kata at a time: `cargo kata {}`", names[..most].join(" "));
    }
    let kata = names.get(1).cloned();
    let needs_name = || {
        kata.clone().with_context(|| format!("which kata? `cargo kata list` shows them all; then `cargo kata {command} <KATA>`"))
    };
    Ok(match command {
        "help" => Request::Help,
        "list" => Request::List,
        "watch" => Request::Watch { kata },
        "show" => Request::Show { kata },
        "replay" => Request::Replay { kata },
        "hint" => Request::Hint { kata, again: flags.contains(&"again") },
        "reset" => Request::Reset { kata: needs_name()? },
        "solution" => Request::Solution { kata: needs_name()?, spoil: flags.contains(&"spoil") },
        "verify" if flags.contains(&"bless") => Request::Bless { katas: names.split_off(1) },
        "verify" => Request::Verify { katas: names.split_off(1), os_runs: os_runs.unwrap_or(0) },
        _ => Request::Climb { kata: names.pop() },
    })
}

const HELP: &str = "\
cargo kata                    shows the first red test of the first kata that is not all green, and what to do about it
cargo kata <KATA>             the same for this kata only
cargo kata watch [KATA]       the same after each save
cargo kata list               the path: every kata, and how far you have come
cargo kata hint [KATA]        a hint on the test that is red; each time one more (--again: the last one)
cargo kata show [KATA]        the interleaving that fails, in the browser; of a green kata, what was gone through
cargo kata replay [KATA]      the same interleaving once more, step by step, with what your own code prints
cargo kata reset <KATA>       the file as it was in the beginning; what you wrote is kept
cargo kata solution <KATA>    how others solve it, and how it can go wrong (--spoil: before yours is green)
cargo kata help               this text

A kata has four rungs of tests. Each asks more than the one before:
  examples     does it do what the brief says?            katas/<kata>/tests/examples.rs
  properties   does it for every input?                   katas/<kata>/tests/properties.rs
  shuttle      under many random schedules?               katas/<kata>/tests/shuttle.rs
  loom         in every interleaving of a small case?     katas/<kata>/tests/loom.rs
You write katas/<kata>/src/lib.rs. The brief is katas/<kata>/README.md, hints are in hints/<kata>.md.

For those who change the katas themselves:
cargo kata verify         tests the harness, and each kata's tests on solutions that are known to be right or wrong
cargo kata verify <KATA>  only this kata's attempts
          --bless         takes the pictures in harness/attempts/*/pictures anew, after a change to how failures are told
          --os-runs <N>   also runs the examples and properties N times on each flawed attempt, and counts how often they notice

It ends with 0 if all is green, 1 if something is red, 2 if nothing could be run.
";

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", Request::Climb { kata: None })]
    #[case("spinlock", Request::Climb { kata: Some("spinlock".to_owned()) })]
    #[case("list", Request::List)]
    #[case("watch", Request::Watch { kata: None })]
    #[case("watch pool", Request::Watch { kata: Some("pool".to_owned()) })]
    #[case("hint", Request::Hint { kata: None, again: false })]
    #[case("hint pool --again", Request::Hint { kata: Some("pool".to_owned()), again: true })]
    #[case("reset pool", Request::Reset { kata: "pool".to_owned() })]
    #[case("solution pool", Request::Solution { kata: "pool".to_owned(), spoil: false })]
    #[case("solution --spoil pool", Request::Solution { kata: "pool".to_owned(), spoil: true })]
    #[case("show", Request::Show { kata: None })]
    #[case("show pool", Request::Show { kata: Some("pool".to_owned()) })]
    #[case("replay pool", Request::Replay { kata: Some("pool".to_owned()) })]
    #[case("help", Request::Help)]
    #[case("-h", Request::Help)]
    #[case("spinlock --help", Request::Help)]
    #[case("verify", Request::Verify { katas: vec![], os_runs: 0 })]
    #[case("verify counter spinlock", Request::Verify { katas: vec!["counter".to_owned(), "spinlock".to_owned()], os_runs: 0 })]
    #[case("verify --os-runs 20 counter", Request::Verify { katas: vec!["counter".to_owned()], os_runs: 20 })]
    #[case("verify --bless pool", Request::Bless { katas: vec!["pool".to_owned()] })]
    #[case("verify --os-runs=20", Request::Verify { katas: vec![], os_runs: 20 })]
    fn arguments_say_what_is_asked_for(#[case] line: &str, #[case] expected: Request) {
        assert_eq!(request(lexopt::Parser::from_args(line.split_whitespace())).unwrap(), expected);
    }

    #[rstest]
    #[case("--verbose", "invalid option '--verbose'; `cargo kata help`")]
    #[case("counter spinlock", "one kata at a time: `cargo kata counter`")]
    #[case("pool --bless", "`--bless` goes with `cargo kata verify`")]
    #[case("pool --again", "`--again` goes with `cargo kata hint`")]
    #[case("reset", "which kata? `cargo kata list` shows them all; then `cargo kata reset <KATA>`")]
    #[case("reset counter pool", "one kata at a time: `cargo kata reset counter`")]
    #[case("show counter pool", "one kata at a time: `cargo kata show counter`")]
    #[case("counter --os-runs 3", "`--os-runs` goes with `cargo kata verify`")]
    #[case("verify --os-runs many", "cannot parse argument \"many\"")]
    fn wrong_arguments_are_named(#[case] line: &str, #[case] expected: &str) {
        let error = request(lexopt::Parser::from_args(line.split_whitespace())).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
