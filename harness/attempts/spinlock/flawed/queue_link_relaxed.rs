//! A queue of waiting threads, in which each is linked to the one before it with `Relaxed`: whoever finds its node there need
//! not see that it was made.
//!
//! caught by: loom::holders_see_each_others_writes
//! survives: examples, properties, shuttle

use std::cell::UnsafeCell;
use std::hint;
use std::ops::{Deref, DerefMut};
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicPtr};

/// A place in the queue, on the heap until its guard is dropped.
struct Node {
    next: AtomicPtr<Node>,
    waits: AtomicBool,
}

impl Node {
    fn alone() -> NonNull<Node> {
        let node = Node { next: AtomicPtr::new(null_mut()), waits: AtomicBool::new(true) };
        NonNull::from(Box::leak(Box::new(node)))
    }

    /// # Safety
    /// The node comes from `alone`, and nobody uses it any more.
    unsafe fn free(node: NonNull<Node>) {
        // SAFETY: `alone` made it with a `Box`; the rest is the caller's promise.
        drop(unsafe { Box::from_raw(node.as_ptr()) });
    }
}

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    /// The queue's end; null if nobody holds the lock.
    last: AtomicPtr<Node>,
    value: UnsafeCell<T>,
}

// SAFETY: only the head of the queue uses the value, with a `&mut T`: `T: Send`.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
    node: NonNull<Node>,
}

// SAFETY: a shared guard hands out `&T`, and does not touch its node.
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
            // SAFETY: a node that is not the last is freed only after it has been told its next one, which happens here.
            unsafe { before.as_ref() }.next.store(node.as_ptr(), Relaxed);
            // SAFETY: `node` is this thread's own, and is freed with the guard.
            while unsafe { node.as_ref() }.waits.load(Acquire) {
                hint::spin_loop();
            }
        }
        Guard { lock: self, node }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        let node = Node::alone();
        match self.last.compare_exchange(null_mut(), node.as_ptr(), AcqRel, Relaxed) {
            Ok(_) => Some(Guard { lock: self, node }),
            Err(_) => {
                // SAFETY: just made, and nobody else has heard of it.
                unsafe { Node::free(node) };
                None
            }
        }
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
        // SAFETY: this guard's node is the head of the queue, and all others wait.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and nothing borrowed from this guard is alive.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: the node lives until the end of this function.
        let node = unsafe { self.node.as_ref() };
        let mut next = node.next.load(Acquire);
        let is_last = || self.lock.last.compare_exchange(self.node.as_ptr(), null_mut(), Release, Relaxed).is_ok();
        if next.is_null() && !is_last() {
            // Somebody has come, and is about to say who.
            loop {
                next = node.next.load(Acquire);
                if !next.is_null() {
                    break;
                }
                hint::spin_loop();
            }
        }
        if let Some(next) = NonNull::new(next) {
            // SAFETY: it waits for this very store, and is freed only by its own guard, later.
            unsafe { next.as_ref() }.waits.store(false, Release);
        }
        // SAFETY: whoever came next has stored itself in the node and does not look back; if nobody came, nobody knows it.
        unsafe { Node::free(self.node) };
    }
}
