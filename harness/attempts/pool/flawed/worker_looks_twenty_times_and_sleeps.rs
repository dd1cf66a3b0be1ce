//! A worker looks twenty times for a job, then puts itself on the list of sleepers and parks, without a last look: a job that
//! comes in between finds nobody to wake and stays where it is.
//!
//! caught by: shuttle::a_job_may_submit_another, loom::a_job_may_submit_another
//! may be caught by: examples, properties

use std::collections::VecDeque;
use std::hint;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle, Thread};

type Job = Box<dyn FnOnce() + Send>;

/// So often a worker looks before it sleeps.
const LOOKS: usize = 20;

struct Shared {
    queue: Mutex<VecDeque<Job>>,
    waiting: AtomicUsize,
    sleepers: Mutex<Vec<Thread>>,
    closing: AtomicBool,
    unfinished: Mutex<usize>,
    idle: Condvar,
}

impl Shared {
    fn work(&self) {
        loop {
            let closing = self.closing.load(Ordering::SeqCst);
            if let Some(job) = self.next() {
                let _ = catch_unwind(AssertUnwindSafe(job));
                self.finished();
            } else if closing {
                return;
            } else {
                self.sleep();
            }
        }
    }

    /// The next job, if one comes soon.
    fn next(&self) -> Option<Job> {
        for _ in 0..LOOKS {
            if self.waiting.load(Ordering::SeqCst) > 0
                && let Some(job) = self.queue.lock().unwrap().pop_front()
            {
                self.waiting.fetch_sub(1, Ordering::SeqCst);
                return Some(job);
            }
            hint::spin_loop();
        }
        None
    }

    fn sleep(&self) {
        let me = thread::current();
        self.sleepers.lock().unwrap().push(me.clone());
        thread::park();
        self.sleepers.lock().unwrap().retain(|sleeper| sleeper.id() != me.id());
    }

    fn finished(&self) {
        let mut unfinished = self.unfinished.lock().unwrap();
        *unfinished -= 1;
        if *unfinished == 0 {
            self.idle.notify_all();
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
        let shared = Arc::new(Shared {
            queue: Mutex::new(VecDeque::new()),
            waiting: AtomicUsize::new(0),
            sleepers: Mutex::new(Vec::new()),
            closing: AtomicBool::new(false),
            unfinished: Mutex::new(0),
            idle: Condvar::new(),
        });
        let workers = (0..workers)
            .map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.work())
            })
            .collect();
        Self { shared, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        *self.shared.unfinished.lock().unwrap() += 1;
        self.shared.queue.lock().unwrap().push_back(Box::new(job));
        self.shared.waiting.fetch_add(1, Ordering::SeqCst);
        let sleeper = self.shared.sleepers.lock().unwrap().pop();
        if let Some(sleeper) = sleeper {
            sleeper.unpark();
        }
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let unfinished = self.shared.unfinished.lock().unwrap();
        let _idle = self.shared.idle.wait_while(unfinished, |unfinished| *unfinished > 0).unwrap();
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        for worker in self.workers.drain(..) {
            worker.thread().unpark();
            let _ = worker.join();
        }
    }
}
