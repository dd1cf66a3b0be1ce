//! The queue is a `static`: the workers of one pool take the jobs of another one too, so that more of its jobs run at once than
//! it has workers.
//!
//! caught by: shuttle::no_more_jobs_run_at_once_than_there_are_workers
//! may be caught by: examples, properties
//! survives: loom

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

/// The jobs that no worker has taken yet.
static QUEUE: Mutex<VecDeque<Job>> = Mutex::new(VecDeque::new());
/// There is a job, or a pool is closing.
static NEWS: Condvar = Condvar::new();

#[derive(Default)]
struct Shared {
    closing: OnceLock<()>,
    unfinished: Mutex<usize>,
    idle: Condvar,
}

impl Shared {
    fn work(&self) {
        loop {
            let queue = QUEUE.lock().unwrap();
            let nothing = |queue: &mut VecDeque<Job>| queue.is_empty() && self.closing.get().is_none();
            let job = NEWS.wait_while(queue, nothing).unwrap().pop_front();
            let Some(job) = job else { return };
            job();
        }
    }

    fn finish(&self) {
        let mut unfinished = self.unfinished.lock().unwrap();
        *unfinished -= 1;
        if *unfinished == 0 {
            self.idle.notify_all();
        }
    }
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs at least one worker");
        let shared = Arc::new(Shared::default());
        let workers = (0..workers)
            .map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.work())
            })
            .collect();
        Pool { shared, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        *self.shared.unfinished.lock().unwrap() += 1;
        let shared = Arc::clone(&self.shared);
        let job = Box::new(move || {
            let _ = catch_unwind(AssertUnwindSafe(job));
            shared.finish();
        });
        QUEUE.lock().unwrap().push_back(job);
        NEWS.notify_all();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let unfinished = self.shared.unfinished.lock().unwrap();
        drop(self.shared.idle.wait_while(unfinished, |unfinished| *unfinished > 0).unwrap());
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        let queue = QUEUE.lock().unwrap();
        self.shared.closing.set(()).expect("a pool is dropped once");
        drop(queue);
        NEWS.notify_all();
        for worker in self.workers.drain(..) {
            worker.join().unwrap();
        }
    }
}
