//! Whoever asks again and again, with no hint that it waits, gets on as soon as the answer changes.

use crate::check;
use real_std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Arc, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock};
use std::thread;
use std::time::Duration;

/// What the one thread does, and what the other asks until the answer is yes.
struct Poll<T> {
    shared: fn() -> T,
    does: fn(&T),
    asks: fn(&T) -> bool,
}

fn gets_on<T: Send + Sync + 'static>(poll: Poll<T>) {
    let Poll { shared, does, asks } = poll;
    check(move || {
        let shared = Arc::new(shared());
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || does(&others));
        while !asks(&shared) {}
        other.join().unwrap();
    });
}

#[test]
fn an_exchange_that_would_change_nothing() {
    gets_on(Poll {
        shared: || AtomicUsize::new(1),
        does: |busy| busy.store(0, Release),
        asks: |busy| busy.compare_exchange(1, 1, Acquire, Acquire).is_err(),
    });
}

#[test]
fn a_mutex_that_is_locked_to_look() {
    gets_on(Poll {
        shared: || Mutex::new(0),
        does: |mutex| *mutex.lock().unwrap() = 1,
        asks: |mutex| *mutex.lock().unwrap() == 1,
    });
    gets_on(Poll {
        shared: || Mutex::new(0),
        does: |mutex| *mutex.lock().unwrap() = 1,
        asks: |mutex| mutex.try_lock().is_ok_and(|value| *value == 1),
    });
}

#[test]
fn a_rwlock_that_is_locked_to_look() {
    gets_on(Poll { shared: || RwLock::new(0), does: |lock| *lock.write().unwrap() = 1, asks: |lock| *lock.read().unwrap() == 1 });
    gets_on(Poll {
        shared: || RwLock::new(0),
        does: |lock| *lock.write().unwrap() = 1,
        asks: |lock| lock.try_read().is_ok_and(|value| *value == 1),
    });
    gets_on(Poll {
        shared: || RwLock::new(0),
        does: |lock| *lock.write().unwrap() = 1,
        asks: |lock| lock.try_write().is_ok_and(|value| *value == 1),
    });
}

#[test]
fn poison() {
    fn poison<T>(lock: impl FnOnce() -> T) {
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let _guard = lock();
            resume_unwind(Box::new(()));
        }));
        assert!(caught.is_err());
    }
    let poisoned = || {
        let mutex = Mutex::new(());
        poison(|| mutex.lock());
        mutex
    };
    gets_on(Poll { shared: || Mutex::new(()), does: |mutex| poison(|| mutex.lock()), asks: Mutex::is_poisoned });
    gets_on(Poll { shared: poisoned, does: Mutex::clear_poison, asks: |mutex| !mutex.is_poisoned() });
    gets_on(Poll { shared: || RwLock::new(()), does: |lock| poison(|| lock.write()), asks: RwLock::is_poisoned });
}

#[test]
fn a_look_at_the_poison_may_come_before_the_panic_or_after_it() {
    let seen: real_std::sync::Arc<real_std::sync::Mutex<BTreeSet<bool>>> = real_std::sync::Arc::default();
    let all = real_std::sync::Arc::clone(&seen);
    check(move || {
        let mutex = Arc::new(Mutex::new(()));
        let others = Arc::clone(&mutex);
        let other = thread::spawn(move || {
            let _guard = others.lock();
            resume_unwind(Box::new(()));
        });
        let poisoned = mutex.is_poisoned();
        all.lock().unwrap().insert(poisoned);
        assert!(other.join().is_err());
        assert!(mutex.is_poisoned());
    });
    assert_eq!(*seen.lock().unwrap(), BTreeSet::from([false, true]));
}

#[test]
fn what_is_made_once() {
    gets_on(Poll { shared: Once::new, does: |once| once.call_once(|| {}), asks: Once::is_completed });
    gets_on(Poll { shared: OnceLock::new, does: |cell| cell.set(1).unwrap(), asks: |cell| cell.get().is_some() });
    type Lazy = (LazyLock<usize>, AtomicUsize);
    gets_on::<Lazy>(Poll {
        shared: || (LazyLock::new(|| 1), AtomicUsize::new(0)),
        does: |(lazy, seen)| seen.store(**lazy, Release),
        asks: |(lazy, seen)| seen.load(Acquire) == **lazy,
    });
}

#[test]
fn a_channel() {
    check(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || sender.send(7).unwrap());
        let got = loop {
            if let Ok(got) = receiver.try_recv() {
                break got;
            }
        };
        assert_eq!(got, 7);
        other.join().unwrap();
    });
    check(|| {
        let (sender, receiver) = sync_channel(1);
        sender.send(1).unwrap();
        let other = thread::spawn(move || receiver.recv().unwrap());
        while sender.try_send(2).is_err_and(|error| matches!(error, std::sync::mpsc::TrySendError::Full(_))) {}
        other.join().unwrap();
    });
    check(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || sender.send(7).unwrap());
        while receiver.recv_timeout(Duration::from_millis(1)).is_err() {}
        other.join().unwrap();
    });
}

#[test]
fn the_end_of_a_thread() {
    check(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || others.fetch_add(1, Relaxed));
        while !other.is_finished() {}
        shared.fetch_add(1, Relaxed);
        other.join().unwrap();
    });
}

#[test]
fn with_a_pause() {
    gets_on(Poll {
        shared: || AtomicUsize::new(0),
        does: |done| done.store(1, Release),
        asks: |done| {
            thread::sleep(Duration::from_millis(1));
            done.load(Acquire) == 1
        },
    });
    gets_on(Poll {
        shared: || AtomicUsize::new(0),
        does: |done| done.store(1, Release),
        asks: |done| {
            thread::park_timeout(Duration::from_millis(1));
            done.load(Acquire) == 1
        },
    });
    gets_on(Poll {
        shared: || (Mutex::new(false), Condvar::new()),
        does: |(done, _)| *done.lock().unwrap() = true,
        asks: |(done, changed)| {
            let (done, _) = changed.wait_timeout(done.lock().unwrap(), Duration::from_millis(1)).unwrap();
            *done
        },
    });
}
