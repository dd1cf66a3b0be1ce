//! A channel of messages, each a job or the word to stop, with a receiver that the workers share. The drop sends one stop for
//! each worker, behind all the jobs. A guard on the worker's stack counts the job as finished, however it ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

enum Message {
    Job(Box<dyn FnOnce() + Send>),
    Stop,
}

#[derive(Default)]
struct Tally {
    open: Mutex<usize>,
    zero: Condvar,
}

/// Counts one job as finished when it is dropped.
struct Finished<'a>(&'a Tally);

impl Drop for Finished<'_> {
    fn drop(&mut self) {
        let mut open = self.0.open.lock().unwrap();
        *open -= 1;
        if *open == 0 {
            self.0.zero.notify_all();
        }
    }
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    messages: Sender<Message>,
    tally: Arc<Tally>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs at least one worker");
        let (messages, inbox) = channel();
        let inbox = Arc::new(Mutex::new(inbox));
        let tally = Arc::new(Tally::default());
        let start = |_| {
            let (inbox, tally) = (Arc::clone(&inbox), Arc::clone(&tally));
            thread::spawn(move || work(&inbox, &tally))
        };
        let workers = (0..workers).map(start).collect();
        Pool { messages, tally, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        *self.tally.open.lock().unwrap() += 1;
        self.messages.send(Message::Job(Box::new(job))).unwrap();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let mut open = self.tally.open.lock().unwrap();
        while *open > 0 {
            open = self.tally.zero.wait(open).unwrap();
        }
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        for _ in &self.workers {
            self.messages.send(Message::Stop).unwrap();
        }
        for worker in self.workers.drain(..) {
            worker.join().unwrap();
        }
    }
}

fn receive(inbox: &Mutex<Receiver<Message>>) -> Message {
    inbox.lock().unwrap().recv().unwrap_or(Message::Stop)
}

fn work(inbox: &Mutex<Receiver<Message>>, tally: &Tally) {
    while let Message::Job(job) = receive(inbox) {
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let _finished = Finished(tally);
            job();
        }));
    }
}
