//! A mutex around the number; the caller is one of the workers, and starts only the others.

use std::sync::Mutex;
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
        self.change(|count| *count += 1)
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let mut added = false;
        let count = self.change(|count| {
            added = *count < limit;
            *count += u64::from(added);
        });
        added.then_some(count)
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.change(|_| {})
    }

    /// Changes the count while nobody else does, and returns what it is then.
    fn change(&self, f: impl FnOnce(&mut u64)) -> u64 {
        let mut count = self.count.lock().expect("nothing panics while it holds the lock");
        f(&mut count);
        *count
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
        let others: Vec<_> = (1..workers).map(|first| scope.spawn(move || count(first))).collect();
        // If this panics, the scope waits for the others before it lets the panic through.
        let mine = count(0);
        others.into_iter().fold(mine, |total, other| total + other.join().expect("`matches` panicked"))
    })
}
