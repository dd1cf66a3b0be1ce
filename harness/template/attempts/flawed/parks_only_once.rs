//! Looks once, parks once, and goes on: but `park` may return for no reason at all.
//!
//! caught by: shuttle::whoever_has_waited_sees_what_was_done_before, loom::whoever_has_waited_sees_what_was_done_before
//! survives: examples, properties

use std::sync::{Mutex, MutexGuard};
use std::thread::{self, Thread};

/// A gate that is opened once, and stays open.
pub struct Latch {
    /// Who waits; `None` once it is open.
    waiting: Mutex<Option<Vec<Thread>>>,
}

impl Latch {
    /// A gate that is closed.
    pub fn new() -> Self {
        Self { waiting: Mutex::new(Some(Vec::new())) }
    }

    /// Opens the gate, for good. Does nothing if it is open already.
    pub fn open(&self) {
        // The lock is free again before anybody is woken.
        let waiting = self.waiting().take();
        for thread in waiting.into_iter().flatten() {
            thread.unpark();
        }
    }

    /// Waits until the gate is open; not at all if it is open already. What was done before `open` can be seen after `wait`.
    pub fn wait(&self) {
        match &mut *self.waiting() {
            Some(waiting) => waiting.push(thread::current()),
            None => return,
        }
        if !self.is_open() {
            thread::park();
        }
    }

    /// Whether the gate is open. Never waits for it.
    pub fn is_open(&self) -> bool {
        self.waiting().is_none()
    }

    fn waiting(&self) -> MutexGuard<'_, Option<Vec<Thread>>> {
        self.waiting.lock().unwrap()
    }
}
