//! Two threads share the work of second and send to the same channel: whoever is faster comes first, and results change places.
//!
//! caught by: shuttle::a_consumer_that_leaves_does_not_care_about_a_panic,
//! shuttle::dropping_it_early_stops_both_threads_and_waits_for_them, shuttle::every_item_goes_through_in_order,
//! shuttle::the_stages_work_at_the_same_time, loom::a_consumer_that_leaves_does_not_care_about_a_panic,
//! loom::every_item_goes_through_in_order
//! may be caught by: examples, properties

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
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

/// The results, one after the other, as the consumer asks for them.
pub struct Results<C> {
    results: Option<Receiver<C>>,
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
        let (washed, to_dry) = sync_channel(CAPACITY);
        let (dried, results) = sync_channel(CAPACITY);
        let first = thread::spawn(move || {
            for item in input {
                if washed.send(first(item)).is_err() {
                    break;
                }
            }
        });
        let mut threads = vec![first];
        let to_dry = Arc::new(Mutex::new(to_dry));
        let second = Arc::new(Mutex::new(second));
        for _ in 0..2 {
            let (to_dry, second, dried) = (to_dry.clone(), second.clone(), dried.clone());
            threads.push(thread::spawn(move || {
                loop {
                    let item = to_dry.lock().unwrap().recv();
                    let Ok(item) = item else { break };
                    let item = (second.lock().unwrap())(item);
                    if dried.send(item).is_err() {
                        break;
                    }
                }
            }));
        }
        Results { results: Some(results), threads, failed: false }
    }
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        assert!(!self.failed, "a stage has panicked");
        if let Ok(result) = self.results.as_ref()?.recv() {
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
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
