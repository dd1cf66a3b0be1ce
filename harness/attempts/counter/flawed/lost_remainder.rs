//! The size of a share is rounded down: nobody looks at what remains at the end.
//!
//! caught by: examples::count_matching_counts_what_matches, examples::every_item_is_looked_at_exactly_once,
//! properties::count_matching_counts_what_an_iterator_counts, shuttle::every_item_is_looked_at_once_and_counted_once,
//! loom::every_item_is_looked_at_once_and_counted_once

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
    let work = Arc::new((items, matches));
    let handles: Vec<_> = (0..workers)
        .map(|worker| {
            let work = Arc::clone(&work);
            thread::spawn(move || {
                let (items, matches) = &*work;
                let share = items.len() / workers;
                let mine = &items[worker * share..(worker + 1) * share];
                mine.iter().filter(|item| matches(item)).count()
            })
        })
        .collect();
    let results: Vec<_> = handles.into_iter().map(|handle| handle.join()).collect();
    results.into_iter().map(Result::unwrap).sum()
}
