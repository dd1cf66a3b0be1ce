//! A queue, the number of running jobs and a flag for the end, all under one Mutex with one Condvar. Every change wakes
//! everybody, and everybody looks again at what they wait for.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    running: usize,
    closing: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn change<T>(&self, how: impl FnOnce(&mut State) -> T) -> T {
        let result = how(&mut self.state.lock().unwrap());
        self.changed.notify_all();
        result
    }

    fn work(&self) {
        while let Some(job) = self.next() {
            let _ = catch_unwind(AssertUnwindSafe(job));
            self.change(|state| state.running -= 1);
        }
    }

    fn next(&self) -> Option<Job> {
        let state = self.state.lock().unwrap();
        let mut state = self.changed.wait_while(state, |state| state.queue.is_empty() && !state.closing).unwrap();
        let job = state.queue.pop_front()?;
        state.running += 1;
        Some(job)
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
            thread::spawn(move || shared.work())
        };
        let workers = (0..workers).map(start).collect();
        Pool { shared, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.shared.change(|state| state.queue.push_back(Box::new(job)));
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let mut state = self.shared.state.lock().unwrap();
        while !state.queue.is_empty() || state.running > 0 {
            state = self.shared.changed.wait(state).unwrap();
        }
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        self.shared.change(|state| state.closing = true);
        for worker in self.workers.drain(..) {
            worker.join().unwrap();
        }
    }
}
