//! Drop joins the threads while it still has the receiver: a thread that waits for room in a full channel waits for ever, and so
//! does drop.
//!
//! caught by: examples::endless_input_yields_as_much_as_is_asked_for, shuttle::at_most_32_items_are_under_way,
//! shuttle::dropping_it_before_the_first_result_works_as_well,
//! shuttle::dropping_it_early_stops_both_threads_and_waits_for_them, loom::dropping_it_before_the_first_result_works_as_well,
//! loom::dropping_it_early_stops_both_threads_and_waits_for_them
//! may be caught by: properties

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

const CAPACITY: usize = 4;

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
    thread: Option<JoinHandle<()>>,
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
        let (dried, messages) = sync_channel(CAPACITY);
        let thread = thread::spawn(move || {
            thread::scope(|scope| {
                let (washed, to_dry) = sync_channel(CAPACITY);
                let washer = scope.spawn(move || {
                    for item in input {
                        if washed.send(first(item)).is_err() {
                            break;
                        }
                    }
                });
                let drying = catch_unwind(AssertUnwindSafe(|| {
                    for item in to_dry {
                        if dried.send(Ok(second(item))).is_err() {
                            break;
                        }
                    }
                }));
                if let Err(panic) = drying.and_then(|()| washer.join()) {
                    let _ = dried.send(Err(panic));
                }
            })
        });
        Results { messages, thread: Some(thread), failed: false }
    }
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        assert!(!self.failed, "a stage has panicked");
        match self.messages.recv().ok()? {
            Ok(result) => Some(result),
            Err(panic) => {
                self.failed = true;
                resume_unwind(panic)
            }
        }
    }
}

impl<C> Drop for Results<C> {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
