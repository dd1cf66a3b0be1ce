//! Keeps the value in memory of its own and never frees it: a lock that is dropped does not drop its value. And its pointer lets the
//! compiler take it for a lock of something that lives shorter.
//!
//! caught by: examples::only_sound_uses_compile, properties::a_value_is_dropped_exactly_once
//! survives: shuttle, loom

use std::hint;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    held: AtomicBool,
    value: NonNull<T>,
}

// SAFETY: owns its value.
unsafe impl<T: Send> Send for SpinLock<T> {}
// SAFETY: `held` lets one thread at a time follow the pointer, and it may move the value: `T: Send`.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
    // The pointer alone would let a guard pass for one of a shorter-lived type.
    _value: PhantomData<&'a mut T>,
}

// SAFETY: what `&mut T` may.
unsafe impl<T: Sync> Sync for Guard<'_, T> {}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        Self { held: AtomicBool::new(false), value: NonNull::from(Box::leak(Box::new(value))) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        while self.held.swap(true, Acquire) {
            hint::spin_loop();
        }
        Guard { lock: self, _value: PhantomData }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        let free = !self.held.swap(true, Acquire);
        free.then(|| Guard { lock: self, _value: PhantomData })
    }

    /// The value. Whoever has `&mut` is alone with the lock, so there is nothing to wait for.
    pub fn get_mut(&mut self) -> &mut T {
        // SAFETY: it comes from a `Box`, and `&mut self` says that nobody else uses it.
        unsafe { self.value.as_mut() }
    }

    /// The value, without its lock.
    pub fn into_inner(self) -> T {
        // SAFETY: it comes from a `Box`, and nobody uses it after this.
        *unsafe { Box::from_raw(self.value.as_ptr()) }
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: there is one guard at a time.
        unsafe { self.lock.value.as_ref() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: there is one guard at a time, and it is borrowed mutably.
        unsafe { &mut *self.lock.value.as_ptr() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.lock.held.store(false, Release);
    }
}
