//! `std::sync::Arc` and `Weak`.
//!
//! Most programs cannot tell in which order the owners of an `Arc` drop it; then no drop is a step. A program whose contents
//! have a destructor that others notice, or that looks at the counts, can: then each clone and drop meets the others.

//!
//! An `Arc` here is one pointer, as `std`'s is, or `self: Arc<Self>` could not be called on an `Arc<dyn Trait>`. What the model
//! knows of its counts is found by its address.

use crate::check;
use crate::handle::Handle;
use crate::model::{self, with};
use crate::waiting::{look, meet};
use interleaving::{ObjectKind, Place};
use std::any::Any;
use std::borrow::{Borrow, Cow};
use std::ffi::{CStr, CString, OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::Deref;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;

/// As `std`'s.
pub struct Arc<T: ?Sized> {
    inner: std::sync::Arc<T>,
    /// Dropped after `inner`.
    _end_of_drop: EndOfDrop,
}

/// As `std`'s.
pub struct Weak<T: ?Sized>(std::sync::Weak<T>);

/// Marks the end of a drop, in which the last owner may have dropped what the `Arc` held.
struct EndOfDrop;

impl Drop for EndOfDrop {
    fn drop(&mut self) {
        if model::is_running() {
            let thread = model::current();
            with(|model| {
                model.arc_drops -= usize::from(model.threads[thread].arc_drops.pop().is_some());
            });
        }
    }
}

/// The counts of an `Arc`, told by its address, if the program has made counts matter.
fn counts(address: usize) -> Option<Rc<Handle>> {
    if !model::is_running() {
        return None;
    }
    with(|model| model.features.counted_arcs.then(|| Rc::clone(model.arcs.entry(address).or_default())))
}

/// The program looks at a count: from now on, whatever changes one is a step. Returns its object.
fn count_matters(address: usize, at: Place) -> Option<u32> {
    if !model::is_running() {
        return None;
    }
    if !with(|model| model.features.counted_arcs) {
        check::restart_with(|features| features.counted_arcs = true);
    }
    count_is_used(address, at)
}

/// A count is used, which is a step if the program looks at counts. It orders nothing.
fn count_is_used(address: usize, at: Place) -> Option<u32> {
    let object = look(&*counts(address)?, ObjectKind::Arc, at);
    with(|model| model.used(object));
    Some(object)
}

/// A count changes: whoever waits for that may see it.
fn count_changes(address: usize, at: Place) {
    if count_is_used(address, at).is_some() {
        with(model::Model::changed);
    }
}

/// An owner comes, goes, or asks whether it is the last one: what the others did before they went comes before.
fn meet_owners(address: usize, at: Place) -> Option<u32> {
    let object = meet(&*counts(address)?, ObjectKind::Arc, at);
    with(|model| model.used(object));
    Some(object)
}

/// The running thread has found out that a count, if it is followed, is what `found` says: it may be waiting for another one.
fn found(count: Option<u32>, found: usize, at: Place) {
    if let Some(object) = count {
        model::looked(object, found as u64, at);
    }
}

/// An owner comes or goes: whoever waits for that may see it.
fn owners_change(address: usize, at: Place) {
    if meet_owners(address, at).is_some() {
        with(model::Model::changed);
    }
}

/// The running thread reads a count, as by a relaxed load: a fence that follows orders what came before the drops.
fn read_count(address: usize, count: impl FnOnce() -> usize, at: Place) -> usize {
    let (object, count) = (count_matters(address, at), count());
    if let Some(counts) = counts(address) {
        let thread = model::current();
        with(|model| {
            let read = &mut model.threads[thread].counts_read;
            if !read.iter().any(|other| Rc::ptr_eq(other, &counts)) {
                read.push(counts);
            }
        });
    }
    found(object, count, at);
    count
}

/// The running thread has come to a fence that acquires: what was done before the drops that it knows of comes before what follows.
pub(crate) fn acquire_counts(at: Place) {
    let thread = model::current();
    for counts in with(|model| std::mem::take(&mut model.threads[thread].counts_read)) {
        meet(&counts, ObjectKind::Arc, at);
    }
}

impl<T: ?Sized + std::marker::Unsize<U>, U: ?Sized> std::ops::CoerceUnsized<Arc<U>> for Arc<T> {}
impl<T: ?Sized + std::marker::Unsize<U>, U: ?Sized> std::ops::CoerceUnsized<Weak<U>> for Weak<T> {}
impl<T: ?Sized + std::marker::Unsize<U>, U: ?Sized> std::ops::DispatchFromDyn<Arc<U>> for Arc<T> {}
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
    pub fn new_cyclic<F: FnOnce(&Weak<T>) -> T>(data_fn: F) -> Self {
        Self::around(std::sync::Arc::new_cyclic(|weak| data_fn(&Weak(weak.clone()))))
    }

    /// As `std`'s.
    pub fn new_uninit() -> Arc<MaybeUninit<T>> {
        Arc::around(std::sync::Arc::new_uninit())
    }

    /// As `std`'s.
    pub fn new_zeroed() -> Arc<MaybeUninit<T>> {
        Arc::around(std::sync::Arc::new_zeroed())
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If there are other owners; the `Arc` comes back.
    #[track_caller]
    pub fn try_unwrap(this: Self) -> Result<T, Self> {
        let at = Location::caller();
        count_matters(this.address(), at);
        let count = meet_owners(this.address(), at);
        let unwrapped = std::sync::Arc::try_unwrap(this.into_std()).map_err(Self::from_std);
        if unwrapped.is_err() {
            found(count, 0, at);
        }
        unwrapped
    }

    /// As `std`'s.
    #[track_caller]
    pub fn into_inner(this: Self) -> Option<T> {
        let at = Location::caller();
        count_matters(this.address(), at);
        owners_change(this.address(), at);
        std::sync::Arc::into_inner(this.into_std())
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

impl<T> Arc<[T]> {
    /// As `std`'s.
    pub fn new_uninit_slice(len: usize) -> Arc<[MaybeUninit<T>]> {
        Arc::around(std::sync::Arc::new_uninit_slice(len))
    }

    /// As `std`'s.
    pub fn new_zeroed_slice(len: usize) -> Arc<[MaybeUninit<T>]> {
        Arc::around(std::sync::Arc::new_zeroed_slice(len))
    }
}

impl<T> Arc<MaybeUninit<T>> {
    /// As `std`'s.
    ///
    /// # Safety
    /// As `std`'s: the value is initialised.
    pub unsafe fn assume_init(self) -> Arc<T> {
        // SAFETY: as promised.
        Arc::from_std(unsafe { self.into_std().assume_init() })
    }
}

impl<T> Arc<[MaybeUninit<T>]> {
    /// As `std`'s.
    ///
    /// # Safety
    /// As `std`'s: the values are initialised.
    pub unsafe fn assume_init(self) -> Arc<[T]> {
        // SAFETY: as promised.
        Arc::from_std(unsafe { self.into_std().assume_init() })
    }
}

impl Arc<dyn Any + Send + Sync> {
    /// As `std`'s.
    ///
    /// # Errors
    /// If it is of another type; the `Arc` comes back.
    pub fn downcast<T>(self) -> Result<Arc<T>, Self>
    where
        T: Any + Send + Sync,
    {
        self.into_std().downcast().map(Arc::from_std).map_err(Self::from_std)
    }
}

impl<T: ?Sized> Arc<T> {
    /// A new one.
    fn around(inner: std::sync::Arc<T>) -> Self {
        let arc = Self::from_std(inner);
        if model::is_running() {
            // What was at this address before has nothing to do with it.
            with(|model| model.arcs.remove(&arc.address()));
        }
        arc
    }

    /// One that is there already.
    fn from_std(inner: std::sync::Arc<T>) -> Self {
        Self { inner, _end_of_drop: EndOfDrop }
    }

    fn into_std(self) -> std::sync::Arc<T> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is never dropped, so the field is moved out of it exactly once; the other one is nothing but its drop.
        unsafe { std::ptr::read(&this.inner) }
    }

    fn address(&self) -> usize {
        std::sync::Arc::as_ptr(&self.inner).addr()
    }

    /// As `std`'s.
    pub fn into_raw(this: Self) -> *const T {
        std::sync::Arc::into_raw(this.into_std())
    }

    /// As `std`'s.
    ///
    /// # Safety
    /// As `std`'s: the pointer comes from [`Arc::into_raw`], and this owner has not been given back.
    pub unsafe fn from_raw(ptr: *const T) -> Self {
        // SAFETY: as promised.
        Self::from_std(unsafe { std::sync::Arc::from_raw(ptr) })
    }

    /// As `std`'s.
    ///
    /// # Safety
    /// As `std`'s: the pointer comes from [`Arc::into_raw`], and there is an owner during the call.
    #[track_caller]
    pub unsafe fn increment_strong_count(ptr: *const T) {
        count_changes(ptr.addr(), Location::caller());
        // SAFETY: as promised.
        unsafe { std::sync::Arc::increment_strong_count(ptr) };
    }

    /// As `std`'s.
    ///
    /// # Safety
    /// As `std`'s: the pointer comes from [`Arc::into_raw`], and this owner has not been given back.
    #[track_caller]
    pub unsafe fn decrement_strong_count(ptr: *const T) {
        // SAFETY: as promised.
        drop(unsafe { Self::from_raw(ptr) });
    }

    /// As `std`'s.
    #[track_caller]
    pub fn strong_count(this: &Self) -> usize {
        read_count(this.address(), || std::sync::Arc::strong_count(&this.inner), Location::caller())
    }

    /// As `std`'s.
    #[track_caller]
    pub fn weak_count(this: &Self) -> usize {
        read_count(this.address(), || std::sync::Arc::weak_count(&this.inner), Location::caller())
    }

    /// As `std`'s.
    #[track_caller]
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        let at = Location::caller();
        count_matters(this.address(), at);
        let count = meet_owners(this.address(), at);
        if std::sync::Arc::get_mut(&mut this.inner).is_none() {
            found(count, 0, at);
            return None;
        }
        std::sync::Arc::get_mut(&mut this.inner)
    }

    /// As `std`'s.
    #[track_caller]
    pub fn downgrade(this: &Self) -> Weak<T> {
        count_changes(this.address(), Location::caller());
        Weak(std::sync::Arc::downgrade(&this.inner))
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

impl<T: ?Sized + std::clone::CloneToUninit> Arc<T> {
    /// As `std`'s.
    #[track_caller]
    pub fn make_mut(this: &mut Self) -> &mut T {
        this.meet_before_make_mut(Location::caller());
        std::sync::Arc::make_mut(&mut this.inner)
    }
}

impl<T: ?Sized> Arc<T> {
    fn meet_before_make_mut(&self, at: Place) {
        count_matters(self.address(), at);
        meet_owners(self.address(), at);
    }
}

impl<T> Weak<T> {
    /// As `std`'s.
    pub const fn new() -> Self {
        Self(std::sync::Weak::new())
    }
}

impl<T: ?Sized> Weak<T> {
    fn address(&self) -> usize {
        self.0.as_ptr().addr()
    }

    /// As `std`'s.
    #[track_caller]
    pub fn upgrade(&self) -> Option<Arc<T>> {
        let at = Location::caller();
        let count = count_matters(self.address(), at);
        let Some(inner) = self.0.upgrade() else {
            found(count, 0, at);
            return None;
        };
        owners_change(self.address(), at);
        found(count, 1, at);
        Some(Arc::from_std(inner))
    }

    /// As `std`'s.
    #[track_caller]
    pub fn strong_count(&self) -> usize {
        read_count(self.address(), || self.0.strong_count(), Location::caller())
    }

    /// As `std`'s.
    #[track_caller]
    pub fn weak_count(&self) -> usize {
        read_count(self.address(), || self.0.weak_count(), Location::caller())
    }

    /// As `std`'s.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.0.ptr_eq(&other.0)
    }

    /// As `std`'s.
    pub fn as_ptr(&self) -> *const T {
        self.0.as_ptr()
    }

    /// As `std`'s.
    pub fn into_raw(self) -> *const T {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is never dropped, so the field is moved out of it exactly once.
        unsafe { std::ptr::read(&this.0) }.into_raw()
    }

    /// As `std`'s.
    ///
    /// # Safety
    /// As `std`'s: the pointer comes from [`Weak::into_raw`], and has not been given back.
    pub unsafe fn from_raw(ptr: *const T) -> Self {
        // SAFETY: as promised.
        Self(unsafe { std::sync::Weak::from_raw(ptr) })
    }
}

impl<T: ?Sized> Drop for Arc<T> {
    #[track_caller]
    fn drop(&mut self) {
        if !model::is_running() {
            return;
        }
        let counted = with(|model| model.features.counted_arcs);
        if counted {
            owners_change(self.address(), Location::caller());
        }
        // `inner` is dropped next: others may notice what it held go.
        let goes = !counted && std::sync::Arc::strong_count(&self.inner) == 1;
        let thread = model::current();
        with(|model| {
            model.arc_drops += 1;
            model.threads[thread].arc_drops.push(goes);
        });
    }
}

impl<T: ?Sized> Drop for Weak<T> {
    #[track_caller]
    fn drop(&mut self) {
        owners_change(self.address(), Location::caller());
    }
}

impl<T: ?Sized> Clone for Arc<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        count_changes(self.address(), Location::caller());
        Self::from_std(self.inner.clone())
    }
}

