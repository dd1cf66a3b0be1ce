//! `get_mut` takes `&self`: whoever shares the lock gets at the value without locking.
//!
//! caught by: examples::only_sound_uses_compile
//! survives: properties, shuttle, loom

use std::cell::UnsafeCell;
use std::hint;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    locked: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the flag lets one thread at a time reach the value. A holder has `&mut T` and may move the value, so `T: Send`.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
    // Not `Sync` by itself: a shared guard hands out `&T`, which takes more than the `T: Send` of `&SpinLock<T>`.
    _not_sync: PhantomData<*mut T>,
}

// SAFETY: a shared guard hands out `&T` and nothing else.
unsafe impl<T: Sync> Sync for Guard<'_, T> {}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        Self { locked: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        // ORDERING: Acquire pairs with the Release in `drop`: what the last holder wrote is seen by this one.
        while self.locked.swap(true, Acquire) {
            hint::spin_loop();
        }
        Guard { lock: self, _not_sync: PhantomData }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        // ORDERING: Acquire pairs with the Release in `drop`, as in `lock`.
        let free = !self.locked.swap(true, Acquire);
        free.then(|| Guard { lock: self, _not_sync: PhantomData })
    }

    /// The value. Whoever has `&mut` is alone with the lock, so there is nothing to wait for.
    #[expect(clippy::mut_from_ref, reason = "whoever asks for it is alone with the lock")]
    pub fn get_mut(&self) -> &mut T {
        // SAFETY: whoever asks for it is alone with the lock.
        unsafe { &mut *self.value.get() }
    }

    /// The value, without its lock.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: this guard exists, so no other one does, and it hands out `&mut T` only for `&mut self`.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`; `&mut self` says that nothing borrowed from this guard is alive.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // ORDERING: Release pairs with the Acquire of whoever takes the lock next.
        self.lock.locked.store(false, Release);
    }
}
