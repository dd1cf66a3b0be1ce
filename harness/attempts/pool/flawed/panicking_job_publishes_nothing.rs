//! The count is lowered with Release after a job, but with Relaxed after one that panics: what that one wrote need not be seen.
//!
//! caught by: loom::a_job_that_panics_wakes_everybody_who_waits_as_well
//! survives: examples, properties, shuttle

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, Thread};

type Job = Box<dyn FnOnce() + Send>;

struct Shared {
    jobs: Mutex<Receiver<Job>>,
    unfinished: AtomicUsize,
    waiting: Mutex<Vec<Thread>>,
}

impl Shared {
    fn work(&self) {
        loop {
            let next = self.jobs.lock().unwrap().recv();
            let Ok(job) = next else { return };
            let order = match catch_unwind(AssertUnwindSafe(job)) {
                Ok(()) => Ordering::AcqRel,
                // What it has written is of no use to anybody.
                Err(_) => Ordering::Relaxed,
            };
            if self.unfinished.fetch_sub(1, order) == 1 {
                for thread in self.waiting.lock().unwrap().iter() {
                    thread.unpark();
                }
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
        let shared =
            Arc::new(Shared { jobs: Mutex::new(receiver), unfinished: AtomicUsize::new(0), waiting: Mutex::new(Vec::new()) });
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
        self.shared.unfinished.fetch_add(1, Ordering::Relaxed);
        self.sender.as_ref().unwrap().send(Box::new(job)).unwrap();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let me = thread::current();
        // Into the list first, then a look at the count: a worker that has missed us has brought the count to 0 before.
        self.shared.waiting.lock().unwrap().push(me.clone());
        while self.shared.unfinished.load(Ordering::Acquire) > 0 {
            thread::park();
        }
        self.shared.waiting.lock().unwrap().retain(|thread| thread.id() != me.id());
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
