//! Lamport's bakery with eight tills: whoever comes takes a till (and waits for one if none is free), draws a number there one above
//! all others, and waits until nobody with a smaller one is left. Relaxed accesses and SeqCst fences.

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::*, fence};

const TILLS: usize = 8;

#[derive(Default)]
struct Till {
    taken: AtomicBool,
    drawing: AtomicBool,
    number: AtomicU64,
}

/// Holds a value that one thread at a time may use.
pub struct SpinLock<T> {
    tills: [Till; TILLS],
    held: AtomicBool,
    value: UnsafeCell<T>,
}
// SAFETY: one thread at a time has the value.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value, until it is dropped.
pub struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
    till: Option<&'a Till>,
    _value: PhantomData<&'a mut T>,
}

impl<T> SpinLock<T> {
    /// A lock that nobody holds, around `value`.
    pub fn new(value: T) -> Self {
        Self { tills: Default::default(), held: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        let (mine, till) = loop {
            let free = |(_, till): &(usize, &Till)| till.taken.compare_exchange(false, true, Acquire, Relaxed).is_ok();
            if let Some(found) = self.tills.iter().enumerate().find(free) {
                break found;
            }
            std::thread::yield_now();
        };
        till.drawing.store(true, Relaxed);
        fence(SeqCst);
        let number = 1 + self.tills.iter().map(|till| till.number.load(Relaxed)).max().unwrap_or(0);
        till.number.store(number, Relaxed);
        fence(SeqCst);
        till.drawing.store(false, Release);
        for (index, other) in self.tills.iter().enumerate().filter(|(index, _)| *index != mine) {
            while other.drawing.load(Acquire) {
                std::thread::yield_now();
            }
            loop {
                let theirs = other.number.load(Acquire);
                if theirs == 0 || (theirs, index) > (number, mine) {
                    break;
                }
                std::thread::yield_now();
            }
        }
        // Alone among those with a till; who tried has none.
        while self.held.swap(true, Acquire) {
            std::thread::yield_now();
        }
        Guard { lock: self, till: Some(till), _value: PhantomData }
    }

    /// Takes the lock if nobody holds it; never waits.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        (!self.held.swap(true, Acquire)).then(|| Guard { lock: self, till: None, _value: PhantomData })
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
        self.lock.held.store(false, Release);
        if let Some(till) = self.till {
            till.number.store(0, Release);
            till.taken.store(false, Release);
        }
    }
}
