//! The path: every kata with its belt, and how far the learner has come, by what the last run of the very same file has shown.

use crate::Exit;
use crate::console::{self, bad, bold, dim, good};
use crate::fingerprint;
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
    /// It does not compile.
    NotBuilt,
    /// This rung is the first one that is red.
    Stopped(Rung),
    /// All is green.
    Green,
}

/// Shows the path, and what comes next.
pub fn list(workspace: &Workspace) -> Result<Exit> {
    let next = tell_path(workspace);
    console::out("");
    match next {
        Some(kata) => console::out(format!("  go on         cargo kata {}", kata.name)),
        None => console::out("  how others solve them   cargo kata solution <KATA>"),
    }
    Ok(Exit::Green)
}

/// Shows the path, and returns the kata that comes next.
pub fn tell_path(workspace: &Workspace) -> Option<&Kata> {
    let states = states(workspace);
    let next = states.iter().position(|(_, state)| *state != State::Green);
    let width = |text: fn(&Kata) -> &str| workspace.katas.iter().map(|kata| text(kata).chars().count()).max().unwrap_or(0);
    let (title, belt) = (width(|kata| &kata.title), width(|kata| &kata.belt) + 5);
    for (index, (kata, state)) in states.iter().enumerate() {
        let here = if Some(index) == next { "►" } else { " " };
        let (sign, words) = told(*state);
        let name = format!("{:<title$}", kata.title);
        let name = if Some(index) == next { bold(name) } else { name };
        console::out(format!("{here} {sign} {name}  {:<belt$}  {words}", format!("{} belt", kata.belt)));
        if Some(index) == next {
            console::out(dim(format!("      {}", kata.topics.join(", "))));
        }
    }
    console::out("");
    console::out(solved(&states));
    next.map(|index| states[index].0)
}

/// Shows only the names, a line each: a program wants to know.
pub fn names(workspace: &Workspace) -> Result<Exit> {
    workspace.katas.iter().for_each(|kata| console::out(&kata.name));
    Ok(Exit::Green)
}

/// The first kata that is not solved, or the last one if all are.
pub fn next(workspace: &Workspace) -> &Kata {
    let is_open = |kata: &&Kata| Progress::of(workspace, kata).state() != State::Green;
    workspace.katas.iter().find(is_open).or(workspace.katas.last()).expect("a workspace has katas")
}

/// The kata that the learner is at: the one that was run last, as long as it is begun and not solved; otherwise the next one.
pub fn current(workspace: &Workspace) -> &Kata {
    let last = fs::read_to_string(workspace.notes.join(LAST)).unwrap_or_default();
    let is_at_work = |kata: &&Kata| {
        kata.name == last.trim() && !matches!(Progress::of(workspace, kata).state(), State::Green | State::NotBegun)
    };
    workspace.katas.iter().find(is_at_work).unwrap_or_else(|| next(workspace))
}

/// Notes that a kata is run.
pub fn note_run(workspace: &Workspace, kata: &Kata) {
    // If that does not work, it is the next one on the path.
    let _ = fs::write(workspace.notes.join(LAST), &kata.name);
}

/// The file with the name of the kata that was run last.
const LAST: &str = "last";

/// How many katas are solved, as a bar and in words.
pub fn bar(workspace: &Workspace) -> String {
    solved(&states(workspace))
}

fn states(workspace: &Workspace) -> Vec<(&Kata, State)> {
    workspace.katas.iter().map(|kata| (kata, Progress::of(workspace, kata).state())).collect()
}

fn solved(states: &[(&Kata, State)]) -> String {
    let (done, of) = (states.iter().filter(|(_, state)| *state == State::Green).count(), states.len());
    format!("{}{} {done} of {of} katas solved", good("█".repeat(done * 4)), dim("░".repeat((of - done) * 4)))
}

fn told(state: State) -> (String, String) {
    match state {
        State::NotBegun => (dim("·"), dim("not begun")),
        State::NotRun => ("…".to_owned(), "changed since it was last run".to_owned()),
        State::NotBuilt => (bad("✗"), "does not compile".to_owned()),
        State::Stopped(rung) => (bad("✗"), format!("{rung} is red")),
        State::Green => (good("✓"), "solved".to_owned()),
    }
}

