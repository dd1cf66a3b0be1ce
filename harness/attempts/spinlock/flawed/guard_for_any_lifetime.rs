//! The guard has a raw pointer to its lock, and whoever locks may choose how long the guard may live: longer than the lock, too.
//!
//! caught by: examples::only_sound_uses_compile
//! survives: properties, shuttle, loom

use std::cell::UnsafeCell;
use std::hint;
use std::marker::PhantomData;
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
    held: NonNull<AtomicBool>,
    value: NonNull<T>,
    _borrowed: PhantomData<&'a mut T>,
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
    pub fn lock<'a>(&self) -> Guard<'a, T> {
        loop {
            match self.try_lock() {
                Some(guard) => return guard,
                None => hint::spin_loop(),
            }
        }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock<'a>(&self) -> Option<Guard<'a, T>> {
        if self.held.swap(true, Ordering::Acquire) {
            return None;
        }
        // SAFETY: a pointer into a box is never null.
        let value = unsafe { NonNull::new_unchecked(self.value.get()) };
        Some(Guard { held: NonNull::from(&self.held), value, _borrowed: PhantomData })
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
        // SAFETY: the lock is there as long as its guard.
        unsafe { self.held.as_ref() }.store(false, Ordering::Release);
    }
}
