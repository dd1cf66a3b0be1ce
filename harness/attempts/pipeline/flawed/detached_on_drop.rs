//! Drop lets go of the receiver, and the threads stop some time later, but nobody waits for that.
//!
//! caught by: shuttle::a_consumer_that_leaves_does_not_care_about_a_panic, shuttle::a_panic_in_first_reaches_the_consumer,
//! shuttle::a_panic_in_second_reaches_the_consumer, shuttle::dropping_it_before_the_first_result_works_as_well,
//! shuttle::dropping_it_early_stops_both_threads_and_waits_for_them, loom::a_consumer_that_leaves_does_not_care_about_a_panic,
//! loom::a_panic_in_first_reaches_the_consumer, loom::a_panic_in_second_reaches_the_consumer,
//! loom::dropping_it_before_the_first_result_works_as_well, loom::dropping_it_early_stops_both_threads_and_waits_for_them
//! may be caught by: examples, properties

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

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
    messages: Receiver<thread::Result<C>>,
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
        let (washed, to_dry) = sync_channel::<thread::Result<B>>(CAPACITY);
        let (dried, messages) = sync_channel(CAPACITY);
        thread::spawn(move || {
            while let Some(message) = catch_unwind(AssertUnwindSafe(|| input.next().map(&first))).transpose() {
                let failed = message.is_err();
                if washed.send(message).is_err() || failed {
                    break;
                }
            }
        });
        thread::spawn(move || {
            for message in to_dry {
                let message = message.and_then(|item| catch_unwind(AssertUnwindSafe(|| second(item))));
                let failed = message.is_err();
                if dried.send(message).is_err() || failed {
                    break;
                }
            }
        });
        Results { messages, failed: false }
    }
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        assert!(!self.failed, "a stage has panicked");
        match self.messages.recv() {
            Ok(Ok(result)) => Some(result),
            Ok(Err(panic)) => {
                self.failed = true;
                resume_unwind(panic)
            }
            Err(_) => None,
        }
    }
}
