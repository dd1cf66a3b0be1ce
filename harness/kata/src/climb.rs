//! What a learner sees: the rungs that are climbed, the first red test, and what to do next.

use crate::Exit;
use crate::console::{self, bad, bold, dim, good};
use crate::failure;
use crate::junit::TestRun;
use crate::list::Progress;
use crate::nextest::Nextest;
use crate::run::{Ran, read_config, run};
use crate::rung::Rung;
use crate::rustc::Diagnostic;
use crate::stories::{self, Stories};
use crate::test_file::{self, Test, tests_in_file};
use crate::workspace::{Kata, Workspace, cargo};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use toml::Table;

/// At most so many errors of rustc are shown: one changed signature makes an error at every call.
const ERRORS: usize = 3;

/// How far a solution gets.
pub struct Climb {
    /// The rungs that are green, with their tests.
    pub green: Vec<(Rung, Vec<TestRun>)>,
    /// Why it goes no further; nothing if all is green.
    pub stop: Option<(Rung, Stop)>,
    /// How many warnings rustc has about it.
    warnings: usize,
}

/// Why a solution gets no further.
pub enum Stop {
    /// It does not compile.
    NotBuilt(Vec<Diagnostic>),
    /// A test is red.
    Red(TestRun),
}

impl Stop {
    /// The red test, if there may be an interleaving of it to look at: all that is called has been written, and compiles.
    pub fn to_replay(&self) -> Option<&TestRun> {
        match self {
            Self::Red(test) if !failure::is_unwritten(test) => Some(test),
            _ => None,
        }
    }
}

/// What came of a rung.
pub enum Climbed {
    /// Its tests do not compile with this solution.
    NotBuilt(Vec<Diagnostic>),
    /// The first red test.
    Red(TestRun),
    /// All are green.
    Green {
        /// Its tests.
        tests: Vec<TestRun>,
        /// How many warnings rustc has.
        warnings: usize,
    },
}

/// Climbs the kata of that name, or all of them, up to the first red test.
pub fn climb(workspace: &Workspace, only: Option<&str>) -> Result<Exit> {
    let names: Vec<&str> = only.into_iter().collect();
    let katas = workspace.named(&names)?;
    let nextest = Nextest::find_or_install(workspace)?;
    let notes = Notes { folder: workspace.notes() };
    notes.prepare(workspace)?;
    for kata in &katas {
        let climb = climb_kata(workspace, &nextest, kata)?;
        console::clear_progress();
        let is_news = notes.replace(kata, climb.stop.is_none())?;
        if climb.stop.is_none() && only.is_none() && !is_news && workspace.katas.last() != Some(kata) {
            console::out(format!("{} {}  {}", good("✓"), heading(workspace, kata), dim(counts(&climb))));
            continue;
        }
        console::out(bold(heading(workspace, kata)));
        console::out("");
        tell_rungs(&climb);
        if let Some((rung, stop)) = &climb.stop {
            tell_stop(workspace, &nextest, kata, only.is_some(), (*rung, stop));
            return Ok(Exit::Red);
        }
        console::out("");
        console::out(good(format!("{} is all green.", kata.title)));
        if climb.warnings > 0 {
            console::out(dim(format!("rustc has a remark or two about it: cargo check -p {}", kata.name)));
        }
        console::out("");
    }
    tell_end(workspace, &katas, only.is_some());
    Ok(Exit::Green)
}

