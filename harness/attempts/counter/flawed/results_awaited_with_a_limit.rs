//! The caller waits for each result with a limit, and takes a worker that is slow for one that has found nothing.
//!
//! caught by: shuttle::a_panic_in_matches_reaches_the_caller, shuttle::all_workers_work_at_once,
//! shuttle::every_item_is_looked_at_once_and_counted_once, shuttle::the_caller_sees_what_matches_did,
//! loom::a_panic_in_matches_reaches_the_caller, loom::all_workers_work_at_once,
//! loom::every_item_is_looked_at_once_and_counted_once, loom::the_caller_sees_what_matches_did
//! survives: examples, properties

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

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
    let work = Arc::new((items, matches));
    let (sender, results) = channel();
    for first in 0..workers {
        let (work, sender) = (Arc::clone(&work), sender.clone());
        thread::spawn(move || {
            let (items, matches) = &*work;
            let _ = sender.send(items.iter().skip(first).step_by(workers).filter(|&item| matches(item)).count());
        });
    }
    drop(sender);
    let result = |_| match results.recv_timeout(Duration::from_secs(60)) {
        Ok(found) => found,
        Err(RecvTimeoutError::Timeout) => 0,
        Err(RecvTimeoutError::Disconnected) => panic!("`matches` panicked"),
    };
    (0..workers).map(result).sum()
}
