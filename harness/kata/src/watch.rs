//! Climbs again after each save. A key does what the command of that name does, while a test is running as well.
//!
//! It looks at the files several times a second instead of asking the system to tell: so it works on every system and over a
//! network, and there is nothing to restore when it is ended.

use crate::Exit;
use crate::console::{self, bold, dim};
use crate::fingerprint;
use crate::hint;
use crate::list;
use crate::process::Interrupted;
use crate::replay;
use crate::reset;
use crate::show;
use crate::tell::{self, Speech};
use crate::tools::Tools;
use crate::workspace::{Kata, Workspace};
use anyhow::Result;
use keys::Term;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hasher};
use std::io::{BufRead, IsTerminal, stdin, stdout};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// So often the files are looked at.
const LOOK: Duration = Duration::from_millis(40);

/// What was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Again,
    Hint,
    List,
    Show,
    Replay,
    Reset,
    Yes,
    Next,
    Quit,
    Unknown,
}

impl Key {
    /// The one that is meant by a letter or a word.
    fn of(typed: &str) -> Self {
        match typed.trim().to_lowercase().as_str() {
            "" => Self::Again,
            "h" | "hint" => Self::Hint,
            "l" | "list" => Self::List,
            "s" | "show" => Self::Show,
            "r" | "replay" => Self::Replay,
            "x" | "reset" => Self::Reset,
            "y" | "yes" => Self::Yes,
            "n" | "next" => Self::Next,
            "q" | "quit" => Self::Quit,
            _ => Self::Unknown,
        }
    }

    /// Whether the outcome of what is running does not matter any more.
    fn interrupts(self) -> bool {
        matches!(self, Self::Again | Self::Next | Self::Quit)
    }
}

/// Why the waiting is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Saved,
    Typed(Key),
}

/// Climbs the kata of that name, or the path, after each save, until somebody says that it is enough. With `lines`, adds lines for
/// an editor.
pub fn watch(workspace: &Workspace, only: Option<&str>, lines: bool) -> Result<Exit> {
    let mut only = only.map(str::to_owned);
    workspace.named(&only.iter().collect::<Vec<_>>())?;
    let nextest = Tools::find(workspace)?.nextest;
    let keyboard = Keyboard::new();
    let mut keeps_screen = false;
    loop {
        let files = Files::new(workspace);
        let is_enough = || keyboard.interrupts() || files.have_changed();
        let tools = Tools { workspace, nextest: nextest.clone(), is_enough: &is_enough };
        if !std::mem::take(&mut keeps_screen) {
            clear();
        }
        console::out(dim("Running the tests."));
        told(tell::climb(&tools, only.as_deref(), Speech::Keys, lines));
        // What a key asks for is done to its end.
        let tools = Tools { workspace, nextest: nextest.clone(), is_enough: &|| keyboard.interrupts() };
        loop {
            if !keyboard.interrupts() {
                tell_keys(workspace, keyboard.is_pressed);
            }
            match wait(&keyboard, || files.have_changed()) {
                Event::Saved | Event::Typed(Key::Again) => break,
                Event::Typed(Key::Quit) => return Ok(Exit::Green),
                Event::Typed(Key::Hint) => told(hint::hint(&tools, only.as_deref(), Speech::Keys, false)),
                Event::Typed(Key::List) => {
                    list::tell_path(workspace);
                }
                Event::Typed(Key::Show) => told(show::show(&tools, only.as_deref())),
                Event::Typed(Key::Replay) => told(replay::replay(&tools, only.as_deref())),
                Event::Typed(Key::Reset) => {
                    let kata = current(workspace, only.as_deref()).name.clone();
                    console::out(format!("The stub of {kata} again, and what you wrote kept? y: yes; anything else: no"));
                    if wait(&keyboard, || false) == Event::Typed(Key::Yes) {
                        told(reset::reset(workspace, &kata));
                        // Where the file is kept is not to be wiped away.
                        keeps_screen = true;
                    }
                }
                Event::Typed(Key::Next) => {
                    only = next(workspace, only.as_deref()).map(|kata| kata.name.clone());
                    break;
                }
                Event::Typed(Key::Unknown | Key::Yes) => console::out("There is no such key."),
            }
        }
    }
}

/// What went wrong is shown, and no reason to stop: the next save may mend it.
fn told(result: Result<Exit>) {
    console::clear_progress();
    if let Err(error) = result
        && !error.is::<Interrupted>()
    {
        console::out(format!("{}: {error:#}", console::bad("error")));
    }
}

/// The kata that is being worked on.
fn current<'a>(workspace: &'a Workspace, only: Option<&str>) -> &'a Kata {
    let named = workspace.katas.iter().find(|kata| Some(kata.name.as_str()) == only);
    named.unwrap_or_else(|| list::current(workspace))
}

/// The kata after the one that is being worked on; after the last one, the path from its beginning.
fn next<'a>(workspace: &'a Workspace, only: Option<&str>) -> Option<&'a Kata> {
    let current = current(workspace, only);
    let place = workspace.katas.iter().position(|kata| kata == current)?;
    workspace.katas.get(place + 1)
}

fn clear() {
    if stdout().is_terminal() {
        console::out("\x1b[2J\x1b[3J\x1b[H");
    }
}

