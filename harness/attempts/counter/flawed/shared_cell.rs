//! Threads share a plain `Cell`, and `unsafe` hides that from the compiler: reading, adding and writing are three steps, and
//! all of them race.
//!
//! caught by: shuttle::no_two_increments_return_the_same, loom::no_two_increments_return_the_same
//! may be caught by: examples, properties

use std::cell::Cell;
use std::sync::Arc;
use std::thread;

/// A number that many threads count up together.
pub struct Counter {
    count: Cell<u64>,
}

// SAFETY: the number fits into a register, so nobody can see half of it.
unsafe impl Sync for Counter {}

impl Counter {
    /// A counter at 0.
    pub fn new() -> Self {
        Self { count: Cell::new(0) }
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        self.count.set(self.count.get() + 1);
        self.count.get()
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        if self.count.get() < limit { Some(self.increment()) } else { None }
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.count.get()
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let work = Arc::new((items, matches));
    let mut handles = Vec::new();
    for first in 0..workers {
        let work = Arc::clone(&work);
        handles.push(thread::spawn(move || {
            let (items, matches) = &*work;
            items.iter().skip(first).step_by(workers).filter(|item| matches(item)).count()
        }));
    }
    let results: Vec<_> = handles.into_iter().map(|handle| handle.join()).collect();
    results.into_iter().map(|found| found.expect("`matches` panicked")).sum()
}
