//! Memory by hand, and values with an owner: each mistake is told with who allocated and who freed.

use crate::check;
use crate::report::fails;
use crate::witness::{Owned, Witness, allocation_of};
use examiner::Shared;
use std::alloc::{GlobalAlloc, Layout, System, alloc, alloc_zeroed, dealloc, realloc};
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::*};
use std::thread;

/// Memory for a `T`, with `value` in it.
fn put<T>(value: T) -> *mut T {
    // SAFETY: no test here uses a type without a size; `write` drops nothing.
    unsafe {
        let pointer = alloc(Layout::new::<T>()).cast::<T>(); // put allocates
        pointer.write(value);
        pointer
    }
}

/// Drops the value and frees its memory.
fn discard<T>(pointer: *mut T) {
    // SAFETY: the test promises that this comes from `put`; whether it is right is what is tested.
    unsafe {
        pointer.drop_in_place();
        dealloc(pointer.cast(), Layout::new::<T>()); // discard frees
    }
}

/// Two threads that share an atomic: without something like that, a check is rejected.
fn something_concurrent() {
    let shared = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| shared.fetch_add(1, Relaxed));
        shared.fetch_add(1, Relaxed);
    });
}

#[test]
fn memory_that_is_freed_once_by_whoever_has_it_passes() {
    check(|| {
        let pointer = Shared::new(put(Owned::new(1)));
        let other = thread::spawn(move || discard(pointer.into_inner()));
        something_concurrent();
        other.join().unwrap();
    });
}

#[test]
fn every_way_to_allocate_is_followed() {
    check(|| {
        something_concurrent();
        let layout = Layout::new::<u64>();
        // SAFETY: each is freed once, with its layout.
        unsafe {
            let zeroed = alloc_zeroed(layout);
            assert_eq!(zeroed.cast::<u64>().read(), 0);
            zeroed.cast::<u64>().write(7);
            let longer = realloc(zeroed, layout, 16);
            assert_eq!(longer.cast::<u64>().read(), 7);
            assert_eq!(allocation_of(longer), Some(Layout::new::<[u64; 2]>()));
            dealloc(longer, Layout::new::<[u64; 2]>());
            assert_eq!(allocation_of(longer), None);
            let by_trait = System.alloc(layout);
            System.dealloc(by_trait, layout);
        }
    });
}

#[test]
fn a_leak_is_found_at_the_end() {
    fails(|| {
        something_concurrent();
        // SAFETY: nothing is done with the memory.
        unsafe { alloc(Layout::new::<u32>()) }; // the leak
    })
    .says("Memory leak: the test is over, and this memory was never freed.")
    .says("4 bytes allocated by main: `alloc(Layout::new::<u32>())`")
    .points_at("the leak");
}

#[test]
fn a_leak_by_the_last_thread_to_end_is_found_as_well() {
    fails(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        thread::spawn(move || {
            others.fetch_add(1, Relaxed);
            put(1_u8);
        });
        shared.fetch_add(1, Relaxed);
    })
    .says("1 byte allocated by thread 1")
    .points_at("put allocates");
}

#[test]
fn a_double_free_names_all_three_places() {
    fails(|| {
        something_concurrent();
        let pointer = put(1_u64);
        discard(pointer);
        // SAFETY: freed already, which is the mistake.
        unsafe { dealloc(pointer.cast(), Layout::new::<u64>()) }; // the second free
    })
    .says("Double free: the same memory is given back twice.")
    .says("8 bytes allocated by main")
    .points_at("put allocates")
    .points_at("discard frees")
    .says("freed again by main")
    .points_at("the second free");
}

#[test]
fn a_free_with_another_layout_says_which_two() {
    fails(|| {
        something_concurrent();
        let pointer = put(1_u64);
        // SAFETY: another layout, which is the mistake.
        unsafe { dealloc(pointer.cast(), Layout::new::<[u8; 8]>()) };
    })
    .says("Freed with another layout")
    .says("on a multiple of 8")
    .says("as 8 bytes on a multiple of 1");
}

#[test]
fn what_was_never_allocated_cannot_be_freed() {
    fails(|| {
        something_concurrent();
        let pointer = put([1_u8; 2]);
        // SAFETY: not the pointer that `alloc` returned, which is the mistake.
        unsafe { dealloc(pointer.cast::<u8>().add(1), Layout::new::<u8>()) }; // not the beginning
    })
    .says("Freed what was never allocated")
    .points_at("not the beginning");
}

#[test]
fn no_bytes_cannot_be_asked_for() {
    fails(|| {
        something_concurrent();
        // SAFETY: a size of 0, which is the mistake.
        unsafe { alloc(Layout::new::<()>()) }; // no bytes
    })
    .says("Memory of no bytes")
    .points_at("no bytes");
}

#[test]
fn a_use_after_the_free_is_told_and_not_made() {
    fails(|| {
        something_concurrent();
        let pointer = put(Witness::new(1));
        // SAFETY: freed before it is used, which is the mistake.
        unsafe {
            dealloc(pointer.cast(), Layout::new::<Witness<i32>>()); // the free
            (*pointer).get(); // the use
        }
    })
    .says("Use after free: this memory was given back before it is used.")
    .points_at("put allocates")
    .points_at("the free")
    .points_at("the use");
}

