//! The memory is asked for with zeros in it. A type of size zero gets a pointer whose address is the alignment, which is never
//! null and always aligned.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};

/// Owns one value on the heap.
pub struct Carton<T> {
    pointer: NonNull<T>,
    _owns: PhantomData<T>,
}

// SAFETY: whoever has the carton has the value, and nobody else does.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: `deref` only copies an address that never changes, and gives out a `&T`.
unsafe impl<T: Sync> Sync for Carton<T> {}

/// Frees the memory of one `T` at the end of a scope.
struct FreeLater<T>(NonNull<T>);

impl<T> Drop for FreeLater<T> {
    fn drop(&mut self) {
        let layout = Layout::new::<T>();
        if layout.size() == 0 {
            return;
        }
        // SAFETY: the memory comes from `alloc_zeroed` with this layout, and its carton is gone.
        unsafe { dealloc(self.0.as_ptr().cast::<u8>(), layout) }
    }
}

impl<T> Carton<T> {
    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        let layout = Layout::new::<T>();
        let address = if layout.size() == 0 {
            ptr::without_provenance_mut(layout.align())
        } else {
            // SAFETY: the size is not zero.
            unsafe { alloc_zeroed(layout).cast::<T>() }
        };
        let Some(pointer) = NonNull::new(address) else {
            handle_alloc_error(layout);
        };
        // SAFETY: aligned, large enough, and not yet known to anybody else.
        unsafe { ptr::write(pointer.as_ptr(), value) };
        Carton { pointer, _owns: PhantomData }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let later = FreeLater(self.into_raw());
        // SAFETY: the value is there, and what follows frees only the memory.
        unsafe { ptr::read(later.0.as_ptr()) }
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        let carton = ManuallyDrop::new(self);
        carton.pointer
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
        // SAFETY: not null, aligned, and with a value as long as the carton lives.
        unsafe { &*self.pointer.as_ptr() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: not null, aligned, and with a value as long as the carton lives. There is no other way to it.
        unsafe { &mut *self.pointer.as_ptr() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        let _later = FreeLater(self.pointer);
        // SAFETY: the last use of the value.
        unsafe { ptr::drop_in_place(self.pointer.as_ptr()) }
    }
}
