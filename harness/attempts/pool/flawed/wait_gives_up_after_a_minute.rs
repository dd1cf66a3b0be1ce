//! `wait` waits a minute at most and does not look at why it woke: jobs that take longer are still running when it returns.
//!
//! caught by: shuttle::a_job_that_panics_costs_neither_worker_nor_wait, shuttle::everybody_who_waits_is_woken,
//! shuttle::execute_does_not_wait_for_the_job, shuttle::two_threads_may_submit_at_once,
//! shuttle::wait_returns_when_every_job_has_run_once, loom::a_job_that_panics_costs_neither_worker_nor_wait,
//! loom::everybody_who_waits_is_woken, loom::execute_does_not_wait_for_the_job,
//! loom::no_more_jobs_run_at_once_than_there_are_workers, loom::two_threads_may_submit_at_once,
//! loom::wait_is_not_ended_by_jobs_that_came_later, loom::wait_returns_when_every_job_has_run_once
//! survives: examples, properties

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

type Job = Box<dyn FnOnce() + Send>;

struct Shared {
    jobs: Mutex<Receiver<Job>>,
    unfinished: Mutex<usize>,
    idle: Condvar,
}

impl Shared {
    fn work(&self) {
        loop {
            let next = self.jobs.lock().unwrap().recv();
            let Ok(job) = next else { return };
            let _ = catch_unwind(AssertUnwindSafe(job));
            let mut unfinished = self.unfinished.lock().unwrap();
            *unfinished -= 1;
            if *unfinished == 0 {
                self.idle.notify_all();
            }
        }
    }
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    sender: Option<Sender<Job>>,
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs at least one worker");
        let (sender, receiver) = channel();
        let shared = Arc::new(Shared { jobs: Mutex::new(receiver), unfinished: Mutex::new(0), idle: Condvar::new() });
        let workers = (0..workers)
            .map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.work())
            })
            .collect();
        Pool { sender: Some(sender), shared, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        *self.shared.unfinished.lock().unwrap() += 1;
        self.sender.as_ref().unwrap().send(Box::new(job)).unwrap();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let unfinished = self.shared.unfinished.lock().unwrap();
        drop(self.shared.idle.wait_timeout_while(unfinished, Duration::from_secs(60), |unfinished| *unfinished > 0).unwrap());
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        drop(self.sender.take());
        for worker in self.workers.drain(..) {
            worker.join().unwrap();
        }
    }
}
