//! Each job brings an owner of one `Arc`, and drops it when it has finished. Whoever waits looks at the count, which orders nothing:
//! what the jobs wrote need not be seen.
//!
//! caught by: loom::a_job_may_submit_another, loom::a_job_that_panics_costs_neither_worker_nor_wait,
//! loom::everybody_who_waits_is_woken, loom::execute_does_not_wait_for_the_job,
//! loom::no_more_jobs_run_at_once_than_there_are_workers, loom::two_threads_may_submit_at_once,
//! loom::wait_is_not_ended_by_jobs_that_came_later, loom::wait_returns_when_every_job_has_run_once,
//! shuttle::a_job_may_submit_another, shuttle::a_job_that_panics_costs_neither_worker_nor_wait,
//! shuttle::everybody_who_waits_is_woken, shuttle::execute_does_not_wait_for_the_job,
//! shuttle::two_threads_may_submit_at_once, shuttle::wait_is_not_ended_by_jobs_that_came_later,
//! shuttle::wait_returns_when_every_job_has_run_once
//! survives: examples, properties

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// There is one for each job that has not finished, and one that the pool keeps.
type Token = Arc<()>;

struct Submitted {
    job: Box<dyn FnOnce() + Send>,
    _token: Token,
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    token: Token,
    submit: Option<Sender<Submitted>>,
    workers: Vec<JoinHandle<()>>,
}

fn work(jobs: &Mutex<Receiver<Submitted>>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Submitted { job, _token }) = next else { return };
        // The token outlives the job, and goes at the end of this turn.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert_ne!(workers, 0, "somebody has to work");
        let (submit, jobs) = channel();
        let jobs = Arc::new(Mutex::new(jobs));
        let workers = (0..workers)
            .map(|_| {
                let jobs = Arc::clone(&jobs);
                thread::spawn(move || work(&jobs))
            })
            .collect();
        Self { token: Token::default(), submit: Some(submit), workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let submitted = Submitted { job: Box::new(job), _token: Arc::clone(&self.token) };
        let submit = self.submit.as_ref().expect("it is there until the pool is dropped");
        assert!(submit.send(submitted).is_ok(), "the workers receive until the pool is dropped");
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        while Arc::strong_count(&self.token) > 1 {
            thread::yield_now();
        }
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        self.submit = None;
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}
