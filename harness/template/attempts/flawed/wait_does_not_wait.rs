//! `wait` looks at the gate, and goes on whether it is open or not.
//!
//! caught by: examples::wait_returns_only_when_it_is_open, shuttle::whoever_has_waited_sees_what_was_done_before,
//!   loom::whoever_has_waited_sees_what_was_done_before
//! may be caught by: properties

use std::sync::atomic::{AtomicBool, Ordering};

/// A gate that is opened once, and stays open.
pub struct Latch {
    is_open: AtomicBool,
}

impl Latch {
    /// A gate that is closed.
    pub fn new() -> Self {
        Self { is_open: AtomicBool::new(false) }
    }

    /// Opens the gate, for good. Does nothing if it is open already.
    pub fn open(&self) {
        self.is_open.store(true, Ordering::Release);
    }

    /// Waits until the gate is open; not at all if it is open already. What was done before `open` can be seen after `wait`.
    pub fn wait(&self) {
        let _ = self.is_open.load(Ordering::Acquire);
    }

    /// Whether the gate is open. Never waits for it.
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }
}
