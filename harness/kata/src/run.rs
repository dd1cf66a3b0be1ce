//! One run of nextest: built, run, and read from its JUnit file. What it prints for people is never looked at.

use crate::console;
use crate::junit::{TestRun, test_runs};
use crate::nextest::Nextest;
use crate::rustc::{Diagnostic, diagnostics};
use anyhow::{Context, Result, bail};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use toml::Table;

/// What came of a run.
#[derive(Debug)]
pub enum Ran {
    /// The tests do not compile; at least one of these is an error.
    NotBuilt(Vec<Diagnostic>),
    /// The tests ran.
    Tested {
        /// Those that ran: all, or those up to the first red one.
        tests: Vec<TestRun>,
        /// What rustc warned of on the way.
        warnings: Vec<Diagnostic>,
    },
}

/// A folder for the files of this process: two runs at once must not read each other's outcome. Removed in the end.
struct OwnFolder(PathBuf);

impl OwnFolder {
    fn make(target: &Path) -> Result<Self> {
        let folder = target.join("kata/runs").join(process::id().to_string());
        // A process of that number may have been ended in the middle.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for OwnFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Reads a nextest configuration.
pub fn read_config(file: &Path) -> Result<Table> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    text.parse().with_context(|| format!("{} cannot be read", file.display()))
}

/// Runs the tests that `arguments` select in the workspace at `root`, with a profile of the nextest configuration `config`, and with
/// these environment variables set.
pub fn run(
    nextest: &Nextest,
    root: &Path,
    mut config: Table,
    profile: &str,
    arguments: &[impl AsRef<OsStr>],
    target: &Path,
    variables: &[(&str, OsString)],
) -> Result<Ran> {
    let own = OwnFolder::make(target)?;
    let mut store = Table::new();
    store.insert("dir".to_owned(), own.0.to_string_lossy().into_owned().into());
    config.insert("store".to_owned(), store.into());
    let config_file = own.0.join("nextest.toml");
    fs::write(&config_file, toml::to_string(&config)?).with_context(|| format!("{} cannot be written", config_file.display()))?;
    let junit = own.0.join(profile).join("junit.xml");
    let output = nextest
        .command()
        .arg("run")
        .args(arguments)
        .args(["--profile", profile, "--user-config-file", "none", "--color", "never", "--show-progress", "none"])
        .args(["--failure-output", "never", "--status-level", "none", "--final-status-level", "none"])
        .args(["--cargo-message-format", "json-diagnostic-rendered-ansi"])
        .arg("--config-file")
        .arg(&config_file)
        .current_dir(root)
        .env("CARGO_TARGET_DIR", target)
        .env("RUST_BACKTRACE", "0")
        // The tests' reports are shown with a margin of two.
        .env("COLUMNS", (console::width().saturating_sub(2)).to_string())
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .context("cargo-nextest cannot be started")?;
    let said = diagnostics(&String::from_utf8_lossy(&output.stdout));
    if let Ok(xml) = fs::read_to_string(&junit) {
        let mut tests = test_runs(&xml)?;
        if tests.is_empty() {
            bail!("no test ran; are the test files as they were? `git status` shows what has changed");
        }
        // nextest writes them as they come to their ends, which differs from run to run.
        tests.sort_by(|a, b| (&a.package, &a.file, &a.name).cmp(&(&b.package, &b.file, &b.name)));
        return Ok(Ran::Tested { tests, warnings: said });
    }
    if said.iter().any(|diagnostic| diagnostic.is_error) {
        return Ok(Ran::NotBuilt(said));
    }
    bail!("the tests could not be run; cargo says:\n{}", String::from_utf8_lossy(&output.stderr).trim());
}
