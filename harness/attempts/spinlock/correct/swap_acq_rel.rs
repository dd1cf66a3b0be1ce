//! `swap` with `AcqRel`, because it both reads and writes: stronger than is needed, and right.

use std::cell::UnsafeCell;
use std::hint;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    is_locked: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: whoever turns `is_locked` from `false` to `true` has the value for itself until it turns it back. It may move the value:
// `T: Send`.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
    value: PhantomData<&'a mut T>,
}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        SpinLock { is_locked: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        while self.is_locked.swap(true, Ordering::AcqRel) {
            hint::spin_loop();
        }
        Guard { lock: self, value: PhantomData }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        match self.is_locked.swap(true, Ordering::AcqRel) {
            false => Some(Guard { lock: self, value: PhantomData }),
            true => None,
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
        // SAFETY: nobody else gets a guard while this one exists.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: nobody else gets a guard while this one exists, and it is borrowed mutably.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.lock.is_locked.store(false, Ordering::Release);
    }
}
