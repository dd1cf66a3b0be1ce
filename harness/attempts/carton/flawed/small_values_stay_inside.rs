//! A value that is no larger than a pointer is kept in the carton itself, not on the heap: it takes no memory, and it moves
//! whenever the carton moves.
//!
//! caught by: examples::the_value_stays_where_it_is_when_its_carton_moves
//! survives: properties, shuttle, loom

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};

/// Owns one value on the heap.
pub struct Carton<T> {
    place: Place<T>,
}

/// Where the value is.
enum Place<T> {
    Inside(ManuallyDrop<T>),
    Heap(NonNull<T>),
}

// SAFETY: inside or not, the carton is the only owner of its value.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: a `&Carton<T>` gives out nothing but a `&T`.
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

    /// Puts a value into the memory, which belongs to the pointer from now on.
    fn fill(self, value: T) -> NonNull<T> {
        let pointer = ManuallyDrop::new(self).0;
        // SAFETY: the memory is made for a `T`, and is ours.
        unsafe { pointer.write(value) };
        pointer
    }
}

impl<T> Drop for Memory<T> {
    fn drop(&mut self) {
        let layout = Layout::new::<T>();
        if layout.size() != 0 {
            // SAFETY: the memory comes from `alloc` with this layout, and has no value.
            unsafe { dealloc(self.0.as_ptr().cast(), layout) }
        }
    }
}

impl<T> Carton<T> {
    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        if Layout::new::<T>().size() <= Layout::new::<NonNull<T>>().size() {
            // Not worth the way to the heap.
            Carton { place: Place::Inside(ManuallyDrop::new(value)) }
        } else {
            Carton { place: Place::Heap(Memory::new().fill(value)) }
        }
    }

    /// Takes the carton apart without dropping anything.
    fn into_place(self) -> Place<T> {
        let this = ManuallyDrop::new(self);
        // SAFETY: the carton is not dropped, so that the place is moved out and not doubled.
        unsafe { ptr::read(&this.place) }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        match self.into_place() {
            Place::Inside(value) => ManuallyDrop::into_inner(value),
            Place::Heap(pointer) => {
                let memory = Memory(pointer);
                // SAFETY: the value is there, and nobody else will drop it.
                unsafe { memory.0.read() }
            }
        }
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        match self.into_place() {
            Place::Inside(value) => Memory::new().fill(ManuallyDrop::into_inner(value)),
            Place::Heap(pointer) => pointer,
        }
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(pointer: NonNull<T>) -> Self {
        Carton { place: Place::Heap(pointer) }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        match &self.place {
            Place::Inside(value) => value,
            // SAFETY: the value is there as long as the carton is.
            Place::Heap(pointer) => unsafe { pointer.as_ref() },
        }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.place {
            Place::Inside(value) => value,
            // SAFETY: the value is there as long as the carton is, and `&mut self` keeps all others away.
            Place::Heap(pointer) => unsafe { pointer.as_mut() },
        }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        match &mut self.place {
            // SAFETY: the value is not used after this.
            Place::Inside(value) => unsafe { ManuallyDrop::drop(value) },
            Place::Heap(pointer) => {
                let _memory = Memory(*pointer);
                // SAFETY: the value is there, and is not used after this.
                unsafe { pointer.drop_in_place() }
            }
        }
    }
}
