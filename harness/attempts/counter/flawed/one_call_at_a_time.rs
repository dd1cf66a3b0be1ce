//! One call of `count_matching` at a time, by a lock that all calls share: one inside of another waits for ever.
//!
//! caught by: examples::matches_may_count_as_well
//! survives: properties, shuttle, loom

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Mutex, PoisonError};
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
    // The sum is a static, which one call at a time may use.
    static TOTAL: AtomicUsize = AtomicUsize::new(0);
    static ONE_CALL: Mutex<()> = Mutex::new(());
    let _alone = ONE_CALL.lock().unwrap_or_else(PoisonError::into_inner);
    TOTAL.store(0, Relaxed);
    thread::scope(|scope| {
        for worker in 0..workers {
            let (items, matches) = (&items, &matches);
            scope.spawn(move || {
                for item in items.iter().skip(worker).step_by(workers) {
                    if matches(item) {
                        TOTAL.fetch_add(1, Relaxed);
                    }
                }
            });
        }
    });
    TOTAL.load(Relaxed)
}
