//! Workers, and those who wait, in `HashMap`s by the number of their thread: joined and unparked in whatever order these come.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, Thread, ThreadId};

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    unfinished: usize,
    closed: bool,
    idle: HashMap<ThreadId, Thread>,
    waiting: HashMap<ThreadId, Thread>,
}

fn unpark_all(threads: &mut HashMap<ThreadId, Thread>) {
    for (_, thread) in threads.drain() {
        thread.unpark();
    }
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    state: Arc<Mutex<State>>,
    workers: HashMap<ThreadId, JoinHandle<()>>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs workers");
        let state = Arc::<Mutex<State>>::default();
        let start = |_| {
            let state = Arc::clone(&state);
            let worker = thread::spawn(move || work(&state));
            (worker.thread().id(), worker)
        };
        let workers = (0..workers).map(start).collect();
        Self { state, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let mut state = self.state.lock().unwrap();
        state.queue.push_back(Box::new(job));
        state.unfinished += 1;
        unpark_all(&mut state.idle);
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let me = thread::current();
        loop {
            let mut state = self.state.lock().unwrap();
            if state.unfinished == 0 {
                state.waiting.remove(&me.id());
                return;
            }
            state.waiting.insert(me.id(), me.clone());
            drop(state);
            thread::park();
        }
    }
}

fn work(shared: &Mutex<State>) {
    let me = thread::current();
    loop {
        let mut state = shared.lock().unwrap();
        if let Some(job) = state.queue.pop_front() {
            drop(state);
            let _ = catch_unwind(AssertUnwindSafe(job));
            let mut state = shared.lock().unwrap();
            state.unfinished -= 1;
            if state.unfinished == 0 {
                unpark_all(&mut state.waiting);
            }
        } else if state.closed {
            return;
        } else {
            state.idle.insert(me.id(), me.clone());
            drop(state);
            thread::park();
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut state = self.state.lock().unwrap();
        state.closed = true;
        unpark_all(&mut state.idle);
        drop(state);
        for (_, worker) in self.workers.drain() {
            worker.join().unwrap();
        }
    }
}
