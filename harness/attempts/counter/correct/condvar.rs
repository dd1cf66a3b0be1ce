//! The number is a field among others under one lock; the caller waits on a condition variable until the last worker has left.

use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// A number that many threads count up together.
pub struct Counter {
    state: Mutex<State>,
}

struct State {
    count: u64,
}

impl State {
    fn add_one(&mut self) -> u64 {
        self.count += 1;
        self.count
    }
}

impl Counter {
    /// A counter at 0.
    pub fn new() -> Self {
        Self { state: Mutex::new(State { count: 0 }) }
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        self.state.lock().unwrap().add_one()
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let mut state = self.state.lock().unwrap();
        if state.count < limit { Some(state.add_one()) } else { None }
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.state.lock().unwrap().count
    }
}

/// How far the workers are.
struct Progress {
    working: usize,
    found: usize,
}

struct Board {
    progress: Mutex<Progress>,
    all_left: Condvar,
}

/// Says on the board that a worker leaves, be it with a panic.
struct Leaves<'a>(&'a Board);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        let mut progress = self.0.progress.lock().unwrap();
        progress.working -= 1;
        if progress.working == 0 {
            self.0.all_left.notify_one();
        }
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let board = Arc::new(Board { progress: Mutex::new(Progress { working: workers, found: 0 }), all_left: Condvar::new() });
    let work = Arc::new((items, matches));
    let mut handles = Vec::new();
    for worker in 0..workers {
        let (board, work) = (Arc::clone(&board), Arc::clone(&work));
        handles.push(thread::spawn(move || {
            let _leaves = Leaves(&board);
            let (items, matches) = &*work;
            let mut found = 0;
            let mut index = worker;
            while index < items.len() {
                if matches(&items[index]) {
                    found += 1;
                }
                index += workers;
            }
            board.progress.lock().unwrap().found += found;
        }));
    }
    let progress = board.all_left.wait_while(board.progress.lock().unwrap(), |progress| progress.working > 0).unwrap();
    let found = progress.found;
    drop(progress);
    let mut panics = 0;
    for handle in handles {
        if handle.join().is_err() {
            panics += 1;
        }
    }
    assert_eq!(panics, 0, "some workers panicked");
    found
}
