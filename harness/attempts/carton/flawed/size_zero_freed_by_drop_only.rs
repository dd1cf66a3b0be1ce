//! `into_inner` asks whether there is memory to free; drop does not, and gives back what was never allocated when the value has no
//! size.
//!
//! caught by: examples::a_value_of_size_zero_needs_no_memory, shuttle::a_value_of_size_zero_asks_for_no_memory,
//! loom::a_value_of_size_zero_asks_for_no_memory
//! survives: properties

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// Owns one value on the heap.
pub struct Carton<T> {
    pointer: NonNull<T>,
    _owns: PhantomData<T>,
}

/// Gives the memory back when it goes out of scope, and drops no value.
struct Memory<T>(NonNull<T>);

impl<T> Drop for Memory<T> {
    fn drop(&mut self) {
        let layout = Layout::new::<T>();
        if layout.size() != 0 {
            // SAFETY: a `Memory` is only made for a pointer from `Carton::new`, and frees it once.
            unsafe { dealloc(self.0.as_ptr().cast(), layout) }
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
            let raw = unsafe { alloc(layout) };
            match NonNull::new(raw.cast::<T>()) {
                Some(pointer) => pointer,
                None => handle_alloc_error(layout),
            }
        };
        // SAFETY: the memory is big enough and aligned for a `T`, or `T` needs none.
        unsafe { pointer.write(value) };
        Carton { pointer, _owns: PhantomData }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let memory = Memory(self.into_raw());
        // SAFETY: there is a value, and nobody uses it after this.
        unsafe { memory.0.read() }
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
        Carton { pointer, _owns: PhantomData }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the carton owns the value, and lends it as it is lent itself.
        unsafe { self.pointer.as_ref() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as for `deref`.
        unsafe { self.pointer.as_mut() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        struct Free<T>(NonNull<T>);
        impl<T> Drop for Free<T> {
            fn drop(&mut self) {
                // SAFETY: the value is gone, and its memory goes with it.
                unsafe { dealloc(self.0.as_ptr().cast(), Layout::new::<T>()) }
            }
        }
        let memory = Free(self.pointer);
        unsafe { memory.0.drop_in_place() }
    }
}

// SAFETY: a carton owns its value as a plain field would.
unsafe impl<T: Send> Send for Carton<T> {}
// SAFETY: a `&Carton<T>` gives a `&T`, and no more.
unsafe impl<T: Sync> Sync for Carton<T> {}
