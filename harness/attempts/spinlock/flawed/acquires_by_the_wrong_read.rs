//! Waits with an Acquire load, then takes the flag with a `Relaxed` swap: if somebody locks and unlocks between the two, the swap
//! takes the flag from that one without seeing what it wrote.
//!
//! caught by: loom::a_guard_can_be_read_by_two_threads, loom::a_lock_that_was_used_can_be_taken_apart,
//! loom::a_second_turn_sees_what_the_other_wrote, loom::holders_see_each_others_writes, loom::three_contenders_take_turns,
//! loom::whoever_gets_in_by_try_lock_sees_what_was_written
//! survives: examples, properties, shuttle

use std::cell::UnsafeCell;
use std::hint;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `held` is true for one guard at a time, and it may move the value: `T: Send`.
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
        Self { held: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        loop {
            // Acquire: sees what the last holder wrote.
            while self.held.load(Ordering::Acquire) {
                hint::spin_loop();
            }
            if !self.held.swap(true, Ordering::Relaxed) {
                return Guard { lock: self, _not_sync: PhantomData };
            }
        }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        let free = !self.held.swap(true, Ordering::Acquire);
        free.then(|| Guard { lock: self, _not_sync: PhantomData })
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
        self.lock.held.store(false, Ordering::Release);
    }
}
