//! `std::sync::RwLock`, with poisoning.
//!
//! Who asks to read while another thread waits to write waits behind it, as on most systems: a thread that reads twice at the same
//! time may thus wait for itself. A program that bears this bears the other policy as well, since a reader that overtakes a waiting
//! writer does nothing that one who came before the writer could not have done.
//!
//! The data lies in a real `RwLock` that is never contended: the model decides who may lock it.

use crate::handle::Handle;
use crate::model::{self, with};
use crate::sync::poison::Poison;
use crate::waiting::{look, meet, wait_until, wake};
use crate::watch;
use interleaving::{Action, ObjectKind, Place, WaitsFor};
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut, Range};
use std::panic::Location;
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

/// As `std`'s.
pub struct RwLock<T: ?Sized> {
    handle: Handle,
    contents: Contents<T>,
}

/// What begins anew in each interleaving, if it lies in a `static`.
struct Contents<T: ?Sized> {
    poison: Poison,
    data: std::sync::RwLock<T>,
}

/// As `std`'s.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    data: ManuallyDrop<std::sync::RwLockReadGuard<'a, T>>,
    held: Held<'a>,
}

/// As `std`'s.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    data: ManuallyDrop<std::sync::RwLockWriteGuard<'a, T>>,
    poison: &'a Poison,
    held: Held<'a>,
    wrote: bool,
    was_panicking: bool,
}

/// The right to the data, and where it was taken.
struct Held<'a> {
    handle: &'a Handle,
    lock: Range<usize>,
    object: u32,
    at: Place,
}

impl<T> RwLock<T> {
    /// As `std`'s.
    pub const fn new(t: T) -> Self {
        let data = std::sync::RwLock::new(t);
        Self { handle: Handle::new(), contents: Contents { poison: Poison::new(), data } }
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If a thread panicked while it held the lock to write.
    pub fn into_inner(self) -> LockResult<T> {
        let Contents { poison, data } = self.contents;
        poison.result(data.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T: ?Sized> RwLock<T> {
    /// As `std`'s.
    ///
    /// # Errors
    /// If a thread panicked while it held the lock to write.
    #[track_caller]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let held = self.acquire(false, Location::caller());
        self.contents.poison.result(self.read_guard(held))
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If a thread panicked while it held the lock to write.
    #[track_caller]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let held = self.acquire(true, Location::caller());
        self.contents.poison.result(self.write_guard(held))
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If another thread writes or waits to write, or a thread panicked while it held the lock to write.
    #[track_caller]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        let held = self.try_acquire(false, Location::caller()).ok_or(TryLockError::WouldBlock)?;
        Ok(self.contents.poison.result(self.read_guard(held))?)
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If it is locked, or a thread panicked while it held the lock to write.
    #[track_caller]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        let held = self.try_acquire(true, Location::caller()).ok_or(TryLockError::WouldBlock)?;
        Ok(self.contents.poison.result(self.write_guard(held))?)
    }

    /// As `std`'s.
    #[track_caller]
    pub fn is_poisoned(&self) -> bool {
        let at = Location::caller();
        self.begin_anew(at);
        self.contents.poison.is_seen(&self.handle, ObjectKind::RwLock, at)
    }

    /// As `std`'s.
    #[track_caller]
    pub fn clear_poison(&self) {
        let at = Location::caller();
        self.begin_anew(at);
        self.contents.poison.is_cleared(&self.handle, ObjectKind::RwLock, at);
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If a thread panicked while it held the lock to write.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        let Contents { poison, data } = &mut self.contents;
        poison.result(data.get_mut().unwrap_or_else(PoisonError::into_inner))
    }

    /// In a `static`: puts back what it held at first, once in each interleaving.
    fn begin_anew(&self, at: Place) {
        let (bytes, length) = ((&raw const self.contents).cast::<u8>().cast_mut(), size_of_val(&self.contents));
        // SAFETY: an atomic and a `RwLock` of `std`'s are inside an `UnsafeCell` in all their parts, and nobody has used these yet.
        unsafe { self.handle.begin_anew_bytes(bytes, length, at) };
    }

    /// Takes the right to the data, alone to write; waits for it if need be.
    fn acquire(&self, write: bool, at: Place) -> Held<'_> {
        self.begin_anew(at);
        let thread = model::current();
        let mut waited = false;
        let object = loop {
            let object = meet(&self.handle, ObjectKind::RwLock, at);
            if take(object, write) {
                break object;
            }
            waited = true;
            with(|model| {
                let lock = model.object(object);
                lock.waiting.push(thread);
                lock.writers_waiting += usize::from(write);
            });
            // Whoever unlocks takes this thread off the list and wakes it. Others may still come first: then it waits again.
            wait_until(WaitsFor::RwLock { write, held_by: None, reads: false }, Some(object), at, || {
                with(|model| (!model.object(object).waiting.contains(&thread)).then_some(()))
            });
            with(|model| model.object(object).writers_waiting -= usize::from(write));
        };
        with(|model| model.record(Some(object), Action::Lock { waited }, at));
        self.held(object, at)
    }

    fn held(&self, object: u32, at: Place) -> Held<'_> {
        let lock = watch::place_of(self);
        watch::hold(lock.clone());
        Held { handle: &self.handle, lock, object, at }
    }

    fn try_acquire(&self, write: bool, at: Place) -> Option<Held<'_>> {
        self.begin_anew(at);
        let object = look(&self.handle, ObjectKind::RwLock, at);
        let locked = take(object, write);
        if locked {
            meet(&self.handle, ObjectKind::RwLock, at);
        }
        with(|model| model.record(Some(object), Action::TryLock { locked }, at));
        if !locked {
            model::looked(object, 0, at);
            return None;
        }
        Some(self.held(object, at))
    }

