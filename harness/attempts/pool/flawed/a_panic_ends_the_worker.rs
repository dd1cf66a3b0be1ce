//! The panic of a job is not caught: the count is right, but its worker has ended, and after a few
//! such jobs nobody is left to do the others.
//!
//! caught by: examples::a_job_that_panics_costs_no_worker, shuttle::a_job_that_panics_costs_neither_worker_nor_wait,
//! shuttle::after_a_panic_all_workers_work_at_once_as_before, loom::a_job_that_panics_costs_neither_worker_nor_wait,
//! loom::after_a_panic_all_workers_work_at_once_as_before
//! may be caught by: properties

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

struct Shared {
    jobs: Mutex<Receiver<Job>>,
    unfinished: Mutex<usize>,
    idle: Condvar,
}

impl Shared {
    fn work(&self) {
        loop {
            let job = self.jobs.lock().unwrap().recv();
            let Ok(job) = job else { return };
            let _running = Running(self);
            job();
        }
    }

    fn finished(&self) {
        let mut unfinished = self.unfinished.lock().unwrap();
        *unfinished -= 1;
        if *unfinished == 0 {
            self.idle.notify_all();
        }
    }
}

/// A job that runs. Counts it as finished when it goes, however it ended.
struct Running<'a>(&'a Shared);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.finished();
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
        let shared = Arc::new(Shared { jobs: Mutex::new(receiver), unfinished: Mutex::new(0), idle: Condvar::new() });
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
        *self.shared.unfinished.lock().unwrap() += 1;
        self.sender.as_ref().unwrap().send(Box::new(job)).unwrap();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let unfinished = self.shared.unfinished.lock().unwrap();
        let _idle = self.shared.idle.wait_while(unfinished, |unfinished| *unfinished > 0).unwrap();
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
