//! A build of test files by cargo. What it says is read as it goes: a test file that is there can run while others are still being
//! compiled.

use crate::console;
use crate::process::{Interrupted, wait};
use crate::run::OwnFolder;
use crate::rung::Rung;
use crate::rustc::{Diagnostic, diagnostic};
use crate::workspace::{Kata, Workspace, cargo};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::{Child, Stdio};

/// Cargo at work on the test files of a kata.
pub struct Build {
    cargo: Child,
    /// What cargo says goes into files here: into a pipe it would wait until somebody reads it.
    folder: OwnFolder,
    name: String,
    read: usize,
    programs: Vec<Program>,
    /// With the target, the library or a test file, that each is about.
    diagnostics: Vec<(String, Diagnostic)>,
}

/// A test file, compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The name of the test file, which is that of its rung.
    pub name: String,
    /// The name that cargo has for its package.
    pub package_id: String,
    /// The program.
    pub path: PathBuf,
}

/// What came of a test file.
#[derive(Debug)]
pub enum Built {
    /// It is there, and rustc has warned so many times.
    Program(Program, usize),
    /// It does not compile; at least one of these is an error.
    Not(Vec<Diagnostic>),
}

impl Build {
    /// Starts to build these rungs of a kata.
    pub fn start(workspace: &Workspace, kata: &Kata, rungs: &[Rung]) -> Result<Self> {
        let folder = OwnFolder::make(&workspace.target)?;
        let cargo = cargo()
            .args(["build", "-p", &kata.name, "--keep-going", "--message-format", "json-diagnostic-rendered-ansi"])
            .args(rungs.iter().flat_map(|rung| ["--test", rung.name()]))
            .current_dir(&workspace.root)
            .env("CARGO_TARGET_DIR", &workspace.target)
            .stdin(Stdio::null())
            .stdout(folder.file(MESSAGES)?)
            .stderr(folder.file(SAID)?)
            .spawn()
            .context("cargo cannot be started; is it installed? https://rustup.rs")?;
        Ok(Self { cargo, folder, name: kata.name.clone(), read: 0, programs: Vec::new(), diagnostics: Vec::new() })
    }

    /// Waits until `rung` is there, or is known not to come.
    ///
    /// # Errors
    /// If cargo cannot build for another reason than the code.
    pub fn wait_for(&mut self, rung: Rung, look: &mut dyn FnMut() -> ControlFlow<()>) -> Result<Built> {
        loop {
            let has_ended = self.cargo.try_wait().context("cargo cannot be waited for")?;
            self.read_messages();
            if let Some(program) = self.programs.iter().find(|program| program.name == rung.name()) {
                let mut warnings: Vec<&str> = self.diagnostics.iter().map(|(_, warning)| warning.text.as_str()).collect();
                warnings.sort_unstable();
                warnings.dedup();
                return Ok(Built::Program(program.clone(), warnings.len()));
            }
            if let Some(status) = has_ended {
                let errors: Vec<&(String, Diagnostic)> =
                    self.diagnostics.iter().filter(|(_, diagnostic)| diagnostic.is_error).collect();
                if status.success() || errors.is_empty() {
                    let said = self.said();
                    match said.trim() {
                        "" => bail!(
                            "the tests could not be built, and cargo could not even say why; `cargo kata doctor` looks for the reason"
                        ),
                        said => bail!("the tests could not be built; cargo says:\n{said}"),
                    }
                }
                let own: Vec<_> = errors.iter().filter(|(target, _)| self.concerns(target, rung)).collect();
                let errors = if own.is_empty() { errors.iter().collect() } else { own };
                let mut texts: Vec<Diagnostic> = Vec::new();
                for (_, error) in errors {
                    if !texts.contains(error) {
                        texts.push(error.clone());
                    }
                }
                return Ok(Built::Not(texts));
            }
            if look().is_break() {
                // Not ended in the middle: a compiler that goes on alone would write where the next one does.
                let _ = wait(&mut self.cargo, &mut || ControlFlow::Continue(()));
                bail!(Interrupted);
            }
            if self.said().contains("waiting for file lock") {
                console::progress("another cargo is at work in this workspace: waiting for it");
            }
            std::thread::sleep(crate::process::LOOK);
        }
    }

    fn concerns(&self, target: &str, rung: Rung) -> bool {
        target == rung.name() || target == self.name.replace('-', "_") || target == self.name
    }

    fn said(&self) -> String {
        fs::read(self.folder.path().join(SAID)).map(|said| String::from_utf8_lossy(&said).into_owned()).unwrap_or_default()
    }

    /// Reads the messages that have come since the last time, as far as they are whole.
    fn read_messages(&mut self) {
        let said = fs::read(self.folder.path().join(MESSAGES)).unwrap_or_default();
        let new = &said[self.read.min(said.len())..];
        let whole = new.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        self.read += whole;
        for message in new[..whole].split(|&byte| byte == b'\n') {
            let Ok(message) = serde_json::from_slice::<Value>(message) else { continue };
            let target = message["target"]["name"].as_str().unwrap_or_default();
            if let Some(path) = message["executable"].as_str() {
                let package_id = message["package_id"].as_str().unwrap_or_default().to_owned();
                self.programs.push(Program { name: target.to_owned(), package_id, path: path.into() });
            }
            self.diagnostics.extend(diagnostic(&message).map(|diagnostic| (target.to_owned(), diagnostic)));
        }
    }
}

impl Drop for Build {
    fn drop(&mut self) {
        // Whoever builds next would only wait for it.
        let _ = self.cargo.wait();
    }
}

const MESSAGES: &str = "messages.json";
const SAID: &str = "said.txt";
