//! `wait` looks only at whether the queue is empty: it returns while workers still run the last
//! jobs.
//!
//! caught by: shuttle::a_job_may_submit_another, shuttle::a_job_that_panics_costs_neither_worker_nor_wait,
//! shuttle::everybody_who_waits_is_woken, shuttle::execute_does_not_wait_for_the_job,
//! shuttle::no_more_jobs_run_at_once_than_there_are_workers, shuttle::two_threads_may_submit_at_once,
//! shuttle::wait_is_not_ended_by_jobs_that_came_later, shuttle::wait_returns_when_every_job_has_run_once,
//! loom::a_job_may_submit_another, loom::a_job_that_panics_costs_neither_worker_nor_wait, loom::everybody_who_waits_is_woken,
//! loom::execute_does_not_wait_for_the_job, loom::no_more_jobs_run_at_once_than_there_are_workers,
//! loom::two_threads_may_submit_at_once, loom::wait_returns_when_every_job_has_run_once
//! may be caught by: examples, properties

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

struct State {
    queue: VecDeque<Job>,
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
                if state.queue.is_empty() {
                    self.idle.notify_all();
                }
                drop(state);
                let _ = catch_unwind(AssertUnwindSafe(job));
                state = self.state.lock().unwrap();
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
        let state = State { queue: VecDeque::new(), closing: false };
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
        self.shared.state.lock().unwrap().queue.push_back(Box::new(job));
        self.shared.work.notify_one();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let mut state = self.shared.state.lock().unwrap();
        while !state.queue.is_empty() {
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
