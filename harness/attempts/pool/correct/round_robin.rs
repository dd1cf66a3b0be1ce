//! A channel for each worker, filled in turn: a job may wait behind a slow one, but each worker gets its share.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

/// How many jobs have not finished.
#[derive(Default)]
struct Unfinished {
    count: Mutex<usize>,
    none: Condvar,
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    workers: Vec<(Sender<Job>, JoinHandle<()>)>,
    next: AtomicUsize,
    unfinished: Arc<Unfinished>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs a worker");
        let unfinished = Arc::<Unfinished>::default();
        let start = |_| {
            let (sender, jobs) = channel::<Job>();
            let unfinished = Arc::clone(&unfinished);
            let worker = thread::spawn(move || {
                for job in jobs {
                    let _ = catch_unwind(AssertUnwindSafe(job));
                    let mut count = unfinished.count.lock().unwrap();
                    *count -= 1;
                    if *count == 0 {
                        unfinished.none.notify_all();
                    }
                }
            });
            (sender, worker)
        };
        let workers = (0..workers).map(start).collect();
        Self { workers, next: AtomicUsize::new(0), unfinished }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        *self.unfinished.count.lock().unwrap() += 1;
        // ORDERING: Relaxed, since nothing but the turn depends on it.
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.workers.len();
        let sent = self.workers[turn].0.send(Box::new(job));
        assert!(sent.is_ok(), "a worker ends only when its sender is gone");
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let count = self.unfinished.count.lock().unwrap();
        drop(self.unfinished.none.wait_while(count, |count| *count > 0).unwrap());
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        let (senders, workers): (Vec<_>, Vec<_>) = self.workers.drain(..).unzip();
        drop(senders);
        for worker in workers {
            let _ = worker.join();
        }
    }
}
