//! The first rung: does the lock do what the brief says?

use examiner::{Shared, in_time};
use impls::impls;
use rstest::rstest;
use spinlock::{Guard, SpinLock};
use std::cell::Cell;
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, MutexGuard};
use std::thread;
use std::time::Duration;

#[test]
fn a_new_lock_is_free_and_holds_its_value() {
    in_time(|| {
        let lock = SpinLock::new("value");
        assert_eq!(*lock.lock(), "value");
    });
}

#[test]
fn the_next_holder_finds_what_the_last_one_wrote() {
    in_time(|| {
        let lock = SpinLock::new(vec![1]);
        lock.lock().push(2);
        lock.lock().push(3);
        assert_eq!(*lock.lock(), [1, 2, 3]);
    });
}

#[test]
fn try_lock_takes_a_free_lock() {
    in_time(|| {
        let lock = SpinLock::new(1);
        *lock.try_lock().expect("nobody holds the lock") += 1;
        assert_eq!(*lock.try_lock().expect("the guard was dropped"), 2);
    });
}

#[test]
fn try_lock_gives_nothing_while_the_lock_is_held() {
    in_time(|| {
        let lock = SpinLock::new(());
        let by_lock = lock.lock();
        assert!(lock.try_lock().is_none(), "two guards at once: one by lock, one by try_lock");
        drop(by_lock);
        let by_try_lock = lock.try_lock().expect("the guard was dropped");
        assert!(lock.try_lock().is_none(), "two guards at once, both by try_lock");
        drop(by_try_lock);
        assert!(lock.try_lock().is_some(), "the guard was dropped, so the lock is free");
    });
}

#[test]
fn a_try_lock_that_fails_changes_nothing() {
    in_time(|| {
        let lock = SpinLock::new(1);
        let guard = lock.lock();
        // So often that there is no time for it to wait, not even a little.
        for _ in 0..2_000 {
            assert!(lock.try_lock().is_none());
        }
        drop(guard);
        // In a thread of its own, so that a lock that never becomes free is noticed.
        assert_eq!(*lock.lock(), 1);
    });
}

#[test]
fn lock_waits_until_the_holder_is_done() {
    in_time(|| {
        let lock = Shared::new(SpinLock::new(0));
        let (entered, second) = channel();
        thread::scope(|scope| {
            let mut guard = lock.lock();
            let lock = &lock;
            scope.spawn(move || {
                let value = *lock.lock();
                // Nobody listens if the test has failed already.
                let _ = entered.send(value);
            });
            // Time enough for a thread that does not wait.
            let early = second.recv_timeout(Duration::from_millis(50));
            assert!(early.is_err(), "the second thread got in while the first one held the lock");
            *guard = 7;
            drop(guard);
            assert_eq!(second.recv(), Ok(7));
        });
    });
}

#[test]
fn a_second_lock_by_the_same_thread_waits_as_well() {
    in_time(|| {
        let lock = Arc::new(Shared::new(SpinLock::new(())));
        let (entered, twice) = channel();
        // Never joined: it waits for ever, as it should.
        thread::spawn(move || {
            let _first = lock.lock();
            let _second = lock.lock();
            let _ = entered.send(());
        });
        let early = twice.recv_timeout(Duration::from_millis(50));
        assert!(early == Err(RecvTimeoutError::Timeout), "one thread has two guards at once, and so two `&mut`");
    });
}

#[test]
fn two_locks_know_nothing_of_each_other() {
    in_time(|| {
        let (outer, inner) = (SpinLock::new(1), SpinLock::new(2));
        let held = outer.lock();
        let held_inside = inner.try_lock().expect("nobody holds the inner lock");
        assert!(inner.try_lock().is_none(), "two guards at once: the inner lock is held as well");
        drop(held);
        assert!(outer.try_lock().is_some(), "the outer lock is free again");
        assert_eq!(*held_inside, 2);
        let one_in_the_other = SpinLock::new(SpinLock::new(3));
        assert_eq!(*one_in_the_other.lock().lock(), 3, "the lock inside is another one, wherever it lies");
    });
}

#[test]
fn a_panic_while_the_lock_is_held_lets_the_next_one_in() {
    in_time(|| {
        let lock = SpinLock::new(1);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let mut guard = lock.lock();
            *guard = 2;
            panic!("on purpose, by the test");
        }));
        assert!(panicked.is_err());
        assert_eq!(*lock.lock(), 2);
    });
}

