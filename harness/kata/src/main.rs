//! The command `cargo kata`: shows a learner the next test to make green, and holds the katas against their attempts.

mod beside;
mod build;
mod check;
mod climb;
mod completions;
mod console;
mod doctor;
mod editor;
mod failure;
mod fingerprint;
mod hint;
mod hints;
mod junit;
mod ladder;
mod list;
mod new;
mod next;
mod nextest;
mod process;
mod replay;
mod reset;
mod run;
mod rung;
mod rustc;
mod show;
mod solution;
mod stories;
mod tell;
mod test_file;
mod tools;
mod verdict;
mod verify;
mod watch;
mod workspace;

use anyhow::{Context, Result, bail};
use completions::Shell;
use lexopt::prelude::*;
use rung::Rung;
use std::process::ExitCode;
use tell::Speech;
use tools::Tools;
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
    /// The solution does not compile.
    NotBuilt = 3,
}

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Request {
    Help,
    Climb { kata: Option<String> },
    Check(check::Request),
    Watch { kata: Option<String>, lines: bool },
    List { names: bool },
    Next { kata: Option<String> },
    Open { kata: Option<String> },
    Hint { kata: Option<String>, again: bool },
    Show { kata: Option<String> },
    Replay { kata: Option<String> },
    Reset { kata: String },
    Solution { kata: String, which: Option<String>, spoil: bool },
    Doctor,
    New { name: String },
    Completions { shell: Shell },
    Verify { katas: Vec<String>, os_runs: usize },
    Bless { katas: Vec<String> },
}

/// The words that follow `cargo kata`. Anything else is the name of a kata.
const COMMANDS: [&str; 15] = [
    "check",
    "watch",
    "list",
    "next",
    "open",
    "hint",
    "show",
    "replay",
    "reset",
    "solution",
    "doctor",
    "new",
    "completions",
    "verify",
    "help",
];

/// The options, each with the commands that it goes with.
const OPTIONS: [(&str, &[&str]); 9] = [
    ("all", &["check"]),
    ("rung", &["check"]),
    ("format", &["check"]),
    ("lines", &["check", "watch"]),
    ("names", &["list"]),
    ("again", &["hint"]),
    ("spoil", &["solution"]),
    ("bless", &["verify"]),
    ("os-runs", &["verify"]),
];

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
        Request::Climb { kata: None } => {
            let workspace = Workspace::find()?;
            list::tell_path(&workspace);
            console::out("");
            tell::climb(&Tools::find(&workspace)?, None, Speech::OfPath, false)
        }
        Request::Climb { kata } => tell::climb(&Tools::find(&Workspace::find()?)?, kata.as_deref(), Speech::OfKata, false),
        Request::Check(request) => check::check(&Tools::find(&Workspace::find()?)?, &request),
        Request::Watch { kata, lines } => watch::watch(&Workspace::find()?, kata.as_deref(), lines),
        Request::List { names: false } => list::list(&Workspace::find()?),
        Request::List { names: true } => list::names(&Workspace::find()?),
        Request::Next { kata } => next::next(&Workspace::find()?, kata.as_deref()),
        Request::Open { kata } => editor::open(&Workspace::find()?, kata.as_deref()),
        Request::Hint { kata, again } => {
            hint::hint(&Tools::find(&Workspace::find()?)?, kata.as_deref(), Speech::to(kata.as_deref()), again)
        }
        Request::Show { kata } => show::show(&Tools::find(&Workspace::find()?)?, kata.as_deref()),
        Request::Replay { kata } => replay::replay(&Tools::find(&Workspace::find()?)?, kata.as_deref()),
        Request::Reset { kata } => reset::reset(&Workspace::find()?, &kata),
        Request::Solution { kata, which, spoil } => solution::solution(&Workspace::find()?, &kata, which.as_deref(), spoil),
        Request::Doctor => doctor::doctor(),
        Request::New { name } => new::new(&Workspace::find()?, &name),
        Request::Completions { shell } => {
            console::out(completions::script(shell).trim_end());
            Ok(Exit::Green)
        }
        Request::Bless { katas } => verify::bless(&Workspace::find()?, &katas),
        Request::Verify { katas, os_runs } => verify::verify(&Workspace::find()?, &katas, os_runs),
    }
}

