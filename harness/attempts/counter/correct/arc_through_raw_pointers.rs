//! Each worker gets its `Arc` as a raw pointer, as one hands it to a C library. `Counter::new` is const; a static counter gives
//! the threads their names.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::Builder;

/// Counts the workers of all calls.
static WORKERS: AtomicU64 = AtomicU64::new(1);

/// A number that many threads count up together.
pub struct Counter {
    count: Mutex<u64>,
}

impl Counter {
    /// A counter at 0.
    pub const fn new() -> Self {
        Self { count: Mutex::new(0) }
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        let mut count = self.count.lock().unwrap();
        *count += 1;
        *count
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let mut count = self.count.lock().unwrap();
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(*count)
    }

    /// The count.
    pub fn get(&self) -> u64 {
        *self.count.lock().unwrap()
    }
}

struct Work<T, F> {
    items: Vec<T>,
    matches: F,
}

/// One of the owners of the work.
struct Share<T, F>(*const Work<T, F>);

// SAFETY: it stands for an `Arc<Work<T, F>>`.
unsafe impl<T: Send + Sync, F: Send + Sync> Send for Share<T, F> {}

impl<T, F> Share<T, F> {
    fn into_arc(self) -> Arc<Work<T, F>> {
        // SAFETY: the pointer comes from `Arc::into_raw`, and one count of the `Arc` belongs to this share.
        unsafe { Arc::from_raw(self.0) }
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let work = Arc::new(Work { items, matches });
    let threads: Vec<_> = (0..workers)
        .map(|first| {
            let share = Share(Arc::into_raw(Arc::clone(&work)));
            let name = format!("worker {}", WORKERS.fetch_add(1, Ordering::Relaxed));
            let count = move || {
                let work = share.into_arc();
                work.items.iter().skip(first).step_by(workers).filter(|&item| (work.matches)(item)).count()
            };
            Builder::new().name(name).spawn(count).expect("there is room for another thread")
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().expect("`matches` panicked")).sum()
}
