//! `std::cell`: an access through `&` is one that another thread may race with.

use crate::heap;
use crate::model::{self, Handle, Owned, with};
use crate::watch;
use interleaving::{Access, AccessKind, Action, MemoryFault, ObjectKind, Place, Site, Verdict};
pub use std::cell::{BorrowError, BorrowMutError, LazyCell, OnceCell, Ref, RefMut};
use std::cmp::Ordering;
use std::fmt;
use std::panic::Location;

/// What makes accesses to some data known to the engine.
#[derive(Debug, Default)]
pub(crate) struct Tracked(Handle);

impl Tracked {
    pub(crate) const fn unset() -> Self {
        Self(Handle::unset())
    }

    /// Made now, by the running thread: whoever finds it without synchronisation races with that.
    pub(crate) fn made(at: Place) -> Self {
        let tracked = Self::unset();
        if model::is_running() {
            tracked.0.object(ObjectKind::Cell, at, |engine| engine.new_cell());
        }
        tracked
    }

    /// The running thread reads or writes. Ends the check if that is a data race, or if the value is gone.
    pub(crate) fn access(&self, write: bool, at: Place) {
        if !model::is_running() {
            return;
        }
        let object = self.0.object(ObjectKind::Cell, at, |engine| engine.new_cell());
        let user = Site { thread: model::current(), at };
        let owned = with(|model| {
            model.record(Some(object), if write { Action::CellWrite } else { Action::CellRead }, at);
            model.object(object).owned
        });
        if let Some(Owned { made, dropped: Some(dropped) }) = owned {
            model::fail(Verdict::Memory(MemoryFault::UsedAfterDrop { made, dropped, user }));
        }
        let kind = if write { AccessKind::Write } else { AccessKind::Read };
        model::access(object, Access { thread: user.thread, kind, at });
    }

    /// From now on, somebody must drop what this belongs to.
    pub(crate) fn must_be_dropped(&self, at: Place) {
        let object = self.0.object(ObjectKind::Cell, at, |engine| engine.new_cell());
        with(|model| model.object(object).owned = Some(Owned { made: Site { thread: model::current(), at }, dropped: None }));
    }

    /// What this belongs to is dropped. Ends the check if that has happened before, or if it is no value at all.
    pub(crate) fn dropped(&self, at: Place) {
        let user = Site { thread: model::current(), at };
        heap::used(std::ptr::from_ref(self).addr(), at);
        let Some(object) = self.0.is_made().then(|| self.0.object(ObjectKind::Cell, at, |engine| engine.new_cell())) else {
            model::fail(Verdict::Memory(MemoryFault::NeverWritten { user }));
        };
        let owned = with(|model| {
            model.record(Some(object), Action::CellDrop, at);
            model.object(object).owned
        });
        match owned {
            Some(Owned { made, dropped: Some(first) }) => {
                model::fail(Verdict::Memory(MemoryFault::DroppedTwice { made, first, again: user }));
            }
            Some(Owned { made, dropped: None }) => {
                with(|model| model.object(object).owned = Some(Owned { made, dropped: Some(user) }));
            }
            None => model::fail(Verdict::Memory(MemoryFault::NeverWritten { user })),
        }
        model::access(object, Access { thread: user.thread, kind: AccessKind::Drop, at });
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        if let Some(object) = self.0.if_made() {
            with(|model| model.watches.forget(object));
        }
    }
}

/// As `std`'s. `get` counts as one access at the moment of the call, and one that writes, unless the check says otherwise.
#[derive(Default)]
pub struct UnsafeCell<T: ?Sized> {
    tracked: Tracked,
    value: std::cell::UnsafeCell<T>,
}

impl<T> UnsafeCell<T> {
    /// As `std`'s.
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self { tracked: Tracked::made(Location::caller()), value: std::cell::UnsafeCell::new(value) }
    }

    /// As `std`'s.
    #[track_caller]
    pub fn into_inner(self) -> T {
        self.tracked.access(true, Location::caller());
        self.value.into_inner()
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    /// As `std`'s.
    #[track_caller]
    pub fn get(&self) -> *mut T {
        let at = Location::caller();
        let shared = with(|model| model.get_is_a_read);
        self.tracked.access(!shared, at);
        if let Some(object) = self.tracked.0.if_made().filter(|_| shared) {
            watch::begin(object, self.value.get().cast(), size_of_val(&self.value), at);
        }
        self.value.get()
    }

    /// As `std`'s.
    #[track_caller]
    pub fn get_mut(&mut self) -> &mut T {
        self.tracked.access(true, Location::caller());
        self.value.get_mut()
    }

    /// As `std`'s. Not followed: the pointer need not point to anything yet.
    #[allow(clippy::not_unsafe_ptr_arg_deref, reason = "std's signature, and nothing is read")]
    pub const fn raw_get(this: *const Self) -> *mut T {
        // SAFETY: only computes an address; whoever calls this promises no more than `std`'s asks for.
        std::cell::UnsafeCell::raw_get(unsafe { &raw const (*this).value })
    }
}

impl<T: ?Sized> fmt::Debug for UnsafeCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsafeCell").finish_non_exhaustive()
    }
}

impl<T> From<T> for UnsafeCell<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

