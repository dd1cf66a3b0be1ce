//! Looks, lets the lock go, and takes it again to sleep: if the gate is opened in between, nobody wakes this thread any more.
//!
//! caught by: shuttle::everybody_who_waits_gets_through, loom::everybody_who_waits_gets_through
//! may be caught by: examples, properties

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
        while !self.is_open() {
            let is_open = self.is_open.lock().unwrap();
            drop(self.opened.wait(is_open).unwrap());
        }
    }

    /// Whether the gate is open. Never waits for it.
    pub fn is_open(&self) -> bool {
        *self.is_open.lock().unwrap()
    }
}
