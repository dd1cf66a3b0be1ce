//! `Sync` for every `T`: an `Rc` in such a lock can be cloned by two threads, one after the other, and its count is not theirs to
//! share.
//!
//! caught by: examples::a_lock_may_be_shared_exactly_if_its_value_may_be_sent
//! survives: properties, shuttle, loom

use std::cell::UnsafeCell;
use std::hint;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    locked: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: one thread at a time reaches the value.
unsafe impl<T> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
    _not_sync: PhantomData<*mut T>,
}

// SAFETY: a shared guard hands out `&T` and nothing else.
unsafe impl<T: Sync> Sync for Guard<'_, T> {}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        Self { locked: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        while self.locked.swap(true, Acquire) {
            hint::spin_loop();
        }
        Guard { lock: self, _not_sync: PhantomData }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        let free = !self.locked.swap(true, Acquire);
        free.then(|| Guard { lock: self, _not_sync: PhantomData })
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
        self.lock.locked.store(false, Release);
    }
}
