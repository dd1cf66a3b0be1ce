//! `into_inner` frees the memory first, and then moves the value out of it.
//!
//! caught by: examples::into_inner_moves_the_value_out_and_frees_its_memory,
//! shuttle::a_carton_that_is_handed_over_by_its_raw_pointer_arrives, shuttle::four_threads_may_read_a_carton_at_once,
//! shuttle::threads_that_take_turns_replace_and_move_out_what_it_holds,
//! loom::a_carton_that_is_handed_over_by_its_raw_pointer_arrives,
//! loom::threads_that_take_turns_replace_and_move_out_what_it_holds, loom::two_threads_may_read_a_carton_at_once
//! may be caught by: properties

use std::alloc::{self, Layout};
use std::mem;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::{self, NonNull};

/// Owns one value on the heap.
pub struct Carton<T> {
    pointer: *mut T,
}

// SAFETY: the pointer is the carton's own, so the value goes where the carton goes.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: whoever has a `&Carton<T>` gets a `&T`, and nothing else.
unsafe impl<T: Sync> Sync for Carton<T> {}

/// Memory for one `T`.
fn allocate<T>() -> *mut T {
    let layout = Layout::new::<T>();
    if layout.size() == 0 {
        return ptr::dangling_mut();
    }
    // SAFETY: the size is not zero.
    let memory = unsafe { alloc::alloc(layout) };
    if memory.is_null() {
        alloc::handle_alloc_error(layout);
    }
    memory.cast()
}

/// Gives the memory of one `T` back.
///
/// # Safety
/// The pointer must come from `allocate`, and must not be used again.
unsafe fn free<T>(pointer: *mut T) {
    let layout = Layout::new::<T>();
    if layout.size() != 0 {
        // SAFETY: `allocate` asked with the same layout.
        unsafe { alloc::dealloc(pointer.cast(), layout) }
    }
}

impl<T> Carton<T> {
    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        let pointer = allocate::<T>();
        // SAFETY: it was allocated for this value.
        unsafe { pointer.write(value) };
        Carton { pointer }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let pointer = self.pointer;
        mem::forget(self);
        // SAFETY: the carton is forgotten, and nobody else frees its memory. To free it does not drop the value.
        unsafe { free(pointer) };
        // SAFETY: the value was not dropped, and nobody else has used the place since.
        unsafe { pointer.read() }
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        // SAFETY: neither `allocate` nor `from_raw` give a null pointer.
        let pointer = unsafe { NonNull::new_unchecked(self.pointer) };
        mem::forget(self);
        pointer
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(pointer: NonNull<T>) -> Self {
        Carton { pointer: pointer.as_ptr() }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the pointer is valid as long as the carton is there.
        unsafe { &*self.pointer }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the pointer is valid as long as the carton is there, and `&mut self` is its only user.
        unsafe { &mut *self.pointer }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        // SAFETY: the value is there, and is not used again.
        let dropped = catch_unwind(AssertUnwindSafe(|| unsafe { ptr::drop_in_place(self.pointer) }));
        // SAFETY: the value is gone.
        unsafe { free(self.pointer) };
        if let Err(panic) = dropped {
            resume_unwind(panic);
        }
    }
}
