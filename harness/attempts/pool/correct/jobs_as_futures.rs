//! Workers run tasks, futures that are polled with a `Waker` made from an `Arc`; who waits is a future too, blocked on by a waker
//! that unparks its thread. The queue lies in a `Mutex`, with the wakers of the idle workers.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};

struct Unparker(Thread);
impl Wake for Unparker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unparker(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

#[derive(Default)]
struct State {
    tasks: VecDeque<Task>,
    unfinished: usize,
    closed: bool,
    idle: Vec<Waker>,
    waiting: Vec<Waker>,
}

type Shared = Mutex<State>;

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

fn wake_all(wakers: &mut Vec<Waker>) {
    wakers.drain(..).for_each(Waker::wake);
}

async fn next_task(shared: &Shared) -> Option<Task> {
    poll_fn(|context| {
        let mut state = shared.lock().unwrap();
        match state.tasks.pop_front() {
            Some(task) => Poll::Ready(Some(task)),
            None if state.closed => Poll::Ready(None),
            None => {
                state.idle.push(context.waker().clone());
                Poll::Pending
            }
        }
    })
    .await
}

async fn work(shared: Arc<Shared>) {
    while let Some(mut task) = next_task(&shared).await {
        poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(context))) {
            Ok(poll) => poll,
            Err(_) => Poll::Ready(()),
        })
        .await;
        drop(task);
        let mut state = shared.lock().unwrap();
        state.unfinished -= 1;
        if state.unfinished == 0 {
            wake_all(&mut state.waiting);
        }
    }
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "a pool needs workers");
        let shared = Arc::<Shared>::default();
        let start = |shared: &Arc<Shared>| {
            let work = work(Arc::clone(shared));
            thread::spawn(|| block_on(work))
        };
        let workers = (0..workers).map(|_| start(&shared)).collect();
        Self { shared, workers }
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let mut state = self.shared.lock().unwrap();
        state.tasks.push_back(Box::pin(async { job() }));
        state.unfinished += 1;
        wake_all(&mut state.idle);
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        let shared: Weak<Shared> = Arc::downgrade(&self.shared);
        block_on(poll_fn(|context| {
            let Some(shared) = shared.upgrade() else { return Poll::Ready(()) };
            let mut state = shared.lock().unwrap();
            if state.unfinished == 0 {
                return Poll::Ready(());
            }
            state.waiting.push(context.waker().clone());
            Poll::Pending
        }));
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut state = self.shared.lock().unwrap();
        state.closed = true;
        wake_all(&mut state.idle);
        drop(state);
        for worker in self.workers.drain(..) {
            worker.join().unwrap();
        }
    }
}
