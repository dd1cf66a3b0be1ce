//! `std::sync::Arc` and `Weak`.
//!
//! Most programs cannot tell in which order the owners of an `Arc` drop it; then no drop is a step. A program whose contents
//! have a destructor that others notice, or that looks at the counts, can: then each clone and drop meets the others.

use crate::check;
use crate::model::{self, Handle, with};
use crate::waiting::{look, meet};
use interleaving::{ObjectKind, Place};
use std::borrow::Borrow;
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::panic::Location;
use std::pin::Pin;

type Counts = std::sync::Arc<Handle>;

/// As `std`'s.
pub struct Arc<T: ?Sized> {
    inner: std::sync::Arc<T>,
    counts: Counts,
    /// Dropped after `inner`.
    last_drop: LastDrop,
}

/// Marks the time in which the last owner drops what the `Arc` holds.
#[derive(Default)]
struct LastDrop {
    begun: bool,
}

impl LastDrop {
    fn begin(&mut self) {
        self.begun = true;
        let thread = model::current();
        with(|model| model.threads[thread].arc_drops += 1);
    }
}

impl Drop for LastDrop {
    fn drop(&mut self) {
        if self.begun {
            let thread = model::current();
            with(|model| model.threads[thread].arc_drops -= 1);
        }
    }
}

/// As `std`'s.
pub struct Weak<T: ?Sized> {
    inner: std::sync::Weak<T>,
    counts: Counts,
}

/// The program looks at a count: from now on, whatever changes one is a step.
fn count_matters(counts: &Counts, at: Place) {
    if !with(|model| model.features.counted_arcs) {
        check::restart_with(|features| features.counted_arcs = true);
    }
    count_changes(counts, at);
}

/// A count changes or is looked at, which is a step if the program looks at counts. It orders nothing.
fn count_changes(counts: &Counts, at: Place) {
    if model::is_running() && with(|model| model.features.counted_arcs) {
        let object = look(counts, ObjectKind::Arc, at);
        with(|model| model.used(object));
    }
}

/// An owner is gone, or finds out that it is the last one: what the others did before they went comes before.
fn owner_goes(counts: &Counts, at: Place) {
    if model::is_running() && with(|model| model.features.counted_arcs) {
        let object = meet(counts, ObjectKind::Arc, at);
        with(|model| model.used(object));
    }
}

#[cfg(like_std)]
impl<T: ?Sized + std::marker::Unsize<U>, U: ?Sized> std::ops::CoerceUnsized<Arc<U>> for Arc<T> {}
#[cfg(like_std)]
impl<T: ?Sized + std::marker::Unsize<U>, U: ?Sized> std::ops::CoerceUnsized<Weak<U>> for Weak<T> {}
#[cfg(like_std)]
impl<T: ?Sized> std::ops::LegacyReceiver for Arc<T> {}

impl<T> Arc<T> {
    /// As `std`'s.
    pub fn new(value: T) -> Self {
        Self::around(std::sync::Arc::new(value))
    }

    /// As `std`'s.
    pub fn pin(value: T) -> Pin<Self> {
        // SAFETY: the value lies on the heap and is only reached by reference, as in `std`'s `Arc`.
        unsafe { Pin::new_unchecked(Self::new(value)) }
    }

    /// As `std`'s.
    pub fn new_cyclic<F: FnOnce(&Weak<T>) -> T>(data: F) -> Self {
        let counts = Counts::default();
        let inner = std::sync::Arc::new_cyclic(|weak| data(&Weak { inner: weak.clone(), counts: Counts::clone(&counts) }));
        Self { inner, counts, last_drop: LastDrop::default() }
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If there are other owners; the `Arc` comes back.
    #[track_caller]
    pub fn try_unwrap(this: Self) -> Result<T, Self> {
        this.counted(Location::caller());
        owner_goes(&this.counts, Location::caller());
        let (inner, counts) = this.into_parts();
        std::sync::Arc::try_unwrap(inner).map_err(|inner| Self { inner, counts, last_drop: LastDrop::default() })
    }

    /// As `std`'s.
    #[track_caller]
    pub fn into_inner(this: Self) -> Option<T> {
        this.counted(Location::caller());
        owner_goes(&this.counts, Location::caller());
        std::sync::Arc::into_inner(this.into_parts().0)
    }

    /// As `std`'s.
    #[track_caller]
    pub fn unwrap_or_clone(this: Self) -> T
    where
        T: Clone,
    {
        Self::try_unwrap(this).unwrap_or_else(|arc| (*arc).clone())
    }
}

impl<T: ?Sized> Arc<T> {
    fn around(inner: std::sync::Arc<T>) -> Self {
        Self { inner, counts: Counts::default(), last_drop: LastDrop::default() }
    }

    fn into_parts(self) -> (std::sync::Arc<T>, Counts) {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is never dropped, so both fields are moved out of it exactly once; the third one owns nothing.
        unsafe { (std::ptr::read(&this.inner), std::ptr::read(&this.counts)) }
    }

    /// The program looks at a count: from now on, clones and drops are steps.
    fn counted(&self, at: Place) {
        if model::is_running() {
            count_matters(&self.counts, at);
        }
    }

