//! Channels without any room: each item is passed from hand to hand. The iterator is a `from_fn` that owns a crew, and when the
//! crew is dropped it lets go of the results and joins both threads.

use std::iter::from_fn;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

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
    let input = input.into_iter();
    let (washed, to_dry) = sync_channel(0);
    let (dried, results) = sync_channel(0);
    let washer = thread::spawn(move || input.map(first).all(|item| washed.send(item).is_ok()));
    let dryer = thread::spawn(move || to_dry.into_iter().map(second).all(|item| dried.send(item).is_ok()));
    let mut crew = Crew { results: Some(results), threads: vec![washer, dryer], failed: false };
    from_fn(move || crew.next_result())
}

/// Both threads and the channel they send to.
struct Crew<C> {
    results: Option<Receiver<C>>,
    threads: Vec<JoinHandle<bool>>,
    failed: bool,
}

impl<C> Crew<C> {
    fn next_result(&mut self) -> Option<C> {
        let result = self.results.as_ref().and_then(|results| results.recv().ok());
        if result.is_none() {
            // The last one in the list is the dryer: it ends first, or it has panicked.
            while !self.failed
                && let Some(thread) = self.threads.pop()
            {
                self.failed = thread.join().is_err();
            }
            assert!(!self.failed, "a stage of the pipeline has panicked");
        }
        result
    }
}

impl<C> Drop for Crew<C> {
    fn drop(&mut self) {
        self.results = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
