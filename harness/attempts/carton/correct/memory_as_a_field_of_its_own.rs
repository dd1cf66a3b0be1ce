//! A private type `Allocation` owns the memory and is a field of the carton. The carton's own `drop` only drops the value: the
//! field goes away right after it, even if that panics.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};

/// Memory for one `T`, with or without a `T` in it.
struct Allocation<T> {
    pointer: NonNull<T>,
}

impl<T> Allocation<T> {
    const LAYOUT: Layout = Layout::new::<T>();

    fn new() -> Self {
        if Self::LAYOUT.size() == 0 {
            return Allocation { pointer: NonNull::dangling() };
        }
        // SAFETY: the size is not zero.
        let memory = unsafe { alloc(Self::LAYOUT) };
        let Some(pointer) = NonNull::new(memory.cast()) else { handle_alloc_error(Self::LAYOUT) };
        Allocation { pointer }
    }
}

impl<T> Drop for Allocation<T> {
    fn drop(&mut self) {
        if Self::LAYOUT.size() > 0 {
            // SAFETY: this is the memory that `new` got, and this type is never copied.
            unsafe { dealloc(self.pointer.as_ptr().cast(), Self::LAYOUT) }
        }
    }
}

/// Owns one value on the heap.
pub struct Carton<T> {
    memory: Allocation<T>,
    _owns: PhantomData<T>,
}

// SAFETY: memory may be freed by any thread, and the value in it has no other owner.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: shared, the memory is only read, as a `&T`.
unsafe impl<T: Sync> Sync for Carton<T> {}

impl<T> Carton<T> {
    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        let memory = Allocation::new();
        // SAFETY: this memory is made for a `T`, and is ours.
        unsafe { memory.pointer.write(value) };
        Carton { memory, _owns: PhantomData }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let this = ManuallyDrop::new(self);
        // SAFETY: the carton is not dropped, so its memory has this one owner.
        let memory = unsafe { ptr::read(&this.memory) };
        // SAFETY: the value is there, and `Allocation` does not drop it.
        unsafe { memory.pointer.read() }
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        ManuallyDrop::new(self).memory.pointer
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(pointer: NonNull<T>) -> Self {
        Carton { memory: Allocation { pointer }, _owns: PhantomData }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the memory of a carton has a value in it.
        unsafe { self.memory.pointer.as_ref() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the memory of a carton has a value in it, and we borrow it alone.
        unsafe { self.memory.pointer.as_mut() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        // SAFETY: the value is there, and only the memory is left to be dropped after it.
        unsafe { self.memory.pointer.drop_in_place() }
    }
}
