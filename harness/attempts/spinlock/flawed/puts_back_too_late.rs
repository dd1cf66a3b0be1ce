//! The guard takes the value out and puts it back after it has unlocked: the next holder may find nothing there. After a guard
//! that was forgotten, nobody finds it.
//!
//! caught by: examples::get_mut_reaches_the_value_without_locking, examples::into_inner_gives_the_value_back,
//! shuttle::a_panic_in_one_holder_does_not_shut_out_the_others, shuttle::every_addition_counts,
//! shuttle::lock_and_try_lock_keep_each_other_out, shuttle::try_lock_lets_one_of_two_in_and_never_both,
//! shuttle::try_lock_never_waits, shuttle::two_threads_never_hold_the_lock_at_once,
//! shuttle::whoever_waits_gets_the_lock_in_the_end, loom::a_lock_that_was_used_can_be_taken_apart,
//! loom::a_second_turn_sees_what_the_other_wrote, loom::holders_see_each_others_writes, loom::three_contenders_take_turns,
//! loom::try_lock_never_waits, loom::two_that_try_never_both_get_in_at_once,
//! loom::whoever_gets_in_by_try_lock_sees_what_was_written
//! may be caught by: properties

use std::cell::UnsafeCell;
use std::hint;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    locked: AtomicBool,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: the value is taken out by one guard at a time, and it may move the value: `T: Send`.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
    value: Option<T>,
}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        Self { locked: AtomicBool::new(false), value: UnsafeCell::new(Some(value)) }
    }

    /// For whoever has just set the flag.
    fn take_out(&self) -> Guard<'_, T> {
        // SAFETY: the flag is set for this caller alone.
        let value = unsafe { (*self.value.get()).take() };
        Guard { lock: self, value }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        while self.locked.swap(true, Acquire) {
            hint::spin_loop();
        }
        self.take_out()
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        let free = !self.locked.swap(true, Acquire);
        free.then(|| self.take_out())
    }

    /// The value. Whoever has `&mut` is alone with the lock, so there is nothing to wait for.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut().as_mut().expect("only a guard takes it out")
    }

    /// The value, without its lock.
    pub fn into_inner(self) -> T {
        self.value.into_inner().expect("only a guard takes it out")
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.value.as_ref().expect("there while the guard is")
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("there while the guard is")
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.lock.locked.store(false, Release);
        // SAFETY: one guard at a time has taken the value out, and this is it.
        unsafe { *self.lock.value.get() = self.value.take() };
    }
}
