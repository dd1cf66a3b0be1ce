//! `std::sync::LazyLock`: a [`Once`], and beside it the function that runs once and what it returned.

use crate::sync::once::Once;
use interleaving::Place;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::{Mutex, OnceLock, PoisonError};

/// What the function's panic means for all who come later.
const POISONED: &str = "LazyLock instance has previously been poisoned";

/// As `std`'s.
pub struct LazyLock<T, F = fn() -> T> {
    once: Once,
    contents: Contents<T, F>,
}

/// Real ones, never contended: the [`Once`] decides who comes first.
struct Contents<T, F> {
    value: OnceLock<T>,
    init: Mutex<Option<F>>,
}

impl<T: UnwindSafe, F: UnwindSafe> UnwindSafe for LazyLock<T, F> {}
impl<T: RefUnwindSafe + UnwindSafe, F: UnwindSafe> RefUnwindSafe for LazyLock<T, F> {}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// As `std`'s.
    pub const fn new(f: F) -> Self {
        Self { once: Once::new(), contents: Contents { value: OnceLock::new(), init: Mutex::new(Some(f)) } }
    }

    /// As `std`'s.
    ///
    /// # Panics
    /// If the function does, or did before.
    #[track_caller]
    pub fn force(this: &Self) -> &T {
        this.force_at(Location::caller())
    }

    /// As `std`'s.
    ///
    /// # Panics
    /// If the function does, or did before.
    #[track_caller]
    pub fn force_mut(this: &mut Self) -> &mut T {
        this.force_at(Location::caller());
        this.contents.value.get_mut().expect("it has been set by now")
    }

    fn force_at(&self, at: Place) -> &T {
        self.begin_anew(at);
        let Contents { value, init } = &self.contents;
        self.once.call(Some(POISONED), at, |_| {
            let init = init.lock().unwrap_or_else(PoisonError::into_inner).take();
            let set = value.set(init.expect("only the first one gets here")());
            debug_assert!(set.is_ok(), "only the first one gets here");
        });
        value.get().expect("it has been set by now")
    }
}

impl<T, F> LazyLock<T, F> {
    /// As `std`'s.
    #[track_caller]
    pub fn get(this: &Self) -> Option<&T> {
        let at = Location::caller();
        this.begin_anew(at);
        if this.once.is_completed_at(at) { this.contents.value.get() } else { None }
    }

    /// As `std`'s.
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        this.contents.value.get_mut()
    }

    /// In a `static`: puts back what it held at first, once in each interleaving.
    fn begin_anew(&self, at: Place) {
        let (bytes, length) = ((&raw const self.contents).cast::<u8>().cast_mut(), size_of_val(&self.contents));
        // SAFETY: both are inside an `UnsafeCell` in all their parts, and nobody has used them yet.
        unsafe { self.once.handle.begin_anew_bytes(bytes, length, at) };
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;
    #[track_caller]
    fn deref(&self) -> &T {
        Self::force(self)
    }
}

impl<T, F: FnOnce() -> T> DerefMut for LazyLock<T, F> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut T {
        Self::force_mut(self)
    }
}

impl<T: Default> Default for LazyLock<T> {
    fn default() -> Self {
        Self::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple("LazyLock");
        match self.contents.value.get() {
            Some(value) => tuple.field(value),
            None => tuple.field(&format_args!("<uninit>")),
        };
        tuple.finish()
    }
}