fn climb_kata(workspace: &Workspace, nextest: &Nextest, kata: &Kata) -> Result<Climb> {
    let needed = Rung::ALL.map(|rung| rung.file()).into_iter().chain(["src/lib.rs".into()]);
    for file in needed.map(|file| kata.folder.join(file)) {
        if !file.exists() {
            let file = workspace.shown(&file);
            bail!("{file} is missing. To bring it back as it was: git restore {file}");
        }
    }
    let mut climb = Climb { green: Vec::new(), stop: None, warnings: 0 };
    let progress = Progress::of(workspace, kata);
    Stories::of(workspace, kata).clear();
    for rung in Rung::ALL {
        match climb_rung(workspace, nextest, kata, rung)? {
            Climbed::NotBuilt(diagnostics) => climb.stop = Some((rung, Stop::NotBuilt(diagnostics))),
            Climbed::Red(test) => climb.stop = Some((rung, Stop::Red(test))),
            Climbed::Green { tests, warnings } => {
                climb.warnings = climb.warnings.max(warnings);
                climb.green.push((rung, tests));
            }
        }
        if climb.stop.is_some() {
            break;
        }
    }
    // If the file has changed meanwhile, nobody knows which of the two has been run.
    if Progress::of(workspace, kata) == progress {
        progress.write(climb.stop.as_ref().map(|(rung, _)| *rung));
    }
    Ok(climb)
}

/// Runs the tests of a rung, up to the first red one.
pub fn climb_rung(workspace: &Workspace, nextest: &Nextest, kata: &Kata, rung: Rung) -> Result<Climbed> {
    console::progress(format!("{}: {rung}", kata.title));
    let order = tests_in_file(&kata.folder.join(rung.file()));
    let config = in_order_of_file(workspace, &order)?;
    let arguments = ["-p", &kata.name, "--test", rung.name()];
    let variables = Stories::of(workspace, kata).variables();
    match run(nextest, &workspace.root, config, "default", &arguments, &workspace.target, &variables)? {
        Ran::NotBuilt(diagnostics) => Ok(Climbed::NotBuilt(diagnostics)),
        Ran::Tested { mut tests, warnings } => {
            let place = |test: &TestRun| order.iter().position(|listed| listed.name == test_file::function(&test.name));
            tests.sort_by(|a, b| (place(a), &a.name).cmp(&(place(b), &b.name)));
            match tests.iter().find(|test| !test.is_green()) {
                Some(red) => Ok(Climbed::Red(red.clone())),
                None => Ok(Climbed::Green { tests, warnings: warnings.len() }),
            }
        }
    }
}

/// The first kata that is not all green, or the last one if all are; or the one of that name. And how far it gets.
pub fn first_that_is_not_green<'a>(workspace: &'a Workspace, nextest: &Nextest, only: Option<&str>) -> Result<(&'a Kata, Climb)> {
    let names: Vec<&str> = only.into_iter().collect();
    let notes = Notes { folder: workspace.notes() };
    notes.prepare(workspace)?;
    let mut last = None;
    for kata in workspace.named(&names)? {
        let climb = climb_kata(workspace, nextest, kata)?;
        let stops = climb.stop.is_some();
        last = Some((kata, climb));
        if stops {
            break;
        }
    }
    last.context("there is no kata")
}

/// The workspace's nextest configuration, changed so that tests run in the order of their file: the first one that is red is
/// then the first one for the learner, too. By itself, nextest goes by the alphabet.
fn in_order_of_file(workspace: &Workspace, order: &[Test]) -> Result<Table> {
    let original = workspace.root.join(".config/nextest.toml");
    with_priorities(read_config(&original)?, order).with_context(|| workspace.shown(&original))
}

fn with_priorities(mut config: Table, order: &[Test]) -> Result<Table> {
    // nextest knows priorities from 100 down to -100, and the first that fits a test counts.
    let first = order.iter().zip((-100..=100_i64).rev()).map(|(Test { name, .. }, priority)| {
        let mut line = Table::new();
        line.insert("filter".to_owned(), format!("test(/^{name}($|::)/)").into());
        line.insert("priority".to_owned(), priority.into());
        toml::Value::Table(line)
    });
    let mut overrides: Vec<toml::Value> = first.collect();
    let profile = config.get_mut("profile").and_then(|profiles| profiles.get_mut("default"));
    let profile = profile.and_then(|profile| profile.as_table_mut()).context("there is no [profile.default]")?;
    overrides.extend(profile.get("overrides").and_then(|overrides| overrides.as_array()).cloned().unwrap_or_default());
    profile.insert("overrides".to_owned(), overrides.into());
    Ok(config)
}

