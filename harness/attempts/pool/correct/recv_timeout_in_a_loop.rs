//! A shared receiver, from which each worker takes with `recv_timeout`: when the time is up without a job it asks again, and it
//! ends only when the channel does. `wait` wakes now and then, too, and looks again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
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
            let next = self.jobs.lock().unwrap().recv_timeout(Duration::from_secs(10));
            let job = match next {
                Ok(job) => job,
                // Nobody has needed us for a while; perhaps somebody does now.
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return,
            };
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
        let mut unfinished = self.shared.unfinished.lock().unwrap();
        while *unfinished > 0 {
            (unfinished, _) = self.shared.idle.wait_timeout(unfinished, Duration::from_secs(1)).unwrap();
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
