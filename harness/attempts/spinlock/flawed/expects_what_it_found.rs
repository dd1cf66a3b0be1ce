//! After a failure, `lock` expects the value that it has found, as one does when counting: it then exchanges `true` for `true`
//! and comes in beside the holder.
//!
//! caught by: examples::lock_waits_until_the_holder_is_done, shuttle::a_panic_in_one_holder_does_not_shut_out_the_others,
//! shuttle::every_addition_counts, shuttle::lock_and_try_lock_keep_each_other_out,
//! shuttle::two_threads_never_hold_the_lock_at_once, loom::a_guard_can_be_read_by_two_threads,
//! loom::a_second_turn_sees_what_the_other_wrote, loom::three_contenders_take_turns
//! may be caught by: properties

use std::cell::UnsafeCell;
use std::hint;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    busy: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: while `busy` is set, its setter is alone with the value, and it may move the value: `T: Send`.
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
        Self { busy: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        let mut expected = false;
        while let Err(found) = self.busy.compare_exchange_weak(expected, true, Ordering::Acquire, Ordering::Relaxed) {
            expected = found;
            hint::spin_loop();
        }
        Guard { lock: self, _not_sync: PhantomData }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        let taken = self.busy.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok();
        taken.then(|| Guard { lock: self, _not_sync: PhantomData })
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
        self.lock.busy.store(false, Ordering::Release);
    }
}
