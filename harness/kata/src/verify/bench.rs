//! Builds and runs: the harness's own tests, and the attempts in their generated workspace.

use super::Problem;
use super::attempt::{Attempt, Attempts, Kind};
use super::judge::{as_it_ran, judge};
use super::pictures;
use crate::console;
use crate::failure;
use crate::junit::TestRun;
use crate::nextest::Nextest;
use crate::run::{Call, Ran, read_config};
use crate::rung::Rung;
use crate::rustc::{Diagnostic, diagnostics};
use crate::workspace::{Workspace, cargo};
use anyhow::{Context, Result, bail};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::Stdio;

/// How cargo is to tell nextest of errors and warnings.
const BUILD_SAYS: [&str; 2] = ["--cargo-message-format", "json-diagnostic-rendered-ansi"];

/// The tools and folders that every step needs.
pub struct Bench<'a> {
    /// The workspace.
    pub workspace: &'a Workspace,
    /// What runs the tests.
    pub nextest: Nextest,
    /// The folder of the generated workspace.
    pub folder: PathBuf,
}

impl Bench<'_> {
    /// Runs the tests of everything that is no kata. The packages are named one by one: a kata that does not compile must not
    /// matter here.
    pub fn test_harness(&self, problems: &mut Vec<Problem>) -> Result<String> {
        let Workspace { root, target, harness, .. } = self.workspace;
        let packages = harness.iter().flat_map(|package| ["-p", package]);
        let call = Call {
            nextest: &self.nextest,
            root,
            target,
            config: read_config(&root.join(".config/nextest.toml"))?,
            profile: "harness",
            arguments: packages.chain(BUILD_SAYS).map(Into::into).collect(),
            variables: Vec::new(),
            junit: None,
            limits_output: false,
        };
        match call.run(&mut || ControlFlow::Continue(()))? {
            Ran::NotBuilt(diagnostics) => {
                let errors = diagnostics.into_iter().filter(|diagnostic| diagnostic.is_error);
                problems.extend(errors.map(|error| not_compiled(&format!("harness/{}", error.package), &error)));
                Ok("they do not compile".to_owned())
            }
            Ran::Tested(tests) => {
                for test in tests.iter().filter(|test| !test.is_green()) {
                    let what = format!("{} is red:\n{}", test.name, failure::told(test));
                    let help = format!("to see it: cargo nextest run -p {} -E 'test(={})'", test.package, test.name);
                    problems.push(Problem { file: format!("harness/{}", test.package), what, help });
                }
                Ok(format!("{} tests", tests.len()))
            }
        }
    }

    /// Builds all attempts, and returns those that compile.
    pub fn build<'a>(&self, attempts: &'a [Attempts<'_>], problems: &mut Vec<Problem>) -> Result<Vec<&'a Attempt>> {
        let all: Vec<&Attempt> = attempts.iter().flat_map(|attempts| &attempts.all).collect();
        let output = cargo()
            .args(["build", "--tests", "--keep-going", "--message-format", "json-diagnostic-rendered-ansi"])
            .args(all.iter().flat_map(|attempt| ["-p", &attempt.package]))
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.workspace.target)
            .stderr(Stdio::inherit())
            .output()
            .context("cargo cannot be started")?;
        let said = diagnostics(&String::from_utf8_lossy(&output.stdout));
        let errors: Vec<&Diagnostic> = said.iter().filter(|diagnostic| diagnostic.is_error).collect();
        if !output.status.success() && errors.is_empty() {
            bail!("the attempts could not be built; cargo says above why");
        }
        for error in &errors {
            let attempt = all.iter().find(|attempt| attempt.package == error.package);
            problems.push(not_compiled(attempt.map_or(&error.package, |attempt| &attempt.shown), error));
        }
        for stub in all.iter().filter(|attempt| attempt.kind == Kind::Stub) {
            let warnings = said.iter().filter(|diagnostic| !diagnostic.is_error && diagnostic.package == stub.package);
            problems.extend(warnings.map(|warning| Problem::new(&stub.shown, format!("rustc warns:\n{}", warning.text))));
        }
        let compiles = |attempt: &&Attempt| !errors.iter().any(|error| error.package == attempt.package);
        Ok(all.into_iter().filter(compiles).collect())
    }

    /// Runs the tests of these rungs on these attempts.
    pub fn run(&self, attempts: &[&Attempt], rungs: &[Rung]) -> Result<Vec<TestRun>> {
        if attempts.is_empty() {
            return Ok(Vec::new());
        }
        let packages = attempts.iter().flat_map(|attempt| ["-p", &attempt.package]);
        let arguments = packages.chain(rungs.iter().flat_map(|rung| ["--test", rung.name()])).chain(BUILD_SAYS);
        let call = Call {
            nextest: &self.nextest,
            root: &self.folder,
            target: &self.workspace.target,
            config: read_config(&self.folder.join(".config/nextest.toml"))?,
            profile: "attempts",
            arguments: arguments.map(Into::into).collect(),
            // Whatever this terminal has: pictures are compared.
            variables: vec![("COLUMNS", pictures::WIDTH.to_string().into())],
            junit: None,
            limits_output: false,
        };
        match call.run(&mut || ControlFlow::Continue(()))? {
            Ran::Tested(tests) => Ok(tests),
            Ran::NotBuilt(_) => bail!("the attempts compiled and then did not; is somebody changing them? Type it again"),
        }
    }

    /// Judges each attempt by its runs on these rungs, save those whose header is `misread`.
    pub fn judge(&self, attempts: &[&Attempt], misread: &[Problem], runs: &[TestRun], rungs: &[Rung]) -> Vec<Problem> {
        let mut found = Vec::new();
        for attempt in attempts {
            let of_attempt: Vec<&TestRun> = runs.iter().filter(|run| run.package == attempt.package).collect();
            let wrong = if misread.iter().any(|problem| problem.file == attempt.shown) {
                vec![Problem::new(&attempt.shown, "cannot be judged before its header is mended".to_owned())]
            } else {
                judge(attempt, rungs, &of_attempt)
            };
            let command = self.command(attempt);
            let help = match attempt.kind {
                Kind::Stub | Kind::Correct => format!("to see it: {command}"),
                Kind::Flawed => {
                    let outcome = console::indented(&as_it_ran(&of_attempt, rungs), 2);
                    format!("this time it was\n{outcome}\nto see it: {command}")
                }
            };
            found.extend(wrong.into_iter().map(|problem| Problem { help: help.clone(), ..problem }));
        }
        found
    }

    /// What to type to run an attempt's tests.
    fn command(&self, attempt: &Attempt) -> String {
        let manifest = self.workspace.shown(&self.folder.join("Cargo.toml"));
        let target = self.workspace.shown(&self.workspace.target);
        let package = &attempt.package;
        format!("cargo nextest run --manifest-path {manifest} --target-dir {target} --profile attempts -p {package}")
    }

    /// Runs the rungs on OS threads so many times on those flawed attempts that they need not catch, tells how often they did, and
    /// returns what contradicts their headers. What a header names has been seen to fail already, and would fail at every run.
    pub fn count_os_runs(&self, flawed: &[&Attempt], misread: &[Problem], times: usize) -> Result<Vec<Problem>> {
        let mut found: Vec<Problem> = Vec::new();
        let mut counts = Vec::new();
        for rung in Rung::ALL.into_iter().filter(|rung| rung.runs_on_os_threads()) {
            let by_luck = |attempt: &&Attempt| attempt.header.caught_on(rung).next().is_none();
            let attempts: Vec<&Attempt> = flawed.iter().copied().filter(by_luck).collect();
            let mut caught = vec![0; attempts.len()];
            for time in 1..=times {
                console::progress(format!("{rung} on flawed attempts: run {time} of {times}"));
                let runs = self.run(&attempts, &[rung])?;
                for (attempt, caught) in attempts.iter().zip(&mut caught) {
                    *caught += usize::from(runs.iter().any(|run| run.package == attempt.package && !run.is_green()));
                }
                for problem in self.judge(&attempts, misread, &runs, &[rung]) {
                    if !found.iter().any(|known| (&known.file, &known.what) == (&problem.file, &problem.what)) {
                        found.push(problem);
                    }
                }
            }
            counts.extend(attempts.into_iter().zip(caught).map(|(attempt, caught)| (rung, attempt, caught)));
        }
        console::clear_progress();
        console::out("");
        console::out(console::bold(format!("In how many of {times} runs on OS threads a flawed attempt was caught")));
        for (rung, attempt, caught) in counts {
            console::out(format!("  {rung:<10} {caught:>5}  {}", attempt.package));
        }
        console::out("  all others, where a header names the test: at every run");
        Ok(found)
    }
}

fn not_compiled(file: &str, error: &Diagnostic) -> Problem {
    Problem::new(file, format!("does not compile:\n{}", error.text))
}
