//! A worker that was woken looks for a job only once and leaves when there is none: if another
//! worker was faster, the pool has lost a worker.
//!
//! caught by: shuttle::a_job_begins_although_somebody_waits, shuttle::a_job_may_submit_another,
//! shuttle::a_job_that_panics_costs_neither_worker_nor_wait, shuttle::after_a_panic_all_workers_work_at_once_as_before,
//! shuttle::all_workers_work_at_once,
//! shuttle::execute_does_not_wait_for_the_job, shuttle::no_more_jobs_run_at_once_than_there_are_workers,
//! shuttle::two_threads_may_submit_at_once,
//! loom::a_job_begins_although_somebody_waits, loom::a_job_may_submit_another,
//! loom::a_job_that_panics_costs_neither_worker_nor_wait, loom::after_a_panic_all_workers_work_at_once_as_before,
//! loom::all_workers_work_at_once, loom::everybody_who_waits_is_woken, loom::execute_does_not_wait_for_the_job,
//! loom::no_more_jobs_run_at_once_than_there_are_workers, loom::two_threads_may_submit_at_once
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
        while let Some(job) = self.next_job() {
            let _ = catch_unwind(AssertUnwindSafe(job));
            self.finished();
        }
    }

    fn next_job(&self) -> Option<Job> {
        let mut state = self.state.lock().unwrap();
        if state.queue.is_empty() && !state.closing {
            state = self.work.wait(state).unwrap();
        }
        state.queue.pop_front()
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
