//! `next` waits for a result with `recv_timeout` and makes an `Option` of what comes: a stage that takes longer looks like the
//! end of all results.
//!
//! caught by: shuttle::a_consumer_that_leaves_does_not_care_about_a_panic, shuttle::a_panic_in_second_reaches_the_consumer,
//! shuttle::an_unpark_by_somebody_else_changes_nothing, shuttle::at_most_32_items_are_under_way,
//! shuttle::dropping_it_early_stops_both_threads_and_waits_for_them, shuttle::every_item_goes_through_in_order,
//! shuttle::the_stages_work_at_the_same_time, loom::a_consumer_that_leaves_does_not_care_about_a_panic,
//! loom::a_panic_in_second_reaches_the_consumer, loom::an_unpark_by_somebody_else_changes_nothing,
//! loom::dropping_it_early_stops_both_threads_and_waits_for_them, loom::every_item_goes_through_in_order,
//! loom::the_stages_work_at_the_same_time
//! survives: examples, properties

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long a result may take.
const LIMIT: Duration = Duration::from_secs(60);

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
        let (washed, to_dry) = sync_channel(10);
        let (dried, results) = sync_channel(10);
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
        Results { results: Some(results), threads: vec![first, second], failed: false }
    }
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        assert!(!self.failed, "a stage has panicked");
        let result = self.results.as_ref()?.recv_timeout(LIMIT).ok();
        if result.is_none() {
            self.results = None;
            while let Some(thread) = self.threads.pop() {
                if let Err(panic) = thread.join() {
                    self.failed = true;
                    resume_unwind(panic);
                }
            }
        }
        result
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
