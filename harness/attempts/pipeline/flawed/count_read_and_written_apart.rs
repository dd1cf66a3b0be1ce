//! Counts the items under way with a load and then a store: when first counts up while the consumer counts down, one of the two
//! is lost. The count drifts until first waits for ever, or falls below zero.
//!
//! caught by: shuttle::at_most_32_items_are_under_way, shuttle::every_item_goes_through_in_order,
//! loom::every_item_goes_through_in_order
//! may be caught by: examples, properties

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};

const LIMIT: usize = 6;

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

#[derive(Default)]
struct Gate {
    inside: AtomicUsize,
    closed: AtomicBool,
}

impl Gate {
    /// Waits until there is room for one more. Says `false` if the gate was closed.
    fn enter(&self) -> bool {
        while !self.closed.load(Ordering::Acquire) {
            let inside = self.inside.load(Ordering::Acquire);
            if inside < LIMIT {
                self.inside.store(inside + 1, Ordering::Release);
                return true;
            }
            thread::yield_now();
        }
        false
    }

    fn leave(&self) {
        let inside = self.inside.load(Ordering::Acquire);
        self.inside.store(inside - 1, Ordering::Release);
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }
}

/// The results, one after the other, as the consumer asks for them.
pub struct Results<C> {
    gate: Arc<Gate>,
    results: Option<Receiver<C>>,
    threads: Vec<JoinHandle<()>>,
    failed: bool,
}

impl<C: Send + 'static> Results<C> {
    fn start<A, B>(
        mut input: impl Iterator<Item = A> + Send + 'static,
        first: impl Fn(A) -> B + Send + 'static,
        second: impl Fn(B) -> C + Send + 'static,
    ) -> Self
    where
        A: Send + 'static,
        B: Send + 'static,
    {
        let gate = Arc::new(Gate::default());
        let (washed, to_dry) = channel();
        let (dried, results) = channel();
        let entrance = gate.clone();
        let first = thread::spawn(move || {
            while entrance.enter()
                && let Some(item) = input.next()
                && washed.send(first(item)).is_ok()
            {}
        });
        let second = thread::spawn(move || {
            while let Ok(item) = to_dry.recv()
                && dried.send(second(item)).is_ok()
            {}
        });
        Results { gate, results: Some(results), threads: vec![first, second], failed: false }
    }
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        assert!(!self.failed, "a stage has panicked");
        if let Ok(result) = self.results.as_ref()?.recv() {
            self.gate.leave();
            return Some(result);
        }
        while let Some(thread) = self.threads.pop() {
            if let Err(panic) = thread.join() {
                self.failed = true;
                resume_unwind(panic);
            }
        }
        None
    }
}

impl<C> Drop for Results<C> {
    fn drop(&mut self) {
        self.results = None;
        self.gate.close();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
