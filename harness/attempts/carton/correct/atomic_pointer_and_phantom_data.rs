//! An `AtomicPtr`, which is `Send` and `Sync`, together with a `PhantomData<T>`, which is so exactly if `T` is: the compiler
//! works out the right answer for both, with no promise by hand.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Owns one value on the heap.
///
/// It is `Send` or `Sync` if all its fields are. The pointer always is both, so that the `PhantomData` decides, and that says
/// what is true: a carton is like a field of type `T`.
pub struct Carton<T> {
    pointer: AtomicPtr<T>,
    _owns: PhantomData<T>,
}

struct Memory<T>(*mut T);

impl<T> Drop for Memory<T> {
    fn drop(&mut self) {
        let layout = Layout::new::<T>();
        if layout.size() != 0 {
            // SAFETY: from `alloc` with this layout, and the carton is gone.
            unsafe { dealloc(self.0.cast(), layout) }
        }
    }
}

impl<T> Carton<T> {
    /// The pointer never changes after `new`, so that no order is needed beyond the one that brought the carton here.
    fn pointer(&self) -> *mut T {
        self.pointer.load(Ordering::Relaxed)
    }

    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        let layout = Layout::new::<T>();
        let pointer = if layout.size() == 0 {
            NonNull::dangling().as_ptr()
        } else {
            // SAFETY: the size is not zero.
            unsafe { alloc(layout).cast::<T>() }
        };
        if pointer.is_null() {
            handle_alloc_error(layout);
        }
        // SAFETY: not null, made for a `T`, and ours.
        unsafe { pointer.write(value) };
        Carton { pointer: AtomicPtr::new(pointer), _owns: PhantomData }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let memory = Memory(ManuallyDrop::new(self).pointer());
        // SAFETY: the value is there, and nobody drops it any more.
        unsafe { memory.0.read() }
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        let pointer = ManuallyDrop::new(self).pointer();
        // SAFETY: comes from `new` or from a `NonNull`, and is not null in both cases.
        unsafe { NonNull::new_unchecked(pointer) }
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(pointer: NonNull<T>) -> Self {
        Carton { pointer: AtomicPtr::new(pointer.as_ptr()), _owns: PhantomData }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the value is there as long as the carton is.
        unsafe { &*self.pointer() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the value is there as long as the carton is, and we are the only ones who use it.
        unsafe { &mut *self.pointer() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        let memory = Memory(self.pointer());
        // SAFETY: the value is there, and after this the carton is not.
        unsafe { memory.0.drop_in_place() }
    }
}
