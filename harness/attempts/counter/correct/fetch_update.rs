//! `fetch_update`, all `Relaxed`, for the number is alone; scoped threads take the index of the next item from an atomic.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::thread;

/// A number that many threads count up together.
pub struct Counter {
    // ORDERING: Relaxed everywhere. Nobody learns anything from the count but the count, and each atomic has one order of its own.
    count: AtomicU64,
}

impl Counter {
    /// A counter at 0.
    pub fn new() -> Self {
        Self { count: AtomicU64::new(0) }
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        self.count.fetch_add(1, Relaxed) + 1
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let old = self.count.fetch_update(Relaxed, Relaxed, |count| (count < limit).then(|| count + 1));
        old.ok().map(|old| old + 1)
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.count.load(Relaxed)
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "no workers");
    let next = AtomicUsize::new(0);
    let total = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut found = 0;
                while let Some(item) = items.get(next.fetch_add(1, Relaxed)) {
                    found += usize::from(matches(item));
                }
                // ORDERING: Relaxed, since the scope waits for this thread before anybody reads the total.
                total.fetch_add(found, Relaxed);
            });
        }
        // The scope joins them all, and panics if one of them did.
    });
    total.into_inner()
}
