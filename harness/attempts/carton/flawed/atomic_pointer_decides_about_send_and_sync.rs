//! Keeps the address in an `AtomicPtr`, which is `Send` and `Sync` for every `T`, and so the carton is too: it carries an `Rc`
//! to another thread.
//!
//! caught by: examples::a_carton_may_be_sent_exactly_if_its_value_may,
//! examples::a_carton_may_be_shared_exactly_if_its_value_may
//! survives: properties, shuttle, loom

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Owns one value on the heap.
///
/// The pointer is an atomic one, so that the carton may be sent and shared without any promise by hand.
pub struct Carton<T> {
    pointer: AtomicPtr<T>,
}

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
    fn pointer(&self) -> NonNull<T> {
        NonNull::new(self.pointer.load(Ordering::Acquire)).expect("a carton's pointer is never null")
    }

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
        Carton { pointer: AtomicPtr::new(pointer.as_ptr()) }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let memory = Memory(ManuallyDrop::new(self).pointer());
        // SAFETY: the value is there, and nobody else will drop it.
        unsafe { memory.0.read() }
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        ManuallyDrop::new(self).pointer()
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(pointer: NonNull<T>) -> Self {
        Carton { pointer: AtomicPtr::new(pointer.as_ptr()) }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the value is there as long as the carton is.
        unsafe { self.pointer().as_ref() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the value is there as long as the carton is, and `&mut self` keeps all others away.
        unsafe { self.pointer().as_mut() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        let _memory = Memory(self.pointer());
        // SAFETY: the value is there, and is not used after this.
        unsafe { self.pointer().drop_in_place() }
    }
}
