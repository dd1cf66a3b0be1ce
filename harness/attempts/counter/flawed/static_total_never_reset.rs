//! The sum is a `static` that nobody sets back to 0: the second call finds what the first one has counted.
//!
//! caught by: properties::count_matching_counts_what_an_iterator_counts,
//! shuttle::every_item_is_looked_at_once_and_counted_once
//! survives: loom
//! may be caught by: examples

use std::sync::Mutex;
use std::thread;

/// What the workers have found.
static TOTAL: Mutex<usize> = Mutex::new(0);

/// A number that many threads count up together.
pub struct Counter {
    count: Mutex<u64>,
}

impl Counter {
    /// A counter at 0.
    pub const fn new() -> Self {
        Self { count: Mutex::new(0) }
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        let mut count = self.count.lock().unwrap();
        *count += 1;
        *count
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let mut count = self.count.lock().unwrap();
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(*count)
    }

    /// The count.
    pub fn get(&self) -> u64 {
        *self.count.lock().unwrap()
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    thread::scope(|scope| {
        for first in 0..workers {
            let (items, matches) = (&items, &matches);
            scope.spawn(move || {
                let found = items.iter().skip(first).step_by(workers).filter(|&item| matches(item)).count();
                *TOTAL.lock().unwrap() += found;
            });
        }
    });
    *TOTAL.lock().unwrap()
}
