//! `RwLock` and `Barrier`: who may come in, who waits, and for whom.

use crate::report::fails;
use crate::{check, few_preemptions};
use real_std::collections::BTreeSet;
use real_std::sync::Mutex as RealMutex;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Barrier, RwLock, RwLockWriteGuard, TryLockError};
use std::thread;

#[test]
fn two_may_read_at_once() {
    let most: &'static RealMutex<usize> = Box::leak(Box::new(RealMutex::new(0)));
    check(move || {
        let lock = Arc::new((RwLock::new(()), AtomicUsize::new(0)));
        let read = move |lock: &(RwLock<()>, AtomicUsize)| {
            let _guard = lock.0.read().unwrap();
            let inside = lock.1.fetch_add(1, Relaxed) + 1;
            let mut most = most.lock().unwrap();
            *most = inside.max(*most);
            drop(most);
            lock.1.fetch_sub(1, Relaxed);
        };
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || read(&others));
        read(&lock);
        other.join().unwrap();
    });
    assert_eq!(*most.lock().unwrap(), 2, "readers inside at once, at most");
}

#[test]
fn who_writes_is_alone_and_what_it_wrote_is_read() {
    check(|| {
        let lock = Arc::new(RwLock::new((0, 0)));
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || {
            let mut both = others.write().unwrap();
            both.0 += 1;
            both.1 += 1;
        });
        let (a, b) = *lock.read().unwrap();
        assert_eq!(a, b);
        other.join().unwrap();
        assert_eq!(*lock.read().unwrap(), (1, 1));
    });
}

#[test]
fn two_who_write_while_they_read_race() {
    struct Count(RwLock<()>, UnsafeCell<usize>);
    // SAFETY: wrong, and the test says so.
    unsafe impl Sync for Count {}
    fails(|| {
        let count = Arc::new(Count(RwLock::new(()), UnsafeCell::new(0)));
        let add = |count: &Count| {
            let _guard = count.0.read().unwrap();
            // SAFETY: wrong, and the test says so.
            unsafe { *count.1.get() += 1 }; // adds
        };
        let others = Arc::clone(&count);
        let other = thread::spawn(move || add(&others));
        add(&count);
        other.join().unwrap();
    })
    .says("Data race")
    .points_at("adds");
}

#[test]
fn one_lock_for_each_addition_loses_none() {
    few_preemptions(2).run(|| {
        let lock = Arc::new(RwLock::new(0));
        let others = [Arc::clone(&lock), Arc::clone(&lock)];
        let others = others.map(|lock| thread::spawn(move || *lock.write().unwrap() += 1));
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(*lock.read().unwrap(), 2);
    });
}

#[test]
fn who_reads_twice_may_wait_for_itself() {
    fails(|| {
        let lock = Arc::new(RwLock::new(0));
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || *others.write().unwrap() = 1); // the writer
        let first = lock.read().unwrap();
        let second = lock.read().unwrap(); // the second time
        assert_eq!(*first, *second);
        drop((first, second));
        other.join().unwrap();
    })
    .says("Deadlock")
    .says("main waits to read what it has locked itself, to read")
    .says("thread 1 waits to write what main has locked to read")
    .points_at("the writer")
    .points_at("the second time");
}

#[test]
fn from_reading_to_writing_there_is_no_way() {
    fails(|| {
        let lock = Arc::new(RwLock::new(0));
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || drop(others.read()));
        let read = lock.read().unwrap();
        *lock.write().unwrap() += *read; // to write
        other.join().unwrap();
    })
    .says("main waits to write what it has locked itself, to read")
    .points_at("to write");
}

#[test]
fn from_writing_to_reading_there_is_one_and_nobody_comes_between() {
    check(|| {
        let lock = Arc::new(RwLock::new(0));
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || *others.write().unwrap() += 10);
        let mut write = lock.write().unwrap();
        *write += 1;
        let value = *write;
        let read = RwLockWriteGuard::downgrade(write);
        assert_eq!(*read, value);
        assert!(lock.try_write().is_err());
        drop(read);
        other.join().unwrap();
        assert_eq!(*lock.read().unwrap(), 11);
    });
}

