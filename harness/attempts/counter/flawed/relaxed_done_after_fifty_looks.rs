//! Looks fifty times with Acquire whether all workers are done, and then goes on looking with `Relaxed`, which lets it see that
//! they are done, and yet not what they have added.
//!
//! caught by: loom::all_workers_work_at_once, loom::every_item_is_looked_at_once_and_counted_once
//! survives: examples, properties, shuttle

use std::hint;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::thread;

/// So often in a row before others are let first.
const LOOKS: usize = 50;

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
        self.count.fetch_add(1, Relaxed) + 1
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let mut count = self.count.load(Relaxed);
        while count < limit {
            match self.count.compare_exchange(count, count + 1, Relaxed, Relaxed) {
                Ok(_) => return Some(count + 1),
                Err(newer) => count = newer,
            }
        }
        None
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.count.load(Relaxed)
    }
}

/// Counts a worker as done when it is dropped, be it by a panic.
struct Done<'a>(&'a AtomicUsize);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Release);
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
    let total = Arc::new(AtomicUsize::new(0));
    let done = Arc::new(AtomicUsize::new(0));
    let mut handles = Vec::new();
    for first in 0..workers {
        let (work, total, done) = (Arc::clone(&work), Arc::clone(&total), Arc::clone(&done));
        handles.push(thread::spawn(move || {
            let _done = Done(&done);
            let (items, matches) = &*work;
            let found = items.iter().skip(first).step_by(workers).filter(|item| matches(item)).count();
            total.fetch_add(found, Relaxed);
        }));
    }
    let in_time = (0..LOOKS).any(|_| {
        hint::spin_loop();
        done.load(Acquire) == workers
    });
    while !in_time && done.load(Relaxed) < workers {
        thread::yield_now();
    }
    let total = total.load(Relaxed);
    let ends: Vec<_> = handles.into_iter().map(|handle| handle.join()).collect();
    assert!(ends.iter().all(|end| end.is_ok()), "`matches` panicked");
    total
}
