//! `wait` sleeps until a deadline by the clock, and says on stderr how many jobs are left if it comes to that; then it waits for
//! the next.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long a wait may take before somebody is told.
const PATIENCE: Duration = Duration::from_secs(60);

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
        let mut state = self.shared.state.lock().unwrap();
        state.queue.push_back(Box::new(job));
        state.unfinished += 1;
        self.shared.work.notify_one();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let begin = Instant::now();
        let mut deadline = begin + PATIENCE;
        let mut state = self.shared.state.lock().unwrap();
        while state.unfinished > 0 {
            let now = Instant::now();
            if now >= deadline {
                eprintln!("{} jobs are not finished after {:?}", state.unfinished, begin.elapsed());
                deadline = now + PATIENCE;
            }
            state = self.shared.idle.wait_timeout(state, deadline - now).unwrap().0;
        }
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
