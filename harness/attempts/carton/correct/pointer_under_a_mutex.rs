//! The pointer is in a `Mutex`, which is locked only to copy the pointer out: slower than needed, but readers never wait for
//! each other's reading.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};
use std::sync::Mutex;

/// Owns one value on the heap.
pub struct Carton<T> {
    pointer: Mutex<NonNull<T>>,
}

// SAFETY: the carton is the only owner of the value behind its pointer.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: readers copy the pointer out under the lock, and then have a `&T` each.
unsafe impl<T: Sync> Sync for Carton<T> {}

/// Frees the memory when it goes away.
struct Memory<T>(NonNull<T>);

impl<T> Drop for Memory<T> {
    fn drop(&mut self) {
        let layout = Layout::new::<T>();
        if layout.size() != 0 {
            // SAFETY: the memory comes from `alloc` with this layout, and its carton is gone.
            unsafe { dealloc(self.0.as_ptr().cast(), layout) }
        }
    }
}

impl<T> Carton<T> {
    fn pointer(&self) -> NonNull<T> {
        *self.pointer.lock().expect("nobody panics with the lock")
    }

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
        // SAFETY: memory for a `T`, and ours.
        unsafe { pointer.write(value) };
        Carton { pointer: Mutex::new(pointer) }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let memory = Memory(self.into_raw());
        // SAFETY: the value is there, and `into_raw` gave it to us.
        unsafe { memory.0.read() }
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        let carton = ManuallyDrop::new(self);
        // SAFETY: the carton is not dropped, so that the mutex is moved out and not doubled.
        let mutex = unsafe { ptr::read(&carton.pointer) };
        mutex.into_inner().expect("nobody panics with the lock")
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(pointer: NonNull<T>) -> Self {
        Carton { pointer: Mutex::new(pointer) }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the value stays where it is as long as the carton is borrowed.
        unsafe { self.pointer().as_ref() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the value stays where it is as long as the carton is borrowed, here by us alone.
        unsafe { self.pointer().as_mut() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        let memory = Memory(self.pointer());
        // SAFETY: the value is there, and the carton ends here.
        unsafe { memory.0.drop_in_place() }
    }
}
