//! Nobody is joined: the caller meets the workers at a `Barrier` when all are done. A panic is caught on the way there, and
//! leaves `None` as the sum.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

/// A number that many threads count up together.
pub struct Counter {
    count: Mutex<u64>,
}

impl Counter {
    /// A counter at 0.
    pub const fn new() -> Self {
        Self { count: Mutex::new(0) }
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        let mut count = self.count.lock().unwrap();
        *count += 1;
        *count
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let mut count = self.count.lock().unwrap();
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(*count)
    }

    /// The count.
    pub fn get(&self) -> u64 {
        *self.count.lock().unwrap()
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let shared = Arc::new((items, matches, Barrier::new(workers + 1), Mutex::new(Some(0))));
    for first in 0..workers {
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            let (items, matches, done, total) = &*shared;
            let mine = items.iter().skip(first).step_by(workers);
            // Nobody who waits at the barrier may be kept waiting by a panic.
            let found = catch_unwind(AssertUnwindSafe(|| mine.filter(|&item| matches(item)).count())).ok();
            let mut total = total.lock().unwrap();
            *total = total.and_then(|total| Some(total + found?));
            drop(total);
            done.wait();
        });
    }
    let (_, _, done, total) = &*shared;
    done.wait();
    total.lock().unwrap().expect("`matches` panicked")
}
