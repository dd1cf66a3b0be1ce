//! `std::sync::OnceLock`: a [`Once`], and a real `OnceLock` that the first one sets, which is never contended.

use crate::sync::once::Once;
use interleaving::Place;
use std::fmt;
use std::panic::Location;

/// As `std`'s.
pub struct OnceLock<T> {
    once: Once,
    value: std::sync::OnceLock<T>,
}

impl<T> OnceLock<T> {
    /// As `std`'s.
    pub const fn new() -> Self {
        Self { once: Once::new(), value: std::sync::OnceLock::new() }
    }

    /// As `std`'s.
    #[track_caller]
    pub fn get(&self) -> Option<&T> {
        let at = Location::caller();
        self.begin_anew(at);
        if self.once.is_completed_at(at) { self.value.get() } else { None }
    }

    /// As `std`'s.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut()
    }

    /// As `std`'s.
    #[track_caller]
    pub fn wait(&self) -> &T {
        let at = Location::caller();
        self.begin_anew(at);
        self.once.wait_at(true, at);
        self.set_value()
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// With `value`, if there is one already.
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        self.get_or_init_at(Location::caller(), || value.take().expect("whoever comes first has not set it yet"));
        value.map_or(Ok(()), Err)
    }

    /// As `std`'s.
    ///
    /// # Panics
    /// If `f` does.
    #[track_caller]
    pub fn get_or_init<F>(&self, f: F) -> &T
    where
        F: FnOnce() -> T,
    {
        self.get_or_init_at(Location::caller(), f)
    }

    fn get_or_init_at(&self, at: Place, f: impl FnOnce() -> T) -> &T {
        self.begin_anew(at);
        self.once.call(None, at, |_| {
            let set = self.value.set(f());
            debug_assert!(set.is_ok(), "only one thread at a time gets here, and only until it has been set");
        });
        self.set_value()
    }

    /// As `std`'s.
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// As `std`'s.
    pub fn take(&mut self) -> Option<T> {
        let value = self.value.take();
        if value.is_some() {
            self.once.handle.forget();
        }
        value
    }

    fn set_value(&self) -> &T {
        self.value.get().expect("it has been set by now")
    }

    /// In a `static`: puts back what it held at first, once in each interleaving.
    fn begin_anew(&self, at: Place) {
        let (bytes, length) = ((&raw const self.value).cast::<u8>().cast_mut(), size_of_val(&self.value));
        // SAFETY: a `OnceLock` of `std`'s is inside an `UnsafeCell` in all its parts, and nobody has used this one yet.
        unsafe { self.once.handle.begin_anew_bytes(bytes, length, at) };
    }
}

impl<T> Default for OnceLock<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        self.get().cloned().map_or_else(Self::new, Self::from)
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceLock<T> {}

impl<T> From<T> for OnceLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        let lock = Self::new();
        // Made by this thread, which is the first to use it.
        let _ = lock.set(value);
        lock
    }
}
