//! One bit of a byte, set with `fetch_or` and cleared with `fetch_and`.

use std::cell::UnsafeCell;
use std::hint;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::{Acquire, Release};

/// The bit that is set while somebody holds the lock.
const HELD: u8 = 1 << 7;

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    bits: AtomicU8,
    value: UnsafeCell<T>,
}

// SAFETY: of several threads that set the bit, only one finds it clear, and only that one uses the value until it clears the bit.
// It may put another value there or take this one: `T: Send`.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T>(&'a SpinLock<T>, PhantomData<*mut T>);

// SAFETY: a shared guard is worth a `&T`.
unsafe impl<T: Sync> Sync for Guard<'_, T> {}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        Self { bits: AtomicU8::new(0), value: UnsafeCell::new(value) }
    }

    /// Sets the bit. Whether it was clear before.
    fn set(&self) -> bool {
        self.bits.fetch_or(HELD, Acquire) & HELD == 0
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        while !self.set() {
            hint::spin_loop();
        }
        Guard(self, PhantomData)
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        if self.set() { Some(Guard(self, PhantomData)) } else { None }
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
        // SAFETY: the bit is this guard's, so nobody else has a reference to the value.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the bit is this guard's, and so is every reference to the value: with `&mut self` there is none.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.0.bits.fetch_and(!HELD, Release);
    }
}