    /// As `std`'s.
    #[track_caller]
    pub fn strong_count(this: &Self) -> usize {
        this.counted(Location::caller());
        std::sync::Arc::strong_count(&this.inner)
    }

    /// As `std`'s.
    #[track_caller]
    pub fn weak_count(this: &Self) -> usize {
        this.counted(Location::caller());
        std::sync::Arc::weak_count(&this.inner)
    }

    /// As `std`'s.
    #[track_caller]
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        this.counted(Location::caller());
        owner_goes(&this.counts, Location::caller());
        std::sync::Arc::get_mut(&mut this.inner)
    }

    /// As `std`'s.
    #[track_caller]
    pub fn downgrade(this: &Self) -> Weak<T> {
        count_changes(&this.counts, Location::caller());
        Weak { inner: std::sync::Arc::downgrade(&this.inner), counts: Counts::clone(&this.counts) }
    }

    /// As `std`'s.
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        std::sync::Arc::ptr_eq(&this.inner, &other.inner)
    }

    /// As `std`'s.
    pub fn as_ptr(this: &Self) -> *const T {
        std::sync::Arc::as_ptr(&this.inner)
    }
}

impl<T: Clone> Arc<T> {
    /// As `std`'s.
    #[track_caller]
    pub fn make_mut(this: &mut Self) -> &mut T {
        this.counted(Location::caller());
        owner_goes(&this.counts, Location::caller());
        if std::sync::Arc::get_mut(&mut this.inner).is_none() {
            *this = Self::new((**this).clone());
        }
        std::sync::Arc::get_mut(&mut this.inner).expect("a clone of its own has no other owner")
    }
}

impl<T> Weak<T> {
    /// As `std`'s.
    pub fn new() -> Self {
        Self { inner: std::sync::Weak::new(), counts: Counts::default() }
    }
}

impl<T: ?Sized> Weak<T> {
    /// As `std`'s.
    #[track_caller]
    pub fn upgrade(&self) -> Option<Arc<T>> {
        if model::is_running() {
            count_matters(&self.counts, Location::caller());
        }
        let inner = self.inner.upgrade()?;
        owner_goes(&self.counts, Location::caller());
        Some(Arc { inner, counts: Counts::clone(&self.counts), last_drop: LastDrop::default() })
    }

    /// As `std`'s.
    #[track_caller]
    pub fn strong_count(&self) -> usize {
        if model::is_running() {
            count_matters(&self.counts, Location::caller());
        }
        self.inner.strong_count()
    }

    /// As `std`'s.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.inner.ptr_eq(&other.inner)
    }
}

impl<T: ?Sized> Drop for Arc<T> {
    #[track_caller]
    fn drop(&mut self) {
        if !model::is_running() {
            return;
        }
        let at = Location::caller();
        if with(|model| model.features.counted_arcs) {
            owner_goes(&self.counts, at);
        } else if std::sync::Arc::strong_count(&self.inner) == 1 {
            self.last_drop.begin();
        }
    }
}

impl<T: ?Sized> Drop for Weak<T> {
    #[track_caller]
    fn drop(&mut self) {
        owner_goes(&self.counts, Location::caller());
    }
}

impl<T: ?Sized> Clone for Arc<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        count_changes(&self.counts, Location::caller());
        Self { inner: self.inner.clone(), counts: Counts::clone(&self.counts), last_drop: LastDrop::default() }
    }
}

impl<T: ?Sized> Clone for Weak<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        count_changes(&self.counts, Location::caller());
        Self { inner: self.inner.clone(), counts: Counts::clone(&self.counts) }
    }
}

impl<T: ?Sized> Deref for Arc<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: ?Sized> AsRef<T> for Arc<T> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T: ?Sized> Borrow<T> for Arc<T> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T: Default> Default for Arc<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Default for Weak<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized> fmt::Pointer for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&std::sync::Arc::as_ptr(&self.inner), f)
    }
}

impl<T: ?Sized> fmt::Debug for Weak<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(Weak)")
    }
}

impl<T: ?Sized + PartialEq> PartialEq for Arc<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: ?Sized + Eq> Eq for Arc<T> {}

impl<T: ?Sized + PartialOrd> PartialOrd for Arc<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: ?Sized + Ord> Ord for Arc<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: ?Sized + std::hash::Hash> std::hash::Hash for Arc<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

macro_rules! from {
    ($([$($generics:tt)*] $from:ty => $to:ty;)*) => {$(
        impl<$($generics)*> From<$from> for Arc<$to> {
            fn from(value: $from) -> Self {
                Self::around(std::sync::Arc::from(value))
            }
        }
    )*};
}

from! {
    [T] T => T;
    [T: ?Sized] Box<T> => T;
    [T] Vec<T> => [T];
    [T, const N: usize] [T; N] => [T];
    [T: Clone] &[T] => [T];
    [] &str => str;
    [] String => str;
}

impl<T> FromIterator<T> for Arc<[T]> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        Self::around(iter.into_iter().collect())
    }
}
