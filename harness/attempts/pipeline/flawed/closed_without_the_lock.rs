//! The flag that closes a queue is set without the lock: it can come between the look of another thread and its wait, and then
//! that thread sleeps on for ever.
//!
//! caught by: shuttle::a_consumer_that_leaves_does_not_care_about_a_panic, shuttle::a_panic_in_first_reaches_the_consumer,
//! shuttle::a_panic_in_second_reaches_the_consumer, shuttle::dropping_it_before_the_first_result_works_as_well,
//! shuttle::dropping_it_early_stops_both_threads_and_waits_for_them, shuttle::every_item_goes_through_in_order,
//! shuttle::the_stages_work_at_the_same_time, loom::a_consumer_that_leaves_does_not_care_about_a_panic,
//! loom::a_panic_in_first_reaches_the_consumer, loom::a_panic_in_second_reaches_the_consumer,
//! loom::dropping_it_before_the_first_result_works_as_well, loom::dropping_it_early_stops_both_threads_and_waits_for_them,
//! loom::every_item_goes_through_in_order, loom::the_stages_work_at_the_same_time
//! may be caught by: examples, properties

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

const CAPACITY: usize = 10;

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
    items: Mutex<VecDeque<T>>,
    closed: AtomicBool,
    not_empty: Condvar,
    not_full: Condvar,
}

impl<T> Queue<T> {
    fn new() -> Arc<Self> {
        Arc::new(Queue {
            items: Mutex::new(VecDeque::new()),
            closed: AtomicBool::new(false),
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
        })
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Waits for room. Says `false` if nobody is there to take the item.
    fn push(&self, item: T) -> bool {
        let mut items = self.items.lock().unwrap();
        while items.len() == CAPACITY && !self.is_closed() {
            items = self.not_full.wait(items).unwrap();
        }
        if self.is_closed() {
            return false;
        }
        items.push_back(item);
        self.not_empty.notify_one();
        true
    }

    /// Waits for an item. Says `None` if the queue is empty and closed.
    fn pop(&self) -> Option<T> {
        let mut items = self.items.lock().unwrap();
        while items.is_empty() && !self.is_closed() {
            items = self.not_empty.wait(items).unwrap();
        }
        let item = items.pop_front();
        self.not_full.notify_one();
        item
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
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
