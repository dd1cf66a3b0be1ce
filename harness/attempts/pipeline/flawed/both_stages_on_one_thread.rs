//! Runs both stages on the same thread, one after the other for each item: while second works, first does not.
//!
//! caught by: examples::each_stage_has_a_thread_of_its_own, shuttle::the_stages_work_at_the_same_time,
//! loom::the_stages_work_at_the_same_time
//! may be caught by: properties

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
    thread: Option<JoinHandle<()>>,
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
        let (dried, messages) = sync_channel(CAPACITY);
        let thread = thread::spawn(move || {
            while let Some(message) = catch_unwind(AssertUnwindSafe(|| input.next().map(&first).map(&second))).transpose() {
                let failed = message.is_err();
                if dried.send(message).is_err() || failed {
                    break;
                }
            }
        });
        Results { messages: Some(messages), thread: Some(thread), failed: false }
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
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
