//! A spin lock made by hand around the number; each worker has a place of its own for what it found.

use std::cell::UnsafeCell;
use std::hint;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::thread;

/// A number that many threads count up together.
pub struct Counter {
    locked: AtomicBool,
    count: UnsafeCell<u64>,
}

// SAFETY: `with` lets one thread at a time reach the number.
unsafe impl Sync for Counter {}

impl Counter {
    /// A counter at 0.
    pub fn new() -> Self {
        Self { locked: AtomicBool::new(false), count: UnsafeCell::new(0) }
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        self.with(|count| {
            *count += 1;
            *count
        })
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        self.with(|count| {
            if *count >= limit {
                return None;
            }
            *count += 1;
            Some(*count)
        })
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.with(|count| *count)
    }

    /// Runs `f`, which must not panic, while no other thread has the number.
    fn with<R>(&self, f: impl FnOnce(&mut u64) -> R) -> R {
        // ORDERING: Acquire pairs with the Release below: what the last thread wrote is seen by this one.
        while self.locked.swap(true, Acquire) {
            hint::spin_loop();
        }
        // SAFETY: whoever read `false` has set the flag, so nobody else is here until it is cleared.
        let result = f(unsafe { &mut *self.count.get() });
        self.locked.store(false, Release);
        result
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let found: Arc<Vec<AtomicUsize>> = Arc::new((0..workers).map(|_| AtomicUsize::new(0)).collect());
    let work = Arc::new((items, matches));
    let mut handles = Vec::new();
    for worker in 0..workers {
        let (found, work) = (Arc::clone(&found), Arc::clone(&work));
        handles.push(thread::spawn(move || {
            let (items, matches) = &*work;
            let mine = items.iter().enumerate().filter(|(index, _)| index % workers == worker);
            // ORDERING: Relaxed, since the caller joins this thread before it reads.
            found[worker].store(mine.filter(|(_, item)| matches(item)).count(), Relaxed);
        }));
    }
    let ends: Vec<_> = handles.into_iter().map(|handle| handle.join()).collect();
    for end in ends {
        end.unwrap();
    }
    found.iter().map(|found| found.load(Relaxed)).sum()
}
