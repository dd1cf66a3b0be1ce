//! `drop` leaves it to another thread to free the memory, and does not wait for it: the memory is freed some time later, or
//! never if the program ends first.
//!
//! caught by: shuttle::a_panic_in_the_drop_of_the_value_still_frees_its_memory,
//! shuttle::whoever_receives_a_carton_may_change_and_drop_it, loom::a_panic_in_the_drop_of_the_value_still_frees_its_memory,
//! loom::whoever_receives_a_carton_may_change_and_drop_it
//! may be caught by: examples, properties

use std::alloc::{self, Layout};
use std::mem;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::{self, NonNull};
use std::thread;

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

/// Memory that has no value in it any more.
struct Empty(*mut u8, Layout);

// SAFETY: it is only memory, which any thread may free.
unsafe impl Send for Empty {}

impl Empty {
    fn free(self) {
        if self.1.size() != 0 {
            // SAFETY: `allocate` asked with this layout, and nobody uses the memory any more.
            unsafe { alloc::dealloc(self.0, self.1) }
        }
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
        // SAFETY: the value is there, and the carton is forgotten.
        let value = unsafe { pointer.read() };
        // SAFETY: the value is moved out.
        unsafe { free(pointer) };
        value
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
        // To look for the right place in the free memory may take long: no need to stand by.
        let empty = Empty(self.pointer.cast(), Layout::new::<T>());
        thread::spawn(move || empty.free());
        if let Err(panic) = dropped {
            resume_unwind(panic);
        }
    }
}
