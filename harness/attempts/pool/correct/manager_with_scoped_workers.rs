//! A manager thread runs the workers in a `thread::scope`, so that they borrow the queue from it, and joins each of them. The
//! pool has only the manager to join. The queue is under a Mutex with two Condvars.

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
struct Board {
    state: Mutex<State>,
    work: Condvar,
    idle: Condvar,
}

impl Board {
    fn manage(&self, workers: usize) {
        thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(|| self.work())).collect();
            for worker in workers {
                worker.join().unwrap();
            }
        });
    }

    fn work(&self) {
        loop {
            let state = self.state.lock().unwrap();
            let mut state = self.work.wait_while(state, |state| state.queue.is_empty() && !state.closing).unwrap();
            let Some(job) = state.queue.pop_front() else { return };
            state.running += 1;
            drop(state);

            let _ = catch_unwind(AssertUnwindSafe(job));

            let mut state = self.state.lock().unwrap();
            state.running -= 1;
            if state.running == 0 && state.queue.is_empty() {
                self.idle.notify_all();
            }
        }
    }
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    board: Arc<Board>,
    manager: Option<JoinHandle<()>>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs at least one worker");
        let board = Arc::new(Board::default());
        let manager = thread::spawn({
            let board = Arc::clone(&board);
            move || board.manage(workers)
        });
        Pool { board, manager: Some(manager) }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.board.state.lock().unwrap().queue.push_back(Box::new(job));
        self.board.work.notify_one();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let state = self.board.state.lock().unwrap();
        drop(self.board.idle.wait_while(state, |state| state.running > 0 || !state.queue.is_empty()).unwrap());
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        self.board.state.lock().unwrap().closing = true;
        self.board.work.notify_all();
        if let Some(manager) = self.manager.take() {
            manager.join().unwrap();
        }
    }
}
