//! Who waits says so in one atomic and looks at another, the last job lowers that one and looks at
//! the first, both without a common order: each may see the old value of the other, and then `wait`
//! sleeps for ever.
//!
//! caught by: loom::a_job_begins_although_somebody_waits, loom::a_job_may_submit_another,
//! loom::a_job_that_panics_costs_neither_worker_nor_wait, loom::after_a_panic_all_workers_work_at_once_as_before,
//! loom::all_workers_work_at_once, loom::dropping_a_pool_that_has_nothing_to_do_ends_every_worker,
//! loom::everybody_who_waits_is_woken, loom::execute_does_not_wait_for_the_job,
//! loom::no_more_jobs_run_at_once_than_there_are_workers, loom::two_threads_may_submit_at_once,
//! loom::wait_is_not_ended_by_jobs_that_came_later, loom::wait_returns_when_every_job_has_run_once
//! survives: shuttle
//! may be caught by: examples, properties

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, Thread};

type Job = Box<dyn FnOnce() + Send>;

struct Shared {
    jobs: Mutex<Receiver<Job>>,
    unfinished: AtomicUsize,
    waiting: AtomicUsize,
    waiters: Mutex<Vec<Thread>>,
}

impl Shared {
    fn work(&self) {
        loop {
            let job = self.jobs.lock().unwrap().recv();
            let Ok(job) = job else { return };
            let _ = catch_unwind(AssertUnwindSafe(job));
            self.finished();
        }
    }

    fn finished(&self) {
        if self.unfinished.fetch_sub(1, Ordering::AcqRel) == 1 && self.waiting.load(Ordering::Acquire) > 0 {
            for waiter in self.waiters.lock().unwrap().iter() {
                waiter.unpark();
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
        let (sender, receiver) = mpsc::channel();
        let shared = Arc::new(Shared {
            jobs: Mutex::new(receiver),
            unfinished: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            waiters: Mutex::new(Vec::new()),
        });
        let workers = (0..workers)
            .map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.work())
            })
            .collect();
        Self { sender: Some(sender), shared, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.shared.unfinished.fetch_add(1, Ordering::AcqRel);
        self.sender.as_ref().unwrap().send(Box::new(job)).unwrap();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let me = thread::current();
        self.shared.waiters.lock().unwrap().push(me.clone());
        self.shared.waiting.fetch_add(1, Ordering::AcqRel);
        while self.shared.unfinished.load(Ordering::Acquire) > 0 {
            thread::park();
        }
        self.shared.waiting.fetch_sub(1, Ordering::AcqRel);
        self.shared.waiters.lock().unwrap().retain(|waiter| waiter.id() != me.id());
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        self.sender = None;
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}