#[test]
fn a_try_never_waits_and_both_outcomes_happen() {
    let outcomes: &'static RealMutex<BTreeSet<(bool, bool)>> = Box::leak(Box::new(RealMutex::new(BTreeSet::new())));
    check(move || {
        let lock = Arc::new(RwLock::new(0));
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || drop(others.write()));
        let read = matches!(lock.try_read(), Err(TryLockError::WouldBlock));
        let write = matches!(lock.try_write(), Err(TryLockError::WouldBlock));
        outcomes.lock().unwrap().insert((read, write));
        other.join().unwrap();
    });
    let outcomes = outcomes.lock().unwrap();
    assert_eq!(outcomes.len(), 4, "whether reading and then writing would have had to wait: {outcomes:?}");
}

#[test]
fn only_a_panic_of_who_writes_poisons() {
    check(|| {
        let lock = Arc::new(RwLock::new(0));
        let others = Arc::clone(&lock);
        let other = thread::spawn(move || {
            let _read = others.read();
            panic!("on purpose");
        });
        drop(lock.read().unwrap());
        assert!(other.join().is_err());
        assert!(!lock.is_poisoned());
        let wrote = catch_unwind(AssertUnwindSafe(|| {
            *lock.write().unwrap() = 7;
            let _write = lock.write();
            panic!("on purpose");
        }));
        assert!(wrote.is_err() && lock.is_poisoned());
        assert_eq!(*lock.read().unwrap_err().into_inner(), 7);
        lock.clear_poison();
        assert_eq!(*lock.read().unwrap(), 7);
    });
}

#[test]
fn a_barrier_lets_nobody_go_before_all_are_there() {
    few_preemptions(2).run(|| {
        let shared = Arc::new((Barrier::new(3), AtomicUsize::new(0)));
        let arrive = |shared: &(Barrier, AtomicUsize)| {
            shared.1.fetch_add(1, Relaxed);
            let leads = shared.0.wait().is_leader();
            assert_eq!(shared.1.load(Relaxed), 3, "all have arrived, and their additions are seen");
            usize::from(leads)
        };
        let others = [Arc::clone(&shared), Arc::clone(&shared)];
        let others = others.map(|shared| thread::spawn(move || arrive(&shared)));
        let leaders = arrive(&shared) + others.map(|other| other.join().unwrap()).iter().sum::<usize>();
        assert_eq!(leaders, 1);
    });
}

#[test]
fn a_barrier_can_be_used_again() {
    check(|| {
        let shared = Arc::new((Barrier::new(2), AtomicUsize::new(0)));
        let rounds = |shared: &(Barrier, AtomicUsize)| {
            for round in 1..=2 {
                shared.1.fetch_add(1, Relaxed);
                shared.0.wait();
                assert_eq!(shared.1.load(Relaxed), 2 * round);
                shared.0.wait();
            }
        };
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || rounds(&others));
        rounds(&shared);
        other.join().unwrap();
    });
}

#[test]
fn the_one_that_comes_last_need_not_lead() {
    let leads: &'static RealMutex<BTreeSet<bool>> = Box::leak(Box::new(RealMutex::new(BTreeSet::new())));
    let receipt = check(move || {
        let barrier = Arc::new(Barrier::new(2));
        let others = Arc::clone(&barrier);
        let other = thread::spawn(move || others.wait().is_leader());
        let main_leads = barrier.wait().is_leader();
        assert_ne!(main_leads, other.join().unwrap());
        leads.lock().unwrap().insert(main_leads);
    });
    assert_eq!(leads.lock().unwrap().len(), 2);
    assert!(receipt.to_string().contains("with a spurious failure or wakeup"), "another one led: {receipt}");
}

#[test]
fn a_barrier_for_more_than_will_come() {
    fails(|| {
        let barrier = Arc::new(Barrier::new(3));
        let others = Arc::clone(&barrier);
        let other = thread::spawn(move || others.wait().is_leader());
        barrier.wait(); // in vain
        other.join().unwrap();
    })
    .says("Deadlock")
    .says("main waits at a Barrier for 3 threads, of which 2 are there")
    .points_at("in vain");
}
