//! A mutex whose poison is ignored, for the count is whole at any time; workers take the items from one shared iterator.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::vec::IntoIter;

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
        let mut count = lock(&self.count);
        *count += 1;
        *count
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let mut count = lock(&self.count);
        (*count < limit).then(|| {
            *count += 1;
            *count
        })
    }

    /// The count.
    pub fn get(&self) -> u64 {
        *lock(&self.count)
    }
}

/// A number is never half changed, so it is as good after a panic as before.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the workers share.
struct Work<T, F> {
    items: Mutex<IntoIter<T>>,
    matches: F,
    found: Mutex<usize>,
}

impl<T, F: Fn(&T) -> bool> Work<T, F> {
    /// The next item. A function of its own, so that the lock is free again when the caller looks at the item.
    fn next(&self) -> Option<T> {
        lock(&self.items).next()
    }

    fn work(&self) {
        while let Some(item) = self.next() {
            // The right side comes first: nobody holds the lock during `matches`.
            *lock(&self.found) += usize::from((self.matches)(&item));
        }
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert_ne!(workers, 0, "there must be a worker");
    let work = Arc::new(Work { items: Mutex::new(items.into_iter()), matches, found: Mutex::new(0) });
    let mut handles = Vec::with_capacity(workers);
    for _ in 0..workers {
        let work = Arc::clone(&work);
        handles.push(thread::spawn(move || work.work()));
    }
    let mut panicked = false;
    for handle in handles {
        panicked |= handle.join().is_err();
    }
    assert!(!panicked, "`matches` panicked");
    *lock(&work.found)
}
