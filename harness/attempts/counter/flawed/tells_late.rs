//! Keeps the count for `get` in an atomic of its own, and writes it only after the lock is released: whoever was refused at the
//! limit may then find a count below it.
//!
//! caught by: loom::whoever_is_refused_finds_the_count_at_the_limit
//! may be caught by: examples, properties, shuttle

use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

/// A number that many threads count up together.
pub struct Counter {
    count: Mutex<u64>,
    told: AtomicU64,
}

impl Counter {
    /// A counter at 0.
    pub fn new() -> Self {
        Self { count: Mutex::new(0), told: AtomicU64::new(0) }
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        let count = {
            let mut count = self.count.lock().unwrap();
            *count += 1;
            *count
        };
        self.told.fetch_max(count, Relaxed);
        count
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let count = {
            let mut count = self.count.lock().unwrap();
            if *count >= limit {
                return None;
            }
            *count += 1;
            *count
        };
        self.told.fetch_max(count, Relaxed);
        Some(count)
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.told.load(Relaxed)
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let (each, left_over) = (items.len() / workers, items.len() % workers);
    thread::scope(|scope| {
        let mut rest = items.as_slice();
        let mut handles = Vec::new();
        for worker in 0..workers {
            let (mine, others) = rest.split_at(each + usize::from(worker < left_over));
            rest = others;
            let matches = &matches;
            handles.push(scope.spawn(move || mine.iter().filter(|item| matches(item)).count()));
        }
        handles.into_iter().map(|handle| handle.join().unwrap()).sum()
    })
}
