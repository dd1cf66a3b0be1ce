//! A spin lock: one thread at a time may use a value, and whoever comes meanwhile goes round in a small loop until it is free.
//!
//! The brief is in `README.md`. `cargo kata` shows you the first test to make green.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    _your_fields_instead: PhantomData<T>,
}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    _your_fields_instead: PhantomData<&'a SpinLock<T>>,
}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(_value: T) -> Self {
        todo!("make a lock that nobody holds")
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        todo!("wait until nobody holds the lock, and take it")
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        todo!("take the lock if nobody holds it")
    }

    /// The value. Whoever has `&mut` is alone with the lock, so there is nothing to wait for.
    pub fn get_mut(&mut self) -> &mut T {
        todo!("hand out the value")
    }

    /// The value, without its lock.
    pub fn into_inner(self) -> T {
        todo!("give back the value")
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        todo!("the value, to read")
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        todo!("the value, to write")
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        todo!("let the next one in")
    }
}
