//! `from_raw` is no `unsafe fn`: safe code can free whatever pointer it has.
//!
//! caught by: examples::only_sound_uses_compile
//! survives: properties, shuttle, loom

use std::alloc::{self, Layout};
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::{self, NonNull};

/// Owns one value on the heap.
pub struct Carton<T> {
    pointer: *mut T,
}

// SAFETY: only the carton has the pointer, so the value moves to the other thread as a whole, which `T: Send` permits.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: several threads that have a `&Carton<T>` get a `&T` each, which `T: Sync` permits.
unsafe impl<T: Sync> Sync for Carton<T> {}

/// Frees the memory of a carton.
///
/// # Safety
/// The pointer must come from `Carton::new`, its value must be gone, and nobody may use the memory from now on.
unsafe fn free<T>(pointer: *mut T) {
    let layout = Layout::new::<T>();
    if layout.size() != 0 {
        // SAFETY: `new` asked for the memory with this layout; the caller promises the rest.
        unsafe { alloc::dealloc(pointer.cast(), layout) }
    }
}

impl<T> Carton<T> {
    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        let layout = Layout::new::<T>();
        let pointer = match layout.size() {
            0 => ptr::dangling_mut::<T>(),
            // SAFETY: the size is not zero.
            _ => unsafe { alloc::alloc(layout).cast::<T>() },
        };
        if pointer.is_null() {
            alloc::handle_alloc_error(layout);
        }
        // SAFETY: not null, aligned, and ours.
        unsafe { pointer.write(value) };
        Carton { pointer }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let carton = ManuallyDrop::new(self);
        // SAFETY: the value is there. After it is read it is ours, and the carton will not drop it.
        let value = unsafe { carton.pointer.read() };
        // SAFETY: the value is moved out, and nobody has the pointer any more.
        unsafe { free(carton.pointer) };
        value
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        let carton = ManuallyDrop::new(self);
        // SAFETY: `new` made sure that it is not null, and `from_raw` gets a `NonNull`.
        unsafe { NonNull::new_unchecked(carton.pointer) }
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub fn from_raw(pointer: NonNull<T>) -> Self {
        Carton { pointer: pointer.as_ptr() }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the pointer is valid as long as the carton is there, and a `&Carton` permits only reading.
        unsafe { &*self.pointer }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the pointer is valid as long as the carton is there, and we have it alone.
        unsafe { &mut *self.pointer }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        // SAFETY: the value is there, and is not used again.
        let dropped = catch_unwind(AssertUnwindSafe(|| unsafe { ptr::drop_in_place(self.pointer) }));
        // SAFETY: the value is gone, and so is the carton in a moment.
        unsafe { free(self.pointer) };
        if let Err(panic) = dropped {
            resume_unwind(panic);
        }
    }
}
