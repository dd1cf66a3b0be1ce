//! The flag is in a `Cell`, which threads must not share.
//!
//! caught by: examples::threads_may_share_it, shuttle::whoever_has_waited_sees_what_was_done_before,
//!   loom::whoever_has_waited_sees_what_was_done_before
//! may be caught by: properties

use std::cell::Cell;
use std::thread;

/// A gate that is opened once, and stays open.
pub struct Latch {
    is_open: Cell<bool>,
}

impl Latch {
    /// A gate that is closed.
    pub fn new() -> Self {
        Self { is_open: Cell::new(false) }
    }

    /// Opens the gate, for good. Does nothing if it is open already.
    pub fn open(&self) {
        self.is_open.set(true);
    }

    /// Waits until the gate is open; not at all if it is open already. What was done before `open` can be seen after `wait`.
    pub fn wait(&self) {
        while !self.is_open.get() {
            thread::yield_now();
        }
    }

    /// Whether the gate is open. Never waits for it.
    pub fn is_open(&self) -> bool {
        self.is_open.get()
    }
}
