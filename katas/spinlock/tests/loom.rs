//! The fourth rung: does the lock hold in every interleaving of a small case, and with every memory order that it permits?

#[allow(unused_imports, reason = "for a solution with thread-locals of its own")]
#[macro_use(thread_local)]
extern crate std_on_loom as std;
extern crate std_on_loom as core;

#[path = "../src/lib.rs"]
#[allow(dead_code, reason = "no test here uses all of it")]
mod spinlock;

use examiner::Shared;
use spinlock::SpinLock;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std_on_loom::Check;
use std_on_loom::witness::Witness;

/// A check in which nobody shares what is in a cell: the lock's whole purpose.
fn check(program: impl Fn() + Send + Sync + 'static) {
    Check::new().exclusive_cells().run(program);
}

type Lock = Shared<SpinLock<Witness<usize>>>;

fn new_lock() -> Arc<Lock> {
    Arc::new(Shared::new(SpinLock::new(Witness::new(0))))
}

fn add_one(lock: &Lock) {
    let mut guard = lock.lock();
    let value = guard.get();
    guard.set(value + 1);
}

fn try_to_add_one(lock: &Lock) -> usize {
    let Some(mut guard) = lock.try_lock() else { return 0 };
    let value = guard.get();
    guard.set(value + 1);
    1
}

#[test]
fn holders_see_each_others_writes() {
    check(|| {
        let lock = new_lock();
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || add_one(&others));
        add_one(&lock);
        other.join().unwrap();
        assert_eq!(lock.lock().get(), 2, "an addition was lost");
    });
}

#[test]
fn a_second_turn_sees_what_the_other_wrote() {
    check(|| {
        let lock = new_lock();
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || {
            add_one(&others);
            add_one(&others);
        });
        add_one(&lock);
        other.join().unwrap();
        assert_eq!(lock.lock().get(), 3, "an addition was lost");
    });
}

#[test]
fn three_contenders_take_turns() {
    Check::new().exclusive_cells().at_most_preemptions(2).run(|| {
        let lock = new_lock();
        let others = [Arc::clone(&lock), Arc::clone(&lock)];
        let others = others.map(|lock| thread::spawn(move || add_one(&lock)));
        add_one(&lock);
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(lock.lock().get(), 3, "an addition was lost");
    });
}

#[test]
fn whoever_gets_in_by_try_lock_sees_what_was_written() {
    check(|| {
        let lock = new_lock();
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || add_one(&others));
        let added = try_to_add_one(&lock);
        other.join().unwrap();
        assert_eq!(lock.lock().get(), 1 + added, "an addition was lost");
    });
}

#[test]
fn two_that_try_never_both_get_in_at_once() {
    check(|| {
        let lock = new_lock();
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || try_to_add_one(&others));
        let mine = try_to_add_one(&lock);
        let added = mine + other.join().unwrap();
        assert!(added > 0, "the lock was free, so one of the two must get it");
        assert_eq!(lock.lock().get(), added, "an addition was lost");
    });
}

#[test]
fn try_lock_always_takes_a_free_lock() {
    check(|| {
        let lock = new_lock();
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || add_one(&others));
        add_one(&lock);
        other.join().unwrap();
        assert!(lock.try_lock().is_some(), "the lock is free, and nobody else wants it");
    });
}

#[test]
fn try_lock_never_waits() {
    check(|| {
        let lock = Arc::new(Shared::new(SpinLock::new(())));
        let others = Arc::clone(&lock);
        let (tried, others_try) = channel();
        let other = thread::spawn(move || {
            drop(others.try_lock());
            tried.send(()).unwrap();
        });
        let guard = lock.lock();
        // Held until the other thread has tried: if that waits for the lock, nobody can move.
        others_try.recv().unwrap();
        drop(guard);
        other.join().unwrap();
    });
}

#[test]
fn what_a_holder_wrote_before_it_panicked_is_seen_as_well() {
    check(|| {
        let lock = new_lock();
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || {
            let mut guard = others.lock();
            guard.set(1);
            panic!("on purpose, by the test");
        });
        add_one(&lock);
        assert!(other.join().is_err(), "the panic is passed on by `join`");
        let value = lock.lock().get();
        assert!(value == 1 || value == 2, "main came first or second, and the value is {value}");
    });
}

#[test]
fn a_lock_inside_another_one_is_a_lock_too() {
    check(|| {
        let locks = Arc::new((new_lock(), new_lock()));
        let others = Arc::clone(&locks);
        let other = thread::spawn(move || add_one(&others.1));
        {
            let _outer = locks.0.lock();
            add_one(&locks.1);
        }
        other.join().unwrap();
        assert_eq!(locks.1.lock().get(), 2, "an addition was lost");
    });
}

#[test]
fn a_guard_can_be_read_by_two_threads() {
    Check::new().run(|| {
        let lock = new_lock();
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || add_one(&others));
        {
            let guard = Shared::new(lock.lock());
            thread::scope(|scope| {
                scope.spawn(|| guard.get());
                guard.get();
            });
        }
        other.join().unwrap();
        assert_eq!(lock.lock().get(), 1);
    });
}

#[test]
fn a_lock_that_was_used_can_be_taken_apart() {
    check(|| {
        let lock = new_lock();
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || add_one(&others));
        add_one(&lock);
        other.join().unwrap();
        let lock = Arc::into_inner(lock).expect("the other thread has ended, and its `Arc` with it");
        let mut lock = lock.into_inner();
        lock.get_mut().set(7);
        assert_eq!(lock.into_inner().get(), 7);
    });
}
