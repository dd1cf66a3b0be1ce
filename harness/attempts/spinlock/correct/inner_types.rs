//! Two small types inside, a flag and a cell that may be shared; the promise to the compiler stands at the cell.

use flag::Flag;
use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

mod flag {
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Up or down.
    pub(crate) struct Flag(AtomicBool);

    impl Flag {
        pub(crate) fn down() -> Self {
            Self(AtomicBool::new(false))
        }

        /// Whether it was down, and this call has put it up.
        pub(crate) fn put_up(&self) -> bool {
            !self.0.fetch_or(true, Ordering::Acquire)
        }

        /// Those who put it up later see what happened before this call.
        pub(crate) fn take_down(&self) {
            self.0.swap(false, Ordering::Release);
        }
    }
}

/// A cell whose owner sees to it that one thread at a time uses it.
struct Exclusive<T>(UnsafeCell<T>);

// SAFETY: only `Guard` calls `get`, and there is one guard at a time. It could be any thread's: `T: Send`.
unsafe impl<T: Send> Sync for Exclusive<T> {}

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    flag: Flag,
    value: Exclusive<T>,
}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    flag: &'a Flag,
    value: &'a Exclusive<T>,
    // `Exclusive<T>` is `Sync` too often for a guard, which hands out `&T`.
    _as_if: PhantomData<&'a mut T>,
}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        Self { flag: Flag::down(), value: Exclusive(UnsafeCell::new(value)) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        while !self.flag.put_up() {
            std::hint::spin_loop();
        }
        Guard { flag: &self.flag, value: &self.value, _as_if: PhantomData }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        self.flag.put_up().then(|| Guard { flag: &self.flag, value: &self.value, _as_if: PhantomData })
    }

    /// The value. Whoever has `&mut` is alone with the lock, so there is nothing to wait for.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.0.get_mut()
    }

    /// The value, without its lock.
    pub fn into_inner(self) -> T {
        self.value.0.into_inner()
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the flag is up for this guard alone.
        unsafe { &*self.value.0.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the flag is up for this guard alone, and the guard is borrowed mutably.
        unsafe { &mut *self.value.0.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.flag.take_down();
    }
}
