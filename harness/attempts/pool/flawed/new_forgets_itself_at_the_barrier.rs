//! `new` meets its workers at a `Barrier` and has forgotten to count itself: one worker stays there for ever, if not `new`.
//!
//! caught by: examples::a_job_that_panics_costs_no_worker, examples::a_pool_can_be_used_again_after_a_wait,
//! examples::all_workers_work_at_once, examples::dropping_a_pool_without_jobs_ends_its_workers,
//! examples::dropping_finishes_every_job, examples::dropping_finishes_every_job_in_spite_of_panics,
//! examples::jobs_run_on_the_workers_threads_and_nowhere_else, examples::no_more_jobs_run_at_once_than_there_are_workers,
//! examples::several_threads_may_submit_and_wait, examples::wait_is_not_ended_by_jobs_that_came_later,
//! examples::wait_returns_at_once_if_there_is_nothing_to_wait_for, examples::wait_returns_when_every_job_has_run_once,
//! examples::wait_waits_for_a_job_that_is_still_running, examples::what_a_job_owns_is_gone_with_the_pool,
//! properties::any_number_of_workers_work_at_once, properties::whatever_is_submitted_runs_once,
//! properties::whenever_it_is_dropped_every_job_has_run, shuttle::a_job_begins_although_somebody_waits,
//! shuttle::after_a_panic_all_workers_work_at_once_as_before, shuttle::all_workers_work_at_once,
//! shuttle::dropping_a_pool_that_has_nothing_to_do_ends_every_worker,
//! shuttle::dropping_finishes_every_job_and_ends_every_worker, shuttle::wait_is_not_ended_by_jobs_that_came_later,
//! shuttle::wait_returns_when_every_job_has_run_once, loom::a_job_begins_although_somebody_waits,
//! loom::after_a_panic_all_workers_work_at_once_as_before, loom::all_workers_work_at_once,
//! loom::dropping_a_pool_that_has_nothing_to_do_ends_every_worker, loom::dropping_finishes_every_job_and_ends_every_worker,
//! loom::wait_is_not_ended_by_jobs_that_came_later, loom::wait_returns_when_every_job_has_run_once

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    unfinished: usize,
    closing: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
    idle: Condvar,
}

impl Shared {
    /// The next job, or `None` when there will be no more.
    fn next(&self) -> Option<Job> {
        let state = self.state.lock().unwrap();
        let nothing = |state: &mut State| state.queue.is_empty() && !state.closing;
        self.work.wait_while(state, nothing).unwrap().queue.pop_front()
    }

    fn work(&self) {
        while let Some(job) = self.next() {
            let _ = catch_unwind(AssertUnwindSafe(job));
            let mut state = self.state.lock().unwrap();
            state.unfinished -= 1;
            if state.unfinished == 0 {
                self.idle.notify_all();
            }
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
        let all_here = Arc::new(Barrier::new(workers));
        let workers = (0..workers)
            .map(|_| {
                let (shared, all_here) = (Arc::clone(&shared), Arc::clone(&all_here));
                thread::spawn(move || {
                    all_here.wait();
                    shared.work();
                })
            })
            .collect();
        all_here.wait();
        Pool { shared, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let mut state = self.shared.state.lock().unwrap();
        state.queue.push_back(Box::new(job));
        state.unfinished += 1;
        self.shared.work.notify_one();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let state = self.shared.state.lock().unwrap();
        drop(self.shared.idle.wait_while(state, |state| state.unfinished > 0).unwrap());
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        self.shared.state.lock().unwrap().closing = true;
        self.shared.work.notify_all();
        for worker in self.workers.drain(..) {
            worker.join().unwrap();
        }
    }
}
