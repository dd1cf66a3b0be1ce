//! A flag. Whoever waits looks at it with an operation that writes as well, but never anything else than what was there.

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
        // ORDERING: Release, for whoever reads `true` in `wait`.
        self.is_open.store(true, Ordering::Release);
    }

    /// Waits until the gate is open; not at all if it is open already. What was done before `open` can be seen after `wait`.
    pub fn wait(&self) {
        // ORDERING: Acquire pairs with the Release in `open`: what was done before that is seen after this.
        while !self.is_open.fetch_or(false, Ordering::Acquire) {
            thread::yield_now();
        }
    }

    /// Whether the gate is open. Never waits for it.
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }
}
