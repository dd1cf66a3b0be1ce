//! Each thread counts alone, in a thread-local, and for all counters at once.
//!
//! caught by: examples::two_counters_know_nothing_of_each_other, shuttle::no_two_increments_return_the_same,
//! loom::no_two_increments_return_the_same
//! may be caught by: properties

use std::cell::Cell;
use std::thread;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// A number that many threads count up together.
pub struct Counter;

impl Counter {
    /// A counter at 0.
    pub fn new() -> Self {
        Self
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        COUNT.set(COUNT.get() + 1);
        COUNT.get()
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        (COUNT.get() < limit).then(|| self.increment())
    }

    /// The count.
    pub fn get(&self) -> u64 {
        COUNT.get()
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
