//! Opens with `Relaxed`: whoever has waited sees that the gate is open, and perhaps not what was done before.
//!
//! caught by: loom::whoever_has_waited_sees_what_was_done_before
//! survives: examples, properties, shuttle

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

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
        self.is_open.store(true, Ordering::Relaxed);
    }

    /// Waits until the gate is open; not at all if it is open already. What was done before `open` can be seen after `wait`.
    pub fn wait(&self) {
        while !self.is_open.load(Ordering::Acquire) {
            thread::yield_now();
        }
    }

    /// Whether the gate is open. Never waits for it.
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }
}
