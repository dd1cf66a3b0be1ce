//! `wait` parks once and does not look again: a wake-up that was meant for an earlier `wait`, or
//! for something else, lets it return while its jobs still run.
//!
//! caught by: shuttle::a_job_that_panics_costs_neither_worker_nor_wait, shuttle::two_threads_may_submit_at_once,
//! shuttle::wait_returns_when_every_job_has_run_once, loom::a_job_that_panics_costs_neither_worker_nor_wait,
//! loom::no_more_jobs_run_at_once_than_there_are_workers, loom::two_threads_may_submit_at_once
//! may be caught by: examples, properties

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, Thread};

type Job = Box<dyn FnOnce() + Send>;

struct Shared {
    jobs: Mutex<Receiver<Job>>,
    unfinished: AtomicUsize,
    waiters: Mutex<Vec<Thread>>,
}

impl Shared {
    fn work(&self) {
        loop {
            let job = self.jobs.lock().unwrap().recv();
            let Ok(job) = job else { return };
            let _ = catch_unwind(AssertUnwindSafe(job));
            self.finished();
        }
    }

    fn finished(&self) {
        if self.unfinished.fetch_sub(1, Ordering::SeqCst) == 1 {
            for waiter in self.waiters.lock().unwrap().drain(..) {
                waiter.unpark();
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
        let (sender, receiver) = mpsc::channel();
        let shared =
            Arc::new(Shared { jobs: Mutex::new(receiver), unfinished: AtomicUsize::new(0), waiters: Mutex::new(Vec::new()) });
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
        self.shared.unfinished.fetch_add(1, Ordering::SeqCst);
        self.sender.as_ref().unwrap().send(Box::new(job)).unwrap();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        self.shared.waiters.lock().unwrap().push(thread::current());
        if self.shared.unfinished.load(Ordering::SeqCst) > 0 {
            thread::park();
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
