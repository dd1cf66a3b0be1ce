//! After each failure waits for a time by chance: the keys of a `RandomState` are the only chance that std has to offer.

use std::cell::UnsafeCell;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::hint::spin_loop;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering::*};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    locked: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: one thread at a time has the value.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    locked: &'a AtomicBool,
    value: *mut T,
    _value: PhantomData<&'a mut T>,
}

// SAFETY: who shares a guard shares a `&T`.
unsafe impl<T: Sync> Sync for Guard<'_, T> {}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub const fn new(value: T) -> Self {
        Self { locked: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        let mut most = 1;
        loop {
            if let Some(guard) = self.try_lock() {
                return guard;
            }
            for _ in 0..=RandomState::new().build_hasher().finish() % most {
                spin_loop();
            }
            most = (2 * most).min(16);
        }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        let taken = self.locked.compare_exchange(false, true, Acquire, Relaxed);
        taken.ok().map(|_| Guard { locked: &self.locked, value: self.value.get(), _value: PhantomData })
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
        // SAFETY: the lock is held.
        unsafe { &*self.value }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held.
        unsafe { &mut *self.value }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.locked.store(false, Release);
    }
}
