//! The thread of second, at its end, locks the first queue and then the second one; the consumer, when it drops the iterator,
//! locks them the other way round. If both do so at the same time, each waits for the other for ever.
//!
//! caught by: shuttle::a_consumer_that_leaves_does_not_care_about_a_panic, shuttle::a_panic_in_first_reaches_the_consumer,
//! shuttle::a_panic_in_second_reaches_the_consumer, loom::a_consumer_that_leaves_does_not_care_about_a_panic,
//! loom::a_panic_in_first_reaches_the_consumer, loom::a_panic_in_second_reaches_the_consumer
//! may be caught by: examples, properties

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

const CAPACITY: usize = 8;

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
    changed: Condvar,
}

struct State<T> {
    items: VecDeque<thread::Result<T>>,
    closed: bool,
}

impl<T> Queue<T> {
    fn new() -> Self {
        Queue { state: Mutex::new(State { items: VecDeque::new(), closed: false }), changed: Condvar::new() }
    }

    /// Waits for room. Says `false` if nobody is there to take the item.
    fn push(&self, item: thread::Result<T>) -> bool {
        let mut state = self.state.lock().unwrap();
        while state.items.len() == CAPACITY && !state.closed {
            state = self.changed.wait(state).unwrap();
        }
        if state.closed {
            return false;
        }
        state.items.push_back(item);
        self.changed.notify_all();
        true
    }

    /// Waits for an item. Says `None` if the queue is empty and closed.
    fn pop(&self) -> Option<thread::Result<T>> {
        let mut state = self.state.lock().unwrap();
        while state.items.is_empty() && !state.closed {
            state = self.changed.wait(state).unwrap();
        }
        let item = state.items.pop_front();
        self.changed.notify_all();
        item
    }
}

/// The two racks: from first to second, and from second to the consumer.
struct Racks<B, C> {
    washed: Queue<B>,
    dried: Queue<C>,
}

impl<B, C> Racks<B, C> {
    /// First will bring no more.
    fn end_of_washing(&self) {
        self.washed.state.lock().unwrap().closed = true;
        self.washed.changed.notify_all();
    }

    /// Second takes nothing from first any more, and will bring no more.
    fn end_of_drying(&self) {
        let mut washed = self.washed.state.lock().unwrap();
        let mut dried = self.dried.state.lock().unwrap();
        washed.closed = true;
        dried.closed = true;
        self.washed.changed.notify_all();
        self.dried.changed.notify_all();
    }

    /// The consumer has had enough.
    fn stop(&self) {
        let mut dried = self.dried.state.lock().unwrap();
        let mut washed = self.washed.state.lock().unwrap();
        dried.closed = true;
        washed.closed = true;
        self.dried.changed.notify_all();
        self.washed.changed.notify_all();
    }
}

/// The results, one after the other, as the consumer asks for them.
pub struct Results<B, C> {
    racks: Arc<Racks<B, C>>,
    threads: Vec<JoinHandle<()>>,
    failed: bool,
}

impl<B: Send + 'static, C: Send + 'static> Results<B, C> {
    fn start<A>(
        mut input: impl Iterator<Item = A> + Send + 'static,
        first: impl Fn(A) -> B + Send + 'static,
        second: impl Fn(B) -> C + Send + 'static,
    ) -> Self {
        let racks = Arc::new(Racks { washed: Queue::new(), dried: Queue::new() });
        let (washer, dryer) = (racks.clone(), racks.clone());
        let first = thread::spawn(move || {
            while let Some(item) = catch_unwind(AssertUnwindSafe(|| input.next().map(&first))).transpose() {
                let failed = item.is_err();
                if !washer.washed.push(item) || failed {
                    break;
                }
            }
            washer.end_of_washing();
        });
        let second = thread::spawn(move || {
            while let Some(item) = dryer.washed.pop() {
                let item = item.and_then(|item| catch_unwind(AssertUnwindSafe(|| second(item))));
                let failed = item.is_err();
                if !dryer.dried.push(item) || failed {
                    break;
                }
            }
            dryer.end_of_drying();
        });
        Results { racks, threads: vec![first, second], failed: false }
    }
}

impl<B, C> Iterator for Results<B, C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        assert!(!self.failed, "a stage has panicked");
        match self.racks.dried.pop()? {
            Ok(result) => Some(result),
            Err(panic) => {
                self.failed = true;
                resume_unwind(panic)
            }
        }
    }
}

impl<B, C> Drop for Results<B, C> {
    fn drop(&mut self) {
        self.racks.stop();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