fn request(mut arguments: lexopt::Parser) -> Result<Request> {
    let mut names = Vec::new();
    let mut options: Vec<(&str, String)> = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Request::Help),
            Long(name) => {
                let known = OPTIONS.iter().map(|(known, _)| *known).find(|known| *known == name);
                let Some(known) = known else { bail!("{}; `cargo kata help` shows what there is", argument.unexpected()) };
                let value = match known {
                    "rung" | "format" | "os-runs" => arguments.value()?.string()?,
                    _ => String::new(),
                };
                if options.iter().any(|(option, _)| *option == known) {
                    bail!("`--{known}` once is enough");
                }
                options.push((known, value));
            }
            Value(name) => names.push(name.string()?),
            _ => bail!("{}; `cargo kata help` shows what there is", argument.unexpected()),
        }
    }
    let command = names.first().cloned().unwrap_or_default();
    for (name, _) in &options {
        let (_, commands) = OPTIONS.iter().find(|(known, _)| known == name).expect("it is known");
        if !commands.contains(&command.as_str()) {
            bail!("`--{name}` goes with `cargo kata {}`", commands.join("` and `cargo kata "));
        }
    }
    let most = match command.as_str() {
        "verify" | "check" => usize::MAX,
        "list" | "doctor" | "help" => 1,
        "solution" => 3,
        known if COMMANDS.contains(&known) => 2,
        _ => 1,
    };
    if names.len() > most && matches!(command.as_str(), "list" | "doctor" | "help") {
        bail!("`cargo kata {command}` is about all katas: leave the name out");
    }
    if names.len() > most && command == "solution" {
        bail!("one at a time: `cargo kata {}`", names[..most].join(" "));
    }
    if names.len() > most {
        bail!(
            "one kata at a time: `cargo kata {}`. Several: `cargo kata check {}`",
            names[..most].join(" "),
            names[most - 1..].join(" ")
        );
    }
    let has = |name: &str| options.iter().any(|(option, _)| *option == name);
    let value = |name: &str| options.iter().rfind(|(option, _)| *option == name).map(|(_, value)| value.as_str());
    let kata = names.get(1).cloned();
    let rest = || names.get(1..).unwrap_or_default().to_vec();
    let needs_name = || {
        kata.clone().with_context(|| format!("which kata? `cargo kata list` shows them all; then `cargo kata {command} <KATA>`"))
    };
    Ok(match command.as_str() {
        "help" => Request::Help,
        "check" if has("lines") && is_json(value("format"))? => bail!("JSON has all that `--lines` says: leave one of them out"),
        "check" => Request::Check(check::Request {
            katas: rest(),
            rung: value("rung").map(rung).transpose()?,
            all: has("all"),
            json: is_json(value("format"))?,
            lines: has("lines"),
        }),
        "watch" => Request::Watch { kata, lines: has("lines") },
        "list" => Request::List { names: has("names") },
        "next" => Request::Next { kata },
        "open" => Request::Open { kata },
        "hint" => Request::Hint { kata, again: has("again") },
        "show" => Request::Show { kata },
        "replay" => Request::Replay { kata },
        "reset" => Request::Reset { kata: needs_name()? },
        "solution" => Request::Solution { kata: needs_name()?, which: names.get(2).cloned(), spoil: has("spoil") },
        "doctor" => Request::Doctor,
        "new" => Request::New {
            name: kata.context("what is it to be called? `cargo kata new <NAME>`, as in `cargo kata new barrier`")?,
        },
        "completions" => Request::Completions { shell: shell(kata.as_deref())? },
        "verify" if has("bless") => Request::Bless { katas: rest() },
        "verify" => Request::Verify { katas: rest(), os_runs: count(value("os-runs"))? },
        _ => Request::Climb { kata: names.pop() },
    })
}

fn rung(name: &str) -> Result<Rung> {
    let all = Rung::ALL.map(Rung::name).join(", ");
    Rung::of(name).with_context(|| format!("there is no rung `{name}`; there are: {all}"))
}

fn is_json(format: Option<&str>) -> Result<bool> {
    match format {
        Some("json") => Ok(true),
        Some("text") | None => Ok(false),
        Some(other) => bail!("there is no format `{other}`; there are: text, json"),
    }
}

fn shell(name: Option<&str>) -> Result<Shell> {
    let all = Shell::ALL.map(Shell::name).join(", ");
    let Some(name) = name else { bail!("for which shell? `cargo kata completions <SHELL>`, one of: {all}") };
    Shell::ALL
        .into_iter()
        .find(|shell| shell.name() == name)
        .with_context(|| format!("there are no completions for `{name}`, but for: {all}"))
}

fn count(number: Option<&str>) -> Result<usize> {
    let number = number.unwrap_or("0");
    number.parse().with_context(|| format!("`--os-runs` needs a number, as in `--os-runs 20`, and not `{number}`"))
}

const HELP: &str = "\
cargo kata                  where you are, and the first red test of the next kata
cargo kata <KATA>           the same for this kata only
cargo kata watch [KATA]     the same after each save, with a key for most of what follows
cargo kata list             the path: every kata, and how far you have come
cargo kata next [KATA]      the kata after this one, if you would rather go there
cargo kata open [KATA]      your file in your editor
cargo kata hint [KATA]      a hint on the test that is red, each time one more
           --again          the last hint once more
cargo kata show [KATA]      the interleaving that fails, in the browser; of a solved kata, what was tried
cargo kata replay [KATA]    that interleaving once more, step by step, with what your own code prints
cargo kata reset <KATA>     the file as it was in the beginning; what you wrote is kept
cargo kata solution <KATA>  how others solve it, and how it can go wrong
           <KATA> <NAME>    one of these, and what the tests say of it
           --spoil          before yours is green
