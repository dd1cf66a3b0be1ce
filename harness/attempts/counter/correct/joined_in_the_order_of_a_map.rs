//! Handles and results in `HashMap`s by the thread: joined and added up in whatever order these come.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// A number that many threads count up together.
pub struct Counter(AtomicU64);

impl Counter {
    /// A counter at 0.
    pub fn new() -> Self {
        Counter(AtomicU64::new(0))
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        1 + self.0.fetch_add(1, Ordering::AcqRel)
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let add_one = |count| if count < limit { Some(count + 1) } else { None };
        match self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, add_one) {
            Ok(old) => Some(old + 1),
            Err(_) => None,
        }
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let shared = Arc::new((items, matches, Mutex::new(HashMap::new())));
    let threads: HashMap<_, _> = (0..workers)
        .map(|first| {
            let shared = Arc::clone(&shared);
            let worker = thread::spawn(move || {
                let (items, matches, found) = &*shared;
                let mine = items.iter().skip(first).step_by(workers).filter(|item| matches(item)).count();
                found.lock().unwrap().insert(thread::current().id(), mine);
            });
            (worker.thread().id(), worker)
        })
        .collect();
    let ids: HashSet<_> = threads.keys().copied().collect();
    let ends: Vec<_> = threads.into_values().map(|worker| worker.join()).collect();
    assert!(ends.iter().all(Result::is_ok), "`matches` panicked");
    let (_, _, found) = &*shared;
    let found = found.lock().unwrap();
    ids.iter().map(|id| found[id]).sum()
}
