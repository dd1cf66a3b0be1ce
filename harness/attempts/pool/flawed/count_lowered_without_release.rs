//! A worker lowers the count with an ordering that does not publish what the job wrote: `wait`
//! returns at the right time, but need not see it.
//!
//! caught by: loom::a_job_may_submit_another, loom::a_job_that_panics_costs_neither_worker_nor_wait,
//! loom::everybody_who_waits_is_woken, loom::execute_does_not_wait_for_the_job,
//! loom::no_more_jobs_run_at_once_than_there_are_workers, loom::two_threads_may_submit_at_once,
//! loom::wait_is_not_ended_by_jobs_that_came_later, loom::wait_returns_when_every_job_has_run_once
//! survives: examples, properties, shuttle

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

struct Shared {
    jobs: Mutex<Receiver<Job>>,
    unfinished: AtomicUsize,
}

impl Shared {
    fn work(&self) {
        loop {
            let job = self.jobs.lock().unwrap().recv();
            let Ok(job) = job else { return };
            let _ = catch_unwind(AssertUnwindSafe(job));
            self.unfinished.fetch_sub(1, Ordering::Acquire);
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
        let (sender, receiver) = mpsc::channel();
        let shared = Arc::new(Shared { jobs: Mutex::new(receiver), unfinished: AtomicUsize::new(0) });
        let workers = (0..workers)
            .map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.work())
            })
            .collect();
        Self { sender: Some(sender), shared, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.shared.unfinished.fetch_add(1, Ordering::Relaxed);
        self.sender.as_ref().unwrap().send(Box::new(job)).unwrap();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        while self.shared.unfinished.load(Ordering::Acquire) > 0 {
            thread::yield_now();
        }
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        self.sender = None;
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}