fn heading(workspace: &Workspace, kata: &Kata) -> String {
    let place = workspace.katas.iter().position(|other| other == kata).map_or(0, |index| index + 1);
    format!("{} ({} belt, kata {place} of {})", kata.title, kata.belt, workspace.katas.len())
}

fn counts(climb: &Climb) -> String {
    let counts: Vec<String> = climb.green.iter().map(|(rung, tests)| format!("{rung} {}", tests.len())).collect();
    counts.join(", ")
}

fn tell_rungs(climb: &Climb) {
    for (rung, tests) in &climb.green {
        console::out(format!("  {} {rung:<10} {:>3} tests", good("✓"), tests.len()));
        // Above a red test they would only be in its way.
        for receipt in receipts(*rung, tests).iter().filter(|_| climb.stop.is_none()) {
            let lines = console::wrapped(receipt, console::width().saturating_sub(6), 2);
            console::out(dim(console::indented(&lines, 6)));
        }
    }
    if let Some((rung, _)) = &climb.stop {
        console::out(format!("  {} {rung}", bad("✗")));
    }
}

/// What the checkers say they have gone through, test by test.
fn receipts(rung: Rung, tests: &[TestRun]) -> Vec<String> {
    let begins = format!("{rung} ran ");
    let of_test = |test: &TestRun| -> Vec<String> {
        let receipts = test.stdout.lines().filter_map(|line| line.strip_prefix(&begins));
        receipts.map(|receipt| format!("{}: {receipt}", test_file::sentence(&test.name))).collect()
    };
    let mut receipts: Vec<String> = tests.iter().flat_map(of_test).collect();
    receipts.dedup();
    receipts
}

/// Tells why a solution gets no further, and what to do next.
pub fn tell_stop(workspace: &Workspace, nextest: &Nextest, kata: &Kata, only_this: bool, (rung, stop): (Rung, &Stop)) {
    console::out("");
    match stop {
        Stop::NotBuilt(diagnostics) => {
            console::out(bad("It does not compile yet. rustc says:"));
            let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|diagnostic| diagnostic.is_error).collect();
            for error in errors.iter().take(ERRORS) {
                console::out("");
                console::out(&error.text);
            }
            if errors.len() > ERRORS {
                console::out("");
                console::out(format!(
                    "… and {} more errors. The tests call your functions as the brief has them.",
                    errors.len() - ERRORS
                ));
            }
        }
        Stop::Red(test) => {
            let file = kata.folder.join(rung.file());
            let listed = tests_in_file(&file).into_iter().find(|listed| listed.name == test_file::function(&test.name));
            let line = listed.map(|listed| format!(":{}", listed.line)).unwrap_or_default();
            console::out(format!("{} {}", bad("✗"), bold(test_file::sentence(&test.name))));
            console::out(dim(format!("  {}{line}", workspace.shown(&file))));
            console::out("");
            let story = Stories::of(workspace, kata).of_test(test).map(|story| story.to_text(stories::look(2)));
            console::out(console::indented(&failure::told_with(test, story.as_deref()), 2));
        }
    }
    console::out("");
    console::out(bold("What next"));
    let name = &kata.name;
    let folder = workspace.shown(&kata.folder);
    let again = if only_this { format!("cargo kata {name}") } else { "cargo kata".to_owned() };
    let mut steps = vec![
        ("edit", format!("{folder}/src/lib.rs")),
        ("the brief", format!("{folder}/README.md")),
        ("a hint", format!("cargo kata hint {name}")),
    ];
    if let Some(test) = stop.to_replay() {
        if Stories::of(workspace, kata).of_test(test).is_some() {
            steps.push(("in the browser", format!("cargo kata show {name}")));
            steps.push(("step by step", format!("cargo kata replay {name}")));
        } else {
            steps.push(("a picture", format!("cargo kata show {name}  (a checker looks for one in the same code)")));
        }
    }
    steps.push(("then", again));
    if let Stop::Red(test) = stop {
        let only = if nextest.is_on_path() {
            format!("cargo nextest run -p {name} --test {rung} -E 'test(={})'", test.name)
        } else {
            format!("cargo test -p {name} --test {rung} -- --exact {}", test.name)
        };
        steps.push(("only this test", only));
    }
    for (what, how) in steps {
        console::out(format!("  {what:<15} {how}"));
    }
}

