//! Looks once, sleeps once, and goes on: but `Condvar::wait` may return for no reason at all.
//!
//! caught by: shuttle::whoever_has_waited_sees_what_was_done_before, loom::whoever_has_waited_sees_what_was_done_before
//! survives: examples, properties

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
        let is_open = self.is_open.lock().unwrap();
        if !*is_open {
            drop(self.opened.wait(is_open).unwrap());
        }
    }

    /// Whether the gate is open. Never waits for it.
    pub fn is_open(&self) -> bool {
        *self.is_open.lock().unwrap()
    }
}
