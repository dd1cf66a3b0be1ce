//! When the results have ended, only the thread of second is asked how it went: a panic of first or of the input ends as `None`.
//!
//! caught by: examples::a_panic_reaches_the_consumer, shuttle::a_panic_in_first_reaches_the_consumer,
//! loom::a_panic_in_first_reaches_the_consumer
//! may be caught by: properties

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

const CAPACITY: usize = 6;

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
    Results { start: Some(Box::new(move || Crew::start(input, first, second))), crew: None }
}

/// The results, one after the other, as the consumer asks for them.
pub struct Results<C> {
    start: Option<Start<C>>,
    crew: Option<Crew<C>>,
}

type Start<C> = Box<dyn FnOnce() -> Crew<C> + Send>;

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        if let Some(start) = self.start.take() {
            self.crew = Some(start());
        }
        self.crew.as_mut()?.next_result()
    }
}

/// Both threads, and the channel on which they deliver.
struct Crew<C> {
    results: Option<Receiver<C>>,
    threads: Vec<JoinHandle<()>>,
    failed: bool,
}

impl<C: Send + 'static> Crew<C> {
    fn start<A: Send + 'static, B: Send + 'static>(
        input: impl Iterator<Item = A> + Send + 'static,
        first: impl Fn(A) -> B + Send + 'static,
        second: impl Fn(B) -> C + Send + 'static,
    ) -> Self {
        let (washed, to_dry) = sync_channel(CAPACITY);
        let (dried, results) = sync_channel(CAPACITY);
        let first = thread::spawn(move || {
            let _ = input.map(first).try_for_each(|item| washed.send(item));
        });
        let second = thread::spawn(move || {
            let _ = to_dry.into_iter().map(second).try_for_each(|item| dried.send(item));
        });
        Crew { results: Some(results), threads: vec![first, second], failed: false }
    }
}

impl<C> Crew<C> {
    fn next_result(&mut self) -> Option<C> {
        if let Ok(result) = self.results.as_ref()?.recv() {
            return Some(result);
        }
        if !self.failed
            && let Some(thread) = self.threads.pop()
        {
            self.failed = thread.join().is_err();
        }
        if self.failed {
            panic!("a stage of the pipeline has panicked");
        }
        None
    }
}

impl<C> Drop for Crew<C> {
    fn drop(&mut self) {
        self.results = None;
        while let Some(thread) = self.threads.pop() {
            let _ = thread.join();
        }
    }
}
