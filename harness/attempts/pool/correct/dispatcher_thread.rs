//! Messages only: a dispatcher thread owns the queue and knows who is idle. `execute` and `wait` write to it, workers report
//! to it, and it sends each job to an idle worker, through a channel of that worker's own. `wait` sends a channel for the
//! answer along.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

enum Message {
    Job(Job),
    /// From a worker: it is done with its job.
    Idle(usize),
    /// From `wait`: please answer when all is done.
    Wait(Sender<()>),
    Stop,
}

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    messages: Sender<Message>,
    dispatcher: Option<JoinHandle<()>>,
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs at least one worker");
        let (messages, inbox) = channel();
        let reports = messages.clone();
        let dispatcher = thread::spawn(move || dispatch(workers, &inbox, &reports));
        Pool { messages, dispatcher: Some(dispatcher) }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.messages.send(Message::Job(Box::new(job))).unwrap();
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let (answer, done) = channel();
        self.messages.send(Message::Wait(answer)).unwrap();
        done.recv().unwrap();
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        self.messages.send(Message::Stop).unwrap();
        if let Some(dispatcher) = self.dispatcher.take() {
            dispatcher.join().unwrap();
        }
    }
}

fn dispatch(workers: usize, inbox: &Receiver<Message>, reports: &Sender<Message>) {
    let (desks, handles): (Vec<Sender<Job>>, Vec<_>) = (0..workers)
        .map(|me| {
            let (desk, jobs) = channel();
            let reports = reports.clone();
            (desk, thread::spawn(move || work(me, jobs, &reports)))
        })
        .unzip();
    let mut queue = VecDeque::new();
    let mut idle: Vec<usize> = (0..workers).collect();
    let mut waiting = Vec::new();
    let mut stopping = false;

    while !stopping || idle.len() < workers {
        match inbox.recv().unwrap() {
            Message::Job(job) => queue.push_back(job),
            Message::Idle(worker) => idle.push(worker),
            Message::Wait(answer) => waiting.push(answer),
            Message::Stop => stopping = true,
        }
        while !queue.is_empty()
            && let Some(worker) = idle.pop()
        {
            desks[worker].send(queue.pop_front().unwrap()).unwrap();
        }
        if idle.len() == workers {
            for answer in waiting.drain(..) {
                answer.send(()).unwrap();
            }
        }
    }

    drop(desks);
    for handle in handles {
        handle.join().unwrap();
    }
}

fn work(me: usize, jobs: Receiver<Job>, reports: &Sender<Message>) {
    for job in jobs {
        let _ = catch_unwind(AssertUnwindSafe(job));
        reports.send(Message::Idle(me)).unwrap();
    }
}
