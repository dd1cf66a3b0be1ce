//! A flag under an `RwLock`: whoever waits reads it again and again, side by side with all the others.

use std::hint;
use std::sync::RwLock;

/// A gate that is opened once, and stays open.
pub struct Latch {
    is_open: RwLock<bool>,
}

impl Latch {
    /// A gate that is closed.
    pub fn new() -> Self {
        Self { is_open: RwLock::new(false) }
    }

    /// Opens the gate, for good. Does nothing if it is open already.
    pub fn open(&self) {
        *self.is_open.write().unwrap() = true;
    }

    /// Waits until the gate is open; not at all if it is open already. What was done before `open` can be seen after `wait`.
    pub fn wait(&self) {
        while !self.is_open() {
            hint::spin_loop();
        }
    }

    /// Whether the gate is open. Never waits for it.
    pub fn is_open(&self) -> bool {
        *self.is_open.read().unwrap()
    }
}
