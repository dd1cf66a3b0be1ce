//! Starts a thread for each job: any number of them runs at the same time.
//!
//! caught by: shuttle::no_more_jobs_run_at_once_than_there_are_workers, loom::no_more_jobs_run_at_once_than_there_are_workers
//! may be caught by: examples, properties

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

struct Shared {
    unfinished: Mutex<usize>,
    idle: Condvar,
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    shared: Arc<Shared>,
    workers: Mutex<Vec<JoinHandle<()>>>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs at least one worker");
        let shared = Arc::new(Shared { unfinished: Mutex::new(0), idle: Condvar::new() });
        Self { shared, workers: Mutex::new(Vec::with_capacity(workers)) }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let shared = Arc::clone(&self.shared);
        *shared.unfinished.lock().unwrap() += 1;
        let worker = thread::spawn(move || {
            let _ = catch_unwind(AssertUnwindSafe(job));
            let mut unfinished = shared.unfinished.lock().unwrap();
            *unfinished -= 1;
            if *unfinished == 0 {
                shared.idle.notify_all();
            }
        });
        self.workers.lock().unwrap().push(worker);
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
        for worker in self.workers.get_mut().unwrap().drain(..) {
            let _ = worker.join();
        }
    }
}
