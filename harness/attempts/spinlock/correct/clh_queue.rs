//! A CLH queue lock: the tail is an `Arc<AtomicBool>` as a raw pointer; each waits for the flag of the one before it.

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering::*};

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    tail: AtomicPtr<AtomicBool>,
    free: AtomicBool,
    value: UnsafeCell<T>,
}
// SAFETY: one thread at a time has the value.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
    _value: PhantomData<&'a mut T>,
}

fn raw(flag: bool) -> *mut AtomicBool {
    Arc::into_raw(Arc::new(AtomicBool::new(flag))).cast_mut()
}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        Self { tail: AtomicPtr::new(raw(true)), free: AtomicBool::new(true), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        // In the queue only until first; then the holder is awaited, and the next one may do so.
        let mine = Arc::new(AtomicBool::new(false));
        let before = self.tail.swap(Arc::into_raw(Arc::clone(&mine)).cast_mut(), AcqRel);
        // SAFETY: from `into_raw`, and whoever swaps it out owns it.
        let before = unsafe { Arc::from_raw(before) };
        while !before.load(Acquire) {}
        while !self.free.fetch_and(false, Acquire) {}
        mine.store(true, Release);
        Guard { lock: self, _value: PhantomData }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        self.free.fetch_and(false, Acquire).then(|| Guard { lock: self, _value: PhantomData })
    }

    /// The value. Whoever has `&mut` is alone with the lock, so there is nothing to wait for.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// The value, without its lock.
    pub fn into_inner(self) -> T {
        let mut this = std::mem::ManuallyDrop::new(self);
        // SAFETY: as in `drop`; the value is read once, and `this` not dropped.
        unsafe {
            drop(Arc::from_raw(*this.tail.get_mut()));
            this.value.get().read()
        }
    }
}
impl<T> Drop for SpinLock<T> {
    fn drop(&mut self) {
        // SAFETY: from `into_raw`.
        drop(unsafe { Arc::from_raw(*self.tail.get_mut()) });
    }
}
impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the lock is held.
        unsafe { &*self.lock.value.get() }
    }
}
impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held.
        unsafe { &mut *self.lock.value.get() }
    }
}
impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.lock.free.fetch_or(true, Release);
    }
}
