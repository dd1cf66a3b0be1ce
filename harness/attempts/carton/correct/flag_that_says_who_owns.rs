//! A flag beside the pointer says whether the carton still owns the value. `into_inner` and `into_raw` clear it, and `drop`
//! looks at it.

use std::alloc::{self, Layout};
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::NonNull;

/// Owns one value on the heap.
pub struct Carton<T> {
    pointer: NonNull<T>,
    owns: bool,
}

// SAFETY: as long as the flag is set, the carton owns the value; afterwards, nothing.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: the flag is changed only by those who have the carton to themselves, and the value is lent out as `&T`.
unsafe impl<T: Sync> Sync for Carton<T> {}

fn allocate<T>() -> NonNull<T> {
    let layout = Layout::new::<T>();
    if layout.size() == 0 {
        return NonNull::dangling();
    }
    // SAFETY: the size is not zero.
    let memory = unsafe { alloc::alloc(layout) };
    match NonNull::new(memory) {
        Some(memory) => memory.cast(),
        None => alloc::handle_alloc_error(layout),
    }
}

/// # Safety
/// The pointer must come from `allocate`, and must not be used again.
unsafe fn free<T>(pointer: NonNull<T>) {
    let layout = Layout::new::<T>();
    if layout.size() > 0 {
        // SAFETY: `allocate` used the same layout.
        unsafe { alloc::dealloc(pointer.cast().as_ptr(), layout) };
    }
}

impl<T> Carton<T> {
    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        let pointer = allocate();
        // SAFETY: it was allocated for this.
        unsafe { pointer.write(value) };
        Carton { pointer, owns: true }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(mut self) -> T {
        self.owns = false;
        // SAFETY: the value is there, and `drop` will leave it alone.
        let value = unsafe { self.pointer.read() };
        // SAFETY: the value is out, and `drop` will leave the memory alone too.
        unsafe { free(self.pointer) };
        value
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(mut self) -> NonNull<T> {
        self.owns = false;
        self.pointer
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(pointer: NonNull<T>) -> Self {
        Carton { pointer, owns: true }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: a carton that can be borrowed owns its value.
        unsafe { self.pointer.as_ref() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: a carton that can be borrowed owns its value.
        unsafe { self.pointer.as_mut() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        if !self.owns {
            return;
        }
        // SAFETY: the carton owns the value, so it is there.
        let result = catch_unwind(AssertUnwindSafe(|| unsafe { self.pointer.drop_in_place() }));
        // SAFETY: the carton owns the memory too, and this is its end.
        unsafe { free(self.pointer) };
        result.unwrap_or_else(|panic| resume_unwind(panic));
    }
}
