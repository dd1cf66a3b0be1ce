//! `wait` looks fifty times at the count of unfinished jobs, and then sleeps without a last look: if the last job ends in
//! between, the notification finds nobody.
//!
//! caught by: shuttle::everybody_who_waits_is_woken, loom::wait_returns_when_every_job_has_run_once
//! may be caught by: examples, properties

use std::hint;
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
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        *self.unfinished.count.lock().unwrap() += 1;
        self.jobs.as_ref().unwrap().send(Box::new(job)).unwrap();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        for _ in 0..50 {
            if *self.unfinished.count.lock().unwrap() == 0 {
                return;
            }
            hint::spin_loop();
        }
        // It will take a while.
        let mut count = self.unfinished.count.lock().unwrap();
        loop {
            count = self.unfinished.none_left.wait(count).unwrap();
            if *count == 0 {
                return;
            }
        }
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
