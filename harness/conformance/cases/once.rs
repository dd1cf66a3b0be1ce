//! What `std::sync::Once` promises.
use super::{panic_of, panics};
use crate::conforms;
use std::fmt::Debug;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once, OnceState};
use std::thread;

fn poisoned() -> Once {
    let once = Once::new();
    assert!(panics(|| once.call_once(|| panic!("in the initialisation"))));
    once
}

#[test]
fn a_closure_is_called_once() {
    conforms(|| {
        let once = Once::new();
        let mut calls = 0;
        for _ in 0..3 {
            once.call_once(|| calls += 1);
        }
        once.call_once_force(|_| unreachable!());
        assert_eq!(calls, 1);
    });
}

#[test]
fn a_once_is_completed_after_its_closure_not_within() {
    conforms(|| {
        let once = Once::new();
        assert!(!once.is_completed());
        once.call_once(|| assert!(!once.is_completed()));
        assert!(once.is_completed());
    });
}

#[test]
fn one_of_two_threads_runs_the_closure_and_both_see_its_effect() {
    conforms(|| {
        let shared = Arc::new((Once::new(), AtomicUsize::new(0)));
        let run = |shared: &(Once, AtomicUsize)| {
            shared.0.call_once(|| _ = shared.1.fetch_add(1, Ordering::Relaxed));
            assert_eq!(shared.1.load(Ordering::Relaxed), 1);
        };
        let other = shared.clone();
        let t = thread::spawn(move || run(&other));
        run(&shared);
        t.join().unwrap();
    });
}

#[test]
fn who_sees_a_once_completed_sees_its_effect() {
    conforms(|| {
        let shared = Arc::new((Once::new(), AtomicUsize::new(0)));
        let other = shared.clone();
        let t = thread::spawn(move || other.0.call_once(|| other.1.store(1, Ordering::Relaxed)));
        if shared.0.is_completed() {
            assert_eq!(shared.1.load(Ordering::Relaxed), 1);
        }
        t.join().unwrap();
        assert!(shared.0.is_completed());
    });
}

#[test]
fn a_closure_that_panics_poisons_its_once() {
    conforms(|| {
        let once = Once::new();
        let payload = panic_of(|| once.call_once(|| panic!("in the initialisation"))).unwrap();
        assert_eq!(payload.downcast_ref(), Some(&"in the initialisation"));
        assert!(!once.is_completed());
        assert!(panics(|| once.call_once(|| unreachable!())));
        assert!(!once.is_completed());
    });
}

#[test]
fn a_poisoned_once_can_be_completed_by_force() {
    conforms(|| {
        let once = poisoned();
        let mut seen = None;
        once.call_once_force(|state| seen = Some(state.is_poisoned()));
        assert_eq!(seen, Some(true));
        assert!(once.is_completed());
        once.call_once(|| unreachable!());
    });
}

#[test]
fn a_once_that_is_completed_by_force_first_is_not_poisoned() {
    conforms(|| {
        let once = Once::new();
        once.call_once_force(|state| assert!(!state.is_poisoned()));
        assert!(once.is_completed());
    });
}

#[test]
fn a_forced_closure_that_panics_leaves_its_once_poisoned() {
    conforms(|| {
        let once = poisoned();
        assert!(panics(|| once.call_once_force(|_| panic!("again"))));
        once.call_once_force(|state| assert!(state.is_poisoned()));
        assert!(once.is_completed());
    });
}

#[test]
fn a_panic_on_another_thread_poisons_a_once() {
    conforms(|| {
        let once = Arc::new(Once::new());
        let other = once.clone();
        let t = thread::spawn(move || other.call_once(|| panic!("in the initialisation")));
        let mine = panics(|| once.call_once(|| ()));
        assert_eq!(t.join().is_err(), mine);
        assert_eq!(once.is_completed(), !mine);
    });
}

#[test]
fn a_wait_returns_at_once_if_the_once_is_completed() {
    conforms(|| {
        let once = Once::new();
        once.call_once(|| ());
        once.wait();
        once.wait_force();
    });
}

#[test]
fn a_wait_returns_once_another_thread_has_completed() {
    conforms(|| {
        let shared = Arc::new((Once::new(), AtomicUsize::new(0)));
        let other = shared.clone();
        let t = thread::spawn(move || other.0.call_once(|| other.1.store(1, Ordering::Relaxed)));
        shared.0.wait();
        assert!(shared.0.is_completed());
        assert_eq!(shared.1.load(Ordering::Relaxed), 1);
        t.join().unwrap();
    });
}

#[test]
fn a_wait_on_a_poisoned_once_panics() {
    conforms(|| {
        let once = poisoned();
        assert!(panics(|| once.wait()));
    });
}

#[test]
fn a_forced_wait_on_a_poisoned_once_waits_for_its_completion() {
    conforms(|| {
        let once = Arc::new(poisoned());
        let other = once.clone();
        let t = thread::spawn(move || other.call_once_force(|state| assert!(state.is_poisoned())));
        once.wait_force();
        assert!(once.is_completed());
        t.join().unwrap();
    });
}

#[test]
#[allow(deprecated, reason = "std has it as well")]
fn a_once_has_its_signatures_and_traits() {
    const ONCE: Once = Once::new();
    conforms(|| {
        let (once, deprecated) = (ONCE, std::sync::ONCE_INIT);
        assert!(format!("{once:?}").contains("Once") && !deprecated.is_completed());
        once.call_once_force(|state| assert!(format!("{state:?}").contains("OnceState")));
        let _: [fn(&Once); 2] = [Once::wait, Once::wait_force];
        let _: fn(&Once) -> bool = Once::is_completed;
        let _: fn(&Once, fn()) = Once::call_once;
        let _: fn(&Once, fn(&OnceState)) = Once::call_once_force;
        let _: fn(&OnceState) -> bool = OnceState::is_poisoned;
        assert!(implements!(Once: Send + Sync + UnwindSafe + RefUnwindSafe + Debug) && !implements!(Once: Default));
        assert!(implements!(OnceState: Debug));
    });
}
