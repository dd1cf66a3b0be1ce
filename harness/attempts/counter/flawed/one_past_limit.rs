//! `increment_below` still adds if the count is at the limit: `<=` where it has to be `<`.
//!
//! caught by: examples::increment_below_stops_at_the_limit, examples::an_increment_that_is_refused_changes_nothing,
//! examples::threads_together_stop_at_the_limit, properties::any_sequence_of_uses_counts_as_one_thread_would,
//! shuttle::threads_together_stop_at_the_limit, loom::two_threads_together_stop_at_the_limit

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
        if *count <= limit {
            *count += 1;
            Some(*count)
        } else {
            None
        }
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
