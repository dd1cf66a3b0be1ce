//! Takes every end of the channel for the end of the results, although a stage that panics ends it as well: the consumer sees
//! `None` as if all had been well.
//!
//! caught by: examples::a_panic_reaches_the_consumer, shuttle::a_panic_in_first_reaches_the_consumer,
//! shuttle::a_panic_in_second_reaches_the_consumer, loom::a_panic_in_first_reaches_the_consumer,
//! loom::a_panic_in_second_reaches_the_consumer
//! may be caught by: properties

use std::sync::mpsc::{Receiver, sync_channel};
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
    first: Option<JoinHandle<()>>,
    second: Option<JoinHandle<()>>,
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
        let second = thread::spawn(move || {
            for item in to_dry {
                if dried.send(second(item)).is_err() {
                    break;
                }
            }
        });
        Results { results: Some(results), first: Some(first), second: Some(second) }
    }
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        self.results.as_ref()?.recv().ok()
    }
}

impl<C> Drop for Results<C> {
    fn drop(&mut self) {
        self.results = None;
        for handle in [&mut self.second, &mut self.first] {
            if let Some(thread) = handle.take() {
                let _ = thread.join();
            }
        }
    }
}