impl<T: ?Sized> Clone for Weak<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        count_changes(self.address(), Location::caller());
        Self(self.0.clone())
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

macro_rules! default {
    ($([$($generics:tt)*] $t:ty;)*) => {$(
        impl<$($generics)*> Default for Arc<$t> {
            fn default() -> Self {
                Self::around(std::sync::Arc::default())
            }
        }
    )*};
}

default! {
    [T: Default] T;
    [T] [T];
    [] str;
    [] CStr;
}

impl<T: ?Sized> Default for Pin<Arc<T>>
where
    Arc<T>: Default,
{
    fn default() -> Self {
        // SAFETY: as in `pin`.
        unsafe { Self::new_unchecked(Arc::default()) }
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
    [T: Clone] &mut [T] => [T];
    [] &str => str;
    [] &mut str => str;
    [] String => str;
    [] &CStr => CStr;
    [] &mut CStr => CStr;
    [] CString => CStr;
    [] &OsStr => OsStr;
    [] &mut OsStr => OsStr;
    [] OsString => OsStr;
    [] &Path => Path;
    [] &mut Path => Path;
    [] PathBuf => Path;
}

impl From<Arc<str>> for Arc<[u8]> {
    fn from(value: Arc<str>) -> Self {
        Self::from_std(value.into_std().into())
    }
}

impl<'a, B: ?Sized + ToOwned> From<Cow<'a, B>> for Arc<B>
where
    Arc<B>: From<&'a B> + From<B::Owned>,
{
    fn from(value: Cow<'a, B>) -> Self {
        match value {
            Cow::Borrowed(value) => Self::from(value),
            Cow::Owned(value) => Self::from(value),
        }
    }
}

impl<T, const N: usize> TryFrom<Arc<[T]>> for Arc<[T; N]> {
    type Error = Arc<[T]>;
    fn try_from(value: Arc<[T]>) -> Result<Self, Arc<[T]>> {
        value.into_std().try_into().map(Self::from_std).map_err(Arc::from_std)
    }
}

impl io::Read for Arc<File> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&**self).read(buffer)
    }
}

impl io::Write for Arc<File> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&**self).write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        (&**self).flush()
    }
}

impl io::Seek for Arc<File> {
    fn seek(&mut self, position: io::SeekFrom) -> io::Result<u64> {
        (&**self).seek(position)
    }
}

impl<T: std::error::Error + ?Sized> std::error::Error for Arc<T> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        (**self).source()
    }
}

impl<T> FromIterator<T> for Arc<[T]> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        Self::around(iter.into_iter().collect())
    }
}
