//! There is room for the panic of one stage: the thread of the second one panics once more, and so does whoever drops the iterator.
//!
//! caught by: examples::both_stages_may_panic
//! survives: properties, shuttle, loom

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, OnceLock};
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
    Results::start(input.into_iter(), first, second)
}

/// The results, one after the other, as the consumer asks for them.
pub struct Results<C> {
    results: Option<Receiver<C>>,
    threads: Vec<JoinHandle<()>>,
    failed: Arc<OnceLock<&'static str>>,
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
        let failed = Arc::new(OnceLock::new());
        let (report, seconds_report) = (Arc::clone(&failed), Arc::clone(&failed));
        let (washed, to_dry) = sync_channel(10);
        let (dried, results) = sync_channel(10);
        let first = thread::spawn(move || {
            let work = || {
                for item in input {
                    if washed.send(first(item)).is_err() {
                        break;
                    }
                }
            };
            if catch_unwind(AssertUnwindSafe(work)).is_err() {
                report.set("the first stage or the input").expect("one failure ends it all");
            }
            // Whoever sees the end of the channel must find the failure.
            drop(washed);
        });
        let second = thread::spawn(move || {
            let work = || {
                for item in &to_dry {
                    if dried.send(second(item)).is_err() {
                        break;
                    }
                }
            };
            if catch_unwind(AssertUnwindSafe(work)).is_err() {
                seconds_report.set("the second stage").expect("one failure ends it all");
            }
            drop(dried);
        });
        Results { results: Some(results), threads: vec![first, second], failed }
    }
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        let result = self.results.as_ref()?.recv().ok();
        if result.is_none()
            && let Some(who) = self.failed.get()
        {
            panic!("{who} has panicked");
        }
        result
    }
}

impl<C> Drop for Results<C> {
    fn drop(&mut self) {
        self.results = None;
        for thread in self.threads.drain(..) {
            thread.join().expect("a panic of a stage is caught inside");
        }
    }
}
