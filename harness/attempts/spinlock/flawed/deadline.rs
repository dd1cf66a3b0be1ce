//! `lock` waits until a deadline and comes in then all the same: a holder that takes longer than two seconds is not alone.
//!
//! caught by: shuttle::a_panic_in_one_holder_does_not_shut_out_the_others, shuttle::every_addition_counts,
//! shuttle::two_threads_never_hold_the_lock_at_once, loom::a_guard_can_be_read_by_two_threads,
//! loom::a_lock_inside_another_one_is_a_lock_too, loom::a_lock_that_was_used_can_be_taken_apart,
//! loom::a_second_turn_sees_what_the_other_wrote, loom::holders_see_each_others_writes, loom::three_contenders_take_turns,
//! loom::what_a_holder_wrote_before_it_panicked_is_seen_as_well, loom::whoever_gets_in_by_try_lock_sees_what_was_written
//! survives: examples, properties

use std::cell::UnsafeCell;
use std::hint;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::time::{Duration, Instant};

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
        let deadline = Instant::now() + Duration::from_secs(2);
        while self.locked.swap(true, Acquire) && Instant::now() < deadline {
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
