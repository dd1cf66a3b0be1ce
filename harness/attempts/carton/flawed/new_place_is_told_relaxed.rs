//! The first reader may move the value to memory of its thread, and that this is done is stored `Relaxed`: another reader may
//! still have the old address, whose memory is freed, or the new one before what was written there.
//!
//! caught by: loom::the_last_of_several_owners_drops_it, loom::two_threads_may_read_a_carton_at_once
//! survives: examples, properties, shuttle

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU8, Ordering};
use std::thread::{self, ThreadId};

/// Owns one value on the heap.
///
/// If the first thread that looks at it is not the one that made it, the value moves once, to memory of that thread, which is
/// nearer to it.
pub struct Carton<T> {
    pointer: AtomicPtr<T>,
    home: ThreadId,
    state: AtomicU8,
}

const NEW: u8 = 0;
const MOVING: u8 = 1;
const SETTLED: u8 = 2;

// SAFETY: the value has one owner, in whatever memory it is.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: the first one who looks may move the value, all others wait for that, and then they have a `&T` each.
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
            // SAFETY: the memory comes from `alloc` with this layout, and there is no other owner.
            unsafe { dealloc(self.0.as_ptr().cast(), layout) }
        }
    }
}

impl<T> Carton<T> {
    fn pointer(&self) -> NonNull<T> {
        NonNull::new(self.pointer.load(Ordering::Relaxed)).expect("a carton's pointer is never null")
    }

    /// Moves the value to new memory if this thread is not its home.
    fn bring_near(&self) {
        if thread::current().id() != self.home {
            let far = Memory(self.pointer());
            let near = ManuallyDrop::new(Memory::new()).0;
            // SAFETY: the value is moved from one place to another, and the old one is not used any more.
            unsafe { near.copy_from_nonoverlapping(far.0, 1) };
            self.pointer.store(near.as_ptr(), Ordering::Relaxed);
        }
    }

    /// The place of the value, which does not change any more.
    fn settled(&self) -> NonNull<T> {
        if self.state.load(Ordering::Acquire) != SETTLED {
            if self.state.compare_exchange(NEW, MOVING, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                self.bring_near();
                self.state.store(SETTLED, Ordering::Relaxed);
            } else {
                while self.state.load(Ordering::Acquire) != SETTLED {
                    thread::yield_now();
                }
            }
        }
        self.pointer()
    }

    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        let pointer = ManuallyDrop::new(Memory::new()).0;
        // SAFETY: the memory is made for a `T`, and nobody else has it.
        unsafe { pointer.write(value) };
        Carton::at(pointer)
    }

    fn at(pointer: NonNull<T>) -> Self {
        Carton { pointer: AtomicPtr::new(pointer.as_ptr()), home: thread::current().id(), state: AtomicU8::new(NEW) }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let memory = Memory(self.into_raw());
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
        Carton::at(pointer)
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the value is there as long as the carton is, and stays there.
        unsafe { self.settled().as_ref() }
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
