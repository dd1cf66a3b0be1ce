//! `is_open` has a flag of its own, which `open` sets last: somebody is through already, and it still says no.
//!
//! caught by: shuttle::whoever_has_waited_sees_what_was_done_before, loom::whoever_has_waited_sees_what_was_done_before
//! survives: examples, properties

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};

/// A gate that is opened once, and stays open.
pub struct Latch {
    is_open: Mutex<bool>,
    opened: Condvar,
    seems_open: AtomicBool,
}

impl Latch {
    /// A gate that is closed.
    pub fn new() -> Self {
        Self { is_open: Mutex::new(false), opened: Condvar::new(), seems_open: AtomicBool::new(false) }
    }

    /// Opens the gate, for good. Does nothing if it is open already.
    pub fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
        self.seems_open.store(true, Ordering::SeqCst);
    }

    /// Waits until the gate is open; not at all if it is open already. What was done before `open` can be seen after `wait`.
    pub fn wait(&self) {
        let mut is_open = self.is_open.lock().unwrap();
        while !*is_open {
            is_open = self.opened.wait(is_open).unwrap();
        }
    }

    /// Whether the gate is open. Never waits for it.
    pub fn is_open(&self) -> bool {
        self.seems_open.load(Ordering::SeqCst)
    }
}