cargo kata doctor           what this machine has, what is missing, what to type
cargo kata help             this text

A kata has four rungs of tests. Each asks more than the one before:
  examples     does it do what the brief says?            katas/<kata>/tests/examples.rs
  properties   does it for every input?                   katas/<kata>/tests/properties.rs
  shuttle      under many random schedules?               katas/<kata>/tests/shuttle.rs
  loom         in every interleaving of a small case?     katas/<kata>/tests/loom.rs
You write katas/<kata>/src/lib.rs. The brief is katas/<kata>/README.md, hints are in hints/<kata>.md.

For those who look at what somebody else wrote, and for programs:
cargo kata check [KATA ...]   runs the tests, whether anything has changed or not
           --rung <RUNG>      only this rung
           --all              every test, with what it went through; if no kata is named, of all katas
           --format json      the verdict as JSON; harness/kata/VERDICT.md says what stands in it
           --lines            a line `file:line:column: words` for each place that a failure is about
cargo kata completions <SHELL>  teaches bash, zsh or fish these words; the script says where it goes

For those who change the katas themselves:
cargo kata new <NAME>       a new kata, small and whole, to make your own
cargo kata verify [KATA ...]  tests the harness, and each kata on solutions known to be right or wrong
           --bless          takes the pictures in harness/attempts/*/pictures anew
           --os-runs <N>    runs the lower rungs N times on flawed attempts: how often do they notice?

It ends with 0 if all is green or done, 1 if a test is red, 3 if the solution does not compile, and 2 if
nothing could be run.
";

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", Request::Climb { kata: None })]
    #[case("spinlock", Request::Climb { kata: Some("spinlock".to_owned()) })]
    #[case("list", Request::List { names: false })]
    #[case("list --names", Request::List { names: true })]
    #[case("watch", Request::Watch { kata: None, lines: false })]
    #[case("watch pool --lines", Request::Watch { kata: Some("pool".to_owned()), lines: true })]
    #[case("next", Request::Next { kata: None })]
    #[case("open pool", Request::Open { kata: Some("pool".to_owned()) })]
    #[case("doctor", Request::Doctor)]
    #[case("new gate", Request::New { name: "gate".to_owned() })]
    #[case("completions zsh", Request::Completions { shell: Shell::Zsh })]
    #[case("check", Request::Check(check::Request::default()))]
    #[case("check pool --rung loom --format json", Request::Check(check::Request {
        katas: vec!["pool".to_owned()], rung: Some(Rung::Loom), json: true, ..check::Request::default()
    }))]
    #[case("check --all --lines --format=text", Request::Check(check::Request { all: true, lines: true, ..check::Request::default() }))]
    #[case("hint", Request::Hint { kata: None, again: false })]
    #[case("hint pool --again", Request::Hint { kata: Some("pool".to_owned()), again: true })]
    #[case("reset pool", Request::Reset { kata: "pool".to_owned() })]
    #[case("solution pool", Request::Solution { kata: "pool".to_owned(), which: None, spoil: false })]
    #[case("solution --spoil pool", Request::Solution { kata: "pool".to_owned(), which: None, spoil: true })]
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

    #[test]
    fn the_help_names_every_word_and_option_and_fits_a_projector() {
        assert!(COMMANDS.iter().all(|command| HELP.contains(&format!("cargo kata {command}"))));
        assert!(OPTIONS.iter().all(|(option, _)| *option == "names" || HELP.contains(&format!("--{option}"))));
        let longest = HELP.lines().max_by_key(|line| line.chars().count()).unwrap();
        assert!(longest.chars().count() <= 105, "{longest}");
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
    #[case("verify --os-runs many", "`--os-runs` needs a number, as in `--os-runs 20`, and not `many`")]
    #[case("pool --lines", "`--lines` goes with `cargo kata check` and `cargo kata watch`")]
    #[case("check --lines --format json", "JSON has all that `--lines` says")]
    #[case("check --rung loom --rung shuttle", "`--rung` once is enough")]
    #[case("solution pool a b", "one at a time: `cargo kata solution pool a`")]
    #[case("check --rung top", "there is no rung `top`; there are: examples, properties, shuttle, loom")]
    #[case("check --format xml", "there is no format `xml`; there are: text, json")]
    #[case("check --format", "missing argument for option '--format'")]
    #[case("new", "what is it to be called? `cargo kata new <NAME>`")]
    #[case("completions", "for which shell? `cargo kata completions <SHELL>`, one of: bash, zsh, fish")]
    #[case("doctor pool", "`cargo kata doctor` is about all katas")]
    fn wrong_arguments_are_named(#[case] line: &str, #[case] expected: &str) {
        let error = request(lexopt::Parser::from_args(line.split_whitespace())).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
