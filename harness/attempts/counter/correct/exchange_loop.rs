//! `fetch_add` and a loop around `compare_exchange`, all `SeqCst`; spawned threads with ranges, whose panic is passed on as it is.

use std::panic::resume_unwind;
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
    let items = Arc::new(items);
    let matches = Arc::new(matches);
    let mut handles = Vec::new();
    let mut start = 0;
    for workers_left in (1..=workers).rev() {
        let end = start + (items.len() - start) / workers_left;
        let items = Arc::clone(&items);
        let matches = Arc::clone(&matches);
        handles.push(thread::spawn(move || items[start..end].iter().filter(|item| matches(item)).count()));
        start = end;
    }
    // All of them first, so that none is still running if one of them panicked.
    let results: Vec<thread::Result<usize>> = handles.into_iter().map(|handle| handle.join()).collect();
    let mut total = 0;
    for result in results {
        match result {
            Ok(found) => total += found,
            Err(panic) => resume_unwind(panic),
        }
    }
    total
}
