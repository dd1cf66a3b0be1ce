//! `update` and `try_update`; the caller hands the items out over a channel to each worker, in turn.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::channel;
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
        self.count.update(Relaxed, Relaxed, |count| count + 1) + 1
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let next = |count: u64| if count < limit { count.checked_add(1) } else { None };
        let old = self.count.try_update(Relaxed, Relaxed, next).ok()?;
        Some(old + 1)
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.count.load(Relaxed)
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let matches = Arc::new(matches);
    let mut desks = Vec::new();
    let mut handles = Vec::new();
    for _ in 0..workers {
        let (desk, for_me) = channel();
        desks.push(desk);
        let matches = Arc::clone(&matches);
        handles.push(thread::spawn(move || for_me.iter().filter(|item| matches(item)).count()));
    }
    for (item, desk) in items.into_iter().zip(desks.iter().cycle()) {
        // It fails only if that worker has panicked; its handle says so below.
        let _ = desk.send(item);
    }
    drop(desks);
    let results: Vec<_> = handles.into_iter().map(|handle| handle.join()).collect();
    results.into_iter().map(|found| found.expect("`matches` panicked")).sum()
}
