//! Climbs again after each save. A letter and Enter does what the command of that name does.
//!
//! It looks at the files several times a second instead of asking the system to tell: so it works on every system and over a
//! network, and there is nothing to restore when it is ended.

use crate::Exit;
use crate::climb;
use crate::console::{self, bold, dim};
use crate::hint;
use crate::list;
use crate::replay;
use crate::show;
use crate::workspace::{Kata, Workspace};
use anyhow::Result;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, IsTerminal, stdin, stdout};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// So often the files are looked at.
const LOOK: Duration = Duration::from_millis(100);

/// What was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Again,
    Hint,
    List,
    Show,
    Replay,
    Next,
    Quit,
    Unknown,
}

/// Why the waiting is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Saved,
    Typed(Key),
}

/// Climbs the kata of that name, or the path, after each save, until somebody says that it is enough.
pub fn watch(workspace: &Workspace, only: Option<&str>) -> Result<Exit> {
    let mut only = only.map(str::to_owned);
    workspace.named(&only.iter().collect::<Vec<_>>())?;
    let typed = typed();
    loop {
        let seen = fingerprint(workspace);
        clear();
        told(climb::climb(workspace, only.as_deref()));
        loop {
            keys();
            let event = wait(&typed, || fingerprint(workspace) != seen);
            match event {
                Event::Saved | Event::Typed(Key::Again) => break,
                Event::Typed(Key::Quit) => return Ok(Exit::Green),
                Event::Typed(Key::Hint) => told(hint::hint(workspace, only.as_deref(), false)),
                Event::Typed(Key::List) => told(list::list(workspace)),
                Event::Typed(Key::Show) => told(show::show(workspace, only.as_deref())),
                Event::Typed(Key::Replay) => told(replay::replay(workspace, only.as_deref())),
                Event::Typed(Key::Next) => {
                    only = next(workspace, only.as_deref()).map(|kata| kata.name.clone());
                    break;
                }
                Event::Typed(Key::Unknown) => console::out("There is no such letter."),
            }
        }
    }
}

/// What went wrong is shown, and no reason to stop: the next save may mend it.
fn told(result: Result<Exit>) {
    if let Err(error) = result {
        console::clear_progress();
        console::out(format!("{}: {error:#}", console::bad("error")));
    }
}

/// The kata after that one; without one, or after the last, the path from its beginning.
fn next<'a>(workspace: &'a Workspace, only: Option<&str>) -> Option<&'a Kata> {
    let place = workspace.katas.iter().position(|kata| Some(kata.name.as_str()) == only)?;
    workspace.katas.get(place + 1)
}

fn clear() {
    if stdout().is_terminal() {
        console::out("\x1b[2J\x1b[3J\x1b[H");
    }
}

fn keys() {
    let key = |letter: &str, what: &str| format!("{} {what}", bold(letter));
    let keys = [
        key("h", "hint"),
        key("s", "show"),
        key("r", "replay"),
        key("l", "list"),
        key("n", "next kata"),
        key("q", "quit"),
        key("Enter", "run again"),
    ];
    console::out("");
    console::out(dim("Waiting for a save; or a letter, and Enter:"));
    console::out(format!("  {}", keys.join("   ")));
}

/// Waits for a save or for a line.
fn wait(typed: &Receiver<String>, is_saved: impl Fn() -> bool) -> Event {
    loop {
        match typed.recv_timeout(LOOK) {
            Ok(line) => return Event::Typed(key(&line)),
            // Nobody can type any more, so nobody could end it either.
            Err(RecvTimeoutError::Disconnected) => {
                console::out("Nobody can type here, so this ends now.");
                return Event::Typed(Key::Quit);
            }
            Err(RecvTimeoutError::Timeout) if is_saved() => return Event::Saved,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

fn key(line: &str) -> Key {
    match line.trim().to_lowercase().as_str() {
        "" => Key::Again,
        "h" | "hint" => Key::Hint,
        "l" | "list" => Key::List,
        "s" | "show" => Key::Show,
        "r" | "replay" => Key::Replay,
        "n" | "next" => Key::Next,
        "q" | "quit" => Key::Quit,
        _ => Key::Unknown,
    }
}

/// The lines that are typed.
fn typed() -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// What stands in the files that a learner may save: those of all katas.
fn fingerprint(workspace: &Workspace) -> u64 {
    let mut hasher = DefaultHasher::new();
    for kata in &workspace.katas {
        hash_folder(&kata.folder, &mut hasher);
    }
    hasher.finish()
}

fn hash_folder(folder: &Path, hasher: &mut DefaultHasher) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut entries: Vec<PathBuf> = entries.collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            hash_folder(&entry, hasher);
        } else if entry.extension().is_some_and(|extension| extension == "rs" || extension == "toml") {
            // By its content: some editors write a file anew that has not changed, and some filesystems know no good time.
            (entry.as_os_str(), fs::read(&entry).unwrap_or_default()).hash(hasher);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn a_letter_or_a_word_is_a_key() {
        assert_eq!(
            [key("h"), key(" Hint \n"), key(""), key("q"), key("x")],
            [Key::Hint, Key::Hint, Key::Again, Key::Quit, Key::Unknown]
        );
    }

    #[test]
    fn a_save_is_noticed_and_a_line_comes_first() {
        let (sender, receiver) = channel();
        let looks = Cell::new(0);
        let third = || {
            looks.set(looks.get() + 1);
            looks.get() == 3
        };
        assert_eq!(wait(&receiver, third), Event::Saved);
        sender.send("n".to_owned()).unwrap();
        assert_eq!(wait(&receiver, || true), Event::Typed(Key::Next));
        drop(sender);
        assert_eq!(wait(&receiver, || false), Event::Typed(Key::Quit), "nobody can type");
    }

    #[test]
    fn a_file_counts_by_its_content() {
        let folder = std::env::temp_dir().join(format!("watch-{}", std::process::id()));
        fs::create_dir_all(folder.join("src")).unwrap();
        let now = || {
            let mut hasher = DefaultHasher::new();
            hash_folder(&folder, &mut hasher);
            hasher.finish()
        };
        let file = folder.join("src/lib.rs");
        fs::write(&file, "a").unwrap();
        let before = now();
        fs::write(&file, "a").unwrap();
        assert_eq!(now(), before, "written anew, and the same");
        fs::write(folder.join("src/.lib.rs.swp"), "x").unwrap();
        assert_eq!(now(), before, "an editor's own file");
        fs::write(&file, "b").unwrap();
        assert_ne!(now(), before);
        fs::remove_dir_all(folder).unwrap();
    }
}
