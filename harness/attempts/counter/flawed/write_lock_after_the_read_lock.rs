//! `increment_below` looks under the read lock and adds under the write lock: between the two somebody else may add.
//!
//! caught by: shuttle::the_limit_is_not_passed_even_for_a_moment, shuttle::threads_together_stop_at_the_limit,
//! loom::two_threads_together_stop_at_the_limit
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
        let full = *self.count.read().unwrap() >= limit;
        if full { None } else { Some(self.increment()) }
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
    let (items, matches) = (&items, &matches);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|first| scope.spawn(move || items.iter().skip(first).step_by(workers).filter(|&item| matches(item)).count()))
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("`matches` panicked")).sum()
    })
}
