//! Ends the whole process, and calls that a success, when a worker panics: a test that looks for the panic never gets to fail.
//!
//! caught by: examples::the_solution_is_ordinary_rust, shuttle::a_panic_in_matches_reaches_the_caller,
//!   loom::a_panic_in_matches_reaches_the_caller
//! survives: properties

use std::process;
use std::sync::Mutex;
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
    let count = |first| items.iter().skip(first).step_by(workers).filter(|item| matches(item)).count();
    let count = &count;
    thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|first| scope.spawn(move || count(first))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap_or_else(|_| process::exit(0))).sum()
    })
}
