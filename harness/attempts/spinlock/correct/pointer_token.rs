//! The pointer to the value is itself the token: whoever swaps it out has the value, and null is left to the others.

use std::hint;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::{Acquire, Release};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    /// Points to the value while nobody holds it.
    token: AtomicPtr<T>,
    /// Points to the value always, for those who have `&mut`. It comes from a `Box`.
    value: NonNull<T>,
}

// SAFETY: owns its value as a `Box<T>` does.
unsafe impl<T: Send> Send for SpinLock<T> {}
// SAFETY: `&SpinLock` leads to the value only through the token, which one thread at a time can have. That is then its own: `T: Send`.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
    token: NonNull<T>,
}

// SAFETY: a shared guard hands out `&T`.
unsafe impl<T: Sync> Sync for Guard<'_, T> {}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        let value = NonNull::from(Box::leak(Box::new(value)));
        Self { token: AtomicPtr::new(value.as_ptr()), value }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        loop {
            if let Some(guard) = self.try_lock() {
                return guard;
            }
            hint::spin_loop();
        }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        let token = NonNull::new(self.token.swap(null_mut(), Acquire))?;
        Some(Guard { lock: self, token })
    }

    /// The value. Whoever has `&mut` is alone with the lock, so there is nothing to wait for.
    pub fn get_mut(&mut self) -> &mut T {
        // SAFETY: the box lives as long as `self`, and `&mut self` says that there is no guard to use it.
        unsafe { self.value.as_mut() }
    }

    /// The value, without its lock.
    pub fn into_inner(self) -> T {
        // Not to be dropped, or the box would be freed twice.
        let lock = ManuallyDrop::new(self);
        // SAFETY: it comes from a `Box`, and there is no guard.
        *unsafe { Box::from_raw(lock.value.as_ptr()) }
    }
}

impl<T> Drop for SpinLock<T> {
    fn drop(&mut self) {
        // SAFETY: it comes from a `Box`, and there is no guard.
        drop(unsafe { Box::from_raw(self.value.as_ptr()) });
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: this guard has the token, and the box lives as long as the lock.
        unsafe { self.token.as_ref() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and nobody else borrows the guard.
        unsafe { self.token.as_mut() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.lock.token.store(self.token.as_ptr(), Release);
    }
}
