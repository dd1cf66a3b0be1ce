//! `drop` catches the panic of the value's own `drop`, frees the memory, and does not let the panic go on: whoever drops the
//! carton never hears of it.
//!
//! caught by: examples::a_panic_in_the_drop_of_the_value_still_frees_its_memory,
//! shuttle::a_panic_in_the_drop_of_the_value_still_frees_its_memory,
//! loom::a_panic_in_the_drop_of_the_value_still_frees_its_memory
//! may be caught by: properties

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

/// Owns one value on the heap.
pub struct Carton<T> {
    pointer: NonNull<T>,
}

// SAFETY: a carton owns its value.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: a borrowed carton only lends its value out, as a `&T`.
unsafe impl<T: Sync> Sync for Carton<T> {}

impl<T> Carton<T> {
    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        let layout = Layout::new::<T>();
        let pointer = if layout.size() == 0 {
            NonNull::dangling()
        } else {
            // SAFETY: the size is not zero.
            let memory = unsafe { alloc(layout) };
            NonNull::new(memory.cast()).unwrap_or_else(|| handle_alloc_error(layout))
        };
        // SAFETY: memory for a `T`, and ours.
        unsafe { pointer.write(value) };
        Carton { pointer }
    }

    /// Only for a carton whose value is gone.
    fn free(&mut self) {
        let layout = Layout::new::<T>();
        if layout.size() != 0 {
            // SAFETY: from `alloc` with this layout, and not used any more.
            unsafe { dealloc(self.pointer.as_ptr().cast(), layout) };
        }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let mut carton = ManuallyDrop::new(self);
        // SAFETY: the value is there, and is not dropped by the carton.
        let value = unsafe { carton.pointer.read() };
        carton.free();
        value
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        ManuallyDrop::new(self).pointer
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(pointer: NonNull<T>) -> Self {
        Carton { pointer }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the carton has a value until it goes away.
        unsafe { self.pointer.as_ref() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the carton has a value until it goes away.
        unsafe { self.pointer.as_mut() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        // SAFETY: the value is there, and is not used again. If its drop panics, the memory still has to be freed.
        let _ = catch_unwind(AssertUnwindSafe(|| unsafe { self.pointer.drop_in_place() }));
        self.free();
    }
}
