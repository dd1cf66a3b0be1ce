//! One call of nextest, read from its JUnit file. What it prints for people is never looked at.

use crate::console;
use crate::junit::{Outcome, TestRun, test_runs};
use crate::nextest::Nextest;
use crate::process::wait;
use crate::rustc::{Diagnostic, diagnostics};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use toml::Table;

/// What an earlier call has left is taken away when it is so old.
const LEFT_BEHIND: Duration = Duration::from_secs(60 * 60 * 24);

/// What came of a run.
#[derive(Debug)]
pub enum Ran {
    /// The tests do not compile; at least one of these is an error.
    NotBuilt(Vec<Diagnostic>),
    /// The tests ran: all, or those up to the first red one.
    Tested(Vec<TestRun>),
}

/// A folder for the files of one call: two at once must not read each other's outcome. Removed in the end.
pub struct OwnFolder(PathBuf);

impl OwnFolder {
    /// Makes one in cargo's target folder, and takes away what is left of calls that were ended in the middle.
    pub fn make(target: &Path) -> Result<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let all = target.join("kata/runs");
        for old in fs::read_dir(&all).into_iter().flatten().flatten() {
            let age = old.metadata().and_then(|data| data.modified()).ok().and_then(|at| at.elapsed().ok());
            if age.is_some_and(|age| age > LEFT_BEHIND) {
                let _ = fs::remove_dir_all(old.path());
            }
        }
        let folder = all.join(format!("{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        // A process of that number may have been ended in the middle.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).with_context(|| unwritable(&folder))?;
        Ok(Self(folder))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file in it, to be written.
    pub fn file(&self, name: &str) -> Result<File> {
        let file = self.0.join(name);
        File::create(&file).with_context(|| unwritable(&file))
    }
}

impl Drop for OwnFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// That a file in cargo's target folder cannot be written, and what helps.
pub fn unwritable(file: &Path) -> String {
    format!("{} cannot be written; `cargo kata doctor` looks for the reason", file.display())
}

/// Reads a nextest configuration.
pub fn read_config(file: &Path) -> Result<Table> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    text.parse().with_context(|| format!("{} cannot be read", file.display()))
}

/// Looks for a test that prints and prints.
struct Flood {
    nextest: u32,
    next: Instant,
    came: bool,
}

impl Flood {
    /// So much memory nextest takes at most, in bytes. Without such a test, it takes a tenth of that.
    const MOST: u64 = 256 << 20;
    /// So often it is looked.
    const LOOK: Duration = Duration::from_millis(50);

    fn new(nextest: u32) -> Self {
        Self { nextest, next: Instant::now(), came: false }
    }

