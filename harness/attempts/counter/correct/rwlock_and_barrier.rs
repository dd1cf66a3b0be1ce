//! An `RwLock` around the number, which `get` only reads. The workers start together at a `Barrier`, in a scope, and add what
//! they find to a sum under a `Mutex`.

use std::sync::{Barrier, Mutex, RwLock};
use std::thread;

/// A number that many threads count up together.
pub struct Counter {
    count: RwLock<u64>,
}

impl Counter {
    /// A counter at 0.
    pub const fn new() -> Self {
        Self { count: RwLock::new(0) }
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        let mut count = self.count.write().unwrap();
        *count += 1;
        *count
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let mut count = self.count.write().unwrap();
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(*count)
    }

    /// The count.
    pub fn get(&self) -> u64 {
        *self.count.read().unwrap()
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let start = Barrier::new(workers);
    let total = Mutex::new(0);
    thread::scope(|scope| {
        for first in 0..workers {
            let (items, matches, start, total) = (&items, &matches, &start, &total);
            scope.spawn(move || {
                start.wait();
                let found = items.iter().skip(first).step_by(workers).filter(|&item| matches(item)).count();
                *total.lock().unwrap() += found;
            });
        }
    });
    total.into_inner().unwrap()
}
