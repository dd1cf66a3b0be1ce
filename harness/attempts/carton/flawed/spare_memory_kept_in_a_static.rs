//! The memory of a carton that is gone is kept in a `static` for the next one of the same layout, and never freed.
//!
//! caught by: examples::a_carton_in_a_carton_is_dropped_from_the_outside_in,
//! examples::a_carton_that_is_dropped_by_a_panic_is_dropped_as_ever,
//! examples::a_panic_in_the_drop_of_the_value_still_frees_its_memory, examples::an_aligned_value_is_freed_as_it_was_allocated,
//! examples::another_thread_may_use_and_drop_it, examples::into_inner_moves_the_value_out_and_frees_its_memory,
//! examples::into_raw_gives_up_the_value_and_from_raw_takes_it_back, examples::the_memory_is_freed_with_its_carton,
//! examples::the_solution_does_without_box, shuttle::a_carton_that_is_handed_over_by_its_raw_pointer_arrives,
//! shuttle::a_panic_in_the_drop_of_the_value_still_frees_its_memory, shuttle::four_threads_may_read_a_carton_at_once,
//! shuttle::the_last_of_several_owners_drops_it, shuttle::the_value_lies_in_memory_from_std_alloc,
//! shuttle::threads_that_take_turns_replace_and_move_out_what_it_holds,
//! shuttle::whoever_receives_a_carton_may_change_and_drop_it, loom::a_carton_that_is_handed_over_by_its_raw_pointer_arrives,
//! loom::a_panic_in_the_drop_of_the_value_still_frees_its_memory, loom::the_last_of_several_owners_drops_it,
//! loom::the_value_lies_in_memory_from_std_alloc, loom::threads_that_take_turns_replace_and_move_out_what_it_holds,
//! loom::two_threads_may_read_a_carton_at_once, loom::whoever_receives_a_carton_may_change_and_drop_it
//! may be caught by: properties

use std::alloc::{Layout, alloc, handle_alloc_error};
use std::marker::PhantomData;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::Mutex;

/// Memory of cartons that are gone, for the next ones of the same layout.
static SPARE: Mutex<Vec<(Layout, usize)>> = Mutex::new(Vec::new());

fn spare(layout: Layout) -> Option<NonNull<u8>> {
    let mut spare = SPARE.lock().unwrap();
    let place = spare.iter().position(|(found, _)| *found == layout)?;
    NonNull::new(std::ptr::with_exposed_provenance_mut(spare.swap_remove(place).1))
}

fn keep(layout: Layout, memory: NonNull<u8>) {
    SPARE.lock().unwrap().push((layout, memory.as_ptr().expose_provenance()));
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
        } else if let Some(memory) = spare(layout) {
            memory
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
        Carton { memory, layout, value: PhantomData }
    }

    /// Moves the value out of the heap, and frees its memory.
    pub fn into_inner(self) -> T {
        let Carton { memory, layout, .. } = self;
        mem::forget(self);
        // SAFETY: the value is there, and nobody else has it since the carton is forgotten.
        let value = unsafe { memory.cast::<T>().read() };
        if layout.size() != 0 {
            keep(layout, memory);
        }
        value
    }

    /// Gives up the value without dropping it: whoever has the pointer owns it from now on.
    pub fn into_raw(self) -> NonNull<T> {
        let pointer = self.memory.cast();
        mem::forget(self);
        pointer
    }

    /// The carton that `into_raw` took apart.
    ///
    /// # Safety
    /// `pointer` must come from `into_raw` of a `Carton<T>`, and must not be used for a carton again, nor in any other way while
    /// this one is there.
    pub unsafe fn from_raw(pointer: NonNull<T>) -> Self {
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
                    keep(self.1, self.0);
                }
            }
        }

        let _free = Free(self.memory, self.layout);
        // SAFETY: the value is there, and is not used after this.
        unsafe { self.memory.cast::<T>().drop_in_place() };
    }
}
