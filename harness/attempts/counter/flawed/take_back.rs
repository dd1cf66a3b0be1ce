//! `increment_below` adds first, and takes it back if that was too much. Others see the count above the limit meanwhile, and
//! may count on from there.
//!
//! caught by: shuttle::the_limit_is_not_passed_even_for_a_moment, loom::the_limit_is_not_passed_even_for_a_moment
//! may be caught by: properties
//! survives: examples

use std::sync::Arc;
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
        let old = self.count.fetch_add(1, SeqCst);
        if old < limit {
            return Some(old + 1);
        }
        self.count.fetch_sub(1, SeqCst);
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
    let work = Arc::new((items, matches));
    let mut handles = Vec::new();
    for first in 0..workers {
        let work = Arc::clone(&work);
        handles.push(thread::spawn(move || {
            let (items, matches) = &*work;
            items.iter().skip(first).step_by(workers).filter(|item| matches(item)).count()
        }));
    }
    let results: Vec<_> = handles.into_iter().map(|handle| handle.join()).collect();
    results.into_iter().map(|found| found.expect("`matches` panicked")).sum()
}