    fn is_here(&mut self) -> bool {
        if Instant::now() >= self.next {
            self.next = Instant::now() + Self::LOOK;
            self.came = memory_of(self.nextest).is_some_and(|bytes| bytes > Self::MOST);
        }
        self.came
    }
}

/// The memory that a process takes, in bytes, where the system has a file that says so. Elsewhere, a flood ends with the test's time.
fn memory_of(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

/// After a flood: whoever brought it is known by what it printed, of which the end is kept; others that were ended with it have no
/// outcome.
fn drain(tests: &mut Vec<TestRun>) {
    const MUCH: usize = 8 << 20;
    const KEPT: usize = 4_000;
    let is_source = |test: &TestRun| test.stdout.len() + test.stderr.len() > MUCH;
    tests.retain(|test| is_source(test) || test.signal.is_none());
    for test in tests.iter_mut().filter(|test| is_source(test)) {
        test.outcome = Outcome::Flooded;
        test.signal = None;
        for said in [&mut test.stdout, &mut test.stderr] {
            let begin = said.char_indices().rev().nth(KEPT).map_or(0, |(index, _)| index);
            said.drain(..begin);
        }
    }
}

/// A call of nextest.
pub struct Call<'a> {
    /// What is called.
    pub nextest: &'a Nextest,
    /// The workspace's folder.
    pub root: &'a Path,
    /// Cargo's target folder.
    pub target: &'a Path,
    /// The nextest configuration.
    pub config: Table,
    /// The profile in it.
    pub profile: &'a str,
    /// Which tests to run.
    pub arguments: Vec<OsString>,
    /// Environment variables to set.
    pub variables: Vec<(&'static str, OsString)>,
    /// Where to keep nextest's JUnit file, if anywhere.
    pub junit: Option<PathBuf>,
    /// Whether to end tests that print and print: nextest keeps all of it in memory.
    pub limits_output: bool,
}

impl Call<'_> {
    /// Runs the tests, and does `look` meanwhile, again and again.
    ///
    /// # Errors
    /// [`Interrupted`](crate::process::Interrupted), if `look` breaks; or what cargo or nextest says, if no test could be run.
    pub fn run(mut self, look: &mut dyn FnMut() -> ControlFlow<()>) -> Result<Ran> {
        let own = OwnFolder::make(self.target)?;
        let mut store = Table::new();
        store.insert("dir".to_owned(), own.path().to_string_lossy().into_owned().into());
        self.config.insert("store".to_owned(), store.into());
        let config_file = own.path().join("nextest.toml");
        fs::write(&config_file, toml::to_string(&self.config)?).with_context(|| unwritable(&config_file))?;
        let mut nextest = self
            .nextest
            .command()
            .arg("run")
            .args(&self.arguments)
            .args(["--profile", self.profile, "--user-config-file", "none", "--color", "never", "--show-progress", "none"])
            .args(["--failure-output", "never", "--status-level", "none", "--final-status-level", "none"])
            .arg("--config-file")
            .arg(&config_file)
            .current_dir(self.root)
            .env("CARGO_TARGET_DIR", self.target)
            .env("RUST_BACKTRACE", "0")
            // The tests' reports are shown with a margin of two.
            .env("COLUMNS", (console::width().saturating_sub(2)).to_string())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(own.file("messages.json")?)
            .stderr(own.file("said.txt")?)
            .spawn()
            .context("cargo-nextest cannot be started")?;
        let mut flood = Flood::new(nextest.id());
        let limits_output = self.limits_output;
        let waited = wait(&mut nextest, &mut || if limits_output && flood.is_here() { ControlFlow::Break(()) } else { look() });
        if !flood.came {
            waited?;
        }
        let read = |name: &str| fs::read(own.path().join(name)).map(|said| String::from_utf8_lossy(&said).into_owned());
        let said = diagnostics(&read("messages.json").unwrap_or_default());
        if let Ok(xml) = fs::read_to_string(own.path().join(self.profile).join("junit.xml")) {
            if let Some(kept) = self.junit.filter(|_| !flood.came) {
                let folder = kept.parent().unwrap_or(&kept);
                fs::create_dir_all(folder).and_then(|()| fs::write(&kept, &xml)).with_context(|| unwritable(&kept))?;
            }
            let mut tests = test_runs(&xml)?;
            if tests.is_empty() {
                bail!("no test ran; are the test files as they were? `git status` shows what has changed");
            }
            if flood.came {
                drain(&mut tests);
            }
            // nextest writes them as they come to their ends, which differs from run to run.
            tests.sort_by(|a, b| (&a.package, &a.file, &a.name).cmp(&(&b.package, &b.file, &b.name)));
            return Ok(Ran::Tested(tests));
        }
        if said.iter().any(|diagnostic| diagnostic.is_error) {
            return Ok(Ran::NotBuilt(said));
        }
        bail!("the tests could not be run; cargo says:\n{}", read("said.txt").unwrap_or_default().trim());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(name: &str, signal: Option<&str>, printed: usize) -> TestRun {
        TestRun {
            package: "counter".to_owned(),
            file: "examples".to_owned(),
            name: name.to_owned(),
            outcome: if signal.is_some() { Outcome::Ended } else { Outcome::Passed },
            signal: signal.map(str::to_owned),
            seconds: 0.1,
            stdout: "ä".repeat(printed),
            stderr: String::new(),
        }
    }

    #[test]
    fn after_a_flood_its_source_is_known_and_the_end_of_what_it_printed() {
        let term = Some("SIGTERM");
        let mut tests = vec![test("a_green_one", None, 3), test("the_source", term, 6 << 20), test("ended_with_it", term, 3)];
        drain(&mut tests);
        let outcomes: Vec<_> = tests.iter().map(|test| (test.name.as_str(), test.outcome)).collect();
        assert_eq!(outcomes, [("a_green_one", Outcome::Passed), ("the_source", Outcome::Flooded)]);
        assert!(tests[1].stdout.len() < 10_000 && tests[1].signal.is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_memory_of_a_process_is_known() {
        assert!(memory_of(process::id()).is_some_and(|bytes| bytes > 1 << 20));
        assert_eq!(memory_of(u32::MAX), None);
    }
}
