//! `compare_exchange` for both ways to add; the work is cut in two, and each half again, until a part is for one worker.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
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
        loop {
            let count = self.get();
            if self.moves_on_from(count) {
                return count + 1;
            }
        }
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        loop {
            let count = self.get();
            if count >= limit {
                return None;
            }
            if self.moves_on_from(count) {
                return Some(count + 1);
            }
        }
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.count.load(Acquire)
    }

    /// Adds one if the count is still `count`, and says whether it was.
    fn moves_on_from(&self, count: u64) -> bool {
        self.count.compare_exchange(count, count + 1, Release, Relaxed).is_ok()
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    count(&items, workers, &matches)
}

/// Counts with the calling thread and `workers - 1` others.
fn count<T: Sync>(items: &[T], workers: usize, matches: &(impl Fn(&T) -> bool + Sync)) -> usize {
    if workers == 1 {
        return items.iter().filter(|item| matches(item)).count();
    }
    let for_left = workers / 2;
    // As many items for each worker on the left as on the right, up to one.
    let (each, left_over) = (items.len() / workers, items.len() % workers);
    let (left, right) = items.split_at(each * for_left + left_over.min(for_left));
    thread::scope(|scope| {
        let on_the_left = scope.spawn(move || count(left, for_left, matches));
        let on_the_right = count(right, workers - for_left, matches);
        on_the_left.join().expect("`matches` panicked") + on_the_right
    })
}
