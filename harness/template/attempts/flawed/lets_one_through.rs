//! Whoever has gone through closes the gate again: the next one waits for ever.
//!
//! caught by: examples::whoever_comes_later_need_not_wait, properties::everybody_gets_through_and_it_stays_open,
//!   shuttle::everybody_who_waits_gets_through, loom::everybody_who_waits_gets_through
//! survives: nothing

use std::sync::{Condvar, Mutex};

/// A gate that is opened once, and stays open.
pub struct Latch {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Latch {
    /// A gate that is closed.
    pub fn new() -> Self {
        Self { is_open: Mutex::new(false), opened: Condvar::new() }
    }

    /// Opens the gate, for good. Does nothing if it is open already.
    pub fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    /// Waits until the gate is open; not at all if it is open already. What was done before `open` can be seen after `wait`.
    pub fn wait(&self) {
        let mut is_open = self.is_open.lock().unwrap();
        while !*is_open {
            is_open = self.opened.wait(is_open).unwrap();
        }
        *is_open = false;
    }

    /// Whether the gate is open. Never waits for it.
    pub fn is_open(&self) -> bool {
        *self.is_open.lock().unwrap()
    }
}
