//! Takes its memory from `std::alloc::System` through the trait `GlobalAlloc`, and gives it back there.
//!
//! caught by: examples::an_aligned_value_is_freed_as_it_was_allocated, examples::no_memory_left_is_told_by_handle_alloc_error,
//! examples::the_value_lies_on_the_heap
//! survives: properties, shuttle, loom

use std::alloc::{GlobalAlloc, Layout, System, handle_alloc_error};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// Owns one value on the heap.
pub struct Carton<T> {
    pointer: NonNull<T>,
    _owns: PhantomData<T>,
}

// SAFETY: the system's memory may be freed on any thread, and the value is the carton's alone.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: readers that share a carton share a `&T`, nothing else.
unsafe impl<T: Sync> Sync for Carton<T> {}

/// Memory that goes back to the system.
struct Memory<T>(NonNull<T>);

impl<T> Drop for Memory<T> {
    fn drop(&mut self) {
        let layout = Layout::new::<T>();
        if layout.size() != 0 {
            // SAFETY: the memory comes from `System` with this layout.
            unsafe { System.dealloc(self.0.cast().as_ptr(), layout) }
        }
    }
}

impl<T> Carton<T> {
    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        let layout = Layout::new::<T>();
        let mut pointer = NonNull::dangling();
        if layout.size() != 0 {
            // SAFETY: the size is not zero.
            let memory = unsafe { System.alloc(layout) };
            pointer = NonNull::new(memory).unwrap_or_else(|| handle_alloc_error(layout)).cast();
        }
        // SAFETY: the pointer fits a `T`, and nobody else has it.
        unsafe { pointer.write(value) };
        Carton { pointer, _owns: PhantomData }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let memory = Memory(ManuallyDrop::new(self).pointer);
        // SAFETY: the value is there, and it is moved out only here.
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
        // SAFETY: the carton keeps the value alive.
        unsafe { self.pointer.as_ref() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the carton keeps the value alive, and is borrowed alone.
        unsafe { self.pointer.as_mut() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        let memory = Memory(self.pointer);
        // SAFETY: the value is there, and is dropped only here.
        unsafe { memory.0.drop_in_place() }
    }
}
