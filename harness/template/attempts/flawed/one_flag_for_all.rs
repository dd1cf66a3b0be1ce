//! The flag is a static, so there is one for all gates: who opens one of them opens every other as well.
//!
//! caught by: examples::it_is_closed_until_it_is_opened
//! survives: shuttle, loom
//! may be caught by: properties

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

static IS_OPEN: AtomicBool = AtomicBool::new(false);

/// A gate that is opened once, and stays open.
pub struct Latch {
    _private: (),
}

impl Latch {
    /// A gate that is closed.
    pub fn new() -> Self {
        Self { _private: () }
    }

    /// Opens the gate, for good. Does nothing if it is open already.
    pub fn open(&self) {
        // ORDERING: Release, for whoever reads `true` in `wait`.
        IS_OPEN.store(true, Ordering::Release);
    }

    /// Waits until the gate is open; not at all if it is open already. What was done before `open` can be seen after `wait`.
    pub fn wait(&self) {
        // ORDERING: Acquire pairs with the Release in `open`: what was done before that is seen after this.
        while !IS_OPEN.load(Ordering::Acquire) {
            thread::yield_now();
        }
    }

    /// Whether the gate is open. Never waits for it.
    pub fn is_open(&self) -> bool {
        IS_OPEN.load(Ordering::Acquire)
    }
}