/// As `std`'s. Not for several threads; where one is shared all the same, that is a data race, and reported.
#[derive(Default)]
pub struct Cell<T: ?Sized> {
    tracked: Tracked,
    value: std::cell::Cell<T>,
}

impl<T> Cell<T> {
    /// As `std`'s, except that it is not `const`.
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self { tracked: Tracked::made(Location::caller()), value: std::cell::Cell::new(value) }
    }
    /// As `std`'s.
    #[track_caller]
    pub fn set(&self, value: T) {
        self.tracked.access(true, Location::caller());
        self.value.set(value);
    }
    /// As `std`'s.
    #[track_caller]
    pub fn get(&self) -> T
    where
        T: Copy,
    {
        self.tracked.access(false, Location::caller());
        self.value.get()
    }
    /// As `std`'s.
    #[track_caller]
    pub fn replace(&self, value: T) -> T {
        self.tracked.access(true, Location::caller());
        self.value.replace(value)
    }
    /// As `std`'s.
    #[track_caller]
    pub fn take(&self) -> T
    where
        T: Default,
    {
        self.tracked.access(true, Location::caller());
        self.value.take()
    }
    /// As `std`'s.
    #[track_caller]
    pub fn update(&self, f: impl FnOnce(T) -> T)
    where
        T: Copy,
    {
        self.set(f(self.get()));
    }
    /// As `std`'s.
    #[track_caller]
    pub fn swap(&self, other: &Self) {
        self.tracked.access(true, Location::caller());
        other.tracked.access(true, Location::caller());
        self.value.swap(&other.value);
    }
    /// As `std`'s.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Cell<T> {
    /// As `std`'s.
    #[track_caller]
    pub fn as_ptr(&self) -> *mut T {
        self.tracked.access(true, Location::caller());
        self.value.as_ptr()
    }
    /// As `std`'s.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

impl<T: Copy> Clone for Cell<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        Self::new(self.get())
    }
}

impl<T: Copy + fmt::Debug> fmt::Debug for Cell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cell").field("value", &self.get()).finish()
    }
}

impl<T: Copy + PartialEq> PartialEq for Cell<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Copy + Eq> Eq for Cell<T> {}

impl<T: Copy + PartialOrd> PartialOrd for Cell<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.get().partial_cmp(&other.get())
    }
}

impl<T: Copy + Ord> Ord for Cell<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.get().cmp(&other.get())
    }
}

impl<T> From<T> for Cell<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

/// As `std`'s. Not for several threads; where one is shared all the same, that is a data race, and reported.
#[derive(Default)]
pub struct RefCell<T: ?Sized> {
    tracked: Tracked,
    value: std::cell::RefCell<T>,
}

impl<T> RefCell<T> {
    /// As `std`'s, except that it is not `const`.
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self { tracked: Tracked::made(Location::caller()), value: std::cell::RefCell::new(value) }
    }
    /// As `std`'s.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
    /// As `std`'s.
    ///
    /// # Panics
    /// If it is borrowed.
    #[track_caller]
    pub fn replace(&self, value: T) -> T {
        self.tracked.access(true, Location::caller());
        self.value.replace(value)
    }
    /// As `std`'s.
    ///
    /// # Panics
    /// If it is borrowed.
    #[track_caller]
    pub fn take(&self) -> T
    where
        T: Default,
    {
        self.tracked.access(true, Location::caller());
        self.value.take()
    }
}

impl<T: ?Sized> RefCell<T> {
    /// As `std`'s. Even a shared borrow is counted, so it writes.
    ///
    /// # Panics
    /// If it is borrowed mutably.
    #[track_caller]
    pub fn borrow(&self) -> Ref<'_, T> {
        self.tracked.access(true, Location::caller());
        self.value.borrow()
    }
    /// As `std`'s.
    ///
    /// # Panics
    /// If it is borrowed.
    #[track_caller]
    pub fn borrow_mut(&self) -> RefMut<'_, T> {
        self.tracked.access(true, Location::caller());
        self.value.borrow_mut()
    }
    /// As `std`'s.
    ///
    /// # Errors
    /// If it is borrowed mutably.
    #[track_caller]
    pub fn try_borrow(&self) -> Result<Ref<'_, T>, BorrowError> {
        self.tracked.access(true, Location::caller());
        self.value.try_borrow()
    }
    /// As `std`'s.
    ///
    /// # Errors
    /// If it is borrowed.
    #[track_caller]
    pub fn try_borrow_mut(&self) -> Result<RefMut<'_, T>, BorrowMutError> {
        self.tracked.access(true, Location::caller());
        self.value.try_borrow_mut()
    }
    /// As `std`'s.
    #[track_caller]
    pub fn as_ptr(&self) -> *mut T {
        self.tracked.access(true, Location::caller());
        self.value.as_ptr()
    }
    /// As `std`'s.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

impl<T: Clone> Clone for RefCell<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        Self::new(self.borrow().clone())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RefCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: ?Sized + PartialEq> PartialEq for RefCell<T> {
    fn eq(&self, other: &Self) -> bool {
        *self.borrow() == *other.borrow()
    }
}

impl<T: ?Sized + Eq> Eq for RefCell<T> {}

impl<T> From<T> for RefCell<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}
