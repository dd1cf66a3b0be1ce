//! Two bounded channels and a list of handles, as short as it gets. A panic is passed on once; who catches it and asks again gets
//! `None`.

use std::panic::resume_unwind;
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
    let (washed, to_dry) = sync_channel(1);
    let (dried, results) = sync_channel(1);
    let first = thread::spawn(move || {
        for item in input {
            let Ok(()) = washed.send(first(item)) else { return };
        }
    });
    let second = thread::spawn(move || {
        for item in to_dry {
            let Ok(()) = dried.send(second(item)) else { return };
        }
    });
    Results { results: Some(results), threads: vec![first, second] }
}

/// The results, one after the other, as the consumer asks for them.
pub struct Results<C> {
    results: Option<Receiver<C>>,
    threads: Vec<JoinHandle<()>>,
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        if let Ok(result) = self.results.as_ref()?.recv() {
            return Some(result);
        }
        self.threads.pop()?.join().unwrap_or_else(|panic| resume_unwind(panic));
        self.threads.pop()?.join().unwrap_or_else(|panic| resume_unwind(panic));
        None
    }
}

impl<C> Drop for Results<C> {
    fn drop(&mut self) {
        self.results.take();
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
    }
}
