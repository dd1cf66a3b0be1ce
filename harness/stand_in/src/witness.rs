//! What a kata's tests put into what they test: a value that tells the checker how it is used.

use crate::cell::Tracked;
use crate::model::{self, with};
use std::alloc::Layout;
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

/// A [`Witness`] with an owner: it must be dropped exactly once before the check is over, and not be used after that.
#[derive(Debug)]
pub struct Owned<T>(Witness<T>);

impl<T: Copy> Owned<T> {
    /// Made by the running thread, which counts as a write. Belongs inside a check.
    #[track_caller]
    pub fn new(value: T) -> Self {
        let witness = Witness::new(value);
        if model::is_running() {
            witness.tracked.must_be_dropped(Location::caller());
        }
        Self(witness)
    }

    /// Reads.
    #[track_caller]
    pub fn get(&self) -> T {
        self.0.get()
    }

    /// Writes.
    #[track_caller]
    pub fn set(&mut self, value: T) {
        self.0.set(value);
    }
}

impl<T> Drop for Owned<T> {
    #[track_caller]
    fn drop(&mut self) {
        if model::is_running() {
            self.0.tracked.dropped(Location::caller());
        }
    }
}

/// The layout of the memory from `std::alloc` in which `pointer` lies, if there is such memory and nobody has freed it.
pub fn allocation_of<T: ?Sized>(pointer: *const T) -> Option<Layout> {
    with(|model| model.heap.layout_around(pointer.cast::<u8>().addr()))
}

/// How many threads there are that have not ended, the calling one aside. A thread of a scope has ended when the scope says so.
pub fn other_threads() -> usize {
    model::ends_are_seen();
    let mine = model::current();
    with(|model| {
        model.threads.iter().enumerate().filter(|(thread, state)| *thread != mine && !state.ended && !state.left_scope).count()
    })
}
