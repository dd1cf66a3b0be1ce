//! Gives `compare_exchange` its two values the wrong way round in `drop`: it expects `false`, finds `true`, and the lock stays
//! held.
//!
//! caught by: examples::a_panic_while_the_lock_is_held_lets_the_next_one_in, examples::a_try_lock_that_fails_changes_nothing,
//! examples::every_addition_counts, examples::get_mut_reaches_the_value_without_locking,
//! examples::lock_waits_until_the_holder_is_done, examples::the_next_holder_finds_what_the_last_one_wrote,
//! examples::try_lock_gives_nothing_while_the_lock_is_held, examples::try_lock_takes_a_free_lock,
//! properties::a_value_is_dropped_exactly_once, properties::all_that_any_threads_add_is_there_in_the_end,
//! properties::any_sequence_of_uses_leaves_the_value_that_was_written_last,
//! shuttle::a_panic_in_one_holder_does_not_shut_out_the_others, shuttle::every_addition_counts,
//! shuttle::lock_and_try_lock_keep_each_other_out, shuttle::try_lock_lets_one_of_two_in_and_never_both,
//! shuttle::try_lock_never_waits, shuttle::two_threads_never_hold_the_lock_at_once,
//! shuttle::whoever_waits_gets_the_lock_in_the_end, loom::a_guard_can_be_read_by_two_threads,
//! loom::a_lock_that_was_used_can_be_taken_apart, loom::a_second_turn_sees_what_the_other_wrote,
//! loom::holders_see_each_others_writes, loom::three_contenders_take_turns, loom::try_lock_never_waits,
//! loom::two_that_try_never_both_get_in_at_once, loom::whoever_gets_in_by_try_lock_sees_what_was_written

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

// SAFETY: the flag lets one thread at a time reach the value, and it may move the value: `T: Send`.
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
        Self { locked: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        while self.locked.compare_exchange_weak(false, true, Acquire, Relaxed).is_err() {
            hint::spin_loop();
        }
        Guard { lock: self, _not_sync: PhantomData }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        self.locked.compare_exchange(false, true, Acquire, Relaxed).ok()?;
        Some(Guard { lock: self, _not_sync: PhantomData })
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
        let _ = self.lock.locked.compare_exchange(false, true, Release, Relaxed);
    }
}
