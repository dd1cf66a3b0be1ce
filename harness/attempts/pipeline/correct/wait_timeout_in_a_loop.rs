//! A bounded queue under a lock. Whoever sleeps on one of its Condvars looks round once a second, and does not ask what it was
//! that woke it.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const CAPACITY: usize = 10;

/// Whoever has slept that long looks round, told or not.
const NAP: Duration = Duration::from_secs(1);

/// Runs every item of `input` through `first` and then `second`, each on a thread of its own, and yields the results in order.
/// Works on endless input: at most 32 items are under way. Dropping the iterator stops both threads, and waits for them.
pub fn pipeline<A, B, C>(
    input: impl IntoIterator<Item = A, IntoIter: Send + 'static>,
    first: impl Fn(A) -> B + Send + 'static,
    second: impl Fn(B) -> C + Send + 'static,
) -> impl Iterator<Item = C>
where
    A: Send + 'static,
    B: Send + 'static,
    C: Send + 'static,
{
    Results::start(input.into_iter(), first, second)
}

struct Queue<T> {
    state: Mutex<State<T>>,
    not_empty: Condvar,
    not_full: Condvar,
}

struct State<T> {
    items: VecDeque<T>,
    closed: bool,
}

impl<T> Queue<T> {
    fn new() -> Arc<Self> {
        let state = Mutex::new(State { items: VecDeque::new(), closed: false });
        Arc::new(Queue { state, not_empty: Condvar::new(), not_full: Condvar::new() })
    }

    /// Waits for room. Says `false` if nobody is there to take the item.
    fn push(&self, item: T) -> bool {
        let mut state = self.state.lock().unwrap();
        while state.items.len() == CAPACITY && !state.closed {
            state = self.not_full.wait_timeout(state, NAP).unwrap().0;
        }
        if state.closed {
            return false;
        }
        state.items.push_back(item);
        self.not_empty.notify_one();
        true
    }

    /// Waits for an item. Says `None` if the queue is empty and closed.
    fn pop(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap();
        while state.items.is_empty() && !state.closed {
            state = self.not_empty.wait_timeout(state, NAP).unwrap().0;
        }
        let item = state.items.pop_front();
        self.not_full.notify_one();
        item
    }

    fn close(&self) {
        self.state.lock().unwrap().closed = true;
        self.not_empty.notify_one();
        self.not_full.notify_one();
    }
}

/// One end of a queue.
struct End<T>(Arc<Queue<T>>);

impl<T> Drop for End<T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The results, one after the other, as the consumer asks for them.
pub struct Results<C> {
    results: Arc<Queue<C>>,
    threads: Vec<JoinHandle<()>>,
    failed: bool,
}

impl<C: Send + 'static> Results<C> {
    fn start<A, B>(
        input: impl Iterator<Item = A> + Send + 'static,
        first: impl Fn(A) -> B + Send + 'static,
        second: impl Fn(B) -> C + Send + 'static,
    ) -> Self
    where
        A: Send + 'static,
        B: Send + 'static,
    {
        let between = Queue::new();
        let results = Queue::new();
        let washed = End(between.clone());
        let (to_dry, dried) = (End(between), End(results.clone()));
        let first = thread::spawn(move || {
            for item in input {
                if !washed.0.push(first(item)) {
                    break;
                }
            }
        });
        let second = thread::spawn(move || {
            while let Some(item) = to_dry.0.pop() {
                if !dried.0.push(second(item)) {
                    break;
                }
            }
        });
        Results { results, threads: vec![first, second], failed: false }
    }
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        if self.failed {
            panic!("a stage has panicked");
        }
        let result = self.results.pop();
        if result.is_none() {
            while let Some(thread) = self.threads.pop() {
                if let Err(panic) = thread.join() {
                    self.failed = true;
                    resume_unwind(panic);
                }
            }
        }
        result
    }
}

impl<C> Drop for Results<C> {
    fn drop(&mut self) {
        self.results.close();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
