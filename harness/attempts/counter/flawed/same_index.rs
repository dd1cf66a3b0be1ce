//! The index of the next item is loaded and then stored: two workers may take the same item, and it is counted twice.
//!
//! caught by: shuttle::every_item_is_looked_at_once_and_counted_once, loom::every_item_is_looked_at_once_and_counted_once
//! may be caught by: examples, properties

use std::sync::atomic::Ordering::SeqCst;
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
        self.count.fetch_add(1, SeqCst) + 1
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let mut count = self.count.load(SeqCst);
        while count < limit {
            match self.count.compare_exchange(count, count + 1, SeqCst, SeqCst) {
                Ok(_) => return Some(count + 1),
                Err(newer) => count = newer,
            }
        }
        None
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
    let next = AtomicUsize::new(0);
    let count = || {
        let mut found = 0;
        loop {
            let index = next.load(SeqCst);
            let Some(item) = items.get(index) else { return found };
            next.store(index + 1, SeqCst);
            if matches(item) {
                found += 1;
            }
        }
    };
    thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(count)).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).sum()
    })
}
