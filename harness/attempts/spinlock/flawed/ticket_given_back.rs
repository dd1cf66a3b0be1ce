//! A ticket lock whose `try_lock` draws a number and gives it back if it is not its turn. If somebody has drawn the next one
//! meanwhile, one number is nobody's, and those behind it wait for ever.
//!
//! caught by: shuttle::lock_and_try_lock_keep_each_other_out
//! survives: examples, properties, loom

use std::cell::UnsafeCell;
use std::hint;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    next: AtomicUsize,
    serving: AtomicUsize,
    value: UnsafeCell<T>,
}

// SAFETY: the value belongs to whoever has the number that is served, and it may move the value: `T: Send`.
unsafe impl<T: Send> Sync for SpinLock<T> {}

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
        Self { next: AtomicUsize::new(0), serving: AtomicUsize::new(0), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        let ticket = self.next.fetch_add(1, Ordering::Relaxed);
        while self.serving.load(Ordering::Acquire) != ticket {
            hint::spin_loop();
        }
        Guard { lock: self, _not_sync: PhantomData }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        let ticket = self.next.fetch_add(1, Ordering::Relaxed);
        if self.serving.load(Ordering::Acquire) == ticket {
            return Some(Guard { lock: self, _not_sync: PhantomData });
        }
        self.next.fetch_sub(1, Ordering::Relaxed);
        None
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
        self.lock.serving.fetch_add(1, Ordering::Release);
    }
}
