//! `new` returns when all its workers are there: all meet at a `Barrier`.

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
        let all_here = Arc::new(Barrier::new(workers + 1));
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
