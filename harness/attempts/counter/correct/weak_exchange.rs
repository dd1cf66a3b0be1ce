//! Loops around `compare_exchange_weak`; worker `i` of `n` takes the items `i`, `i + n`, `i + 2n` and so on.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{AcqRel, Acquire};
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
        let mut old = self.get();
        // It may fail even if nobody came between: then the next round tries again.
        while let Err(now) = self.count.compare_exchange_weak(old, old + 1, AcqRel, Acquire) {
            old = now;
        }
        old + 1
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let mut old = self.get();
        loop {
            if old >= limit {
                return None;
            }
            match self.count.compare_exchange_weak(old, old + 1, AcqRel, Acquire) {
                Ok(_) => return Some(old + 1),
                Err(now) => old = now,
            }
        }
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
    if workers == 0 {
        panic!("nobody is there to count");
    }
    let work = Arc::new((items, matches));
    let handles: Vec<_> = (0..workers)
        .map(|first| {
            let work = Arc::clone(&work);
            thread::spawn(move || {
                let (items, matches) = &*work;
                items.iter().skip(first).step_by(workers).filter(|item| matches(item)).count()
            })
        })
        .collect();
    let results: Vec<_> = handles.into_iter().map(|handle| handle.join()).collect();
    results.into_iter().map(|found| found.expect("`matches` panicked")).sum()
}
