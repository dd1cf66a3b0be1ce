//! Does not catch a panic: it ends the worker's thread. On the way out, a sentinel on its stack starts another worker in its
//! place and counts the job as finished. Every worker's handle is in a list under a Mutex, and the drop joins until the list
//! is empty.

use std::mem;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

struct Shared {
    jobs: Mutex<Receiver<Job>>,
    unfinished: Mutex<usize>,
    all_finished: Condvar,
    handles: Mutex<Vec<JoinHandle<()>>>,
}

/// Dropped only if the job panics.
struct Sentinel<'a>(&'a Arc<Shared>);

impl Drop for Sentinel<'_> {
    fn drop(&mut self) {
        start_worker(self.0);
        finish_one(self.0);
    }
}

fn start_worker(shared: &Arc<Shared>) {
    let handle = thread::spawn({
        let shared = Arc::clone(shared);
        move || work(&shared)
    });
    shared.handles.lock().unwrap().push(handle);
}

fn finish_one(shared: &Shared) {
    let mut unfinished = shared.unfinished.lock().unwrap();
    *unfinished -= 1;
    if *unfinished == 0 {
        shared.all_finished.notify_all();
    }
}

fn work(shared: &Arc<Shared>) {
    loop {
        let next = shared.jobs.lock().unwrap().recv();
        let Ok(job) = next else { return };
        let sentinel = Sentinel(shared);
        job();
        mem::forget(sentinel);
        finish_one(shared);
    }
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    jobs: Option<Sender<Job>>,
    shared: Arc<Shared>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs at least one worker");
        let (sender, receiver) = channel();
        let shared = Arc::new(Shared {
            jobs: Mutex::new(receiver),
            unfinished: Mutex::new(0),
            all_finished: Condvar::new(),
            handles: Mutex::new(Vec::new()),
        });
        for _ in 0..workers {
            start_worker(&shared);
        }
        Pool { jobs: Some(sender), shared }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        *self.shared.unfinished.lock().unwrap() += 1;
        self.jobs.as_ref().unwrap().send(Box::new(job)).unwrap();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let unfinished = self.shared.unfinished.lock().unwrap();
        drop(self.shared.all_finished.wait_while(unfinished, |unfinished| *unfinished > 0).unwrap());
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        self.jobs = None;
        loop {
            // The lock must be free during the join: a worker that panics puts its successor into the list before it ends.
            let handle = self.shared.handles.lock().unwrap().pop();
            match handle {
                // An error is a job's panic, which has been dealt with.
                Some(handle) => drop(handle.join()),
                None => break,
            }
        }
    }
}
