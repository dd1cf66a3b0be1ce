//! The third rung: does the lock hold under many schedules, with realistic sizes?

#[allow(unused_imports, reason = "for a solution with thread-locals of its own")]
#[macro_use(thread_local)]
extern crate std_on_shuttle as std;
extern crate std_on_shuttle as core;

#[path = "../src/lib.rs"]
#[allow(dead_code, reason = "no test here uses all of it")]
mod spinlock;

use examiner::Shared;
use spinlock::SpinLock;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std_on_shuttle::Check;
use std_on_shuttle::witness::Witness;

/// A check in which nobody shares what is in a cell: the lock's whole purpose.
fn check(program: impl Fn() + Send + Sync + 'static) {
    Check::new().exclusive_cells().run(program);
}

#[test]
fn two_threads_never_hold_the_lock_at_once() {
    check(|| {
        let lock = Arc::new(Shared::new(SpinLock::new(Witness::new(0))));
        let inside = Arc::new(AtomicBool::new(false));
        let enter = |lock: &SpinLock<Witness<usize>>, inside: &AtomicBool| {
            let mut guard = lock.lock();
            assert!(!inside.swap(true, Ordering::SeqCst), "two threads hold the lock at once");
            let value = guard.get();
            guard.set(value + 1);
            inside.store(false, Ordering::SeqCst);
        };
        let others: Vec<_> = (0..2)
            .map(|_| {
                let (lock, inside) = (Arc::clone(&lock), Arc::clone(&inside));
                thread::spawn(move || enter(&lock, &inside))
            })
            .collect();
        enter(&lock, &inside);
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(lock.lock().get(), 3, "an addition was lost");
    });
}

#[test]
fn every_addition_counts() {
    // Six threads, since some locks only go wrong when many wait.
    Check::new().exclusive_cells().random(400).run(|| {
        let lock = Shared::new(SpinLock::new(Witness::new(0)));
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    for _ in 0..2 {
                        let mut guard = lock.lock();
                        let value = guard.get();
                        guard.set(value + 1);
                    }
                });
            }
        });
        assert_eq!(lock.lock().get(), 12, "an addition was lost");
    });
}

#[test]
fn try_lock_lets_one_of_two_in_and_never_both() {
    check(|| {
        let lock = Arc::new(Shared::new(SpinLock::new(Witness::new(0))));
        let entered = Arc::new(AtomicUsize::new(0));
        let enter = |lock: &SpinLock<Witness<usize>>, entered: &AtomicUsize| {
            if let Some(mut guard) = lock.try_lock() {
                let value = guard.get();
                guard.set(value + 1);
                entered.fetch_add(1, Ordering::Relaxed);
            }
        };
        let (other_lock, other_entered) = (Arc::clone(&lock), Arc::clone(&entered));
        let other = thread::spawn(move || enter(&other_lock, &other_entered));
        enter(&lock, &entered);
        other.join().unwrap();
        let entered = entered.load(Ordering::Relaxed);
        assert!(entered > 0, "the lock was free, so one of the two must get it");
        assert_eq!(lock.lock().get(), entered, "an addition was lost");
    });
}

#[test]
fn lock_and_try_lock_keep_each_other_out() {
    check(|| {
        let lock = Arc::new(Shared::new(SpinLock::new(Witness::new(0))));
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || {
            let mut added = 0;
            for _ in 0..2 {
                if let Some(mut guard) = others.try_lock() {
                    let value = guard.get();
                    guard.set(value + 1);
                    added += 1;
                }
            }
            added
        });
        for _ in 0..2 {
            let mut guard = lock.lock();
            let value = guard.get();
            guard.set(value + 1);
        }
        let added = other.join().unwrap();
        assert_eq!(lock.lock().get(), 2 + added, "an addition was lost");
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
fn whoever_waits_gets_the_lock_in_the_end() {
    check(|| {
        let lock = Arc::new(Shared::new(SpinLock::new(())));
        let guard = lock.lock();
        let others: Vec<_> = (0..2)
            .map(|_| {
                let lock = Arc::clone(&lock);
                thread::spawn(move || drop(lock.lock()))
            })
            .collect();
        drop(guard);
        for other in others {
            other.join().unwrap();
        }
    });
}

#[test]
fn a_panic_in_one_holder_does_not_shut_out_the_others() {
    check(|| {
        let lock = Arc::new(Shared::new(SpinLock::new(Witness::new(0))));
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || {
            let mut guard = others.lock();
            guard.set(1);
            panic!("on purpose, by the test");
        });
        lock.lock().get();
        assert!(other.join().is_err(), "the panic is passed on by `join`");
        assert_eq!(lock.lock().get(), 1);
    });
}
