//! `thread_local!` and `LocalKey`. All threads of a checked program share one OS thread, so a real thread-local would be shared.

use crate::cell::{Cell, RefCell};
use crate::model::{self, with};
use interleaving::{Action, Place};
use std::fmt;
use std::panic::Location;
use std::rc::Rc;

/// As `std`'s.
pub struct LocalKey<T: 'static> {
    #[doc(hidden)]
    pub make: fn() -> T,
}

/// As `std`'s.
#[macro_export]
macro_rules! thread_local {
    () => {};
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $t:ty = const $init:block $(; $($rest:tt)*)?) => {
        $(#[$attribute])* $visibility static $name: $crate::thread::LocalKey<$t> = $crate::thread::LocalKey { make: || $init };
        $($crate::thread_local! { $($rest)* })?
    };
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $t:ty = $init:expr $(; $($rest:tt)*)?) => {
        $(#[$attribute])* $visibility static $name: $crate::thread::LocalKey<$t> = $crate::thread::LocalKey { make: || $init };
        $($crate::thread_local! { $($rest)* })?
    };
}

/// As `std`'s.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessError;

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("already destroyed")
    }
}

impl std::error::Error for AccessError {}

impl<T: 'static> LocalKey<T> {
    fn key(&'static self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The running thread's value; made if there is none yet. `None` if it has been dropped.
    fn value(&'static self) -> Option<Rc<T>> {
        let thread = model::current();
        let found = with(|model| {
            let locals = &model.threads.get(thread)?.locals;
            locals.iter().find(|(key, _)| *key == self.key()).map(|(_, value)| value.clone())
        });
        match found {
            Some(value) => value.map(|value| value.downcast().expect("a key has one type")),
            None => {
                // Outside of the model: the value may use the model itself.
                let value = Rc::new((self.make)());
                self.keep(Rc::clone(&value));
                Some(value)
            }
        }
    }

    fn keep(&'static self, value: Rc<T>) {
        let thread = model::current();
        let before = with(|model| {
            let locals = &mut model.threads.get_mut(thread)?.locals;
            // The making of the value may have made one itself.
            let before = locals.iter().position(|(key, _)| *key == self.key()).map(|index| locals.remove(index));
            locals.push((self.key(), Some(value)));
            before
        });
        drop(before);
    }

    fn present(&'static self) -> Rc<T> {
        self.value().expect("cannot access a Thread Local Storage value during or after destruction: AccessError")
    }

    /// Sets the running thread's value without making one first.
    fn put(&'static self, value: T, at: Place, replace: impl FnOnce(&T, T)) {
        let thread = model::current();
        let is_there = with(|model| {
            let locals = model.threads.get(thread).map(|state| &state.locals);
            locals.is_some_and(|locals| locals.iter().any(|(key, _)| *key == self.key()))
        });
        if is_there {
            return replace(&self.present(), value);
        }
        self.keep(Rc::new(value));
        if model::is_running() {
            with(|model| model.record(None, Action::Did("this thread's first value"), at));
        }
    }

    /// As `std`'s.
    ///
    /// # Panics
    /// If the value has been dropped, since its thread is ending.
    pub fn with<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        f(&self.present())
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If the value has been dropped, since its thread is ending.
    pub fn try_with<F, R>(&'static self, f: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        self.value().map(|value| f(&value)).ok_or(AccessError)
    }
}

impl<T: 'static> LocalKey<Cell<T>> {
    /// As `std`'s.
    #[track_caller]
    pub fn set(&'static self, value: T) {
        self.put(Cell::new(value), Location::caller(), |cell, value| cell.set(value.into_inner()));
    }
    /// As `std`'s.
    #[track_caller]
    pub fn get(&'static self) -> T
    where
        T: Copy,
    {
        self.present().get()
    }
    /// As `std`'s.
    #[track_caller]
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.present().take()
    }
    /// As `std`'s.
    #[track_caller]
    pub fn replace(&'static self, value: T) -> T {
        self.present().replace(value)
    }
}

impl<T: 'static> LocalKey<RefCell<T>> {
    /// As `std`'s.
    #[track_caller]
    pub fn with_borrow<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        f(&self.present().borrow())
    }
    /// As `std`'s.
    #[track_caller]
    pub fn with_borrow_mut<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&mut T) -> R,
    {
        f(&mut self.present().borrow_mut())
    }
    /// As `std`'s.
    #[track_caller]
    pub fn set(&'static self, value: T) {
        self.put(RefCell::new(value), Location::caller(), |cell, value| drop(cell.replace(value.into_inner())));
    }
    /// As `std`'s.
    #[track_caller]
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.present().take()
    }
    /// As `std`'s.
    #[track_caller]
    pub fn replace(&'static self, value: T) -> T {
        self.present().replace(value)
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

/// The running thread ends: drops its values, the latest first, outside of the model: a destructor may use the others, and may make
/// new ones.
pub(crate) fn drop_all() {
    let thread = model::current();
    while let Some(value) =
        with(|model| model.threads[thread].locals.iter_mut().rev().find(|(_, value)| value.is_some())?.1.take())
    {
        drop(value);
    }
}
