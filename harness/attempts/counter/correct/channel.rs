//! Every way to count goes through one method that locks; each worker sends what it found over a channel, and is joined.

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
        self.increment_below(u64::MAX).expect("nobody counts that far")
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let mut count = self.count.lock().unwrap();
        if *count < limit {
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
    let items = Arc::new(items);
    let matches = Arc::new(matches);
    let (sender, receiver) = channel();
    let mut handles = Vec::new();
    for worker in 0..workers {
        let (items, matches, sender) = (Arc::clone(&items), Arc::clone(&matches), sender.clone());
        handles.push(thread::spawn(move || {
            let mine = items.iter().skip(worker).step_by(workers);
            sender.send(mine.filter(|item| matches(item)).count()).expect("the caller listens until the last worker hangs up");
        }));
    }
    // Or else the channel would never end.
    drop(sender);
    let total = receiver.iter().sum();
    // A worker that panicked has hung up without a word; only its handle tells.
    let panics: Vec<_> = handles.into_iter().filter_map(|handle| handle.join().err()).collect();
    assert!(panics.is_empty(), "{} of {workers} workers panicked", panics.len());
    total
}
