//! One run of nextest: built, run, and read from its JUnit file. What it prints for people is never looked at.

use crate::console;
use crate::junit::{TestRun, test_runs};
use crate::nextest::Nextest;
use crate::rustc::{Diagnostic, diagnostics};
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

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

/// Runs the tests that `arguments` select in the workspace at `root`, with a profile of the nextest configuration `config`.
pub fn run(
    nextest: &Nextest,
    root: &Path,
    config: &Path,
    profile: &str,
    arguments: &[impl AsRef<OsStr>],
    target: &Path,
) -> Result<Ran> {
    let junit = root.join("target/nextest").join(profile).join("junit.xml");
    // What an earlier run has left must not be taken for this one's.
    let _ = fs::remove_file(&junit);
    let output = nextest
        .command()
        .arg("run")
        .args(arguments)
        .args(["--profile", profile, "--user-config-file", "none", "--color", "never", "--show-progress", "none"])
        .args(["--failure-output", "never", "--status-level", "none", "--final-status-level", "none"])
        .args(["--cargo-message-format", "json-diagnostic-rendered-ansi"])
        .arg("--config-file")
        .arg(config)
        .current_dir(root)
        .env("CARGO_TARGET_DIR", target)
        .env("RUST_BACKTRACE", "0")
        // The tests' reports are shown with a margin of two.
        .env("COLUMNS", (console::width().saturating_sub(2)).to_string())
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
