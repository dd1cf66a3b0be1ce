//! A `NonNull` and a `PhantomData`. `into_inner` and `drop` hand the memory to a second type that owns only the memory, and
//! whose own `drop` frees it, also while a panic passes.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::marker::PhantomData;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// Owns one value on the heap.
pub struct Carton<T> {
    pointer: NonNull<T>,
    _owns: PhantomData<T>,
}

// SAFETY: the carton is the only owner of its value, as a plain field would be: to send the carton is to send the value.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: with a `&Carton<T>` one can only get a `&T`, and `deref` changes nothing.
unsafe impl<T: Sync> Sync for Carton<T> {}

/// The memory of a carton, after the value in it was moved out, or while it is dropped.
struct Emptied<T>(NonNull<T>);

impl<T> Drop for Emptied<T> {
    fn drop(&mut self) {
        let layout = Layout::new::<T>();
        if layout.size() > 0 {
            // SAFETY: `Carton::new` got this memory from `alloc` with the same layout, and this is its only owner.
            unsafe { dealloc(self.0.as_ptr().cast(), layout) };
        }
    }
}

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
        // SAFETY: the pointer is aligned, and what is behind it is ours and as large as a `T`.
        unsafe { pointer.write(value) };
        Carton { pointer, _owns: PhantomData }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let memory = Emptied(self.into_raw());
        // SAFETY: the value is there, and it is read only this once: `Emptied` does not look at it.
        unsafe { memory.0.read() }
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        let pointer = self.pointer;
        mem::forget(self);
        pointer
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(pointer: NonNull<T>) -> Self {
        Carton { pointer, _owns: PhantomData }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the value is there as long as the carton is, and nobody changes it while there is a `&Carton`.
        unsafe { self.pointer.as_ref() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the value is there as long as the carton is, and `&mut self` says that nobody else uses it.
        unsafe { self.pointer.as_mut() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        let memory = Emptied(self.pointer);
        // SAFETY: the value is there, and nobody uses it after the carton.
        unsafe { memory.0.drop_in_place() };
    }
}
