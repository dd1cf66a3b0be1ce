//! All workers start together at a `Barrier`, which counts those too that get no thread because there are fewer items.
//!
//! caught by: examples::a_panic_in_matches_reaches_the_caller, examples::count_matching_counts_what_matches,
//! examples::every_item_is_looked_at_exactly_once, properties::count_matching_counts_what_an_iterator_counts
//! survives: shuttle, loom

use std::sync::{Barrier, Mutex};
use std::thread;

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
    let start = Barrier::new(workers);
    let (items, matches, start) = (&items, &matches, &start);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..workers.min(items.len()))
            .map(|first| {
                scope.spawn(move || {
                    start.wait();
                    items.iter().skip(first).step_by(workers).filter(|&item| matches(item)).count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("`matches` panicked")).sum()
    })
}