#[rstest]
#[case::one_thread(1, 70_000)]
#[case::two_threads(2, 1000)]
#[case::eight_threads(8, 250)]
fn every_addition_counts(#[case] threads: usize, #[case] additions: usize) {
    in_time(move || {
        let lock = Shared::new(SpinLock::new(0));
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    for _ in 0..additions {
                        *lock.lock() += 1;
                    }
                });
            }
        });
        assert_eq!(*lock.lock(), threads * additions);
    });
}

#[test]
fn get_mut_reaches_the_value_without_locking() {
    in_time(|| {
        let mut lock = SpinLock::new(1);
        *lock.get_mut() += 1;
        assert_eq!(*lock.get_mut(), 2);
        assert_eq!(*lock.lock(), 2);
        // A guard that is forgotten never unlocks. Whoever has `&mut` need not wait for that.
        forget(lock.lock());
        *lock.get_mut() += 1;
        assert_eq!(*lock.get_mut(), 3);
    });
}

#[test]
fn into_inner_gives_the_value_back() {
    in_time(|| {
        let lock = SpinLock::new(String::from("a"));
        lock.lock().push('b');
        assert_eq!(lock.into_inner(), "ab");
        // A guard that is forgotten never unlocks. Whoever has the whole lock need not wait for that.
        let lock = SpinLock::new(1);
        forget(lock.lock());
        assert_eq!(lock.into_inner(), 1);
    });
}

#[test]
fn a_lock_may_be_shared_exactly_if_its_value_may_be_sent() {
    let _ = SpinLock::new(0);
    assert!(impls!(SpinLock<u8>: Send), "a lock around a `u8` must be `Send`: it could go to another thread with its value");
    assert!(
        impls!(SpinLock<u8>: Sync),
        "a lock around a `u8` must be `Sync`, or no two threads can use it: say so with `unsafe impl`, and say when it holds"
    );
    assert!(
        impls!(SpinLock<Cell<u8>>: Sync),
        "a lock around a `Cell` must be `Sync`: one thread at a time uses the cell, so it need not be `Sync` itself"
    );
    assert!(
        !impls!(SpinLock<Rc<u8>>: Send),
        "a lock around an `Rc` must not be `Send`: the `Rc` would go to another thread, and an `Rc` must not"
    );
    assert!(
        impls!(SpinLock<Cell<u8>>: Send),
        "a lock around a `Cell` must be `Send`: it could go to another thread with its value"
    );
    assert!(
        !impls!(SpinLock<MutexGuard<'static, u8>>: Send),
        "a lock around what is not `Send` must not be `Send`: the value would go to another thread with it"
    );
    assert!(
        !impls!(SpinLock<MutexGuard<'static, u8>>: Sync),
        "a lock around what is not `Send` must not be `Sync`: whoever locks it has `&mut`, and can take the value to its own thread"
    );
    assert!(
        !impls!(SpinLock<Rc<u8>>: Sync),
        "a lock around an `Rc` must not be `Sync`: each thread that locks it could keep a clone, and clones count without a lock"
    );
}

#[test]
fn a_guard_may_be_shared_only_if_its_value_may_be() {
    let _ = SpinLock::new(0);
    assert!(
        !impls!(Guard<'static, Cell<u8>>: Sync),
        "a guard around a `Cell` must not be `Sync`: two threads that share the guard share the cell, and a `Cell` must not be \
         shared. Its field `&SpinLock<T>` makes it so: add a field `PhantomData<&'a mut T>`, which is `Sync` only if `T` is"
    );
    assert!(
        !impls!(Guard<'static, Rc<u8>>: Send),
        "a guard around an `Rc` must not be `Send`: the `Rc` would be used on another thread, and an `Rc` must not"
    );
    assert!(
        !impls!(Guard<'static, MutexGuard<'static, u8>>: Send),
        "a guard around what is not `Send` must not be `Send`: whoever has it has `&mut`, and can take the value to its own thread"
    );
    assert!(!impls!(Guard<'static, u8>: Clone), "a guard must not be `Clone`: two of them would be two holders at once");
}

#[test]
fn only_sound_uses_compile() {
    let _ = SpinLock::new(0);
    examiner::only_sound_uses_compile(env!("CARGO_MANIFEST_DIR"), env!("CARGO_TARGET_TMPDIR"), include_str!("compiler/uses.rs"));
}

#[test]
fn the_solution_is_ordinary_rust() {
    let _ = SpinLock::new(0);
    examiner::ordinary_rust(env!("CARGO_MANIFEST_DIR"));
}
