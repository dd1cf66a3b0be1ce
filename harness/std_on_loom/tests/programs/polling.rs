//! Whoever asks again and again, with no hint that it waits, gets on as soon as the answer changes.

use crate::{check, few_preemptions};
use interleaving::Receipt;
use real_std::collections::BTreeSet;
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Arc, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock};
use std::time::Duration;
use std::{hint, thread};

/// What the one thread does, and what the other asks until the answer is yes.
struct Poll<T> {
    shared: fn() -> T,
    does: fn(&T),
    asks: fn(&T) -> bool,
}

fn gets_on<T: Send + Sync + 'static>(poll: Poll<T>) -> Receipt {
    let Poll { shared, does, asks } = poll;
    check(move || {
        let shared = Arc::new(shared());
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || does(&others));
        while !asks(&shared) {}
        other.join().unwrap();
    })
}

#[test]
fn an_exchange_that_would_change_nothing() {
    let asks: [fn(&AtomicUsize) -> bool; 2] =
        [|busy| busy.load(Acquire) == 0, |busy| busy.compare_exchange(1, 1, Acquire, Acquire).is_err()];
    let [loads, exchanges] = asks.map(|asks| {
        let poll = Poll { shared: || AtomicUsize::new(1), does: |busy| busy.store(0, Release), asks };
        gets_on(poll).rounds.iter().map(|round| round.interleavings).collect::<Vec<_>>()
    });
    // It is no more of a change than a load is: nobody goes on for it.
    assert!(exchanges.iter().zip(&loads).all(|(exchange, load)| exchange <= load), "{exchanges:?}, and {loads:?} with loads");
}

/// So many turns each of the two takes.
const TURNS: usize = 4;

/// Two threads take turns, each as soon as it sees that the other has taken one; then comes something whose order is a choice. Whoever
/// looks on in vain though nothing changes leads nowhere new: were a turn no change, the choice would be lost.
fn in_turns<T: Send + Sync + 'static>(shared: fn() -> T, takes: fn(&T, usize), sees: fn(&T, usize) -> bool) {
    let seen: real_std::sync::Arc<real_std::sync::Mutex<BTreeSet<usize>>> = real_std::sync::Arc::default();
    let all = real_std::sync::Arc::clone(&seen);
    few_preemptions(1).run(move || {
        let shared = Arc::new((shared(), AtomicUsize::new(0)));
        let others = Arc::clone(&shared);
        let wait = move |(shared, _): &(T, AtomicUsize), turn| {
            while !sees(shared, turn) {
                hint::spin_loop();
            }
        };
        let other = thread::spawn(move || {
            for turn in (0..2 * TURNS).step_by(2) {
                wait(&others, turn);
                takes(&others.0, turn + 1);
            }
            others.1.fetch_add(1, Relaxed);
        });
        for turn in (0..2 * TURNS).step_by(2) {
            takes(&shared.0, turn);
            wait(&shared, turn + 1);
        }
        all.lock().unwrap().insert(shared.1.fetch_add(1, Relaxed));
        other.join().unwrap();
    });
    assert_eq!(*seen.lock().unwrap(), BTreeSet::from([0, 1]), "whoever comes last in turn may be the first after it");
}

#[test]
fn whatever_may_end_a_wait_is_a_change() {
    in_turns(
        || [(); 2 * TURNS].map(|()| AtomicUsize::new(0)),
        |turns, turn| turns[turn].store(1, Release),
        |turns, turn| turns[turn].load(Acquire) == 1,
    );
    in_turns(
        || [(); 2 * TURNS].map(|()| poisoned()),
        |turns, turn| turns[turn].clear_poison(),
        |turns, turn| !turns[turn].is_poisoned(),
    );
    in_turns(
        || {
            [(); 2 * TURNS].map(|()| {
                let owned = Arc::new(());
                forget(Arc::clone(&owned));
                owned
            })
        },
        // SAFETY: of the two owners, one was forgotten, and nobody else drops it.
        |turns, turn| unsafe { Arc::decrement_strong_count(Arc::as_ptr(&turns[turn])) },
        |turns, turn| Arc::strong_count(&turns[turn]) == 1,
    );
    in_turns(
        || [(); 2 * TURNS].map(|()| Arc::new(())),
        |turns, turn| forget(Arc::downgrade(&turns[turn])),
        |turns, turn| Arc::weak_count(&turns[turn]) == 1,
    );
}

#[test]
fn many_things_in_each_turn() {
    // The last of them is set, and three threads look for it: none of that is a wait without end, however long a wait may be.
    few_preemptions(1).run(|| {
        let flags = Arc::new([(); 60].map(|()| AtomicUsize::new(0)));
        let find = |flags: &[AtomicUsize]| while !flags.iter().any(|flag| flag.load(Acquire) == 1) {};
        let others = [Arc::clone(&flags), Arc::clone(&flags)].map(|flags| thread::spawn(move || find(&*flags)));
        let other = Arc::clone(&flags);
        let setter = thread::spawn(move || other[59].store(1, Release));
        find(&*flags);
        for other in others.into_iter().chain([setter]) {
            other.join().unwrap();
        }
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

fn poison<T>(lock: impl FnOnce() -> T) {
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let _guard = lock();
        resume_unwind(Box::new(()));
    }));
    assert!(caught.is_err());
}

fn poisoned() -> Mutex<()> {
    let mutex = Mutex::new(());
    poison(|| mutex.lock());
    mutex
}

#[test]
fn poison_comes_and_goes() {
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
