//! A `OnceLock` that is set by `open`: it has a `wait` of its own.

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
        // It is an error if it was set already. To us that is as good.
        let _ = self.opened.set(());
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
