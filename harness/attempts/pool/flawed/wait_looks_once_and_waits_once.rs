//! Looks at the count once and then waits once: a thread that wakes for no reason, as a `Condvar` lets it, takes that for the end of
//! the jobs.
//!
//! caught by: shuttle::wait_returns_when_every_job_has_run_once, loom::wait_returns_when_every_job_has_run_once
//! may be caught by: examples, properties

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send + 'static>;

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    workers: Vec<JoinHandle<()>>,
    sender: Option<Sender<Job>>,
    unfinished: Arc<(Mutex<usize>, Condvar)>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs a worker");
        let (sender, receiver) = mpsc::channel::<Job>();
        let receiver = Arc::new(Mutex::new(receiver));
        let unfinished = Arc::new((Mutex::new(0), Condvar::new()));
        let workers = (0..workers)
            .map(|_| {
                let receiver: Arc<Mutex<Receiver<Job>>> = Arc::clone(&receiver);
                let unfinished = Arc::clone(&unfinished);
                thread::spawn(move || {
                    loop {
                        // The lock ends with this line, before the job runs.
                        let message = receiver.lock().unwrap().recv();
                        let Ok(job) = message else { return };
                        let _ = catch_unwind(AssertUnwindSafe(job));
                        let (count, done) = &*unfinished;
                        let mut count = count.lock().unwrap();
                        *count -= 1;
                        if *count == 0 {
                            done.notify_all();
                        }
                    }
                })
            })
            .collect();
        Pool { workers, sender: Some(sender), unfinished }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        *self.unfinished.0.lock().unwrap() += 1;
        self.sender.as_ref().unwrap().send(Box::new(job)).unwrap();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let (count, done) = &*self.unfinished;
        let count = count.lock().unwrap();
        if *count > 0 {
            let _guard = done.wait(count).unwrap();
        }
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