fn tell_keys(workspace: &Workspace, is_pressed: bool) {
    let key = |letter: &str, what: &str| format!("{} {what}", bold(letter));
    let keys = [
        key("h", "hint"),
        key("s", "show"),
        key("r", "replay"),
        key("l", "list"),
        key("n", "next kata"),
        key("x", "reset"),
        key("q", "quit"),
        key("Enter", "run again"),
    ];
    console::out("");
    console::out(list::bar(workspace));
    console::out(dim(if is_pressed { "Waiting for a save, or a key:" } else { "Waiting for a save; or a letter, and Enter:" }));
    console::out(format!("  {}", keys.join("   ")));
}

/// Waits for a save or for a key.
fn wait(keyboard: &Keyboard, is_saved: impl Fn() -> bool) -> Event {
    loop {
        if let Some(key) = keyboard.next() {
            return Event::Typed(key);
        }
        if is_saved() {
            return Event::Saved;
        }
        thread::sleep(LOOK / 4);
    }
}

/// The keys that are pressed; or the lines that are typed, where there is no terminal.
struct Keyboard {
    is_pressed: bool,
    typed: Receiver<Key>,
    /// Lets the next key be read. Not before: while a key is read, the terminal is in a state that must not stay.
    go_on: Sender<()>,
    waiting: RefCell<VecDeque<Key>>,
}

impl Keyboard {
    fn new() -> Self {
        let is_pressed = stdin().is_terminal() && stdout().is_terminal();
        Self::of(is_pressed, move || if is_pressed { pressed() } else { line() })
    }

    /// That of whoever says which key comes next, as long as there is one.
    fn of(is_pressed: bool, mut read: impl FnMut() -> Option<Key> + Send + 'static) -> Self {
        let ((sender, typed), (go_on, gone_on)) = (channel(), channel());
        thread::spawn(move || while sender.send(read().unwrap_or(Key::Quit)).is_ok() && gone_on.recv().is_ok() {});
        Self { is_pressed, typed, go_on, waiting: RefCell::default() }
    }

    fn listen(&self) {
        while let Ok(key) = self.typed.try_recv() {
            if key != Key::Quit {
                let _ = self.go_on.send(());
            }
            self.waiting.borrow_mut().push_back(key);
        }
    }

    /// The next key, if one was pressed.
    fn next(&self) -> Option<Key> {
        self.listen();
        self.waiting.borrow_mut().pop_front()
    }

    /// Whether a key was pressed for which what is running must stop.
    fn interrupts(&self) -> bool {
        self.listen();
        self.waiting.borrow().iter().any(|key| key.interrupts())
    }
}

/// Nothing if the terminal has gone.
fn pressed() -> Option<Key> {
    Some(match Term::stdout().read_key_raw().ok()? {
        keys::Key::Enter => Key::Again,
        keys::Key::Char(letter) => Key::of(&letter.to_string()),
        keys::Key::CtrlC | keys::Key::Escape => Key::Quit,
        _ => Key::Unknown,
    })
}

/// Nothing at the end: who cannot type could not end it either.
fn line() -> Option<Key> {
    let mut line = String::new();
    let read = stdin().lock().read_line(&mut line).ok().filter(|&read| read > 0);
    if read.is_none() {
        console::out("Nobody can type here, so this ends now.");
    }
    read.map(|_| Key::of(&line))
}

/// The files that a learner may save: those of all katas.
struct Files<'a> {
    workspace: &'a Workspace,
    seen: u64,
    /// When they were looked at, and whether they had changed.
    looked: Cell<(Instant, bool)>,
}

impl<'a> Files<'a> {
    fn new(workspace: &'a Workspace) -> Self {
        Self { workspace, seen: fingerprint_of(workspace), looked: Cell::new((Instant::now(), false)) }
    }

    fn have_changed(&self) -> bool {
        let (at, had_changed) = self.looked.get();
        if had_changed || at.elapsed() < LOOK {
            return had_changed;
        }
        let has_changed = fingerprint_of(self.workspace) != self.seen;
        self.looked.set((Instant::now(), has_changed));
        has_changed
    }
}

fn fingerprint_of(workspace: &Workspace) -> u64 {
    let mut hasher = DefaultHasher::new();
    for kata in &workspace.katas {
        fingerprint::of_folder(&kata.folder, &mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_or_a_word_is_a_key() {
        let keys = ["h", " Hint \n", "", "q", "x", "?"].map(Key::of);
        assert_eq!(keys, [Key::Hint, Key::Hint, Key::Again, Key::Quit, Key::Reset, Key::Unknown]);
    }

    #[test]
    fn a_save_is_noticed_and_a_key_comes_first() {
        let mut keys = vec![Key::Next].into_iter();
        let (sender, receiver) = channel::<()>();
        let keyboard = Keyboard::of(true, move || {
            let _ = receiver.recv();
            keys.next()
        });
        let looks = Cell::new(0);
        let third = || {
            looks.set(looks.get() + 1);
            looks.get() == 3
        };
        assert_eq!(wait(&keyboard, third), Event::Saved);
        sender.send(()).unwrap();
        assert_eq!(wait(&keyboard, || false), Event::Typed(Key::Next));
        sender.send(()).unwrap();
        assert_eq!(wait(&keyboard, || false), Event::Typed(Key::Quit), "nobody can type any more");
    }

    #[test]
    fn a_key_that_interrupts_is_noticed_behind_one_that_does_not() {
        let mut keys = vec![Key::Hint, Key::Quit].into_iter();
        let keyboard = Keyboard::of(true, move || keys.next());
        while !keyboard.interrupts() {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!([keyboard.next(), keyboard.next()], [Some(Key::Hint), Some(Key::Quit)]);
    }
}
