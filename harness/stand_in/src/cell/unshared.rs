//! The cells that are not for several threads.

use super::Tracked;
use interleaving::Place;
use std::cell::{BorrowError, BorrowMutError, Ref, RefMut};
use std::cmp::Ordering;
use std::fmt;
use std::panic::Location;

/// As `std`'s. Not for several threads; where one is shared all the same, that is a data race, and reported.
pub struct Cell<T: ?Sized> {
    tracked: Tracked,
    value: std::cell::Cell<T>,
}

impl<T> Cell<T> {
    /// As `std`'s.
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Self { tracked: Tracked::made(Location::caller()), value: std::cell::Cell::new(value) }
    }
    /// As `std`'s.
    #[track_caller]
    pub fn set(&self, value: T) {
        self.used(true, Location::caller());
        self.value.set(value);
    }
    /// As `std`'s.
    #[track_caller]
    pub fn get(&self) -> T
    where
        T: Copy,
    {
        self.used(false, Location::caller());
        self.value.get()
    }
    /// As `std`'s.
    #[track_caller]
    pub fn replace(&self, value: T) -> T {
        self.used(true, Location::caller());
        self.value.replace(value)
    }
    /// As `std`'s.
    #[track_caller]
    pub fn take(&self) -> T
    where
        T: Default,
    {
        self.used(true, Location::caller());
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
        self.used(true, Location::caller());
        other.used(true, Location::caller());
        self.value.swap(&other.value);
    }
    /// As `std`'s.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Cell<T> {
    fn used(&self, write: bool, at: Place) {
        self.tracked.begin_anew(&self.value, at);
        self.tracked.access(write, at);
    }

    /// As `std`'s.
    #[track_caller]
    pub fn as_ptr(&self) -> *mut T {
        self.used(true, Location::caller());
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

impl<T: Default> Default for Cell<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Cell<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

/// As `std`'s. Not for several threads; where one is shared all the same, that is a data race, and reported.
pub struct RefCell<T: ?Sized> {
    tracked: Tracked,
    value: std::cell::RefCell<T>,
}

impl<T> RefCell<T> {
    /// As `std`'s.
    #[track_caller]
    pub const fn new(value: T) -> Self {
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
        self.used(true, Location::caller());
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
        self.used(true, Location::caller());
        self.value.take()
    }
}

impl<T: ?Sized> RefCell<T> {
    fn used(&self, write: bool, at: Place) {
        self.tracked.begin_anew(&self.value, at);
        self.tracked.access(write, at);
    }

    /// As `std`'s. Even a shared borrow is counted, so it writes.
    ///
    /// # Panics
    /// If it is borrowed mutably.
    #[track_caller]
    pub fn borrow(&self) -> Ref<'_, T> {
        self.used(true, Location::caller());
        self.value.borrow()
    }
    /// As `std`'s.
    ///
    /// # Panics
    /// If it is borrowed.
    #[track_caller]
    pub fn borrow_mut(&self) -> RefMut<'_, T> {
        self.used(true, Location::caller());
        self.value.borrow_mut()
    }
    /// As `std`'s.
    ///
    /// # Errors
    /// If it is borrowed mutably.
    #[track_caller]
    pub fn try_borrow(&self) -> Result<Ref<'_, T>, BorrowError> {
        self.used(true, Location::caller());
        self.value.try_borrow()
    }
    /// As `std`'s.
    ///
    /// # Errors
    /// If it is borrowed.
    #[track_caller]
    pub fn try_borrow_mut(&self) -> Result<RefMut<'_, T>, BorrowMutError> {
        self.used(true, Location::caller());
        self.value.try_borrow_mut()
    }
    /// As `std`'s.
    #[track_caller]
    pub fn as_ptr(&self) -> *mut T {
        self.used(true, Location::caller());
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

impl<T: Default> Default for RefCell<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for RefCell<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}
