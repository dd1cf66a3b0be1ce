//! Names `std` a second time, past whatever the tests have put in its place, by a macro that puts the words together: none of the
//! checkers sees what its atomic does.
//!
//! caught by: examples::the_solution_is_ordinary_rust, shuttle::a_panic_in_one_holder_does_not_shut_out_the_others,
//! shuttle::every_addition_counts, shuttle::lock_and_try_lock_keep_each_other_out,
//! shuttle::try_lock_lets_one_of_two_in_and_never_both, shuttle::whoever_waits_gets_the_lock_in_the_end,
//! loom::a_guard_can_be_read_by_two_threads, loom::a_lock_that_was_used_can_be_taken_apart,
//! loom::a_second_turn_sees_what_the_other_wrote, loom::holders_see_each_others_writes, loom::three_contenders_take_turns,
//! loom::two_that_try_never_both_get_in_at_once, loom::whoever_gets_in_by_try_lock_sees_what_was_written
//! survives: properties

use std::hint;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

macro_rules! external {
    ($($name:tt)*) => {
        extern $($name)*;
    };
}
external!(crate std as real);

use real::cell::UnsafeCell;
use real::sync::atomic::{AtomicBool, Ordering};

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
    // Makes the guard as `Sync` as a `&mut T`.
    _value: PhantomData<&'a mut T>,
}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        Self { locked: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        while self.locked.swap(true, Ordering::Acquire) {
            hint::spin_loop();
        }
        Guard { lock: self, _value: PhantomData }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        if self.locked.swap(true, Ordering::Acquire) { None } else { Some(Guard { lock: self, _value: PhantomData }) }
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
        self.lock.locked.store(false, Ordering::Release);
    }
}
