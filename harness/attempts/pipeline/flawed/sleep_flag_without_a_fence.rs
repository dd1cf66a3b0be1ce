//! One side writes that it sleeps and then looks at the slot, the other one writes the slot and then looks who sleeps; nothing
//! keeps the looks behind the writes. Both can miss each other, and both sleep for ever.
//!
//! caught by: loom::a_consumer_that_leaves_does_not_care_about_a_panic, loom::a_panic_in_first_reaches_the_consumer,
//! loom::a_panic_in_second_reaches_the_consumer, loom::dropping_it_before_the_first_result_works_as_well,
//! loom::dropping_it_early_stops_both_threads_and_waits_for_them, loom::every_item_goes_through_in_order,
//! loom::the_stages_work_at_the_same_time
//! survives: shuttle
//! may be caught by: examples, properties

use std::cell::UnsafeCell;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, Thread};

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

/// A place to sleep for one thread.
#[derive(Default)]
struct Bed {
    asleep: AtomicBool,
    thread: Mutex<Option<Thread>>,
}

impl Bed {
    fn sleep_until(&self, ready: impl Fn() -> bool) {
        while !ready() {
            *self.thread.lock().unwrap() = Some(thread::current());
            self.asleep.store(true, Ordering::Release);
            if !ready() {
                thread::park();
            }
            self.asleep.store(false, Ordering::Release);
        }
    }

    fn wake(&self) {
        if self.asleep.load(Ordering::Acquire)
            && let Some(thread) = &*self.thread.lock().unwrap()
        {
            thread.unpark();
        }
    }
}

struct Slot<T> {
    item: UnsafeCell<Option<T>>,
    full: AtomicBool,
    closed: AtomicBool,
    sender: Bed,
    receiver: Bed,
}

// SAFETY: the item belongs to the sender while `full` is false and to the receiver while it is true. Each side sets `full` with
// Release when it is done with the item, and the other side reads it with Acquire.
unsafe impl<T: Send> Sync for Slot<T> {}

impl<T> Slot<T> {
    fn is_full(&self) -> bool {
        self.full.load(Ordering::Acquire)
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.sender.wake();
        self.receiver.wake();
    }
}

struct Sender<T>(Arc<Slot<T>>);

struct Receiver<T>(Arc<Slot<T>>);

fn slot<T>() -> (Sender<T>, Receiver<T>) {
    let slot = Arc::new(Slot {
        item: UnsafeCell::new(None),
        full: AtomicBool::new(false),
        closed: AtomicBool::new(false),
        sender: Bed::default(),
        receiver: Bed::default(),
    });
    (Sender(slot.clone()), Receiver(slot))
}

impl<T> Sender<T> {
    /// Waits until the slot is empty. Says `false` if the receiver has left.
    fn send(&mut self, item: T) -> bool {
        let slot = &*self.0;
        slot.sender.sleep_until(|| !slot.is_full() || slot.is_closed());
        if slot.is_closed() {
            return false;
        }
        // SAFETY: the slot is empty, and there is only one sender.
        unsafe { *slot.item.get() = Some(item) };
        slot.full.store(true, Ordering::Release);
        slot.receiver.wake();
        true
    }
}

impl<T> Receiver<T> {
    /// Waits until the slot is full. Says `None` if it is not and the sender has left.
    fn recv(&mut self) -> Option<T> {
        let slot = &*self.0;
        slot.receiver.sleep_until(|| slot.is_full() || slot.is_closed());
        if !slot.is_full() {
            return None;
        }
        // SAFETY: the slot is full, and there is only one receiver.
        let item = unsafe { (*slot.item.get()).take() };
        slot.full.store(false, Ordering::Release);
        slot.sender.wake();
        item
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.0.close();
    }
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
        let (mut washed, mut to_dry) = slot();
        let (mut dried, results) = slot();
        let first = thread::spawn(move || {
            for item in input {
                if !washed.send(first(item)) {
                    break;
                }
            }
        });
        let second = thread::spawn(move || {
            while let Some(item) = to_dry.recv() {
                if !dried.send(second(item)) {
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
        let result = self.results.as_mut()?.recv();
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
