//! A drop on a worker joins nobody, since a worker cannot join itself: but the worker may be one of another pool.
//!
//! caught by: examples::a_job_may_have_a_pool_of_its_own
//! survives: properties, shuttle, loom

use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{Builder, JoinHandle};

thread_local! {
    /// Whether this thread is a worker.
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

type Job = Box<dyn FnOnce() + Send>;

struct State {
    queue: VecDeque<Job>,
    /// Those in the queue and those that run.
    unfinished: usize,
    closing: bool,
}

struct Shared {
    state: Mutex<State>,
    work: Condvar,
    idle: Condvar,
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
        let state = State { queue: VecDeque::new(), unfinished: 0, closing: false };
        let shared = Arc::new(Shared { state: Mutex::new(state), work: Condvar::new(), idle: Condvar::new() });
        let mut handles = Vec::with_capacity(workers);
        for number in 0..workers {
            let shared = Arc::clone(&shared);
            let builder = Builder::new().name(format!("worker {number}"));
            handles.push(builder.spawn(move || work(&shared)).expect("a thread for the worker"));
        }
        Pool { shared, workers: handles }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let job = Box::new(job);
        let mut state = self.shared.state.lock().unwrap();
        state.queue.push_back(job);
        state.unfinished += 1;
        drop(state);
        self.shared.work.notify_one();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let mut state = self.shared.state.lock().unwrap();
        while state.unfinished > 0 {
            state = self.shared.idle.wait(state).unwrap();
        }
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        self.shared.state.lock().unwrap().closing = true;
        self.shared.work.notify_all();
        // A worker cannot wait for its own end: the last owner of the pool may have been a job.
        if IS_WORKER.get() {
            return;
        }
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}

fn work(shared: &Shared) {
    IS_WORKER.set(true);
    let mut state = shared.state.lock().unwrap();
    loop {
        if let Some(job) = state.queue.pop_front() {
            drop(state);
            let _ = catch_unwind(AssertUnwindSafe(job));
            state = shared.state.lock().unwrap();
            state.unfinished -= 1;
            if state.unfinished == 0 {
                shared.idle.notify_all();
            }
        } else if state.closing {
            return;
        } else {
            state = shared.work.wait(state).unwrap();
        }
    }
}