fn tell_end(workspace: &Workspace, katas: &[&Kata], only_one: bool) {
    if !only_one {
        console::out(bold(good(format!("All {} katas are green. Congratulations!", katas.len()))));
        console::out("");
    }
    console::out(bold("What next"));
    if only_one && workspace.katas.len() > 1 {
        console::out("  the next kata                 cargo kata");
    }
    for kata in katas {
        console::out(format!("  how others solve {:<12} cargo kata solution {}", kata.title, kata.name));
    }
}

/// What the command remembers from one call to the next: nothing that a result depends on, only what is news to the learner.
struct Notes {
    folder: PathBuf,
}

impl Notes {
    /// Makes the folder. Where there is none, nothing was built yet: then builds, and shows how it goes.
    fn prepare(&self, workspace: &Workspace) -> Result<()> {
        if self.folder.exists() {
            return Ok(());
        }
        console::err("Building the tests for the first time: about a minute.");
        let mut build = cargo();
        build.args(["build", "--tests", "--message-format", "json"]).current_dir(&workspace.root).stdout(Stdio::null());
        // What is not a kata, a learner never needs.
        build.args(workspace.katas.iter().flat_map(|kata| ["--package", &kata.name]));
        // If it does not compile, the climb says why.
        build.status().context("cargo cannot be started")?;
        fs::create_dir_all(&self.folder).with_context(|| format!("{} cannot be made", self.folder.display()))
    }

    /// Notes whether the kata is green, and returns whether it is and was not before.
    fn replace(&self, kata: &Kata, is_green: bool) -> Result<bool> {
        let note = self.folder.join(format!("{}.green", kata.name));
        let was_green = note.exists();
        if is_green && !was_green {
            fs::write(&note, "").with_context(|| format!("{} cannot be written", note.display()))?;
        } else if !is_green && was_green {
            fs::remove_file(&note).with_context(|| format!("{} cannot be removed", note.display()))?;
        }
        Ok(is_green && !was_green)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::junit::Outcome;

    fn listed(names: &[&str]) -> Vec<Test> {
        names.iter().map(|name| Test { name: (*name).to_owned(), line: 1 }).collect()
    }

    #[test]
    fn tests_are_told_to_run_in_the_order_of_their_file_before_all_else() {
        let config = "[profile.default]\nfail-fast = true\n\n[[profile.default.overrides]]\nfilter = \"all()\"\npriority = 7\n";
        let changed = with_priorities(config.parse().unwrap(), &listed(&["z_first", "a_second"])).unwrap();
        let profile = &changed["profile"]["default"];
        assert_eq!(profile["fail-fast"].as_bool(), Some(true), "the rest stays as it was");
        let overrides = profile["overrides"].as_array().unwrap();
        let lines: Vec<_> =
            overrides.iter().map(|line| (line["filter"].as_str().unwrap(), line["priority"].as_integer())).collect();
        assert_eq!(lines, [("test(/^z_first($|::)/)", Some(100)), ("test(/^a_second($|::)/)", Some(99)), ("all()", Some(7))]);
    }

    #[test]
    fn a_file_with_very_many_tests_stays_within_what_nextest_allows() {
        let names: Vec<String> = (0..300).map(|n| format!("test_{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let changed = with_priorities("[profile.default]\n".parse().unwrap(), &listed(&names)).unwrap();
        let overrides = changed["profile"]["default"]["overrides"].as_array().unwrap();
        assert!(overrides.iter().all(|line| (-100..=100).contains(&line["priority"].as_integer().unwrap())));
    }

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
        assert_eq!(receipts(Rung::Loom, std::slice::from_ref(&test)), ["two take turns: all 26 interleavings (2 threads)"]);
        assert!(receipts(Rung::Shuttle, &[test]).is_empty());
    }
}
