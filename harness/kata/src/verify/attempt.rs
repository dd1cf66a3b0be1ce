//! The attempts: whole solutions of a kata, known to be right or wrong.

use super::Problem;
use super::header::Header;
use crate::workspace::{Kata, Workspace};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// One whole `src/lib.rs` for a kata.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which kind.
    pub kind: Kind,
    /// Its name among its kind; empty for the stub.
    pub name: String,
    /// The name of the package that it is laid into.
    pub package: String,
    /// Its file.
    pub file: PathBuf,
    /// The file as it is shown.
    pub shown: String,
    /// What it says of itself.
    pub header: Header,
}

/// What an attempt claims to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What a learner starts with: everything is still to be written.
    Stub,
    /// Right: no test may reject it.
    Correct,
    /// Wrong: some test must notice.
    Flawed,
}

impl Kind {
    /// Its name, which is also that of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stub => "stub",
            Self::Correct => "correct",
            Self::Flawed => "flawed",
        }
    }
}

/// A kata with its attempts: the stub, the correct ones, the flawed ones, each kind by the alphabet.
#[derive(Debug)]
pub struct Attempts<'a> {
    /// The kata.
    pub kata: &'a Kata,
    /// The folder that they are in, as it is shown.
    pub folder: String,
    /// Its attempts.
    pub all: Vec<Attempt>,
}

impl Attempts<'_> {
    /// Those of one kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Attempt> {
        self.all.iter().filter(move |attempt| attempt.kind == kind)
    }

    /// Whether `file` is one of them, or their folder.
    pub fn has(&self, file: &str) -> bool {
        file == self.folder || self.all.iter().any(|attempt| attempt.shown == file)
    }
}

/// Reads the attempts of a kata. What is wrong with their headers goes to `problems`.
pub fn read<'a>(workspace: &Workspace, kata: &'a Kata, problems: &mut Vec<Problem>) -> Result<Attempts<'a>> {
    let folder = kata.attempts.clone();
    let mut files = vec![(Kind::Stub, folder.join("stub.rs"))];
    for kind in [Kind::Correct, Kind::Flawed] {
        files.extend(rust_files(&folder.join(kind.name())).into_iter().map(|file| (kind, file)));
    }
    let mut all = Vec::new();
    for (kind, file) in files {
        let shown = workspace.shown(&file);
        let source = fs::read_to_string(&file).with_context(|| format!("{shown} cannot be read"))?;
        let header = match kind {
            Kind::Stub | Kind::Correct => Header::of_correct(&source),
            Kind::Flawed => Header::of_flawed(&source),
        };
        let header = header.unwrap_or_else(|errors| {
            problems.extend(errors.into_iter().map(|what| Problem::new(&shown, what)));
            Header::default()
        });
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let name = if kind == Kind::Stub { String::new() } else { stem };
        let package = match kind {
            Kind::Stub => format!("{}-stub", kata.name),
            Kind::Correct | Kind::Flawed => format!("{}-{}-{name}", kata.name, kind.name()),
        };
        all.push(Attempt { kind, name, package, file, shown, header });
    }
    Ok(Attempts { kata, folder: workspace.shown(&folder), all })
}

/// The Rust files in a folder, by the alphabet; none if there is no such folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.filter(|file| file.extension().is_some_and(|extension| extension == "rs")).collect();
    files.sort();
    files
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn kata() -> Kata {
        let (name, title, belt) = ("k".to_owned(), "K".to_owned(), "white".to_owned());
        Kata {
            name,
            title,
            belt,
            folder: PathBuf::new(),
            topics: vec![],
            order: 1,
            reference: "swap".to_owned(),
            attempts: PathBuf::new(),
            hints: PathBuf::new(),
        }
    }

    pub fn attempt(kind: Kind, name: &str, header: Header) -> Attempt {
        let package = format!("k-{}-{name}", kind.name());
        Attempt { kind, name: name.to_owned(), package, file: PathBuf::new(), shown: format!("{name}.rs"), header }
    }

    pub fn attempts(kata: &Kata, all: Vec<Attempt>) -> Attempts<'_> {
        Attempts { kata, folder: "harness/attempts/k".to_owned(), all }
    }

    #[test]
    fn a_problem_belongs_to_a_kata_by_its_file() {
        let kata = kata();
        let attempts = attempts(&kata, vec![attempt(Kind::Correct, "swap", Header::default())]);
        assert!(attempts.has("swap.rs") && attempts.has("harness/attempts/k"));
        assert!(!attempts.has("harness/attempts/other") && !attempts.has("harness/kata"));
    }
}
