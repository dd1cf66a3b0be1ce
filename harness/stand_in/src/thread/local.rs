//! `thread_local!` and `LocalKey`. All threads of a checked program share one OS thread, so a real thread-local would be shared.

use crate::cell::{Cell, RefCell};
use crate::model::{self, with};
use std::any::Any;
use std::fmt;
use std::rc::Rc;
use std::thread::AccessError;

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

impl<T: 'static> LocalKey<T> {
    fn value(&'static self) -> Rc<T> {
        let (thread, key) = (model::current(), std::ptr::from_ref(self).addr());
        if let Some(value) = with(|model| model.threads.get(thread).and_then(|state| state.locals.get(&key).cloned())) {
            return value.downcast().expect("a key has one type");
        }
        // Outside of the model: the value may use the model itself.
        let value = Rc::new((self.make)());
        let kept: Rc<dyn Any> = value.clone();
        with(|model| {
            if let Some(state) = model.threads.get_mut(thread) {
                state.locals.insert(key, kept);
            }
        });
        value
    }

    /// As `std`'s.
    pub fn with<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        f(&self.value())
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// Never here: a value lives as long as it is used.
    pub fn try_with<F, R>(&'static self, f: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        Ok(self.with(f))
    }
}

impl<T: 'static> LocalKey<Cell<T>> {
    /// As `std`'s.
    #[track_caller]
    pub fn set(&'static self, value: T) {
        self.value().set(value);
    }
    /// As `std`'s.
    #[track_caller]
    pub fn get(&'static self) -> T
    where
        T: Copy,
    {
        self.value().get()
    }
    /// As `std`'s.
    #[track_caller]
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.value().take()
    }
    /// As `std`'s.
    #[track_caller]
    pub fn replace(&'static self, value: T) -> T {
        self.value().replace(value)
    }
}

impl<T: 'static> LocalKey<RefCell<T>> {
    /// As `std`'s.
    #[track_caller]
    pub fn with_borrow<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        f(&self.value().borrow())
    }
    /// As `std`'s.
    #[track_caller]
    pub fn with_borrow_mut<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&mut T) -> R,
    {
        f(&mut self.value().borrow_mut())
    }
    /// As `std`'s.
    #[track_caller]
    pub fn set(&'static self, value: T) {
        self.replace(value);
    }
    /// As `std`'s.
    #[track_caller]
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.value().take()
    }
    /// As `std`'s.
    #[track_caller]
    pub fn replace(&'static self, value: T) -> T {
        self.value().replace(value)
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

/// The running thread ends: drops its values, outside of the model.
pub(crate) fn drop_all() {
    let thread = model::current();
    let values = with(|model| std::mem::take(&mut model.threads[thread].locals));
    drop(values);
}
