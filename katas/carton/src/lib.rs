//! A carton: a `Box` of your own. It owns one value on the heap, through a raw pointer.
//!
//! The brief is in `README.md`. `cargo kata` shows you the first test to make green.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// Owns one value on the heap.
pub struct Carton<T> {
    _your_fields_instead: PhantomData<T>,
}

impl<T> Carton<T> {
    /// Moves `value` to the heap.
    pub fn new(_value: T) -> Self {
        todo!("get memory for the value, and move it there")
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        todo!("move the value out, and free its memory")
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        todo!("hand out the pointer, and drop nothing")
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(_pointer: NonNull<T>) -> Self {
        todo!("own the value behind the pointer again")
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        todo!("the value, to read")
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        todo!("the value, to write")
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        todo!("drop the value, and free its memory, even if its drop panics")
    }
}
