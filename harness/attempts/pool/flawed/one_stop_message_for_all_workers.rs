//! Dropping the pool sends the message to stop once only: one worker takes it, and the drop waits
//! for the others for ever.
//!
//! caught by: examples::dropping_a_pool_without_jobs_ends_its_workers, shuttle::a_job_begins_although_somebody_waits,
//! shuttle::after_a_panic_all_workers_work_at_once_as_before, shuttle::all_workers_work_at_once,
//! shuttle::dropping_a_pool_that_has_nothing_to_do_ends_every_worker,
//! shuttle::dropping_finishes_every_job_and_ends_every_worker, shuttle::wait_is_not_ended_by_jobs_that_came_later,
//! shuttle::wait_returns_when_every_job_has_run_once, loom::a_job_begins_although_somebody_waits,
//! loom::after_a_panic_all_workers_work_at_once_as_before, loom::all_workers_work_at_once,
//! loom::dropping_a_pool_that_has_nothing_to_do_ends_every_worker, loom::dropping_finishes_every_job_and_ends_every_worker,
//! loom::wait_is_not_ended_by_jobs_that_came_later, loom::wait_returns_when_every_job_has_run_once
//! may be caught by: properties

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

enum Message {
    Run(Job),
    Stop,
}

struct Shared {
    jobs: Mutex<Receiver<Message>>,
    unfinished: Mutex<usize>,
    idle: Condvar,
}

impl Shared {
    fn work(&self) {
        loop {
            let message = self.jobs.lock().unwrap().recv();
            let Ok(Message::Run(job)) = message else { return };
            let _ = catch_unwind(AssertUnwindSafe(job));
            self.finished();
        }
    }

    fn finished(&self) {
        let mut unfinished = self.unfinished.lock().unwrap();
        *unfinished -= 1;
        if *unfinished == 0 {
            self.idle.notify_all();
        }
    }
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    sender: Sender<Message>,
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs at least one worker");
        let (sender, receiver) = mpsc::channel();
        let shared = Arc::new(Shared { jobs: Mutex::new(receiver), unfinished: Mutex::new(0), idle: Condvar::new() });
        let workers = (0..workers)
            .map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.work())
            })
            .collect();
        Self { sender, shared, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        *self.shared.unfinished.lock().unwrap() += 1;
        self.sender.send(Message::Run(Box::new(job))).unwrap();
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
        self.sender.send(Message::Stop).unwrap();
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}
