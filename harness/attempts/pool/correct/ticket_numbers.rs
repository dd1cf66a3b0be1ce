//! Each job gets a number, and a sorted set holds the numbers of those that are not finished. `wait` notes the next number,
//! and sleeps until no smaller one is in the set: it does not wait for jobs that come later.

use std::collections::{BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    next_ticket: u64,
    queue: VecDeque<(u64, Job)>,
    unfinished: BTreeSet<u64>,
    closing: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
    oldest_changed: Condvar,
}

impl Shared {
    fn take(&self) -> Option<(u64, Job)> {
        let state = self.state.lock().unwrap();
        let mut state = self.work.wait_while(state, |state| state.queue.is_empty() && !state.closing).unwrap();
        state.queue.pop_front()
    }

    fn finish(&self, ticket: u64) {
        let mut state = self.state.lock().unwrap();
        let was_oldest = state.unfinished.first() == Some(&ticket);
        state.unfinished.remove(&ticket);
        if was_oldest {
            self.oldest_changed.notify_all();
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
                thread::spawn(move || {
                    while let Some((ticket, job)) = shared.take() {
                        let _ = catch_unwind(AssertUnwindSafe(job));
                        shared.finish(ticket);
                    }
                })
            })
            .collect();
        Pool { shared, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let mut state = self.shared.state.lock().unwrap();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.unfinished.insert(ticket);
        state.queue.push_back((ticket, Box::new(job)));
        self.shared.work.notify_one();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let mut state = self.shared.state.lock().unwrap();
        let later = state.next_ticket;
        while state.unfinished.first().is_some_and(|&oldest| oldest < later) {
            state = self.shared.oldest_changed.wait(state).unwrap();
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
