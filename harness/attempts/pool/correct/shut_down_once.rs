//! Shutdown is a method that anybody may call, and that happens once, by a `Once`; dropping the pool calls it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, Once};
use std::thread::{self, JoinHandle};

enum Message {
    Job(Box<dyn FnOnce() + Send>),
    Stop,
}

struct Shared {
    messages: Mutex<Receiver<Message>>,
    unfinished: Mutex<usize>,
    idle: Condvar,
}

impl Shared {
    fn work(&self) {
        loop {
            let message = self.messages.lock().unwrap().recv();
            let Ok(Message::Job(job)) = message else { return };
            let _ = catch_unwind(AssertUnwindSafe(job));
            let mut unfinished = self.unfinished.lock().unwrap();
            *unfinished -= 1;
            if *unfinished == 0 {
                self.idle.notify_all();
            }
        }
    }
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    sender: Sender<Message>,
    shared: Arc<Shared>,
    workers: Mutex<Vec<JoinHandle<()>>>,
    shut_down: Once,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs at least one worker");
        let (sender, receiver) = channel();
        let shared = Arc::new(Shared { messages: Mutex::new(receiver), unfinished: Mutex::new(0), idle: Condvar::new() });
        let workers = (0..workers)
            .map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.work())
            })
            .collect();
        Pool { sender, shared, workers: Mutex::new(workers), shut_down: Once::new() }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        *self.shared.unfinished.lock().unwrap() += 1;
        self.sender.send(Message::Job(Box::new(job))).unwrap();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let unfinished = self.shared.unfinished.lock().unwrap();
        drop(self.shared.idle.wait_while(unfinished, |unfinished| *unfinished > 0).unwrap());
    }

    /// Finishes what was submitted, and waits for every worker to end. Whoever calls it a second time waits for the first.
    pub fn shut_down(&self) {
        self.shut_down.call_once(|| {
            let mut workers = self.workers.lock().unwrap();
            for _ in workers.iter() {
                self.sender.send(Message::Stop).unwrap();
            }
            for worker in workers.drain(..) {
                worker.join().unwrap();
            }
        });
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        self.shut_down();
    }
}
