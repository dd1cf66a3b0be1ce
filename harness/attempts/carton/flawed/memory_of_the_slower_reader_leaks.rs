//! Takes its memory when the value is looked at for the first time; if two threads do so at once, the memory of the slower one
//! is never freed.
//!
//! caught by: shuttle::four_threads_may_read_a_carton_at_once, shuttle::the_last_of_several_owners_drops_it,
//! loom::the_last_of_several_owners_drops_it, loom::two_threads_may_read_a_carton_at_once
//! may be caught by: examples, properties

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::UnsafeCell;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

/// Owns one value on the heap, from the first time on that somebody looks at it.
pub struct Carton<T> {
    waiting: UnsafeCell<MaybeUninit<T>>,
    /// Null as long as the value waits.
    place: AtomicPtr<T>,
}

// SAFETY: the value has one owner, wherever it is.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: whoever comes first moves the value to the heap, and all get a `&T` to that one place.
unsafe impl<T: Sync> Sync for Carton<T> {}

/// Memory for one `T`, without a value.
struct Memory<T>(NonNull<T>);

impl<T> Memory<T> {
    fn new() -> Self {
        let layout = Layout::new::<T>();
        if layout.size() == 0 {
            return Memory(NonNull::dangling());
        }
        // SAFETY: the size is not zero.
        let memory = unsafe { alloc(layout) };
        Memory(NonNull::new(memory.cast()).unwrap_or_else(|| handle_alloc_error(layout)))
    }
}

impl<T> Drop for Memory<T> {
    fn drop(&mut self) {
        let layout = Layout::new::<T>();
        if layout.size() != 0 {
            // SAFETY: the memory comes from `alloc` with this layout, and there is no other owner.
            unsafe { dealloc(self.0.as_ptr().cast(), layout) }
        }
    }
}

impl<T> Carton<T> {
    /// The value's place on the heap.
    fn place(&self) -> NonNull<T> {
        if let Some(place) = NonNull::new(self.place.load(Ordering::Acquire)) {
            return place;
        }
        let memory = ManuallyDrop::new(Memory::new());
        // SAFETY: the memory is ours. Many may copy the value, but only one of the copies will be used.
        unsafe { memory.0.copy_from_nonoverlapping(NonNull::new_unchecked(self.waiting.get().cast()), 1) };
        let mine = memory.0.as_ptr();
        match self.place.compare_exchange(ptr::null_mut(), mine, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => memory.0,
            // SAFETY: it was not null, because somebody else was first.
            Err(place) => unsafe { NonNull::new_unchecked(place) },
        }
    }

    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        Carton { waiting: UnsafeCell::new(MaybeUninit::new(value)), place: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let memory = Memory(self.into_raw());
        // SAFETY: the value is there, and nobody else will drop it.
        unsafe { memory.0.read() }
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        ManuallyDrop::new(self).place()
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(pointer: NonNull<T>) -> Self {
        Carton { waiting: UnsafeCell::new(MaybeUninit::uninit()), place: AtomicPtr::new(pointer.as_ptr()) }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the value is there as long as the carton is.
        unsafe { self.place().as_ref() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the value is there as long as the carton is, and `&mut self` keeps all others away.
        unsafe { self.place().as_mut() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        let memory = Memory(self.place());
        // SAFETY: the value is there, and is not used after this.
        unsafe { memory.0.drop_in_place() }
    }
}
