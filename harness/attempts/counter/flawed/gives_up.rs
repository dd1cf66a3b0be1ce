//! `increment_below` tries its exchange once: if another thread comes between, it returns `None` although the limit is far away.
//!
//! caught by: shuttle::nobody_is_refused_far_from_the_limit, loom::nobody_is_refused_far_from_the_limit
//! survives: examples, properties

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::atomic::{AtomicU64, AtomicUsize};
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
        self.count.fetch_add(1, AcqRel) + 1
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let count = self.count.load(Acquire);
        if count >= limit {
            return None;
        }
        self.count.compare_exchange(count, count + 1, AcqRel, Acquire).ok().map(|old| old + 1)
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.count.load(Acquire)
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let next = AtomicUsize::new(0);
    let count = || {
        let mut found = 0;
        while let Some(item) = items.get(next.fetch_add(1, Relaxed)) {
            found += usize::from(matches(item));
        }
        found
    };
    thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(count)).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).sum()
    })
}
