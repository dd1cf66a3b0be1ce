//! A queue of waiting threads. Whoever leaves as the last, while another has come but not yet said who it is, does not wait to be
//! told: that other one is never let in.
//!
//! caught by: shuttle::a_panic_in_one_holder_does_not_shut_out_the_others, shuttle::every_addition_counts,
//! shuttle::lock_and_try_lock_keep_each_other_out, shuttle::try_lock_never_waits,
//! shuttle::two_threads_never_hold_the_lock_at_once, shuttle::whoever_waits_gets_the_lock_in_the_end,
//! loom::a_guard_can_be_read_by_two_threads, loom::a_lock_that_was_used_can_be_taken_apart,
//! loom::a_second_turn_sees_what_the_other_wrote, loom::holders_see_each_others_writes, loom::three_contenders_take_turns,
//! loom::try_lock_never_waits, loom::whoever_gets_in_by_try_lock_sees_what_was_written
//! may be caught by: examples, properties

use std::cell::UnsafeCell;
use std::hint;
use std::ops::{Deref, DerefMut};
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicPtr};

/// A place in the queue. Left on the heap for good: it is small, and a neighbour may still look at it.
struct Node {
    next: AtomicPtr<Node>,
    waits: AtomicBool,
}

impl Node {
    fn alone() -> NonNull<Node> {
        let node = Node { next: AtomicPtr::new(null_mut()), waits: AtomicBool::new(true) };
        NonNull::from(Box::leak(Box::new(node)))
    }
}

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    /// The end of the queue; null if nobody holds the lock.
    last: AtomicPtr<Node>,
    value: UnsafeCell<T>,
}

// SAFETY: only the head of the queue uses the value, and it may move the value: `T: Send`.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
    node: NonNull<Node>,
}

// SAFETY: a shared guard hands out `&T` and nothing else.
unsafe impl<T: Sync> Sync for Guard<'_, T> {}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        Self { last: AtomicPtr::new(null_mut()), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        let node = Node::alone();
        if let Some(before) = NonNull::new(self.last.swap(node.as_ptr(), AcqRel)) {
            // SAFETY: nodes are never freed.
            unsafe { before.as_ref() }.next.store(node.as_ptr(), Release);
            // SAFETY: nodes are never freed.
            while unsafe { node.as_ref() }.waits.load(Acquire) {
                hint::spin_loop();
            }
        }
        Guard { lock: self, node }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        let node = Node::alone();
        let taken = self.last.compare_exchange(null_mut(), node.as_ptr(), AcqRel, Relaxed);
        taken.ok().map(|_| Guard { lock: self, node })
    }

    /// The value. Whoever has `&mut` is alone with the lock, so there is nothing to wait for.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// The value, without its lock.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: there is one guard at a time.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: there is one guard at a time, and it is borrowed mutably.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: nodes are never freed.
        let next = unsafe { self.node.as_ref() }.next.load(Acquire);
        match NonNull::new(next) {
            // SAFETY: nodes are never freed.
            Some(next) => unsafe { next.as_ref() }.waits.store(false, Release),
            None => {
                // Nobody comes after: the queue is empty again.
                let _ = self.lock.last.compare_exchange(self.node.as_ptr(), null_mut(), Release, Relaxed);
            }
        }
    }
}
