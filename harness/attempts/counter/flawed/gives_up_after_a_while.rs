//! `increment_below` tries its exchange four times: if others come first each time, it returns `None` far below the limit.
//!
//! caught by: loom::nobody_is_refused_however_often_others_come_first
//! may be caught by: examples, properties, shuttle

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
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
        self.count.fetch_add(1, Relaxed) + 1
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let mut count = self.count.load(Relaxed);
        for _ in 0..4 {
            if count >= limit {
                break;
            }
            match self.count.compare_exchange(count, count + 1, Relaxed, Relaxed) {
                Ok(_) => return Some(count + 1),
                Err(newer) => count = newer,
            }
        }
        None
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
