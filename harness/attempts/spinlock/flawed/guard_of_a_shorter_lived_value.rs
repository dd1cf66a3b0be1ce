//! The guard has a raw pointer to the value and nothing that says that it may write there: the compiler lets it pass for the guard
//! of something that lives shorter, and something that lives shorter can be put into the lock.
//!
//! caught by: examples::only_sound_uses_compile
//! survives: properties, shuttle, loom

use std::cell::UnsafeCell;
use std::hint;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    held: AtomicBool,
    value: Box<UnsafeCell<T>>,
}

// SAFETY: `held` is given to one guard at a time, and with it the pointer to the value: like passing on a `&mut T`, so `T: Send`.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    held: &'a AtomicBool,
    value: NonNull<T>,
}

// SAFETY: what `&mut T` may.
unsafe impl<T: Send> Send for Guard<'_, T> {}
// SAFETY: what `&mut T` may.
unsafe impl<T: Sync> Sync for Guard<'_, T> {}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        Self { held: AtomicBool::new(false), value: Box::new(UnsafeCell::new(value)) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        loop {
            match self.try_lock() {
                Some(guard) => return guard,
                None => hint::spin_loop(),
            }
        }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        if self.held.swap(true, Ordering::Acquire) {
            return None;
        }
        // SAFETY: a pointer into a box is never null.
        let value = unsafe { NonNull::new_unchecked(self.value.get()) };
        Some(Guard { held: &self.held, value })
    }

    /// The value. Whoever has `&mut` is alone with the lock, so there is nothing to wait for.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// The value, without its lock.
    pub fn into_inner(self) -> T {
        (*self.value).into_inner()
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the box outlives `'a`, and until `held` is cleared only this guard points into it.
        unsafe { self.value.as_ref() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`; `&mut self` is borrowed as long as the reference.
        unsafe { self.value.as_mut() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.held.store(false, Ordering::Release);
    }
}
