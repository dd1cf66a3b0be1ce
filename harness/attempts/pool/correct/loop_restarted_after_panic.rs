//! The panic is caught around the worker's whole loop, which then starts again in the same thread; a guard counts the job as
//! finished on the way out. The queue is a plain stack under a Mutex with two Condvars: the newest job goes first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    stack: Vec<Job>,
    submitted: u64,
    finished: u64,
    closing: bool,
}

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    work: Condvar,
    quiet: Condvar,
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn run_until_closed(&self) {
        loop {
            let waiting = |state: &mut State| state.stack.is_empty() && !state.closing;
            let job = self.work.wait_while(self.lock(), waiting).unwrap().stack.pop();
            let Some(job) = job else { return };
            let _running = Running(self);
            job();
        }
    }

    fn close(&self) {
        self.lock().closing = true;
        self.work.notify_all();
    }
}

struct Running<'a>(&'a Inner);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.finished += 1;
        if state.finished == state.submitted {
            self.0.quiet.notify_all();
        }
    }
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    inner: Arc<Inner>,
    handles: Vec<JoinHandle<()>>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs at least one worker");
        let inner = Arc::new(Inner::default());
        let start = |_| {
            let inner = Arc::clone(&inner);
            thread::spawn(move || while catch_unwind(AssertUnwindSafe(|| inner.run_until_closed())).is_err() {})
        };
        let handles = (0..workers).map(start).collect();
        Pool { inner, handles }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let mut state = self.inner.lock();
        state.submitted += 1;
        state.stack.push(Box::new(job));
        self.inner.work.notify_one();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let _state = self.inner.quiet.wait_while(self.inner.lock(), |state| state.finished < state.submitted).unwrap();
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        self.inner.close();
        for handle in self.handles.drain(..) {
            handle.join().unwrap();
        }
    }
}
