//! `deref` counts its calls in a `Cell`, and the carton says it is `Sync`: two threads that read at once race for the count.
//!
//! caught by: shuttle::four_threads_may_read_a_carton_at_once, shuttle::the_last_of_several_owners_drops_it,
//! loom::the_last_of_several_owners_drops_it, loom::two_threads_may_read_a_carton_at_once
//! survives: examples, properties

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// Owns one value on the heap.
pub struct Carton<T> {
    pointer: NonNull<T>,
    /// How often the value was read.
    reads: Cell<usize>,
    _owns: PhantomData<T>,
}

// SAFETY: a carton is the only owner of its value: to send the carton is to send the value.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: a `&Carton<T>` gives out nothing but a `&T`.
unsafe impl<T: Sync> Sync for Carton<T> {}

/// The memory of a carton, without its value.
struct Memory<T>(NonNull<T>);

impl<T> Drop for Memory<T> {
    fn drop(&mut self) {
        let layout = Layout::new::<T>();
        if layout.size() != 0 {
            // SAFETY: `new` got this memory from `alloc` with this layout, and there is no other owner.
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
            let memory = unsafe { alloc(layout) };
            NonNull::new(memory.cast::<T>()).unwrap_or_else(|| handle_alloc_error(layout))
        };
        // SAFETY: the memory is made for a `T`, and nobody else has it.
        unsafe { pointer.write(value) };
        Carton { pointer, reads: Cell::new(0), _owns: PhantomData }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let memory = Memory(ManuallyDrop::new(self).pointer);
        // SAFETY: the value is there, and nobody else will drop it.
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
        Carton { pointer, reads: Cell::new(0), _owns: PhantomData }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.reads.set(self.reads.get().wrapping_add(1));
        // SAFETY: the value is there as long as the carton is.
        unsafe { self.pointer.as_ref() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the value is there as long as the carton is, and `&mut self` keeps all others away.
        unsafe { self.pointer.as_mut() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        let _memory = Memory(self.pointer);
        // SAFETY: the value is there, and is not used after this.
        unsafe { self.pointer.drop_in_place() }
    }
}
