//! Counts every lock and every unlock: the count is odd while somebody holds the lock.

use std::cell::UnsafeCell;
use std::hint;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    turns: AtomicUsize,
    value: UnsafeCell<T>,
}

// SAFETY: the count becomes odd for one thread at a time, and only that thread uses the value. It may move it: `T: Send`.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
    _value: PhantomData<&'a mut T>,
}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        Self { turns: AtomicUsize::new(0), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        loop {
            let turns = self.turns.load(Relaxed);
            // Acquire pairs with the Release of the `fetch_add` that made the count even.
            if turns & 1 == 0 && self.turns.compare_exchange_weak(turns, turns.wrapping_add(1), Acquire, Relaxed).is_ok() {
                return Guard { lock: self, _value: PhantomData };
            }
            hint::spin_loop();
        }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        let mut turns = self.turns.load(Relaxed);
        while turns & 1 == 0 {
            match self.turns.compare_exchange(turns, turns.wrapping_add(1), Acquire, Relaxed) {
                Ok(_) => return Some(Guard { lock: self, _value: PhantomData }),
                // Others have come meanwhile, and perhaps gone.
                Err(now) => turns = now,
            }
        }
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
        // SAFETY: the count is odd, and this guard made it so.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the count is odd, this guard made it so, and nobody else borrows it.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.lock.turns.fetch_add(1, Release);
    }
}
