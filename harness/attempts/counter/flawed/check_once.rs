//! `increment_below` checks the limit once, before its loop: if the exchange fails, the next round goes past the limit.
//!
//! caught by: shuttle::threads_together_stop_at_the_limit, loom::two_threads_together_stop_at_the_limit
//! may be caught by: examples, properties

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

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
        let mut count = self.get();
        if count >= limit {
            return None;
        }
        while let Err(newer) = self.count.compare_exchange(count, count + 1, SeqCst, SeqCst) {
            count = newer;
        }
        Some(count + 1)
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
    let count = |first| items.iter().skip(first).step_by(workers).filter(|item| matches(item)).count();
    let count = &count;
    thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|first| scope.spawn(move || count(first))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).sum()
    })
}
