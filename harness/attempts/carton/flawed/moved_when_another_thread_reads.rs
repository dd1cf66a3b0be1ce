//! The first time that another thread reads, the value is moved to memory of that thread and the old memory is freed, even if
//! the first thread is still reading there.
//!
//! caught by: shuttle::four_threads_may_read_a_carton_at_once, shuttle::the_last_of_several_owners_drops_it,
//! loom::the_last_of_several_owners_drops_it, loom::two_threads_may_read_a_carton_at_once
//! may be caught by: examples, properties

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::thread::{self, ThreadId};

/// Owns one value on the heap.
pub struct Carton<T> {
    pointer: AtomicPtr<T>,
    /// The thread whose memory it is at first, and whether it has moved to another one.
    home: ThreadId,
    moved: AtomicBool,
}

// SAFETY: a carton is the only owner of its value: to send the carton is to send the value.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: a `&Carton<T>` gives out nothing but a `&T`, and only one thread moves the value.
unsafe impl<T: Sync> Sync for Carton<T> {}

/// The memory of a carton, without its value.
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
            // SAFETY: `new` got this memory from `alloc` with this layout, and there is no other owner.
            unsafe { dealloc(self.0.as_ptr().cast(), layout) }
        }
    }
}

impl<T> Carton<T> {
    fn at_home(pointer: NonNull<T>) -> Self {
        Carton { pointer: AtomicPtr::new(pointer.as_ptr()), home: thread::current().id(), moved: AtomicBool::new(false) }
    }

    fn pointer(&self) -> NonNull<T> {
        NonNull::new(self.pointer.load(Ordering::Acquire)).expect("a carton's pointer is never null")
    }

    /// Takes the value to memory that is near this thread.
    fn move_here(&self) {
        let memory = Memory(self.pointer());
        let near = ManuallyDrop::new(Memory::new()).0;
        // SAFETY: the value is moved from one place to another, and the old one is not used any more.
        unsafe { near.copy_from_nonoverlapping(memory.0, 1) };
        self.pointer.store(near.as_ptr(), Ordering::Release);
    }

    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        let pointer = ManuallyDrop::new(Memory::new()).0;
        // SAFETY: the memory is made for a `T`, and nobody else has it.
        unsafe { pointer.write(value) };
        Carton::at_home(pointer)
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
        Carton::at_home(pointer)
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        if thread::current().id() != self.home && !self.moved.swap(true, Ordering::AcqRel) {
            self.move_here();
        }
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
        let memory = Memory(self.pointer());
        // SAFETY: the value is there, and is not used after this.
        unsafe { memory.0.drop_in_place() }
    }
}
