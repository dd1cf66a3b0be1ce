//! The calling thread counts everything alone, whatever number of workers is asked for.
//!
//! caught by: examples::all_workers_work_at_once, properties::any_number_of_workers_work_at_once,
//!   shuttle::all_workers_work_at_once, loom::all_workers_work_at_once

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;

/// A number that many threads count up together.
pub struct Counter {
    count: AtomicU64,
}

impl Counter {
    /// A counter at 0.
    pub fn new() -> Self {
        Self { count: AtomicU64::new(0) }
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        self.count.fetch_add(1, SeqCst) + 1
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let add_one = |count| (count < limit).then(|| count + 1);
        self.count.fetch_update(SeqCst, SeqCst, add_one).ok().map(|old| old + 1)
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.count.load(SeqCst)
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    items.iter().filter(|item| matches(item)).count()
}
