//! The state has a name: an `enum`, kept as a byte.

use std::cell::UnsafeCell;
use std::hint;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU8, Ordering};

#[derive(Clone, Copy)]
#[repr(u8)]
enum State {
    Free,
    Held,
}

/// An atomic [`State`].
struct AtomicState(AtomicU8);

impl AtomicState {
    fn new(state: State) -> Self {
        Self(AtomicU8::new(state as u8))
    }

    /// From one state to another, if it is in the first. Sees all that was done before it got there.
    fn advance(&self, from: State, to: State) -> bool {
        self.0.compare_exchange(from as u8, to as u8, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Publishes all that was done before.
    fn set(&self, state: State) {
        self.0.store(state as u8, Ordering::Release);
    }
}

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    state: AtomicState,
    value: UnsafeCell<T>,
}

// SAFETY: the value itself, no more: nothing else here is tied to a thread.
unsafe impl<T: Send> Send for SpinLock<T> {}
// SAFETY: from `Free` to `Held` goes one thread at a time, and only that one uses the value. It may move it: `T: Send`.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
    _not_sync: PhantomData<*mut T>,
}

// SAFETY: a shared guard gives a `&T`.
unsafe impl<T: Sync> Sync for Guard<'_, T> {}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        Self { state: AtomicState::new(State::Free), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        while !self.state.advance(State::Free, State::Held) {
            hint::spin_loop();
        }
        Guard { lock: self, _not_sync: PhantomData }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        let taken = self.state.advance(State::Free, State::Held);
        taken.then(|| Guard { lock: self, _not_sync: PhantomData })
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
        // SAFETY: the state is `Held`, and this guard is who holds it.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the state is `Held`, this guard is who holds it, and it is borrowed mutably.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.lock.state.set(State::Free);
    }
}
