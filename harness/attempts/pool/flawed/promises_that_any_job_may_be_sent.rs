//! `execute` takes any job, and promises the compiler by itself that it may go to another thread.
//!
//! caught by: examples::only_sound_uses_compile
//! survives: properties, shuttle, loom

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

/// What goes to a worker.
struct Parcel<F>(F);

// SAFETY: it is handed over as a whole, and used by one worker.
unsafe impl<F> Send for Parcel<F> {}

impl<F: FnOnce()> Parcel<F> {
    fn open(self) {
        (self.0)();
    }
}

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
    pub fn execute(&self, job: impl FnOnce() + 'static) {
        let job = Parcel(job);
        *self.unfinished.count.lock().unwrap() += 1;
        self.jobs.as_ref().unwrap().send(Box::new(move || job.open())).unwrap();
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
