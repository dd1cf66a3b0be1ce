//! A mailbox for one item on each way. Whoever has to wait leaves its handle in the box and parks for a tenth of a second at
//! most: awake for whatever reason, it looks again.

use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

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

struct Mailbox<T>(Mutex<Slot<T>>);

struct Slot<T> {
    item: Option<T>,
    closed: bool,
    waiting: Option<Thread>,
}

impl<T> Mailbox<T> {
    fn new() -> Arc<Self> {
        Arc::new(Mailbox(Mutex::new(Slot { item: None, closed: false, waiting: None })))
    }

    fn wait_until(&self, ready: impl Fn(&Slot<T>) -> bool) -> MutexGuard<'_, Slot<T>> {
        loop {
            let mut slot = self.0.lock().unwrap();
            if ready(&slot) {
                return slot;
            }
            slot.waiting = Some(thread::current());
            drop(slot);
            thread::park_timeout(Duration::from_millis(100));
        }
    }

    /// Says `false` if nobody will take the item.
    fn put(&self, item: T) -> bool {
        let mut slot = self.wait_until(|slot| slot.item.is_none() || slot.closed);
        if slot.closed {
            return false;
        }
        slot.item = Some(item);
        slot.wake();
        true
    }

    /// Says `None` if nobody will put in another item.
    fn take(&self) -> Option<T> {
        let mut slot = self.wait_until(|slot| slot.item.is_some() || slot.closed);
        slot.wake();
        slot.item.take()
    }

    fn close(&self) {
        let mut slot = self.0.lock().unwrap();
        slot.closed = true;
        slot.wake();
    }
}

impl<T> Slot<T> {
    fn wake(&mut self) {
        if let Some(thread) = self.waiting.take() {
            thread.unpark();
        }
    }
}

/// One side of a mailbox. Nothing goes through it any more when one side is gone.
struct Side<T>(Arc<Mailbox<T>>);

impl<T> Drop for Side<T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The results, one after the other, as the consumer asks for them.
pub struct Results<C> {
    results: Option<Side<C>>,
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
        let (between, last) = (Mailbox::new(), Mailbox::new());
        let (washed, to_dry) = (Side(between.clone()), Side(between));
        let (dried, results) = (Side(last.clone()), Side(last));
        let first = thread::spawn(move || {
            for item in input {
                if !washed.0.put(first(item)) {
                    break;
                }
            }
        });
        let second = thread::spawn(move || {
            while let Some(item) = to_dry.0.take() {
                if !dried.0.put(second(item)) {
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
        let result = self.results.as_ref()?.0.take();
        if result.is_none() {
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
