//! An iterator does nothing before it is asked: each thread is spawned only when the one before has been joined.
//!
//! caught by: examples::all_workers_work_at_once, properties::any_number_of_workers_work_at_once,
//!   shuttle::all_workers_work_at_once, loom::all_workers_work_at_once

use std::sync::{Arc, Mutex};
use std::thread;

/// A number that many threads count up together.
pub struct Counter {
    count: Mutex<u64>,
}

impl Counter {
    /// A counter at 0.
    pub fn new() -> Self {
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
    let work = Arc::new((items, matches));
    (0..workers)
        .map(|first| {
            let work = Arc::clone(&work);
            thread::spawn(move || {
                let (items, matches) = &*work;
                items.iter().skip(first).step_by(workers).filter(|item| matches(item)).count()
            })
        })
        .map(|handle| handle.join().unwrap())
        .sum()
}
