//! `execute` wakes a worker only when the queue was empty: of two jobs that come quickly one after
//! the other the second waits for the first, although another worker is free.
//!
//! caught by: shuttle::a_job_begins_although_somebody_waits, shuttle::after_a_panic_all_workers_work_at_once_as_before,
//! shuttle::all_workers_work_at_once, loom::after_a_panic_all_workers_work_at_once_as_before
//! survives: nothing
//! may be caught by: examples, properties

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

struct State {
    queue: VecDeque<Job>,
    unfinished: usize,
    closing: bool,
}

struct Shared {
    state: Mutex<State>,
    work: Condvar,
    idle: Condvar,
}

impl Shared {
    fn work(&self) {
        let mut state = self.state.lock().unwrap();
        loop {
            if let Some(job) = state.queue.pop_front() {
                drop(state);
                let _ = catch_unwind(AssertUnwindSafe(job));
                state = self.state.lock().unwrap();
                state.unfinished -= 1;
                if state.unfinished == 0 {
                    self.idle.notify_all();
                }
            } else if state.closing {
                return;
            } else {
                state = self.work.wait(state).unwrap();
            }
        }
    }
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs at least one worker");
        let state = State { queue: VecDeque::new(), unfinished: 0, closing: false };
        let shared = Arc::new(Shared { state: Mutex::new(state), work: Condvar::new(), idle: Condvar::new() });
        let workers = (0..workers)
            .map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.work())
            })
            .collect();
        Self { shared, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let mut state = self.shared.state.lock().unwrap();
        if state.queue.is_empty() {
            self.shared.work.notify_one();
        }
        state.queue.push_back(Box::new(job));
        state.unfinished += 1;
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let mut state = self.shared.state.lock().unwrap();
        while state.unfinished > 0 {
            state = self.shared.idle.wait(state).unwrap();
        }
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        self.shared.state.lock().unwrap().closing = true;
        self.shared.work.notify_all();
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}
