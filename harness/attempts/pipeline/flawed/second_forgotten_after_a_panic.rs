//! Joins one thread after the other and unwraps what each ended with: if the first one has panicked, the handle of the second is
//! lost, and nobody waits for that thread any more.
//!
//! caught by: shuttle::a_panic_in_first_reaches_the_consumer
//! survives: loom
//! may be caught by: examples, properties

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
    let (to_second, from_first) = sync_channel(1);
    let (to_consumer, results) = sync_channel(1);
    let one = thread::spawn(move || {
        for item in input {
            if to_second.send(first(item)).is_err() {
                break;
            }
        }
    });
    let two = thread::spawn(move || {
        for item in from_first {
            if to_consumer.send(second(item)).is_err() {
                break;
            }
        }
    });
    Results { results: Some(results), threads: vec![one, two] }
}

/// The results, one after the other, as the consumer asks for them.
pub struct Results<C> {
    results: Option<Receiver<C>>,
    threads: Vec<JoinHandle<()>>,
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        let result = self.results.as_ref()?.recv().ok();
        if result.is_none() {
            for thread in self.threads.drain(..) {
                thread.join().unwrap();
            }
        }
        result
    }
}

impl<C> Drop for Results<C> {
    fn drop(&mut self) {
        self.results.take();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
