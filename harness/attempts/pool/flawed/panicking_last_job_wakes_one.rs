//! The last job wakes all who wait, but one that panics wakes only one of them: the others sleep for ever.
//!
//! caught by: shuttle::a_job_that_panics_wakes_everybody_who_waits_as_well,
//! loom::a_job_that_panics_wakes_everybody_who_waits_as_well
//! survives: examples, properties

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle, Thread};

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    sleeping: Vec<Thread>,
    unfinished: usize,
    closing: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    idle: Condvar,
}

impl Shared {
    fn next(&self) -> Option<Job> {
        let me = thread::current();
        loop {
            let mut state = self.state.lock().unwrap();
            state.sleeping.retain(|thread| thread.id() != me.id());
            let job = state.queue.pop_front();
            if job.is_some() || state.closing {
                return job;
            }
            state.sleeping.push(me.clone());
            drop(state);
            thread::park();
        }
    }

    /// A job has panicked: counts as finished, too.
    fn failed(&self) {
        let mut state = self.state.lock().unwrap();
        state.unfinished -= 1;
        if state.unfinished == 0 {
            self.idle.notify_one();
        }
    }

    fn finish(&self) {
        let mut state = self.state.lock().unwrap();
        state.unfinished -= 1;
        if state.unfinished == 0 {
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
        let start = |_| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                while let Some(job) = shared.next() {
                    match catch_unwind(AssertUnwindSafe(job)) {
                        Ok(()) => shared.finish(),
                        Err(_) => shared.failed(),
                    }
                }
            })
        };
        let workers = (0..workers).map(start).collect();
        Pool { shared, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let mut state = self.shared.state.lock().unwrap();
        state.queue.push_back(Box::new(job));
        state.unfinished += 1;
        let sleeper = state.sleeping.pop();
        drop(state);
        if let Some(sleeper) = sleeper {
            sleeper.unpark();
        }
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
        for worker in &self.workers {
            worker.thread().unpark();
        }
        for worker in self.workers.drain(..) {
            worker.join().unwrap();
        }
    }
}
