//! The queue has room for sixteen jobs: with more than that `execute` waits until a worker has
//! taken one.
//!
//! caught by: examples::execute_does_not_wait_for_a_worker
//! survives: shuttle, loom
//! may be caught by: properties

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, SyncSender};
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
            let _ = catch_unwind(AssertUnwindSafe(job));
            self.finished();
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

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    sender: Option<SyncSender<Job>>,
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs at least one worker");
        let (sender, receiver) = mpsc::sync_channel(16);
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
