//! The path: every kata with its belt, and how far the learner has come, by what the last run of the very same file has shown.

use crate::Exit;
use crate::console::{self, bad, bold, dim, good};
use crate::rung::Rung;
use crate::workspace::{Kata, Workspace};
use anyhow::Result;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

/// How far a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is the stub.
    NotBegun,
    /// It has changed since it was last run.
    NotRun,
    /// This rung is the first one that is red.
    Stopped(Rung),
    /// All is green.
    Green,
}

/// Shows the path.
pub fn list(workspace: &Workspace) -> Result<Exit> {
    let states: Vec<(&Kata, State)> = workspace.katas.iter().map(|kata| (kata, Progress::of(workspace, kata).state())).collect();
    let next = states.iter().position(|(_, state)| *state != State::Green);
    let title = states.iter().map(|(kata, _)| kata.title.chars().count()).max().unwrap_or(0);
    for (index, (kata, state)) in states.iter().enumerate() {
        let here = if Some(index) == next { "►" } else { " " };
        let (sign, words) = told(*state);
        let name = format!("{:<title$}", kata.title);
        let name = if Some(index) == next { bold(name) } else { name };
        console::out(format!("{here} {sign} {name}  {:<7} {words}", kata.belt));
        if Some(index) == next {
            console::out(dim(format!("      {}", kata.topics.join(", "))));
        }
    }
    let green = states.iter().filter(|(_, state)| *state == State::Green).count();
    console::out("");
    console::out(format!("{} {green} of {} katas", bar(green, states.len()), states.len()));
    console::out("");
    match next.map(|index| states[index].0) {
        Some(kata) => console::out(format!("  go on         cargo kata {}", kata.name)),
        None => console::out("  how others solve them   cargo kata solution <KATA>"),
    }
    Ok(Exit::Green)
}

fn told(state: State) -> (String, String) {
    match state {
        State::NotBegun => (dim("·"), dim("not begun")),
        State::NotRun => ("…".to_owned(), "changed since it was last run".to_owned()),
        State::Stopped(rung) => (bad("✗"), format!("{rung} is red")),
        State::Green => (good("✓"), "green".to_owned()),
    }
}

fn bar(done: usize, of: usize) -> String {
    format!("{}{}", good("█".repeat(done * 4)), dim("░".repeat((of - done) * 4)))
}

/// What is known of how far a kata has come. It is keyed by the learner's file and the tests: whatever changes there, it is forgotten.
#[derive(PartialEq, Eq)]
pub struct Progress {
    note: PathBuf,
    key: String,
    is_stub: bool,
}

impl Progress {
    /// That of a kata as its files are now.
    pub fn of(workspace: &Workspace, kata: &Kata) -> Self {
        let read = |file: PathBuf| fs::read(file).unwrap_or_default();
        let solution = read(kata.folder.join("src/lib.rs"));
        let is_stub = solution == read(workspace.attempts(kata).join("stub.rs"));
        let tests: Vec<Vec<u8>> = Rung::ALL.iter().map(|rung| read(kata.folder.join(rung.file()))).collect();
        let mut hasher = DefaultHasher::new();
        (&kata.name, solution, tests).hash(&mut hasher);
        Self { note: workspace.notes().join("progress").join(&kata.name), key: format!("{:016x}", hasher.finish()), is_stub }
    }

    /// How far it has come.
    pub fn state(&self) -> State {
        if self.is_stub {
            return State::NotBegun;
        }
        let note = fs::read_to_string(&self.note).unwrap_or_default();
        match note.trim().split_once(' ') {
            Some((key, "green")) if key == self.key => State::Green,
            Some((key, rung)) if key == self.key => Rung::of(rung).map_or(State::NotRun, State::Stopped),
            _ => State::NotRun,
        }
    }

    /// Notes what a run has shown of these very files. If that does not work, it is not known, and that is all.
    pub fn write(&self, stopped: Option<Rung>) {
        let state = stopped.map_or("green", Rung::name);
        let folder = self.note.parent().unwrap_or(&self.note);
        let _ = fs::create_dir_all(folder).and_then(|()| fs::write(&self.note, format!("{} {state}\n", self.key)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_that_of_the_very_same_file() {
        let note = std::env::temp_dir().join(format!("progress-{}", std::process::id()));
        let of = |key: &str| Progress { note: note.clone(), key: key.to_owned(), is_stub: false };
        assert_eq!(of("1").state(), State::NotRun, "nothing is known");
        of("1").write(Some(Rung::Loom));
        assert_eq!(of("1").state(), State::Stopped(Rung::Loom));
        assert_eq!(of("2").state(), State::NotRun, "another file");
        of("2").write(None);
        assert_eq!(of("2").state(), State::Green);
        fs::write(&note, "rubbish").unwrap();
        assert_eq!(of("2").state(), State::NotRun);
        fs::remove_file(note).unwrap();
    }
}
