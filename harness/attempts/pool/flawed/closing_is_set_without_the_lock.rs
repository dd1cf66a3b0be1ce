//! Closing is a `OnceLock` that is set without the lock of the queue: a worker that has just looked at it and is about to sleep
//! misses the call.
//!
//! caught by: shuttle::a_job_begins_although_somebody_waits, shuttle::a_job_may_submit_another,
//! shuttle::a_job_that_panics_costs_neither_worker_nor_wait, shuttle::after_a_panic_all_workers_work_at_once_as_before,
//! shuttle::all_workers_work_at_once, shuttle::dropping_a_pool_that_has_nothing_to_do_ends_every_worker,
//! shuttle::dropping_finishes_every_job_and_ends_every_worker, shuttle::everybody_who_waits_is_woken,
//! shuttle::execute_does_not_wait_for_the_job, shuttle::no_more_jobs_run_at_once_than_there_are_workers,
//! shuttle::two_threads_may_submit_at_once, shuttle::wait_is_not_ended_by_jobs_that_came_later,
//! shuttle::wait_returns_when_every_job_has_run_once, loom::a_job_begins_although_somebody_waits,
//! loom::a_job_may_submit_another, loom::a_job_that_panics_costs_neither_worker_nor_wait,
//! loom::after_a_panic_all_workers_work_at_once_as_before, loom::all_workers_work_at_once,
//! loom::dropping_a_pool_that_has_nothing_to_do_ends_every_worker, loom::dropping_finishes_every_job_and_ends_every_worker,
//! loom::everybody_who_waits_is_woken, loom::execute_does_not_wait_for_the_job,
//! loom::no_more_jobs_run_at_once_than_there_are_workers, loom::two_threads_may_submit_at_once,
//! loom::wait_is_not_ended_by_jobs_that_came_later, loom::wait_returns_when_every_job_has_run_once
//! may be caught by: examples, properties

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Shared {
    queue: Mutex<VecDeque<Job>>,
    /// There is a job, or the pool is closing.
    news: Condvar,
    closing: OnceLock<()>,
    unfinished: Mutex<usize>,
    idle: Condvar,
}

impl Shared {
    fn work(&self) {
        loop {
            let queue = self.queue.lock().unwrap();
            let nothing = |queue: &mut VecDeque<Job>| queue.is_empty() && self.closing.get().is_none();
            let job = self.news.wait_while(queue, nothing).unwrap().pop_front();
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
        self.shared.queue.lock().unwrap().push_back(job);
        self.shared.news.notify_all();
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
        self.shared.closing.set(()).expect("a pool is dropped once");
        self.shared.news.notify_all();
        for worker in self.workers.drain(..) {
            worker.join().unwrap();
        }
    }
}
