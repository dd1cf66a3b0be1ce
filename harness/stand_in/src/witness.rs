//! What a kata's tests put into what they test: a value that tells the checker how it is used.

use crate::cell::Tracked;
use std::panic::Location;

/// A value whose every use is checked: `get` reads, `set` writes, and a use that nothing orders with another is a data race.
///
/// A lock hands out references to what it guards, and cannot tell a reader from a writer. What it guards can.
#[derive(Debug)]
pub struct Witness<T> {
    tracked: Tracked,
    value: T,
}

impl<T: Copy> Witness<T> {
    /// Made by the running thread, which counts as a write.
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self { tracked: Tracked::made(Location::caller()), value }
    }

    /// Reads.
    #[track_caller]
    pub fn get(&self) -> T {
        self.tracked.access(false, Location::caller());
        self.value
    }

    /// Writes.
    #[track_caller]
    pub fn set(&mut self, value: T) {
        self.tracked.access(true, Location::caller());
        self.value = value;
    }
}
