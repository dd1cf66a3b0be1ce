//! `drop` moves the value out of the heap and drops it as a local variable. The memory is owned by an older local variable, and
//! so is freed after the value.

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

// SAFETY: a carton owns its value.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: a borrowed carton only lends its value out, as a `&T`.
unsafe impl<T: Sync> Sync for Carton<T> {}

/// Memory that has no value in it any more.
struct Empty<T>(NonNull<T>);

impl<T> Drop for Empty<T> {
    fn drop(&mut self) {
        let layout = Layout::new::<T>();
        if layout.size() != 0 {
            // SAFETY: comes from `alloc` with this layout, and is used by nobody.
            unsafe { dealloc(self.0.as_ptr().cast(), layout) }
        }
    }
}

impl<T> Carton<T> {
    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        let layout = Layout::new::<T>();
        let memory = if layout.size() == 0 {
            Some(NonNull::dangling())
        } else {
            // SAFETY: the size is not zero.
            NonNull::new(unsafe { alloc(layout) }.cast::<T>())
        };
        let Some(pointer) = memory else { handle_alloc_error(layout) };
        // SAFETY: room for a `T`, and ours.
        unsafe { pointer.write(value) };
        Carton { pointer, _owns: PhantomData }
    }

    /// Moves the value out, and leaves its memory.
    ///
    /// # Safety
    /// This carton must not be used again, and not be dropped either.
    unsafe fn unpack(&mut self) -> (Empty<T>, T) {
        // SAFETY: the value is there, and the caller promises not to use it where it was.
        (Empty(self.pointer), unsafe { self.pointer.read() })
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: the carton is not used any more and never dropped.
        let (_memory, value) = unsafe { this.unpack() };
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
        Carton { pointer, _owns: PhantomData }
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
        // SAFETY: nobody can use a carton after its `drop`.
        let (_memory, value) = unsafe { self.unpack() };
        drop(value);
    }
}
