//! `execute` takes jobs that borrow, since dropping the pool waits for them; but a pool that is forgotten waits for nothing.
//!
//! caught by: examples::only_sound_uses_compile
//! survives: properties, shuttle, loom

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Unfinished {
    count: Mutex<usize>,
    none_left: Condvar,
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    jobs: Option<Sender<Job>>,
    unfinished: Arc<Unfinished>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs at least one worker");
        let (sender, receiver) = channel::<Job>();
        let receiver = Arc::new(Mutex::new(receiver));
        let unfinished = Arc::new(Unfinished::default());
        let workers = (0..workers)
            .map(|_| {
                let receiver = Arc::clone(&receiver);
                let unfinished = Arc::clone(&unfinished);
                thread::spawn(move || work(&receiver, &unfinished))
            })
            .collect();
        Pool { jobs: Some(sender), unfinished, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute<'a>(&self, job: impl FnOnce() + Send + 'a) {
        *self.unfinished.count.lock().unwrap() += 1;
        let job: Box<dyn FnOnce() + Send + 'a> = Box::new(job);
        // SAFETY: the job has ended when the pool is dropped.
        let job = unsafe { mem::transmute::<Box<dyn FnOnce() + Send + 'a>, Job>(job) };
        self.jobs.as_ref().unwrap().send(job).unwrap();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let count = self.unfinished.count.lock().unwrap();
        let _none = self.unfinished.none_left.wait_while(count, |count| *count > 0).unwrap();
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        drop(self.jobs.take());
        for worker in self.workers.drain(..) {
            worker.join().unwrap();
        }
    }
}

fn work(jobs: &Mutex<Receiver<Job>>, unfinished: &Unfinished) {
    loop {
        // A statement of its own, so that the lock is free again while the job runs.
        let next = jobs.lock().unwrap().recv();
        let Ok(job) = next else { return };
        let _ = catch_unwind(AssertUnwindSafe(job));
        let mut count = unfinished.count.lock().unwrap();
        *count -= 1;
        if *count == 0 {
            unfinished.none_left.notify_all();
        }
    }
}
