//! `increment` loads and then stores: what another thread adds between the two is lost. `SeqCst` does not help.
//!
//! caught by: shuttle::no_two_increments_return_the_same, loom::no_two_increments_return_the_same,
//! loom::three_threads_get_three_numbers
//! may be caught by: examples, properties

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
        let count = self.count.load(SeqCst) + 1;
        self.count.store(count, SeqCst);
        count
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
    let count = |first| items.iter().skip(first).step_by(workers).filter(|item| matches(item)).count();
    let count = &count;
    thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|first| scope.spawn(move || count(first))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).sum()
    })
}
