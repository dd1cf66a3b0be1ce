//! The ladder of a kata, rung by rung: each is built and run before the next one, so that the first verdict comes soon; the upper
//! ones are compiled together, since two processors are better than one.

use crate::build::{Build, Built, Program};
use crate::console;
use crate::junit::TestRun;
use crate::process::Interrupted;
use crate::run::{Call, Ran, read_config};
use crate::rung::Rung;
use crate::rustc::Diagnostic;
use crate::stories::Stories;
use crate::test_file::{self, Test, tests_in_file};
use crate::tools::Tools;
use crate::workspace::{Kata, Workspace};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::collections::VecDeque;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use toml::Table;

/// So often it is shown how far a test is.
const SHOW: Duration = Duration::from_millis(100);

/// After so many seconds without a word from a test, it is said how long it takes.
const PATIENCE: u64 = 3;

/// What came of a rung.
#[derive(Debug)]
pub enum Climbed {
    /// Its tests do not compile with this solution.
    NotBuilt(Vec<Diagnostic>),
    /// Its tests ran: all that were asked for, or those up to the first red one.
    Tested {
        /// The tests, in the order of their file.
        tests: Vec<TestRun>,
        /// How many warnings rustc has.
        warnings: usize,
    },
}

impl Climbed {
    /// The first red test.
    pub fn red(&self) -> Option<&TestRun> {
        match self {
            Self::NotBuilt(_) => None,
            Self::Tested { tests, .. } => tests.iter().find(|test| !test.is_green()),
        }
    }

    /// Whether it compiles, and no test is red.
    pub fn is_green(&self) -> bool {
        matches!(self, Self::Tested { .. }) && self.red().is_none()
    }
}

/// Some rungs of a kata, to be climbed.
pub struct Ladder<'a> {
    tools: &'a Tools<'a>,
    kata: &'a Kata,
    stories: Stories,
    ahead: VecDeque<Rung>,
    /// Whether tests run on after a red one.
    every_test: bool,
    build: Option<Build>,
    is_first: bool,
}

impl<'a> Ladder<'a> {
    /// These rungs of `kata`, from the bottom up.
    ///
    /// # Errors
    /// If a file is missing without which nothing can be said.
    pub fn new(tools: &'a Tools<'a>, kata: &'a Kata, rungs: &[Rung], every_test: bool) -> Result<Self> {
        for file in Rung::ALL.map(|rung| kata.folder.join(rung.file())) {
            if !file.exists() {
                let file = tools.workspace.shown(&file);
                bail!("{file} is missing. To bring it back as it was: git restore {file}");
            }
        }
        let own = kata.folder.join("src/lib.rs");
        if !own.exists() {
            let own = tools.workspace.shown(&own);
            bail!("{own} is missing. To begin anew: cargo kata reset {}. What earlier resets have kept is in kept/", kata.name);
        }
        let stories = Stories::of(tools.workspace, kata);
        Ok(Self { tools, kata, stories, ahead: rungs.iter().copied().collect(), every_test, build: None, is_first: true })
    }

    /// Climbs the next rung, if there is one; whether to go on after a red one is for the caller to say.
    pub fn climb(&mut self) -> Result<Option<(Rung, Climbed)>> {
        let Some(rung) = self.ahead.pop_front() else { return Ok(None) };
        let mut look = Look::new(self.tools, self.kata, rung);
        look.show("building");
        let build = match &mut self.build {
            Some(build) => build,
            None => self.build.insert(Build::start(self.tools.workspace, self.kata, &[rung])?),
        };
        let built = build.wait_for(rung, &mut || look.at_nothing())?;
        if std::mem::take(&mut self.is_first) {
            // The others are compiled together, once this one has been seen.
            self.build = None;
        }
        let climbed = match built {
            Built::Not(diagnostics) => Climbed::NotBuilt(diagnostics),
            Built::Program(program, warnings) => {
                look.show("");
                Climbed::Tested { tests: self.run(rung, &program, &mut look)?, warnings }
            }
        };
        if self.build.is_none() && (climbed.is_green() || self.every_test) && !self.ahead.is_empty() {
            let rest: Vec<Rung> = self.ahead.iter().copied().collect();
            self.build = Some(Build::start(self.tools.workspace, self.kata, &rest)?);
        }
        console::clear_progress();
        Ok(Some((rung, climbed)))
    }

