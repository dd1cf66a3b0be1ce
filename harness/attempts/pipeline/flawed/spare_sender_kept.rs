//! The thread of second owns both ends of the channel it reads from, also the sender that only first should have: the channel
//! never ends, and after the last result `next` waits for ever.
//!
//! caught by: examples::every_item_goes_through_first_and_then_second, shuttle::a_panic_in_first_reaches_the_consumer,
//! shuttle::every_item_goes_through_in_order, shuttle::the_stages_work_at_the_same_time,
//! loom::a_panic_in_first_reaches_the_consumer, loom::every_item_goes_through_in_order, loom::the_stages_work_at_the_same_time
//! may be caught by: properties

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

const CAPACITY: usize = 8;

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

/// The rack between the two stages.
struct Rack<T> {
    sender: SyncSender<T>,
    receiver: Receiver<T>,
}

impl<T> Rack<T> {
    fn new() -> Self {
        let (sender, receiver) = sync_channel(CAPACITY);
        Rack { sender, receiver }
    }

    fn empty_into<C>(self, work: impl Fn(T) -> C, out: SyncSender<C>) {
        for item in self.receiver {
            if out.send(work(item)).is_err() {
                break;
            }
        }
    }
}

/// The results, one after the other, as the consumer asks for them.
pub struct Results<C> {
    results: Option<Receiver<C>>,
    first: Option<JoinHandle<()>>,
    second: Option<JoinHandle<()>>,
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
        let rack = Rack::new();
        let washed = rack.sender.clone();
        let (dried, results) = sync_channel(CAPACITY);
        let first = thread::spawn(move || {
            for item in input {
                if washed.send(first(item)).is_err() {
                    break;
                }
            }
        });
        let second = thread::spawn(move || rack.empty_into(second, dried));
        Results { results: Some(results), first: Some(first), second: Some(second), failed: false }
    }
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        assert!(!self.failed, "a stage has panicked");
        if let Ok(result) = self.results.as_ref()?.recv() {
            return Some(result);
        }
        for handle in [&mut self.second, &mut self.first] {
            if let Some(thread) = handle.take()
                && let Err(panic) = thread.join()
            {
                self.failed = true;
                resume_unwind(panic);
            }
        }
        None
    }
}

impl<C> Drop for Results<C> {
    fn drop(&mut self) {
        self.results = None;
        for handle in [&mut self.second, &mut self.first] {
            if let Some(thread) = handle.take() {
                let _ = thread.join();
            }
        }
    }
}
