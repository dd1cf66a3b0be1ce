//! Two rings of slots without a lock around the items: one side owns the tail, the other one the head. A side that has to wait
//! leaves its handle in a bell, looks once more, and parks; the other side rings the bell after each step.

use std::cell::UnsafeCell;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, Thread};

const SLOTS: usize = 4;

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

/// Wakes one thread.
#[derive(Default)]
struct Bell(Mutex<Option<Thread>>);

impl Bell {
    fn wait_until(&self, ready: impl Fn() -> bool) {
        while !ready() {
            *self.0.lock().unwrap() = Some(thread::current());
            if !ready() {
                thread::park();
            }
        }
    }

    fn ring(&self) {
        if let Some(thread) = self.0.lock().unwrap().take() {
            thread.unpark();
        }
    }
}

struct Ring<T> {
    slots: [UnsafeCell<Option<T>>; SLOTS],
    /// How many items were put in, ever.
    tail: AtomicUsize,
    /// How many items were taken out, ever.
    head: AtomicUsize,
    closed: AtomicBool,
    sender: Bell,
    receiver: Bell,
}

// SAFETY: a slot belongs to the sender while it is free and to the receiver while it is full; head and tail say which, and both
// are passed on with Release and read with Acquire.
unsafe impl<T: Send> Sync for Ring<T> {}

impl<T> Ring<T> {
    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.sender.ring();
        self.receiver.ring();
    }
}

/// The only one that puts items into its ring.
struct Sender<T>(Arc<Ring<T>>);

/// The only one that takes items out of its ring.
struct Receiver<T>(Arc<Ring<T>>);

fn ring<T>() -> (Sender<T>, Receiver<T>) {
    let ring = Arc::new(Ring {
        slots: std::array::from_fn(|_| UnsafeCell::new(None)),
        tail: AtomicUsize::new(0),
        head: AtomicUsize::new(0),
        closed: AtomicBool::new(false),
        sender: Bell::default(),
        receiver: Bell::default(),
    });
    (Sender(ring.clone()), Receiver(ring))
}

impl<T> Sender<T> {
    /// Waits for a free slot. Says `false` if the receiver is gone.
    fn send(&mut self, item: T) -> bool {
        let ring = &*self.0;
        let tail = ring.tail.load(Ordering::Relaxed);
        let free = || tail.wrapping_sub(ring.head.load(Ordering::Acquire)) < SLOTS;
        ring.sender.wait_until(|| free() || ring.closed.load(Ordering::Acquire));
        if ring.closed.load(Ordering::Acquire) {
            return false;
        }
        // SAFETY: the slot is free, so the receiver does not touch it before it has seen the new tail.
        unsafe { *ring.slots[tail % SLOTS].get() = Some(item) };
        ring.tail.store(tail.wrapping_add(1), Ordering::Release);
        ring.receiver.ring();
        true
    }
}

impl<T> Receiver<T> {
    /// Waits for an item. Says `None` if there is none and the sender is gone.
    fn recv(&mut self) -> Option<T> {
        let ring = &*self.0;
        let head = ring.head.load(Ordering::Relaxed);
        let full = || ring.tail.load(Ordering::Acquire) != head;
        ring.receiver.wait_until(|| full() || ring.closed.load(Ordering::Acquire));
        if !full() {
            return None;
        }
        // SAFETY: the slot is full, so the sender does not touch it before it has seen the new head.
        let item = unsafe { (*ring.slots[head % SLOTS].get()).take() };
        ring.head.store(head.wrapping_add(1), Ordering::Release);
        ring.sender.ring();
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
        let (mut washed, mut to_dry) = ring();
        let (mut dried, results) = ring();
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