    fn run(&self, rung: Rung, program: &Program, look: &mut Look<'_>) -> Result<Vec<TestRun>> {
        let Workspace { root, target, .. } = self.tools.workspace;
        let order = tests_in_file(&self.kata.folder.join(rung.file()));
        let lists = Lists::write(self.tools.workspace, self.kata, program)?;
        let mut arguments =
            vec!["--cargo-metadata".into(), lists.packages.into(), "--binaries-metadata".into(), lists.programs.into()];
        if self.every_test {
            arguments.push("--no-fail-fast".into());
        }
        let call = Call {
            nextest: &self.tools.nextest,
            root,
            target,
            config: in_order_of_file(self.tools.workspace, &order)?,
            profile: "default",
            arguments,
            variables: self.stories.variables().into_iter().chain([(PROGRESS, look.folder.clone().into())]).collect(),
            junit: Some(self.tools.workspace.junit(self.kata, rung)),
            limits_output: true,
        };
        let _ = fs::remove_dir_all(&look.folder);
        let ran = call.run(&mut || look.at_tests());
        let _ = fs::remove_dir_all(&look.folder);
        let Ran::Tested(mut tests) = ran? else { bail!("nextest has built what was built; type it again") };
        // Ctrl-C reaches the tests as well, and says nothing of them.
        if tests.iter().any(|test| test.signal.as_deref() == Some("SIGINT")) {
            bail!(Interrupted);
        }
        let place = |test: &TestRun| order.iter().position(|listed| listed.name == test_file::function(&test.name));
        tests.sort_by(|a, b| (place(a), &a.name).cmp(&(place(b), &b.name)));
        Ok(tests)
    }
}

impl Workspace {
    /// Where nextest's JUnit file of a rung is kept.
    pub fn junit(&self, kata: &Kata, rung: Rung) -> PathBuf {
        self.notes.join("junit").join(&kata.name).join(format!("{rung}.xml"))
    }
}

/// What spares nextest to ask cargo: the packages, and the one program to run.
struct Lists {
    packages: PathBuf,
    programs: PathBuf,
}

impl Lists {
    fn write(workspace: &Workspace, kata: &Kata, program: &Program) -> Result<Self> {
        let folder = workspace.notes.join("lists").join(&kata.name);
        let lists = Self { packages: folder.join("packages.json"), programs: folder.join(format!("{}.json", program.name)) };
        let id = format!("{}::{}", kata.name, program.name);
        let programs = json!({
            "rust-build-meta": {
                "target-directory": workspace.target,
                "base-output-directories": ["debug"],
                "non-test-binaries": {},
                "linked-paths": [],
            },
            "rust-binaries": {
                &id: {
                    "binary-id": id,
                    "binary-name": program.name,
                    "package-id": program.package_id,
                    "kind": "test",
                    "binary-path": program.path,
                    "build-platform": "target",
                },
            },
        });
        for (file, content) in [(&lists.packages, &workspace.metadata), (&lists.programs, &programs)] {
            write_whole(file, content.to_string().as_bytes())?;
        }
        Ok(lists)
    }
}

/// Writes a file in such a way that another process never sees a half of it.
fn write_whole(file: &Path, content: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let folder = file.parent().unwrap_or(file);
    let new = file.with_extension(format!("{}.new", std::process::id()));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&new, content)).and_then(|()| fs::rename(&new, file));
    written.with_context(|| crate::run::unwritable(file))
}

/// Tells a checker where to write how far it is.
const PROGRESS: &str = "KATA_PROGRESS";

/// Looks how far a rung is, and shows it.
struct Look<'a> {
    tools: &'a Tools<'a>,
    what: String,
    folder: PathBuf,
    since: Instant,
    next: Instant,
}

impl<'a> Look<'a> {
    fn new(tools: &'a Tools<'a>, kata: &Kata, rung: Rung) -> Self {
        let folder = tools.workspace.notes.join("progress_of_tests").join(std::process::id().to_string());
        Self { tools, what: format!("{}: {rung}", kata.title), folder, since: Instant::now(), next: Instant::now() }
    }

    fn show(&self, detail: &str) {
        let colon = if detail.is_empty() { "" } else { ": " };
        console::progress(format!("{}{colon}{detail}", self.what));
    }

    fn at_nothing(&self) -> ControlFlow<()> {
        if (self.tools.is_enough)() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// The checkers write how many interleavings they have gone through.
    fn at_tests(&mut self) -> ControlFlow<()> {
        if Instant::now() >= self.next {
            self.next = Instant::now() + SHOW;
            let seconds = self.since.elapsed().as_secs();
            match newest(&self.folder) {
                Some((test, interleavings)) => {
                    self.show(&format!("{} interleavings so far: {}", grouped(interleavings), test_file::sentence(&test)));
                }
                None if seconds >= PATIENCE => self.show(&format!("{seconds} s; a test that does not end is ended")),
                None => {}
            }
        }
        self.at_nothing()
    }
}

/// The test that has written last into the folder, and what.
fn newest(folder: &Path) -> Option<(String, u64)> {
    let files = fs::read_dir(folder).ok()?.flatten();
    let file = files.max_by_key(|file| file.metadata().and_then(|data| data.modified()).ok())?;
    let name = file.file_name().to_string_lossy().into_owned();
    let test = name.split_once('.').map_or(name.as_str(), |(_, test)| test).replace('.', "::");
    Some((test, fs::read_to_string(file.path()).ok()?.trim().parse().ok()?))
}

/// `1234567` as `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_test_that_wrote_last_is_shown() {
        let folder = std::env::temp_dir().join(format!("progress-of-tests-{}", std::process::id()));
        assert_eq!(newest(&folder), None);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("loom.two_take_turns.case_1"), "1234").unwrap();
        assert_eq!(newest(&folder), Some(("two_take_turns::case_1".to_owned(), 1234)));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_great_number_is_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