    fn read_guard<'a>(&'a self, held: Held<'a>) -> RwLockReadGuard<'a, T> {
        let data = match self.contents.data.try_read() {
            Ok(data) => data,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => unreachable!("the model lets nobody read while another thread writes"),
        };
        RwLockReadGuard { data: ManuallyDrop::new(data), held }
    }

    fn write_guard<'a>(&'a self, held: Held<'a>) -> RwLockWriteGuard<'a, T> {
        let data = match self.contents.data.try_write() {
            Ok(data) => data,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => unreachable!("the model lets one thread at a time write"),
        };
        let was_panicking = model::is_panicking();
        RwLockWriteGuard { data: ManuallyDrop::new(data), poison: &self.contents.poison, held, wrote: false, was_panicking }
    }
}

/// Takes the right to the data if it is to be had.
fn take(object: u32, write: bool) -> bool {
    let thread = model::current();
    with(|model| {
        let lock = model.object(object);
        let free = lock.held_by.is_none() && if write { lock.read_by.is_empty() } else { lock.writers_waiting == 0 };
        match (free, write) {
            (false, _) => {}
            (true, true) => lock.held_by = Some(thread),
            (true, false) => lock.read_by.push(thread),
        }
        free
    })
}

impl Held<'_> {
    /// Gives the right back, or some of it: `change` says which.
    fn release(&self, change: impl FnOnce(&mut model::ObjectState)) {
        meet(self.handle, ObjectKind::RwLock, self.at);
        let waiting = with(|model| {
            let lock = model.object(self.object);
            change(lock);
            std::mem::take(&mut lock.waiting)
        });
        wake(&waiting, self.at);
        watch::let_go(&self.lock);
    }
}

fn no_longer_reads(lock: &mut model::ObjectState) {
    let thread = model::current();
    // A guard may be dropped by another thread than the one that locked, if its scope ends there.
    let index = lock.read_by.iter().position(|&reader| reader == thread).unwrap_or(0);
    lock.read_by.remove(index);
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// As `std`'s: no writer comes between.
    #[track_caller]
    pub fn downgrade(s: Self) -> RwLockReadGuard<'a, T> {
        let mut guard = ManuallyDrop::new(s);
        let (handle, object, at) = (guard.held.handle, guard.held.object, Location::caller());
        let lock = guard.held.lock.clone();
        let thread = model::current();
        with(|model| model.record(Some(object), Action::Did("now it reads, and others may"), at));
        guard.held.release(|lock| {
            lock.held_by = None;
            lock.read_by.push(thread);
        });
        // SAFETY: the guard is in a `ManuallyDrop`, so nobody uses what is taken out of it again.
        let data = unsafe { ManuallyDrop::take(&mut guard.data) };
        let data = std::sync::RwLockWriteGuard::downgrade(data);
        watch::hold(lock.clone());
        RwLockReadGuard { data: ManuallyDrop::new(data), held: Held { handle, lock, object, at } }
    }
}

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: nobody uses the guard after this.
        unsafe { ManuallyDrop::drop(&mut self.data) };
        with(|model| model.record(Some(self.held.object), Action::Unlock, self.held.at));
        self.held.release(no_longer_reads);
        if !model::is_panicking() {
            // Whoever reads has looked; again and again, it waits for what another one writes.
            model::looked(self.held.object, 0, self.held.at);
        }
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
    fn drop(&mut self) {
        if !self.was_panicking && model::is_panicking() {
            self.poison.set();
        }
        // SAFETY: nobody uses the guard after this.
        unsafe { ManuallyDrop::drop(&mut self.data) };
        let (object, at) = (self.held.object, self.held.at);
        with(|model| model.record(Some(object), Action::Unlock, at));
        self.held.release(|lock| lock.held_by = None);
        match (self.wrote, model::is_panicking()) {
            (true, true) => with(model::Model::changed),
            (true, false) => model::turned(object, at),
            (false, true) => {}
            (false, false) => model::looked(object, 0, at),
        }
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.data
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.data
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.wrote = true;
        &mut self.data
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.contents.data, f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(t: T) -> Self {
        Self::new(t)
    }
}
