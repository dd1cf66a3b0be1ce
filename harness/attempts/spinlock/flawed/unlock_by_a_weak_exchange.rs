//! Unlocks by a weak exchange, whose result nobody looks at: it may fail for no reason, and the lock stays held.
//!
//! caught by: loom::holders_see_each_others_writes, loom::try_lock_always_takes_a_free_lock
//! survives: examples, properties
//! may be caught by: shuttle

use std::cell::UnsafeCell;
use std::hint;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    locked: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: only the holder reaches the value, and there is one holder at a time. He may move it out: `T: Send`.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
    _neither_send_nor_sync: PhantomData<*const T>,
}

// SAFETY: through `&Guard` there is only `&T`.
unsafe impl<T: Sync> Sync for Guard<'_, T> {}
// SAFETY: a guard is worth a `&mut T`, and any thread may clear the flag.
unsafe impl<T: Send> Send for Guard<'_, T> {}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        Self { locked: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Only for whoever has just set the flag.
    fn guard(&self) -> Guard<'_, T> {
        Guard { lock: self, _neither_send_nor_sync: PhantomData }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        while let Err(_held) = self.locked.compare_exchange_weak(false, true, Acquire, Relaxed) {
            hint::spin_loop();
        }
        self.guard()
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        match self.locked.compare_exchange(false, true, Acquire, Relaxed) {
            Ok(_) => Some(self.guard()),
            Err(_) => None,
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
        // SAFETY: the flag is set for this guard alone; it gives out `&mut T` only for `&mut self`.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the flag is set for this guard alone, which is borrowed mutably as long as the reference lives.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        let _ = self.lock.locked.compare_exchange_weak(true, false, Release, Relaxed);
    }
}
