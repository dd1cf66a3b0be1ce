//! What the workers share is made by the first job, in a once-cell of its own: a flag and an `UnsafeCell`. The lock lies inside of the
//! cell, which is asked again while the lock is held.

use std::cell::UnsafeCell;
use std::collections::VecDeque;
use std::mem::MaybeUninit;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

/// Filled once, by whoever is first.
struct Lazy<T> {
    filled: AtomicU8,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: filled by one thread, before the flag says so; from then on it is only shared.
unsafe impl<T: Send + Sync> Sync for Lazy<T> {}

impl<T> Lazy<T> {
    const fn new() -> Self {
        Self { filled: AtomicU8::new(0), value: UnsafeCell::new(MaybeUninit::uninit()) }
    }
    fn fill(&self, make: impl FnOnce() -> T) {
        if self.filled.compare_exchange(0, 1, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            let value = make();
            // SAFETY: nobody else comes here, and nobody reads yet.
            unsafe { (*self.value.get()).write(value) };
            self.filled.store(2, Ordering::Release);
        }
        while self.filled.load(Ordering::Acquire) != 2 {
            thread::yield_now();
        }
    }
}

impl<T> Deref for Lazy<T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.get().unwrap()
    }
}

impl<T> Lazy<T> {
    fn get(&self) -> Option<&T> {
        // SAFETY: 2 says that it is filled, for good.
        (self.filled.load(Ordering::Acquire) == 2).then(|| unsafe { (*self.value.get()).assume_init_ref() })
    }
}

impl<T> Drop for Lazy<T> {
    fn drop(&mut self) {
        if *self.filled.get_mut() == 2 {
            // SAFETY: 2 says that it is filled.
            unsafe { self.value.get_mut().assume_init_drop() }
        }
    }
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    unfinished: usize,
    workers: Vec<JoinHandle<()>>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    wanted: usize,
    state: Mutex<State>,
    changed: Condvar,
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    workers: usize,
    shared: Arc<Lazy<Shared>>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs workers");
        Self { workers, shared: Arc::new(Lazy::new()) }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.shared.fill(|| Shared { wanted: self.workers, ..Shared::default() });
        let mut state = self.shared.state.lock().unwrap();
        while state.workers.len() < self.shared.wanted {
            let shared = Arc::clone(&self.shared);
            state.workers.push(thread::spawn(move || work(&shared)));
        }
        state.queue.push_back(Box::new(job));
        state.unfinished += 1;
        self.shared.changed.notify_all();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let Some(shared) = self.shared.get() else { return };
        let mut state = shared.state.lock().unwrap();
        while state.unfinished > 0 {
            state = shared.changed.wait(state).unwrap();
        }
    }
}

fn work(shared: &Lazy<Shared>) {
    let mut state = shared.state.lock().unwrap();
    loop {
        if let Some(job) = state.queue.pop_front() {
            drop(state);
            let _ = catch_unwind(AssertUnwindSafe(job));
            state = shared.state.lock().unwrap();
            state.unfinished -= 1;
            shared.changed.notify_all();
        } else if state.closed {
            return;
        } else {
            state = shared.changed.wait(state).unwrap();
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let Some(shared) = self.shared.get() else { return };
        let mut state = shared.state.lock().unwrap();
        state.closed = true;
        shared.changed.notify_all();
        let workers = std::mem::take(&mut state.workers);
        drop(state);
        for worker in workers {
            worker.join().unwrap();
        }
    }
}