#[test]
fn an_atomic_in_freed_memory_is_noticed_as_well() {
    fails(|| {
        something_concurrent();
        let pointer = put(AtomicUsize::new(1));
        discard(pointer);
        // SAFETY: freed before it is used, which is the mistake.
        unsafe { (*pointer).load(Relaxed) };
    })
    .says("Use after free");
}

/// One thread reads `value` and says that it is done, with `order`; main drops and frees it when it has seen that.
fn gone_when_another_one_is_done<T: 'static>(value: T, read: fn(&T) -> i32, order: real_std::sync::atomic::Ordering) {
    let done = Arc::new(AtomicBool::new(false));
    let pointer = Arc::new(Shared::new(put(value)));
    let (others_done, others) = (Arc::clone(&done), Arc::clone(&pointer));
    let other = thread::spawn(move || {
        // SAFETY: main frees it only when this is done.
        read(unsafe { &***others });
        others_done.store(true, order);
    });
    while !done.load(Acquire) {
        thread::yield_now();
    }
    discard(**pointer);
    other.join().unwrap();
}

#[test]
fn memory_may_be_freed_when_the_reader_has_said_that_it_is_done() {
    check(|| gone_when_another_one_is_done(Witness::new(1), Witness::get, Release));
}

#[test]
fn a_free_that_nothing_orders_after_a_read_is_a_race() {
    if !crate::WEAK_ORDERS {
        check(|| gone_when_another_one_is_done(Witness::new(1), Witness::get, Relaxed));
        return;
    }
    fails(|| gone_when_another_one_is_done(Witness::new(1), Witness::get, Relaxed))
        .says("Freed while in use: one thread gives memory back that another one uses")
        .points_at("put allocates")
        .says("used by thread 1")
        .points_at("discard frees");
}

#[test]
fn a_free_beside_a_read_is_found() {
    fails(|| {
        let pointer = Arc::new(Shared::new(put(Witness::new(1))));
        let others = Arc::clone(&pointer);
        // SAFETY: freed meanwhile, which is the mistake.
        let other = thread::spawn(move || unsafe { (***others).get() });
        discard(**pointer);
        other.join().unwrap();
    })
    .says("thread 1");
}

#[test]
fn memory_that_is_handed_on_unordered_is_a_race() {
    let hand_over = |order| {
        move || {
            let place = Arc::new(AtomicPtr::new(std::ptr::null_mut()));
            let others = Arc::clone(&place);
            let other = thread::spawn(move || others.store(put(AtomicUsize::new(1)), order));
            let found = place.load(Acquire);
            if !found.is_null() {
                // SAFETY: whoever put it there has no more use for it.
                unsafe { (*found).load(Relaxed) };
            }
            other.join().unwrap();
            discard(place.load(Relaxed));
        }
    };
    check(hand_over(Release));
    if crate::WEAK_ORDERS {
        let text = crate::Check::new().try_run(hand_over(Relaxed)).expect_err("nothing orders the two");
        assert!(text.contains("ace"), "{text}");
    }
}

#[test]
fn a_value_that_is_never_dropped_is_found_at_the_end() {
    fails(|| {
        something_concurrent();
        let _kept = ManuallyDrop::new(Owned::new(1)); // made here
    })
    .says("A value was lost: the test is over, and this value was never dropped.")
    .points_at("made here");
}

#[test]
fn a_value_that_is_dropped_twice_is_found() {
    fails(|| {
        something_concurrent();
        let mut value = ManuallyDrop::new(Owned::new(1)); // born here
        // SAFETY: dropped twice, which is the mistake.
        unsafe {
            ManuallyDrop::drop(&mut value);
            ManuallyDrop::drop(&mut value);
        }
    })
    .says("Dropped twice: the same value is dropped a second time.")
    .points_at("born here");
}

#[test]
fn a_value_that_is_used_after_its_drop_is_found() {
    fails(|| {
        something_concurrent();
        let mut value = ManuallyDrop::new(Owned::new(1));
        // SAFETY: used after its drop, which is the mistake.
        unsafe { ManuallyDrop::drop(&mut value) };
        value.get(); // used too late
    })
    .says("Use after drop: this value was dropped before it is used.")
    .points_at("used too late");
}

#[test]
fn what_was_never_written_is_no_value() {
    fails(|| {
        something_concurrent();
        // SAFETY: the assignment drops what was never there, which is the mistake.
        unsafe {
            let pointer = alloc(Layout::new::<Owned<u8>>()).cast::<Owned<u8>>();
            *pointer = Owned::new(1);
        }
    })
    .says("No value there");
}

#[test]
fn a_drop_beside_a_read_is_found() {
    fails(|| {
        let value = Arc::new(Shared::new(ManuallyDrop::new(Owned::new(1))));
        let others = Arc::clone(&value);
        let other = thread::spawn(move || others.get());
        // SAFETY: read meanwhile, which is the mistake.
        drop(unsafe { std::ptr::read(&***value) });
        other.join().unwrap();
    })
    .says("used by thread 1: `others.get()`");
}

#[test]
fn a_drop_that_nothing_orders_after_a_read_is_a_race() {
    if !crate::WEAK_ORDERS {
        check(|| gone_when_another_one_is_done(Owned::new(1), Owned::get, Relaxed));
        return;
    }
    fails(|| gone_when_another_one_is_done(Owned::new(1), Owned::get, Relaxed))
        .says("Data race")
        .says("thread 1 reads")
        .says("main drops it");
}
