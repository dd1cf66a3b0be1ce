//! Catches a panic of first and of second, but not one of the input: when the input panics, the results just end with `None`.
//!
//! caught by: examples::a_panic_reaches_the_consumer, shuttle::a_panic_in_the_input_reaches_the_consumer,
//! loom::a_panic_in_the_input_reaches_the_consumer
//! survives: properties

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

const CAPACITY: usize = 12;

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
    messages: Option<Receiver<thread::Result<C>>>,
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
        let (washed, to_dry) = sync_channel::<thread::Result<B>>(CAPACITY);
        let (dried, messages) = sync_channel(CAPACITY);
        let first = thread::spawn(move || {
            for item in input {
                let message = catch_unwind(AssertUnwindSafe(|| first(item)));
                let failed = message.is_err();
                if washed.send(message).is_err() || failed {
                    break;
                }
            }
        });
        let second = thread::spawn(move || {
            for message in to_dry {
                let message = message.and_then(|item| catch_unwind(AssertUnwindSafe(|| second(item))));
                let failed = message.is_err();
                if dried.send(message).is_err() || failed {
                    break;
                }
            }
        });
        Results { messages: Some(messages), threads: vec![first, second], failed: false }
    }
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        assert!(!self.failed, "a stage has panicked");
        match self.messages.as_ref()?.recv() {
            Ok(Ok(result)) => Some(result),
            Ok(Err(panic)) => {
                self.failed = true;
                resume_unwind(panic)
            }
            Err(_) => None,
        }
    }
}

impl<C> Drop for Results<C> {
    fn drop(&mut self) {
        self.messages = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
