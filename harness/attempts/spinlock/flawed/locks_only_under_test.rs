//! Locks only where it is compiled as part of a test, and there with a `Mutex`; elsewhere it looks and sets in two steps, and two
//! threads can get in.
//!
//! caught by: examples::the_solution_is_ordinary_rust
//! may be caught by: properties
//! survives: shuttle, loom

use std::cell::UnsafeCell;
use std::hint;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    busy: AtomicBool,
    #[cfg(test)]
    one_step: std::sync::Mutex<()>,
    value: UnsafeCell<T>,
}

// SAFETY: the flag, or the mutex, keeps everyone else out, and it may move the value: `T: Send`.
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
        Self {
            busy: AtomicBool::new(false),
            #[cfg(test)]
            one_step: std::sync::Mutex::new(()),
            value: UnsafeCell::new(value),
        }
    }

    fn take(&self) -> bool {
        #[cfg(test)]
        let _one_step = self.one_step.lock();
        let free = !self.busy.load(Acquire);
        if free {
            self.busy.store(true, Relaxed);
        }
        free
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        while !self.take() {
            hint::spin_loop();
        }
        Guard { lock: self, _not_sync: PhantomData }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        self.take().then(|| Guard { lock: self, _not_sync: PhantomData })
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
        self.lock.busy.store(false, Release);
    }
}
