//! Each worker leaves its result in a plain cell and says so with a `Relaxed` flag: the caller may see the flag, and yet not
//! what is in the cell.
//!
//! caught by: loom::every_item_is_looked_at_once_and_counted_once
//! survives: examples, properties, shuttle

use std::cell::UnsafeCell;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
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

/// Where one worker leaves what it found.
struct Slot {
    full: AtomicBool,
    found: UnsafeCell<usize>,
}

// SAFETY: the worker writes before the slot is full, and the caller reads after that.
unsafe impl Sync for Slot {}

impl Slot {
    fn put(&self, found: usize) {
        // SAFETY: the slot is not full yet, so nobody reads.
        unsafe { *self.found.get() = found };
        self.full.store(true, Relaxed);
    }

    fn take(&self) -> usize {
        // SAFETY: the slot is full, so nobody writes; or its worker has ended.
        unsafe { *self.found.get() }
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let work = Arc::new((items, matches));
    let mut handles = Vec::new();
    let mut slots = Vec::new();
    for first in 0..workers {
        let slot = Arc::new(Slot { full: AtomicBool::new(false), found: UnsafeCell::new(0) });
        slots.push(Arc::clone(&slot));
        let work = Arc::clone(&work);
        handles.push(thread::spawn(move || {
            let (items, matches) = &*work;
            slot.put(items.iter().skip(first).step_by(workers).filter(|item| matches(item)).count());
        }));
    }
    let mut total = 0;
    let mut panicked = false;
    for (slot, handle) in slots.iter().zip(handles) {
        while !slot.full.load(Relaxed) && !handle.is_finished() {
            thread::yield_now();
        }
        total += slot.take();
        panicked |= handle.join().is_err();
    }
    assert!(!panicked, "`matches` panicked");
    total
}
