//! `count_matching` asks nothing of items and `matches`, and promises the compiler by itself that threads may share them.
//!
//! caught by: examples::only_sound_uses_compile
//! survives: properties, shuttle, loom

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Builder;

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

/// What the workers have.
struct Parcel<T>(T);

// SAFETY: the caller waits for the workers, and uses nothing of it meanwhile.
unsafe impl<T> Send for Parcel<T> {}

impl<T: FnOnce() -> R, R> Parcel<T> {
    fn open(self) -> R {
        (self.0)()
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(mut items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: 'static,
    F: Fn(&T) -> bool + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let matches = Arc::new(matches);
    let mut handles = Vec::new();
    for worker in 1..=workers {
        // An equal part of what is left, rounded down: enough stays for those who come after.
        let share = items.len() / (workers - worker + 1);
        let mine = items.split_off(items.len() - share);
        let matches = Arc::clone(&matches);
        let work = Parcel(move || mine.iter().filter(|&item| matches(item)).count());
        let thread = Builder::new().name(format!("worker {worker} of {workers}"));
        handles.push(thread.spawn(move || work.open()).expect("there is room for another thread"));
    }
    let results: Vec<_> = handles.into_iter().map(|handle| handle.join()).collect();
    results.into_iter().map(Result::unwrap).sum()
}
