//! The channel ends before the panic of the input is noted: the consumer looks for a failure at the end, and finds none yet.
//!
//! caught by: shuttle::a_panic_in_the_input_reaches_the_consumer, loom::a_panic_in_the_input_reaches_the_consumer
//! may be caught by: examples, properties

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
            let told = Arc::clone(&report);
            let work = move || {
                for item in input {
                    // Told before the channel ends: whoever sees its end must find the failure.
                    let Ok(item) = catch_unwind(AssertUnwindSafe(|| first(item))) else {
                        let _ = told.set("the first stage");
                        break;
                    };
                    if washed.send(item).is_err() {
                        break;
                    }
                }
            };
            if catch_unwind(AssertUnwindSafe(work)).is_err() {
                let _ = report.set("the input");
            }
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
                let _ = seconds_report.set("the second stage");
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
            let _ = thread.join();
        }
    }
}
