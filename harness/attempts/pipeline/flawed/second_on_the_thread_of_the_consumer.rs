//! Only first has a thread; second runs inside `next`, on the thread of the consumer.
//!
//! caught by: examples::each_stage_has_a_thread_of_its_own
//! survives: properties, shuttle, loom

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
    let (washed, results) = sync_channel(8);
    let washer = thread::spawn(move || input.map(first).all(|item| washed.send(item).is_ok()));
    let mut crew = Crew { results: Some(results), thread: Some(washer), failed: false };
    from_fn(move || crew.next_result().map(&second))
}

/// The thread and the channel it sends to.
struct Crew<C> {
    results: Option<Receiver<C>>,
    thread: Option<JoinHandle<bool>>,
    failed: bool,
}

impl<C> Crew<C> {
    fn next_result(&mut self) -> Option<C> {
        let result = self.results.as_ref().and_then(|results| results.recv().ok());
        if result.is_none() {
            if let Some(thread) = self.thread.take() {
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
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
