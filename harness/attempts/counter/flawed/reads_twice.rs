//! `get` takes a second read lock while it holds the first: a writer that has come in between waits for the first, and the
//! second waits for the writer.
//!
//! caught by: shuttle::the_limit_is_not_passed_even_for_a_moment,
//! shuttle::whoever_has_incremented_finds_the_count_at_least_there, loom::the_limit_is_not_passed_even_for_a_moment,
//! loom::whoever_has_incremented_finds_the_count_at_least_there, loom::whoever_is_refused_finds_the_count_at_the_limit
//! may be caught by: examples, properties

use std::sync::RwLock;
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
        let count = self.count.read().unwrap();
        if self.is_zero() { 0 } else { *count }
    }

    fn is_zero(&self) -> bool {
        *self.count.read().unwrap() == 0
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let (items, matches) = (&items, &matches);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|first| scope.spawn(move || items.iter().skip(first).step_by(workers).filter(|&item| matches(item)).count()))
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("`matches` panicked")).sum()
    })
}
