//! The count is kept a second time, for `get` to read: of two threads, the one that was first may write its copy last, and
//! the copy then stays behind.
//!
//! caught by: shuttle::whoever_has_incremented_finds_the_count_at_least_there,
//!   loom::whoever_has_incremented_finds_the_count_at_least_there
//! may be caught by: examples, properties

use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

/// A number that many threads count up together.
pub struct Counter {
    count: Mutex<u64>,
    /// So that readers need no lock.
    latest: AtomicU64,
}

impl Counter {
    /// A counter at 0.
    pub fn new() -> Self {
        Self { count: Mutex::new(0), latest: AtomicU64::new(0) }
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        let new = {
            let mut count = self.count.lock().unwrap();
            *count += 1;
            *count
        };
        self.latest.store(new, SeqCst);
        new
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let new = {
            let mut count = self.count.lock().unwrap();
            if *count >= limit {
                return None;
            }
            *count += 1;
            *count
        };
        self.latest.store(new, SeqCst);
        Some(new)
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.latest.load(SeqCst)
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
        handles.into_iter().map(|handle| handle.join().unwrap()).sum()
    })
}
