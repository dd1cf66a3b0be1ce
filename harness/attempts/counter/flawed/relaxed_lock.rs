//! The flag of this spin lock is `Relaxed`: it lets one thread at a time in, but does not promise that a thread sees what the
//! last one wrote.
//!
//! caught by: loom::no_two_increments_return_the_same
//! survives: examples, properties, shuttle

use std::cell::UnsafeCell;
use std::hint;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

/// A number that many threads count up together.
pub struct Counter {
    locked: AtomicBool,
    count: UnsafeCell<u64>,
}

// SAFETY: the number is used by one thread at a time, the one that has set the flag.
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

    /// Runs `f` while no other thread has the number.
    fn with<R>(&self, f: impl FnOnce(&mut u64) -> R) -> R {
        while self.locked.swap(true, Relaxed) {
            hint::spin_loop();
        }
        // SAFETY: whoever read `false` has set the flag, so nobody else is here until it is cleared.
        let result = f(unsafe { &mut *self.count.get() });
        self.locked.store(false, Relaxed);
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
    let count = |first| items.iter().skip(first).step_by(workers).filter(|item| matches(item)).count();
    let count = &count;
    thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|first| scope.spawn(move || count(first))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).sum()
    })
}
