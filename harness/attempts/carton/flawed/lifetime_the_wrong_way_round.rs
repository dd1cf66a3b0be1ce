//! Keeps the address as a number, and a `PhantomData<fn(T)>`: the compiler lets a carton of something short-lived pass for one of
//! something that lives for ever.
//!
//! caught by: examples::only_sound_uses_compile
//! survives: properties, shuttle, loom

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::marker::PhantomData;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};

/// Owns one value on the heap.
pub struct Carton<T> {
    address: usize,
    _takes: PhantomData<(*const (), fn(T))>,
}

// SAFETY: the carton owns its value.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: a shared carton lends out only a `&T`.
unsafe impl<T: Sync> Sync for Carton<T> {}

/// Frees the memory at the end, whether with a panic or without.
struct Free<T>(*mut T);

impl<T> Drop for Free<T> {
    fn drop(&mut self) {
        let layout = Layout::new::<T>();
        if layout.size() != 0 {
            // SAFETY: this memory came from `alloc` with this layout, for a carton that is no more.
            unsafe { dealloc(self.0.cast(), layout) }
        }
    }
}

impl<T> Carton<T> {
    fn pointer(&self) -> *mut T {
        ptr::with_exposed_provenance_mut(self.address)
    }

    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        let layout = Layout::new::<T>();
        if layout.size() == 0 {
            mem::forget(value);
            return Carton { address: layout.align(), _takes: PhantomData };
        }
        // SAFETY: the size is not zero.
        let pointer = unsafe { alloc(layout) }.cast::<T>();
        if pointer.is_null() {
            handle_alloc_error(layout);
        }
        // SAFETY: not null, aligned, and ours.
        unsafe { pointer.write(value) };
        Carton { address: pointer.expose_provenance(), _takes: PhantomData }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let free = Free(self.pointer());
        mem::forget(self);
        // SAFETY: the value is there, and the carton that would drop it is forgotten.
        unsafe { free.0.read() }
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        let pointer = NonNull::new(self.pointer()).expect("not null since `new`");
        mem::forget(self);
        pointer
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(pointer: NonNull<T>) -> Self {
        Carton { address: pointer.as_ptr().expose_provenance(), _takes: PhantomData }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: there is a value at this address as long as there is a carton.
        unsafe { &*self.pointer() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: there is a value at this address as long as there is a carton, and it is borrowed alone.
        unsafe { &mut *self.pointer() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        let free = Free(self.pointer());
        // SAFETY: the value is there, and is dropped once: here.
        unsafe { free.0.drop_in_place() }
    }
}
