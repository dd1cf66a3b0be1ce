//! A gate that is opened once: whoever comes before that waits, and whoever comes after it walks through.
//!
//! The brief is in `README.md`. `cargo kata` shows you the first test to make green.

/// A gate that is opened once, and stays open.
pub struct Latch {
    _your_fields_instead: (),
}

impl Latch {
    /// A gate that is closed.
    pub fn new() -> Self {
        todo!("make a gate that is closed")
    }

    /// Opens the gate, for good. Does nothing if it is open already.
    pub fn open(&self) {
        todo!("open the gate, and let through whoever waits")
    }

    /// Waits until the gate is open; not at all if it is open already. What was done before `open` can be seen after `wait`.
    pub fn wait(&self) {
        todo!("wait until the gate is open")
    }

    /// Whether the gate is open. Never waits for it.
    pub fn is_open(&self) -> bool {
        todo!("say whether the gate is open")
    }
}
