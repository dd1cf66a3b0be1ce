//! `Once`, `OnceLock` and `LazyLock`: the first one does it, the others wait for it.

use crate::check;
use crate::report::fails;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, Once, OnceLock};
use std::thread;

#[test]
fn it_is_done_once_and_the_others_see_what_was_done() {
    check(|| {
        let shared = Arc::new((Once::new(), AtomicUsize::new(0)));
        let call = |(once, count): &(Once, AtomicUsize)| {
            once.call_once(|| {
                count.fetch_add(1, Relaxed);
            });
            assert_eq!(count.load(Relaxed), 1, "done, and seen");
        };
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || call(&others));
        call(&shared);
        other.join().unwrap();
        assert!(shared.0.is_completed());
    });
}

#[test]
fn who_is_told_that_it_is_done_sees_it() {
    struct Made(Once, UnsafeCell<usize>);
    // SAFETY: written by the first one alone, read only when that is done.
    unsafe impl Sync for Made {}
    check(|| {
        let made = Arc::new(Made(Once::new(), UnsafeCell::new(0)));
        let others = Arc::clone(&made);
        let other = thread::spawn(move || {
            // SAFETY: as above.
            others.0.call_once(|| unsafe { *others.1.get() = 7 });
        });
        if made.0.is_completed() {
            // SAFETY: as above.
            assert_eq!(unsafe { *made.1.get() }, 7);
        }
        made.0.call_once(|| ());
        other.join().unwrap();
    });
}

#[test]
fn a_panic_poisons_it_and_who_forces_it_comes_next() {
    check(|| {
        let once = Arc::new(Once::new());
        let others = Arc::clone(&once);
        let other = thread::spawn(move || others.call_once(|| panic!("on purpose")));
        assert!(!once.is_completed());
        assert!(other.join().is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| once.call_once(|| ()))).is_err());
        once.call_once_force(|state| assert!(state.is_poisoned()));
        once.call_once(|| unreachable!("it is done"));
    });
}

#[test]
fn who_does_it_must_not_ask_for_it() {
    fails(|| {
        let once = Arc::new(Once::new());
        let others = Arc::clone(&once);
        let other = thread::spawn(move || others.is_completed());
        once.call_once(|| once.call_once(|| ())); // from inside
        other.join().unwrap();
    })
    .says("Deadlock")
    .says("main waits for what it is itself about to do once")
    .points_at("from inside");
}

#[test]
fn two_that_wait_for_each_others_first_time() {
    fails(|| {
        let both = Arc::new((OnceLock::new(), OnceLock::new()));
        let others = Arc::clone(&both);
        let other = thread::spawn(move || *others.0.get_or_init(|| *others.1.get_or_init(|| 1)));
        both.1.get_or_init(|| *both.0.get_or_init(|| 2)); // main asks
        other.join().unwrap();
    })
    .says("Deadlock")
    .says("main waits for what thread 1 does once for all")
    .says("thread 1 waits for what main does once for all")
    .points_at("main asks");
}

#[test]
fn of_two_that_set_one_fails_and_both_read_the_same() {
    check(|| {
        let cell = Arc::new(OnceLock::new());
        let others = Arc::clone(&cell);
        let other = thread::spawn(move || (others.set(1).is_ok(), *others.get().unwrap()));
        let (mine, my_value) = (cell.set(2).is_ok(), *cell.wait());
        let (its, its_value) = other.join().unwrap();
        assert!(mine != its && my_value == its_value);
        assert_eq!(my_value, if mine { 2 } else { 1 });
    });
}

#[test]
fn wait_waits_for_the_value() {
    check(|| {
        let cell = Arc::new(OnceLock::new());
        let others = Arc::clone(&cell);
        let other = thread::spawn(move || others.set(5));
        assert_eq!(*cell.wait(), 5);
        other.join().unwrap().unwrap();
    });
    fails(|| {
        let cell = Arc::new(OnceLock::<usize>::new());
        let others = Arc::clone(&cell);
        let other = thread::spawn(move || others.get().is_some());
        cell.wait(); // for nothing
        other.join().unwrap();
    })
    .says("main waits for what nobody has begun to do once for all")
    .points_at("for nothing");
}

#[test]
fn a_lazy_value_is_made_once() {
    check(|| {
        let made = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&made);
        let lazy = Arc::new(LazyLock::new(move || counts.fetch_add(1, Relaxed) + 10));
        let others = Arc::clone(&lazy);
        let other = thread::spawn(move || **others);
        assert_eq!((**lazy, other.join().unwrap()), (10, 10));
        assert_eq!(made.load(Relaxed), 1);
    });
}
