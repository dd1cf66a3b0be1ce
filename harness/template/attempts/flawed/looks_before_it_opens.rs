//! `open` looks whether the gate is closed, and then opens it. Two that come at once both find it closed, and the slower one
//! panics.
//!
//! caught by: shuttle::two_may_open_it_at_once, loom::two_may_open_it_at_once
//! survives: examples, properties

use std::sync::OnceLock;

/// A gate that is opened once, and stays open.
pub struct Latch {
    opened: OnceLock<()>,
}

impl Latch {
    /// A gate that is closed.
    pub fn new() -> Self {
        Self { opened: OnceLock::new() }
    }

    /// Opens the gate, for good. Does nothing if it is open already.
    pub fn open(&self) {
        if !self.is_open() {
            self.opened.set(()).expect("it was closed");
        }
    }

    /// Waits until the gate is open; not at all if it is open already. What was done before `open` can be seen after `wait`.
    pub fn wait(&self) {
        self.opened.wait();
    }

    /// Whether the gate is open. Never waits for it.
    pub fn is_open(&self) -> bool {
        self.opened.get().is_some()
    }
}
