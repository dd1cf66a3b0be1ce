//! Each try adds one, and whoever finds 0 has the lock. Whoever waits adds again and again, without a hint; unlocking puts it back to 0.

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T: ?Sized> {
    tries: AtomicU64,
    value: UnsafeCell<T>,
}

// SAFETY: of those who add, one at a time has found 0, and only that one has the value. It may move it: `T: Send`.
unsafe impl<T: Send + ?Sized> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T: ?Sized>(&'a SpinLock<T>, PhantomData<&'a mut T>);

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub const fn new(value: T) -> Self {
        Self { tries: AtomicU64::new(0), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        while self.tries.fetch_add(1, Ordering::Acquire) != 0 {}
        Guard(self, PhantomData)
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        (self.tries.fetch_add(1, Ordering::Acquire) == 0).then(|| Guard(self, PhantomData))
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

impl<T: ?Sized> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the lock is held.
        unsafe { &*self.0.value.get() }
    }
}

impl<T: ?Sized> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T: ?Sized> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.0.tries.store(0, Ordering::Release);
    }
}
