//! Uses of the lock that must compile, and misuses that must not. Nothing here ever runs: the compiler is asked, and that is all.

use crate::solution::{Guard, SpinLock};

/// A lock around something borrowed is as good as any other.
fn may_lock_what_is_borrowed() {
    let text = String::from("borrowed");
    let lock = SpinLock::new(text.as_str());
    let guard = lock.lock();
    drop(guard);
    drop(lock);
}

/// The lock is gone, and the guard would still use what lay in it. It must borrow the lock as long as it lives: `Guard<'_,
/// T>`, with the lifetime of `&self`.
fn must_not_use_a_guard_after_its_lock() {
    let lock = SpinLock::new(1);
    let guard = lock.lock();
    drop(lock);
    drop(guard);
}

/// The lock is gone, and a guard of `try_lock` would still use what lay in it. It must borrow the lock as well: `Option<Guard<'_, T>>`.
fn must_not_use_a_guard_of_try_lock_after_its_lock() {
    let lock = SpinLock::new(1);
    let guard = lock.try_lock();
    drop(lock);
    drop(guard);
}

/// `get_mut` gives the value away without locking. That is sound only for whoever is alone with the lock, and only `&mut
/// self` promises that.
fn must_not_get_mut_of_a_lock_that_others_may_hold() {
    let lock = SpinLock::new(1);
    let guard = lock.lock();
    let value = lock.get_mut();
    drop(guard);
    *value = 2;
}

/// The value that this guard holds must live for ever. Whoever could take it for a guard of something short-lived could put
/// something short-lived there. A `NonNull<T>` or `*const T` allows that; a field `PhantomData<&'a mut T>` beside it does
/// not.
fn must_not_take_a_guard_for_one_of_something_short_lived<'a, 's>(guard: Guard<'a, &'static str>) -> Guard<'a, &'s str> {
    guard
}

/// The value in this lock must live for ever. Whoever could take it for a lock of something short-lived could put something
/// short-lived there. An `UnsafeCell<T>` does not allow that; a `NonNull<T>` does, without a field `PhantomData<UnsafeCell<T>>`.
fn must_not_take_a_lock_for_one_of_something_short_lived<'s>(lock: &'s SpinLock<&'static str>) -> &'s SpinLock<&'s str> {
    lock
}
