//! `std::sync::Mutex`, with poisoning.
//!
//! The data lies in a real `Mutex` that is never contended: the model decides who may lock it. Where nobody tries the lock, the
//! engine's own lock does, for which an unlock is no step of its own; else a meeting point at each lock and unlock.

use crate::check;
use crate::handle::{Handle, Raw};
use crate::model::{self, with, with_engine};
use crate::sync::poison::Poison;
use crate::waiting::{look, meet, wait_until, wake};
use crate::watch;
use interleaving::{Action, ObjectKind, Place, WaitsFor};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

/// As `std`'s.
pub struct Mutex<T: ?Sized> {
    handle: Handle,
    contents: Contents<T>,
}

/// What begins anew in each interleaving, if it lies in a `static`.
struct Contents<T: ?Sized> {
    poison: Poison,
    data: std::sync::Mutex<T>,
}

/// As `std`'s.
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
    /// `None` only while the guard is dropped.
    data: Option<std::sync::MutexGuard<'a, T>>,
    locked_at: Place,
    wrote: bool,
    was_panicking: bool,
}

// SAFETY: as for `std`'s: a reference to the guard gives a reference to the data, and no more.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

impl<T> Mutex<T> {
    /// As `std`'s.
    pub const fn new(value: T) -> Self {
        let data = std::sync::Mutex::new(value);
        Self { handle: Handle::new(), contents: Contents { poison: Poison::new(), data } }
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If a thread panicked while it held the lock.
    pub fn into_inner(self) -> LockResult<T> {
        let Contents { poison, data } = self.contents;
        poison.result(data.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T: ?Sized> Mutex<T> {
    /// As `std`'s.
    ///
    /// # Errors
    /// If a thread panicked while it held the lock.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let at = Location::caller();
        self.begin_anew(at);
        let waited = self.acquire(at);
        let object = self.object(at);
        with(|model| model.record(Some(object), Action::Lock { waited }, at));
        self.contents.poison.result(self.guard(at))
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If it is locked, or a thread panicked while it held the lock.
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let at = Location::caller();
        need_own_locks();
        self.begin_anew(at);
        let object = look(&self.handle, ObjectKind::Mutex, at);
        let locked = self.take(object);
        if locked {
            meet(&self.handle, ObjectKind::Mutex, at);
        }
        with(|model| model.record(Some(object), Action::TryLock { locked }, at));
        if !locked {
            model::looked(object, 0, at);
            return Err(TryLockError::WouldBlock);
        }
        self.contents.poison.result(self.guard(at)).map_err(TryLockError::Poisoned)
    }

    /// As `std`'s.
    #[track_caller]
    pub fn is_poisoned(&self) -> bool {
        let at = Location::caller();
        need_own_locks();
        self.begin_anew(at);
        self.contents.poison.is_seen(&self.handle, ObjectKind::Mutex, at)
    }

    /// As `std`'s.
    #[track_caller]
    pub fn clear_poison(&self) {
        let at = Location::caller();
        need_own_locks();
        self.begin_anew(at);
        self.contents.poison.is_cleared(&self.handle, ObjectKind::Mutex, at);
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If a thread panicked while it held the lock.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.begin_anew(Location::caller());
        let Contents { poison, data } = &mut self.contents;
        poison.result(data.get_mut().unwrap_or_else(PoisonError::into_inner))
    }

    /// In a `static`: puts back what it held at first, once in each interleaving.
    fn begin_anew(&self, at: Place) {
        let (bytes, length) = ((&raw const self.contents).cast::<u8>().cast_mut(), size_of_val(&self.contents));
        // SAFETY: an atomic and a `Mutex` of `std`'s are inside an `UnsafeCell` in all their parts, and nobody has used these yet.
        unsafe { self.handle.begin_anew_bytes(bytes, length, at) };
    }

    fn object(&self, at: Place) -> u32 {
        let raw = if uses_engine_lock() { Raw::Lock } else { Raw::Meeting { looked_at: true } };
        self.handle.object(ObjectKind::Mutex, raw, at)
    }

    /// Takes the right to the data; waits for it if need be. Returns whether it had to wait.
    pub(crate) fn acquire(&self, at: Place) -> bool {
        if uses_engine_lock() { self.acquire_from_engine(at) } else { self.acquire_by_meeting(at) }
    }

    fn acquire_from_engine(&self, at: Place) -> bool {
        let object = self.object(at);
        let thread = model::current();
        let (raw, waited) = with(|model| {
            let waited = model.object(object).held_by.is_some();
            if waited {
                model.record(Some(object), Action::Block, at);
            }
            model.threads[thread].waits = Some((WaitsFor::Mutex { held_by: None }, Some(object), at));
            (model.object(object).raw, waited)
        });
        model::stop_if_nobody_can_move();
        with_engine(at, |engine| engine.lock(raw));
        with(|model| {
            model.threads[thread].waits = None;
            model.object(object).held_by = Some(thread);
        });
        model::stop_if_too_long();
        waited
    }

    fn acquire_by_meeting(&self, at: Place) -> bool {
        let thread = model::current();
        let mut waited = false;
        loop {
            let object = meet(&self.handle, ObjectKind::Mutex, at);
            if self.take(object) {
                return waited;
            }
            waited = true;
            with(|model| model.object(object).waiting.push(thread));
            // Whoever unlocks takes this thread off the list and wakes it. Others may still come first: then it waits again.
            wait_until(WaitsFor::Mutex { held_by: None }, Some(object), at, || {
                with(|model| (!model.object(object).waiting.contains(&thread)).then_some(()))
            });
        }
    }

    /// Takes the right to the data if nobody has it.
    fn take(&self, object: u32) -> bool {
        let thread = model::current();
        with(|model| {
            let free = model.object(object).held_by.is_none();
            if free {
                model.object(object).held_by = Some(thread);
            }
            free
        })
    }

    pub(crate) fn release(&self, at: Place) {
        if uses_engine_lock() {
            if std::thread::panicking() {
                // The engine's lock would be poisoned for good, and every later use of it a panic of the engine's.
                check::restart_with(|features| features.own_locks = true);
            }
            let object = self.object(at);
            let raw = with(|model| {
                model.object(object).held_by = None;
                model.object(object).raw
            });
            with_engine(at, |engine| engine.unlock(raw));
        } else {
            let object = meet(&self.handle, ObjectKind::Mutex, at);
            let waiting = with(|model| {
                model.object(object).held_by = None;
                std::mem::take(&mut model.object(object).waiting)
            });
            wake(&waiting, at);
        }
    }

    /// The guard for a thread that has the right to the data.
    fn guard(&self, locked_at: Place) -> MutexGuard<'_, T> {
        let data = self.lock_data();
        watch::hold(watch::place_of(self));
        MutexGuard { mutex: self, data: Some(data), locked_at, wrote: false, was_panicking: model::is_panicking() }
    }

    fn lock_data(&self) -> std::sync::MutexGuard<'_, T> {
        match self.contents.data.try_lock() {
            Ok(data) => data,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => unreachable!("the model lets one thread at a time have the data"),
        }
    }
}

fn uses_engine_lock() -> bool {
    !with(|model| model.features.own_locks) && model::engine().is_some_and(|engine| engine.has_locks())
}

/// Somebody looks at a mutex without locking it: the engine's own locks cannot do that.
fn need_own_locks() {
    if model::is_running() && !with(|model| model.features.own_locks) {
        check::restart_with(|features| features.own_locks = true);
    }
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// Unlocks, runs `wait`, locks again: what a `Condvar` does.
    pub(crate) fn unlocked_during(mut self, at: Place, wait: impl FnOnce()) -> LockResult<Self> {
        let mutex = self.mutex;
        self.data = None;
        mutex.release(at);
        watch::let_go(&watch::place_of(mutex));
        wait();
        mutex.acquire(at);
        self.data = Some(mutex.lock_data());
        watch::hold(watch::place_of(mutex));
        mutex.contents.poison.result(self)
    }

    pub(crate) fn object(&self) -> u32 {
        self.mutex.object(self.locked_at)
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.data.as_ref().expect("the guard holds the data until it is dropped")
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.wrote = true;
        self.data.as_mut().expect("the guard holds the data until it is dropped")
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if !self.was_panicking && model::is_panicking() {
            self.mutex.contents.poison.set();
        }
        self.data = None;
        let object = self.object();
        with(|model| model.record(Some(object), Action::Unlock, self.locked_at));
        self.mutex.release(self.locked_at);
        watch::let_go(&watch::place_of(self.mutex));
        if self.wrote && !model::is_panicking() {
            model::turned(object, self.locked_at);
        } else if self.wrote {
            with(model::Model::changed);
        } else if !model::is_panicking() {
            // Whoever locks and changes nothing has looked; again and again, it waits for what another one writes.
            model::looked(object, 0, self.locked_at);
        }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.contents.data, f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}
