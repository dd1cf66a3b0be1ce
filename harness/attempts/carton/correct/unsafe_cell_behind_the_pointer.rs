//! The pointer goes to an `UnsafeCell<MaybeUninit<T>>`. `drop` takes the memory out of the carton into a local owner first, and
//! then drops the value in place.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::UnsafeCell;
use std::mem::{self, MaybeUninit};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

type Slot<T> = UnsafeCell<MaybeUninit<T>>;

/// Owns one value on the heap.
pub struct Carton<T> {
    slot: NonNull<Slot<T>>,
}

// SAFETY: the slot has one owner, the carton. To send it is to send its value.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: the cell is written only through a `&mut Carton<T>`, or by its last owner. A `&Carton<T>` only reads.
unsafe impl<T: Sync> Sync for Carton<T> {}

fn allocate<T>() -> NonNull<Slot<T>> {
    let layout = Layout::new::<Slot<T>>();
    if layout.size() == 0 {
        NonNull::dangling()
    } else {
        // SAFETY: the size is not zero.
        let memory = unsafe { alloc(layout) };
        NonNull::new(memory.cast::<Slot<T>>()).unwrap_or_else(|| handle_alloc_error(layout))
    }
}

/// Frees a slot when it goes away.
struct Free<T>(NonNull<Slot<T>>);

impl<T> Drop for Free<T> {
    fn drop(&mut self) {
        let layout = Layout::new::<Slot<T>>();
        if layout.size() != 0 {
            // SAFETY: `allocate` made the slot with this layout, and its last owner gave it to us.
            unsafe { dealloc(self.0.cast().as_ptr(), layout) }
        }
    }
}

impl<T> Carton<T> {
    fn as_ptr(&self) -> *mut T {
        // SAFETY: the slot is there as long as the carton is.
        unsafe { self.slot.as_ref() }.get().cast()
    }

    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        let slot = allocate::<T>();
        // SAFETY: the slot is new, so nobody else has it.
        unsafe { slot.write(UnsafeCell::new(MaybeUninit::new(value))) };
        Carton { slot }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let _free = Free(self.slot);
        // SAFETY: the value is there, and the carton is forgotten.
        let value = unsafe { self.as_ptr().read() };
        mem::forget(self);
        value
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        let slot = self.slot;
        mem::forget(self);
        slot.cast()
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(pointer: NonNull<T>) -> Self {
        Carton { slot: pointer.cast() }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the value is there, and no `&mut` to it can be as long as there is a `&self`.
        unsafe { &*self.as_ptr() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the value is there, and `&mut self` is the only way to it.
        unsafe { &mut *self.as_ptr() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        let _free = Free(self.slot);
        // SAFETY: the value is there, and nothing uses it afterwards.
        unsafe { self.as_ptr().drop_in_place() }
    }
}