/// What is known of how far a kata has come. It is keyed by all that it depends on, the learner's files, the tests and the checkers:
/// whatever changes there, it is forgotten.
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
        let is_stub = read(kata.folder.join("src/lib.rs")) == read(kata.attempts.join("stub.rs"));
        let mut hasher = DefaultHasher::new();
        (&kata.name, workspace.checkers).hash(&mut hasher);
        fingerprint::of_folder(&kata.folder, &mut hasher);
        Self { note: workspace.notes.join("progress").join(&kata.name), key: format!("{:016x}", hasher.finish()), is_stub }
    }

    /// How far it has come.
    pub fn state(&self) -> State {
        if self.is_stub {
            return State::NotBegun;
        }
        match self.noted().as_deref().map(|noted| noted.split(' ').next().unwrap_or_default()) {
            Some(GREEN) => State::Green,
            Some(NOT_BUILT) => State::NotBuilt,
            Some(rung) => Rung::of(rung).map_or(State::NotRun, State::Stopped),
            None => State::NotRun,
        }
    }

    /// What is in the way, if that is known.
    pub fn obstacle(&self) -> Option<Obstacle> {
        let noted = self.noted()?;
        let mut words = noted.split(' ');
        match (words.next()?, words.next(), words.next()) {
            (NOT_BUILT, ..) => Some(Obstacle::DoesNotCompile),
            (_, Some(test), Some(UNWRITTEN)) => Some(Obstacle::Unwritten(test.to_owned())),
            (_, Some(test), None) => Some(Obstacle::Red(test.to_owned())),
            _ => None,
        }
    }

    /// What was noted of these very files: a state, and its test.
    fn noted(&self) -> Option<String> {
        let notes = fs::read_to_string(&self.note).ok()?;
        notes.lines().find_map(|line| line.strip_prefix(&self.key)?.strip_prefix(' ').map(str::to_owned))
    }

    /// Notes what a run has shown of these very files. If that does not work, it is not known, and that is all.
    pub fn write(&self, state: State, obstacle: Option<Obstacle>) {
        let state = match state {
            State::Green => GREEN,
            State::NotBuilt => NOT_BUILT,
            State::Stopped(rung) => rung.name(),
            State::NotBegun | State::NotRun => return,
        };
        let test = match obstacle {
            Some(Obstacle::Red(test)) => format!(" {test}"),
            Some(Obstacle::Unwritten(test)) => format!(" {test} {UNWRITTEN}"),
            Some(Obstacle::DoesNotCompile) | None => String::new(),
        };
        let notes = fs::read_to_string(&self.note).unwrap_or_default();
        // Who undoes a change is where they were.
        let earlier = notes.lines().filter(|line| !line.starts_with(&self.key)).take(REMEMBERED - 1);
        let lines: Vec<String> = [format!("{} {state}{test}", self.key)].into_iter().chain(earlier.map(str::to_owned)).collect();
        let folder = self.note.parent().unwrap_or(&self.note);
        let _ = fs::create_dir_all(folder).and_then(|()| fs::write(&self.note, lines.join("\n") + "\n"));
    }
}

/// What is in the way of a solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It does not compile.
    DoesNotCompile,
    /// The function of this test is red.
    Red(String),
    /// The same, because a part of the stub is still there.
    Unwritten(String),
}

/// So many versions of a file are remembered.
const REMEMBERED: usize = 100;
const UNWRITTEN: &str = "unwritten";
const GREEN: &str = "green";
const NOT_BUILT: &str = "not-built";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_that_of_the_very_same_file() {
        let note = std::env::temp_dir().join(format!("progress-{}", std::process::id()));
        let of = |key: &str| Progress { note: note.clone(), key: key.to_owned(), is_stub: false };
        assert_eq!(of("1").state(), State::NotRun, "nothing is known");
        let red = Obstacle::Red("a_test".to_owned());
        of("1").write(State::Stopped(Rung::Loom), Some(red.clone()));
        assert_eq!((of("1").state(), of("1").obstacle()), (State::Stopped(Rung::Loom), Some(red)));
        let unwritten = Obstacle::Unwritten("a_test".to_owned());
        of("1").write(State::Stopped(Rung::Loom), Some(unwritten.clone()));
        assert_eq!(of("1").obstacle(), Some(unwritten));
        assert_eq!(of("2").state(), State::NotRun, "another file");
        of("2").write(State::Green, None);
        assert_eq!(of("2").state(), State::Green);
        assert_eq!(of("1").state(), State::Stopped(Rung::Loom), "who undoes a change is where they were");
        of("2").write(State::NotBuilt, Some(Obstacle::DoesNotCompile));
        assert_eq!((of("2").state(), of("2").obstacle()), (State::NotBuilt, Some(Obstacle::DoesNotCompile)));
        (0..2 * REMEMBERED).for_each(|key| of(&format!("many {key}")).write(State::Green, None));
        assert!(fs::read_to_string(&note).unwrap().lines().count() <= REMEMBERED);
        fs::write(&note, "rubbish").unwrap();
        assert_eq!(of("2").state(), State::NotRun);
        fs::remove_file(note).unwrap();
    }
}
