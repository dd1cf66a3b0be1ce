//! Each worker counts in a `thread_local` cell, and adds it to the sum behind a `LazyLock` of its call when it is done; a sum of
//! `None` says that somebody panicked.

use std::cell::Cell;
use std::sync::{Arc, LazyLock, Mutex, RwLock};
use std::thread;

thread_local! {
    /// What this worker has found so far.
    static FOUND: Cell<usize> = const { Cell::new(0) };
}

/// A number that many threads count up together.
pub struct Counter {
    count: RwLock<u64>,
}

impl Counter {
    /// A counter at 0.
    pub const fn new() -> Self {
        Self { count: RwLock::new(0) }
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        let mut count = self.count.write().unwrap();
        *count += 1;
        *count
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let mut count = self.count.write().unwrap();
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(*count)
    }

    /// The count.
    pub fn get(&self) -> u64 {
        *self.count.read().unwrap()
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let total: Arc<LazyLock<Mutex<usize>>> = Arc::new(LazyLock::new(|| Mutex::new(0)));
    let work = Arc::new((items, matches));
    let threads: Vec<_> = (0..workers)
        .map(|first| {
            let (total, work) = (Arc::clone(&total), Arc::clone(&work));
            thread::spawn(move || {
                let (items, matches) = &*work;
                for item in items.iter().skip(first).step_by(workers) {
                    if matches(item) {
                        FOUND.set(FOUND.get() + 1);
                    }
                }
                *total.lock().unwrap() += FOUND.take();
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("`matches` panicked");
    }
    *total.lock().unwrap()
}
