//! The fourth rung: does it hold in every interleaving of a small case, and with every memory order that it permits?

#[allow(unused_imports, reason = "for a solution with thread-locals of its own")]
#[macro_use(thread_local)]
extern crate std_on_loom as std;
extern crate std_on_loom as core;

#[path = "../src/lib.rs"]
#[allow(dead_code, reason = "no test here uses all of it")]
mod carton;

use carton::Carton;
use examiner::Shared;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std_on_loom::check;
use std_on_loom::witness::{Owned, allocation_of};

/// Makes a carton around `value`, whose every use is checked, and which must be dropped exactly once.
fn carton(value: usize) -> Shared<Carton<Owned<usize>>> {
    Shared::new(Carton::new(Owned::new(value)))
}

/// Where the value of a carton lies.
fn address<T>(carton: &Carton<T>) -> *const T {
    &raw const **carton
}

#[test]
fn whoever_receives_a_carton_may_change_and_drop_it() {
    check(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || sender.send(carton(1)).unwrap());
        let mut received = receiver.recv().unwrap().into_inner();
        received.set(2);
        assert_eq!(received.get(), 2);
        let pointer = address(&received);
        drop(received);
        assert_eq!(allocation_of(pointer), None, "the memory is freed with its carton");
        other.join().unwrap();
    });
}

#[test]
fn the_value_lies_in_memory_from_std_alloc() {
    check(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || sender.send(carton(1)).unwrap());
        let received = receiver.recv().unwrap();
        assert!(allocation_of(address(&received)).is_some(), "the value does not lie in memory from `std::alloc`");
        other.join().unwrap();
    });
}

#[test]
fn two_threads_may_read_a_carton_at_once() {
    check(|| {
        let carton = carton(7);
        let looks = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    looks.fetch_add(1, Ordering::Relaxed);
                    assert_eq!(carton.get(), 7);
                });
            }
        });
        assert_eq!(carton.into_inner().into_inner().get(), 7);
    });
}

#[test]
fn the_last_of_several_owners_drops_it() {
    check(|| {
        let carton = Arc::new(carton(7));
        let others = Arc::clone(&carton);
        let other = thread::spawn(move || assert_eq!(others.get(), 7));
        assert_eq!(carton.get(), 7);
        drop(carton);
        other.join().unwrap();
    });
}

#[test]
fn a_carton_that_is_handed_over_by_its_raw_pointer_arrives() {
    check(|| {
        let place = Arc::new(AtomicPtr::new(ptr::null_mut()));
        let others = Arc::clone(&place);
        let other = thread::spawn(move || {
            others.store(carton(1).into_inner().into_raw().as_ptr(), Ordering::Release);
        });
        // SAFETY: the pointer comes from `into_raw`, and whoever swaps it out is the only one to have it.
        let take =
            || NonNull::new(place.swap(ptr::null_mut(), Ordering::Acquire)).map(|found| unsafe { Carton::from_raw(found) });
        let early = take().map(|mut carton| {
            carton.set(2);
            carton.into_inner().get()
        });
        other.join().unwrap();
        let late = take().map(|carton| carton.get());
        assert_eq!(early.or(late), Some(if early.is_some() { 2 } else { 1 }));
    });
}

#[test]
fn threads_that_take_turns_replace_and_move_out_what_it_holds() {
    check(|| {
        let shelf = Arc::new(Shared::new(Mutex::new(Some(carton(0).into_inner()))));
        let others = Arc::clone(&shelf);
        let replace = |shelf: &Mutex<Option<Carton<Owned<usize>>>>, number| {
            if let Some(carton) = &mut *shelf.lock().unwrap() {
                **carton = Owned::new(number);
            }
        };
        let other = thread::spawn(move || {
            replace(&others, 1);
            replace(&others, 2);
        });
        let taken = shelf.lock().unwrap().take().map(Carton::into_inner);
        assert!(taken.is_some_and(|value| value.get() <= 2));
        other.join().unwrap();
    });
}

#[test]
fn a_panic_in_the_drop_of_the_value_still_frees_its_memory() {
    struct Fragile(Owned<usize>);
    impl Drop for Fragile {
        fn drop(&mut self) {
            // A second panic at once would end the process.
            if !thread::panicking() {
                panic!("on purpose, by the test");
            }
        }
    }
    check(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || sender.send(Shared::new(Carton::new(Fragile(Owned::new(1))))).unwrap());
        let carton = receiver.recv().unwrap();
        let pointer = address(&carton);
        assert_eq!(carton.0.get(), 1);
        let result = catch_unwind(AssertUnwindSafe(|| drop(carton)));
        assert!(result.is_err(), "the panic goes on to whoever dropped the carton");
        assert_eq!(allocation_of(pointer), None, "the memory is freed all the same");
        other.join().unwrap();
    });
}

#[test]
fn a_value_of_size_zero_asks_for_no_memory() {
    check(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || sender.send(Shared::new(Carton::new(()))).unwrap());
        let carton = receiver.recv().unwrap().into_inner();
        assert_eq!(allocation_of(address(&carton)), None, "a value of size zero needs no memory");
        carton.into_inner();
        drop(Carton::new(()));
        other.join().unwrap();
    });
}
