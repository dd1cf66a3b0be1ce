//! A worker empties the whole queue and then does one job after the other: the jobs that it has
//! taken wait for it, although other workers are free.
//!
//! caught by: shuttle::a_job_begins_although_somebody_waits, shuttle::after_a_panic_all_workers_work_at_once_as_before,
//! shuttle::all_workers_work_at_once, loom::a_job_begins_although_somebody_waits,
//! loom::after_a_panic_all_workers_work_at_once_as_before, loom::all_workers_work_at_once
//! may be caught by: examples, properties

use std::collections::VecDeque;
use std::mem;
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
        while let Some(jobs) = self.next_jobs() {
            for job in jobs {
                let _ = catch_unwind(AssertUnwindSafe(job));
                self.finished();
            }
        }
    }

    fn next_jobs(&self) -> Option<VecDeque<Job>> {
        let state = self.state.lock().unwrap();
        let mut state = self.work.wait_while(state, |state| state.queue.is_empty() && !state.closing).unwrap();
        if state.queue.is_empty() { None } else { Some(mem::take(&mut state.queue)) }
    }

    fn finished(&self) {
        let mut state = self.state.lock().unwrap();
        state.unfinished -= 1;
        if state.unfinished == 0 {
            self.idle.notify_all();
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
        state.queue.push_back(Box::new(job));
        state.unfinished += 1;
        drop(state);
        self.shared.work.notify_one();
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
