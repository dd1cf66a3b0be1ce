//! Waits for a message from each worker, and joins none: whoever has sent its message has nothing left to do.

use std::sync::mpsc::channel;
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
    let (sender, receiver) = channel();
    for first in 0..workers {
        let (work, sender) = (Arc::clone(&work), sender.clone());
        thread::spawn(move || {
            let (items, matches) = &*work;
            let found = items.iter().skip(first).step_by(workers).filter(|item| matches(item)).count();
            sender.send(found).unwrap();
        });
    }
    // So that the channel ends if a worker panics.
    drop(sender);
    let found: Vec<usize> = receiver.iter().take(workers).collect();
    assert_eq!(found.len(), workers, "`matches` panicked");
    found.into_iter().sum()
}
