//! The layout beside the pointer. A `LazyLock`ed static counts how many cartons there are, and how many there were at most.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::marker::PhantomData;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many cartons there are, and the most that there have been at once.
static CENSUS: LazyLock<[AtomicUsize; 2]> = LazyLock::new(<[AtomicUsize; 2]>::default);

fn come() {
    let [living, most] = &*CENSUS;
    // ORDERING: statistics, which protect nothing.
    most.fetch_max(living.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
}

fn go() {
    // ORDERING: as in `come`.
    CENSUS[0].fetch_sub(1, Ordering::Relaxed);
}

/// Owns one value on the heap.
pub struct Carton<T> {
    memory: NonNull<u8>,
    layout: Layout,
    value: PhantomData<T>,
}

// SAFETY: the bytes are the value's, and the carton owns them alone.
unsafe impl<T: Send> Send for Carton<T> {}

// SAFETY: a `&Carton<T>` is as good as a `&T`, no more and no less.
unsafe impl<T: Sync> Sync for Carton<T> {}

impl<T> Carton<T> {
    /// Moves `value` to the heap.
    pub fn new(value: T) -> Self {
        let layout = Layout::for_value(&value);
        let memory = if layout.size() == 0 {
            NonNull::<T>::dangling().cast()
        } else {
            // SAFETY: the size is not zero.
            let memory = unsafe { alloc(layout) };
            if memory.is_null() {
                handle_alloc_error(layout);
            }
            // SAFETY: we have just looked: it is not null.
            unsafe { NonNull::new_unchecked(memory) }
        };
        // SAFETY: the memory fits the value, and is ours.
        unsafe { memory.cast::<T>().write(value) };
        come();
        Carton { memory, layout, value: PhantomData }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let Carton { memory, layout, .. } = self;
        go();
        mem::forget(self);
        // SAFETY: the value is there, and nobody else has it since the carton is forgotten.
        let value = unsafe { memory.cast::<T>().read() };
        if layout.size() != 0 {
            // SAFETY: `new` got the memory with this layout.
            unsafe { dealloc(memory.as_ptr(), layout) };
        }
        value
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        let pointer = self.memory.cast();
        go();
        mem::forget(self);
        pointer
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(pointer: NonNull<T>) -> Self {
        come();
        Carton { memory: pointer.cast(), layout: Layout::new::<T>(), value: PhantomData }
    }
}

impl<T> Deref for Carton<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: these bytes are a `T` as long as the carton is there.
        unsafe { self.memory.cast().as_ref() }
    }
}

impl<T> DerefMut for Carton<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: these bytes are a `T` as long as the carton is there, and `&mut self` keeps all others away.
        unsafe { self.memory.cast().as_mut() }
    }
}

impl<T> Drop for Carton<T> {
    fn drop(&mut self) {
        struct Free(NonNull<u8>, Layout);

        impl Drop for Free {
            fn drop(&mut self) {
                if self.1.size() != 0 {
                    // SAFETY: `new` got the memory with this layout, and the value in it is gone.
                    unsafe { dealloc(self.0.as_ptr(), self.1) };
                }
            }
        }

        go();
        let _free = Free(self.memory, self.layout);
        // SAFETY: the value is there, and is not used after this.
        unsafe { self.memory.cast::<T>().drop_in_place() };
    }
}
