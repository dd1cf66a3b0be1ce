//! Correct spin locks pass, however they are written; broken ones do not.

use crate::report::{fails, fails_in};
use crate::{WEAK_ORDERS, check, few_preemptions};
use real_std::collections::BTreeSet;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicI8, AtomicUsize, Ordering::*};
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use std::{hint, thread};

/// A lock of whatever kind: `take` tries to get it, `wait` comes before the next try, `give` unlocks.
#[derive(Default)]
struct Lock {
    flag: AtomicBool,
    number: AtomicUsize,
    ticket: AtomicUsize,
    turn: AtomicUsize,
    small: AtomicI8,
    inside: UnsafeCell<usize>,
}

// SAFETY: whether `inside` is ever touched by two threads at once is what is checked.
unsafe impl Sync for Lock {}

type Take = fn(&Lock) -> bool;
type Give = fn(&Lock);

impl Lock {
    fn add_one(&self, take: Take, wait: fn(), give: Give) {
        while !take(self) {
            wait();
        }
        // SAFETY: this thread holds the lock; where the lock is broken, the checker stops it here.
        unsafe { *self.inside.get() += 1 }; // inside the lock
        give(self);
    }
}

/// What came of a program, over all interleavings.
type Seen<T> = real_std::sync::Arc<real_std::sync::Mutex<BTreeSet<T>>>;

/// Every way to wait.
const WAITS: [fn(); 3] = [hint::spin_loop, thread::yield_now, || {}];

/// Correct locks. The first, as every textbook has it, is one that loom alone rejects.
const LOCKS: [(Take, Give); 14] = [
    (|lock| !lock.flag.swap(true, Acquire), |lock| lock.flag.store(false, Release)),
    (
        |lock| !lock.flag.fetch_or(true, Acquire),
        |lock| {
            lock.flag.fetch_and(false, Release);
        },
    ),
    (|lock| lock.number.swap(1, Acquire) == 0, |lock| lock.number.store(0, Release)),
    (
        |lock| lock.number.fetch_or(4, Acquire) & 4 == 0,
        |lock| {
            lock.number.fetch_and(!4, Release);
        },
    ),
    (
        |lock| lock.number.fetch_max(1, Acquire) == 0,
        |lock| {
            lock.number.fetch_sub(1, Release);
        },
    ),
    (
        |lock| lock.small.fetch_min(-1, Acquire) == 0,
        |lock| {
            lock.small.swap(0, Release);
        },
    ),
    (|lock| lock.flag.compare_exchange(false, true, Acquire, Relaxed).is_ok(), |lock| lock.flag.store(false, Release)),
    (
        // Looks first: only a free lock is tried.
        |lock| !lock.flag.load(Relaxed) && lock.flag.compare_exchange_weak(false, true, SeqCst, Relaxed).is_ok(),
        |lock| lock.flag.store(false, SeqCst),
    ),
    (|lock| lock.number.fetch_update(Acquire, Relaxed, |n| (n == 0).then_some(1)).is_ok(), |lock| lock.number.store(0, Release)),
    // Each try changes something.
    (|lock| lock.number.fetch_add(1, Acquire) == 0, |lock| lock.number.store(0, Release)),
    (|lock| lock.number.fetch_update(Acquire, Relaxed, |n| Some(n + 1)) == Ok(0), |lock| lock.number.store(0, Release)),
    // Look first, with an operation that never changes anything.
    (|lock| !lock.flag.fetch_or(false, Relaxed) && !lock.flag.swap(true, Acquire), |lock| lock.flag.store(false, Release)),
    (|lock| lock.number.fetch_max(0, Relaxed) == 0 && lock.number.swap(1, Acquire) == 0, |lock| lock.number.store(0, Release)),
    (|lock| lock.small.fetch_add(0, Relaxed) == 0 && lock.small.swap(1, Acquire) == 0, |lock| lock.small.store(0, Release)),
];

/// `others` threads and main add one each, under the lock.
fn in_turns(others: usize, take: Take, wait: fn(), give: Give) -> impl Fn() + Send + Sync + 'static {
    move || {
        let threads = others + 1;
        let lock = Arc::new(Lock::default());
        let mine = || {
            let lock = Arc::clone(&lock);
            move || lock.add_one(take, wait, give)
        };
        let others: Vec<_> = (0..others).map(|_| thread::spawn(mine())).collect();
        mine()();
        for other in others {
            other.join().unwrap();
        }
        // SAFETY: all threads have ended.
        let inside = unsafe { *lock.inside.get() };
        assert_eq!(inside, threads, "an addition was lost");
    }
}

#[test]
fn every_correct_lock_passes_with_every_hint_and_with_none() {
    for (take, give) in LOCKS {
        for wait in WAITS {
            check(in_turns(1, take, wait, give));
        }
    }
}

#[test]
fn a_third_contender_changes_nothing() {
    // Every lock with a hint; the first one, which writes at every try, and the last, which does not, with every hint.
    let [first, .., last] = LOCKS;
    let with_hint = LOCKS.map(|(take, give)| (take, WAITS[0], give));
    let others = [first, last].into_iter().flat_map(|(take, give)| [(take, WAITS[1], give), (take, WAITS[2], give)]);
    for (take, wait, give) in with_hint.into_iter().chain(others) {
        few_preemptions(2).run(in_turns(2, take, wait, give));
    }
}

#[test]
fn a_ticket_lock_passes() {
    for wait in WAITS {
        few_preemptions(2).run(move || {
            let lock = Arc::new(Lock::default());
            let enter = move |lock: &Lock| {
                let ticket = lock.ticket.fetch_add(1, Relaxed);
                while lock.turn.load(Acquire) != ticket {
                    wait();
                }
                // SAFETY: it is this thread's turn.
                unsafe { *lock.inside.get() += 1 };
                lock.turn.store(ticket + 1, Release);
            };
            let others = [Arc::clone(&lock), Arc::clone(&lock)].map(|lock| thread::spawn(move || enter(&lock)));
            enter(&lock);
            for other in others {
                other.join().unwrap();
            }
        });
    }
}

#[test]
fn two_waiting_for_each_other_in_turns_get_on() {
    // Ping-pong: each waits for what the other does next.
    for wait in WAITS {
        check(move || {
            let lock = Arc::new(Lock::default());
            let play = move |lock: &Lock, mine: usize| {
                for round in 0..2 {
                    while lock.turn.load(Acquire) != 2 * round + mine {
                        wait();
                    }
                    // SAFETY: it is this thread's turn.
                    unsafe { *lock.inside.get() += 1 };
                    lock.turn.fetch_add(1, Release);
                }
            };
            let others = Arc::clone(&lock);
            let other = thread::spawn(move || play(&others, 1));
            play(&lock, 0);
            other.join().unwrap();
        });
    }
}

#[test]
fn a_lock_that_looks_and_then_locks_is_caught() {
    fn take(lock: &Lock) -> bool {
        if lock.flag.load(SeqCst) {
            return false;
        }
        lock.flag.store(true, SeqCst);
        true
    }
    // Its accesses have a common order, and must not hide the race because of that. `turn` makes loom keep that order.
    for common_order in [false, true] {
        fails(move || {
            let lock = Arc::new(Lock::default());
            if common_order {
                lock.turn.store(1, SeqCst);
            }
            let others = Arc::clone(&lock);
            let other = thread::spawn(move || others.add_one(take, || {}, |lock| lock.flag.store(false, SeqCst)));
            lock.add_one(take, || {}, |lock| lock.flag.store(false, SeqCst));
            other.join().unwrap();
        })
        .says("Data race")
        .points_at("inside the lock");
    }
}

#[test]
fn a_lock_that_a_third_contender_breaks_is_caught() {
    // Whoever finds it taken sets it to 2, and takes it at the third try: two alone never get there.
    fails_in(few_preemptions(2), || {
        let take: Take = |lock| lock.number.fetch_add(1, AcqRel) % 2 == 0;
        let give: Give = |lock| {
            lock.number.swap(0, AcqRel);
        };
        in_turns(2, take, hint::spin_loop, give)();
    })
    .says("Data race");
}

#[test]
fn an_unlock_that_publishes_nothing_is_caught_by_loom() {
    let program = in_turns(1, LOCKS[0].0, hint::spin_loop, |lock| lock.flag.store(false, Relaxed));
    if WEAK_ORDERS {
        fails(move || program()).says("Data race").points_at("inside the lock").needs_preemptions(0);
    } else {
        check(program);
    }
}

#[test]
fn whoever_waits_for_what_a_mutex_holds_gets_it() {
    // Each turn of the loop locks and unlocks: that changes nothing either.
    for wait in WAITS {
        let waits_for = move |set: bool| {
            let done = Arc::new(Mutex::new(false));
            let others = Arc::clone(&done);
            let other = thread::spawn(move || *others.lock().unwrap() = set);
            while !*done.lock().unwrap() {
                wait();
            }
            other.join().unwrap();
        };
        check(move || waits_for(true));
        fails(move || waits_for(false)).says("Livelock");
    }
}

#[test]
fn threads_that_all_wait_with_a_write_do_not_wake_each_other_for_ever() {
    // Nobody can tell from outside that what is replaced was `true` before.
    few_preemptions(1).run(|| {
        let held = Arc::new(Mutex::new(false));
        let enter = |held: &Mutex<bool>| {
            while real_std::mem::replace(&mut *held.lock().unwrap(), true) {}
            *held.lock().unwrap() = false;
        };
        let others = [Arc::clone(&held), Arc::clone(&held)].map(|held| thread::spawn(move || enter(&held)));
        enter(&held);
        for other in others {
            other.join().unwrap();
        }
    });
}

#[test]
fn whoever_counts_its_tries_waits_all_the_same() {
    check(|| {
        let shared = Arc::new((AtomicBool::new(false), AtomicUsize::new(0)));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || others.0.store(true, Release));
        while !shared.0.load(Acquire) {
            shared.1.fetch_add(1, Relaxed);
        }
        other.join().unwrap();
    });
}

/// Looks at the flag so often, always at this place, and gives up.
fn look_in_vain(lock: &Lock, times: usize) -> bool {
    (0..times).any(|_| lock.flag.load(Acquire))
}

#[test]
fn whoever_looks_again_and_gives_up_may_still_be_the_first() {
    // A look that is repeated is taken for a wait, but it may be one that ends: the other thread need not have moved by then.
    // Having found the flag set, main cannot be first.
    let expected = [(false, false), (false, true), (true, false)];
    let outcomes = [1, 2, 3, 4, 20, 128].map(|times| {
        let seen = Seen::default();
        let all = Seen::clone(&seen);
        check(move || {
            let lock = Arc::new(Lock::default());
            let others = Arc::clone(&lock);
            let other = thread::spawn(move || {
                let was_first = others.number.fetch_add(1, AcqRel) == 0;
                others.flag.store(true, Release);
                was_first
            });
            let found = look_in_vain(&lock, times);
            let was_first = lock.number.fetch_add(1, AcqRel) == 0;
            assert!(was_first != other.join().unwrap(), "one of the two is first");
            all.lock().unwrap().insert((found, was_first));
        });
        let seen = seen.lock().unwrap().clone();
        (times, seen)
    });
    let wrong: Vec<_> = outcomes.iter().filter(|(_, seen)| !seen.iter().eq(&expected)).collect();
    assert!(wrong.is_empty(), "so many looks, and what was found and who was first: {wrong:?}");
}

#[test]
fn a_lock_that_waits_a_little_and_then_breaks_in_is_caught() {
    for times in [1, 2, 20, 128] {
        fails(move || {
            let lock = Arc::new(Lock::default());
            let enter = move |lock: &Lock| {
                let mut tries = 0;
                while lock.flag.swap(true, Acquire) && tries < times {
                    tries += 1;
                }
                // SAFETY: none, if it has given up; the checker stops it here.
                unsafe { *lock.inside.get() += 1 }; // breaks in
                lock.flag.store(false, Release);
            };
            let others = Arc::clone(&lock);
            let other = thread::spawn(move || enter(&others));
            enter(&lock);
            other.join().unwrap();
        })
        .says("Data race")
        .points_at("breaks in");
    }
}

#[test]
fn a_mistake_that_comes_after_many_tries_in_vain_is_caught() {
    // Whatever it does in between, and whatever it then does instead: here it reads too little.
    if WEAK_ORDERS {
        for times in [3, 20, 100] {
            for wait in WAITS {
                fails(move || {
                    let lock = Arc::new(Lock::default());
                    let enter = move |lock: &Lock| {
                        for _ in 0..times {
                            if !lock.flag.swap(true, Acquire) {
                                return;
                            }
                            wait();
                        }
                        while lock.flag.swap(true, Relaxed) {
                            wait();
                        }
                    };
                    let others = Arc::clone(&lock);
                    let body = move |lock: &Lock| {
                        enter(lock);
                        // SAFETY: this thread holds the lock; the checker stops it here if it knows too little.
                        unsafe { *lock.inside.get() += 1 }; // too little
                        lock.flag.store(false, Release);
                    };
                    let other = thread::spawn(move || body(&others));
                    body(&lock);
                    other.join().unwrap();
                })
                .says("Data race")
                .points_at("too little");
            }
        }
    }
}

#[test]
fn a_wakeup_that_is_lost_after_many_looks_in_vain_is_caught() {
    for wait in WAITS {
        fails(move || {
            let shared = Arc::new((AtomicBool::new(false), Mutex::new(()), Condvar::new()));
            let others = Arc::clone(&shared);
            let other = thread::spawn(move || {
                for _ in 0..20 {
                    if others.0.load(Acquire) {
                        return;
                    }
                    wait();
                }
                // Without a last look under the lock.
                let guard = others.1.lock().unwrap();
                drop(others.2.wait(guard).unwrap());
            });
            shared.0.store(true, Release);
            drop(shared.1.lock().unwrap());
            shared.2.notify_one();
            other.join().unwrap();
        })
        .says("Deadlock");
    }
}

#[test]
fn whoever_lets_others_go_first_may_still_be_the_first() {
    // A hint is no promise: between two additions of one thread, the other may come or not.
    for hint in [hint::spin_loop, thread::yield_now, || thread::sleep(Duration::from_millis(1))] as [fn(); 3] {
        let seen = Seen::default();
        let all = Seen::clone(&seen);
        check(move || {
            let lock = Arc::new(Lock::default());
            let others = Arc::clone(&lock);
            let other = thread::spawn(move || {
                others.number.fetch_add(1, AcqRel);
                hint();
                others.number.fetch_add(1, AcqRel);
            });
            all.lock().unwrap().insert(lock.number.fetch_add(1, AcqRel));
            other.join().unwrap();
        });
        assert!(seen.lock().unwrap().iter().eq(&[0, 1, 2]), "how many of the other's additions came first: {seen:?}");
    }
}

#[test]
fn whoever_looks_a_thousand_times_before_it_helps_itself_comes_to_its_end() {
    // The other waits until main has given up.
    check(|| {
        let lock = Arc::new(Lock::default());
        let others = Arc::clone(&lock);
        let (given_up, wait) = channel();
        let other = thread::spawn(move || {
            wait.recv().unwrap();
            others.flag.store(true, Release);
        });
        assert!(!look_in_vain(&lock, 1000));
        given_up.send(()).unwrap();
        other.join().unwrap();
        assert!(lock.flag.load(Relaxed));
    });
}

#[test]
fn waiting_for_what_nobody_does_is_told_as_that() {
    // With each hint and with none; and whether the others are still there or not.
    for wait in WAITS {
        fails(move || {
            let lock = Arc::new(Lock::default());
            let others = Arc::clone(&lock);
            let other = thread::spawn(move || {
                while !others.flag.load(Acquire) {
                    wait();
                }
            });
            lock.number.store(1, Release);
            other.join().unwrap();
        })
        .says("Livelock: thread 1 goes round in circles.")
        .says("thread 1 does `others.flag.load(Acquire)` again and again at ")
        .says("main waits for the end of thread 1 at ");
    }
}

/// Locks that are taken with an operation that publishes as well, which is more than they need.
const PUBLISHING: [Take; 4] = [
    |lock| !lock.flag.swap(true, AcqRel),
    |lock| !lock.flag.fetch_or(true, AcqRel),
    |lock| !lock.flag.swap(true, SeqCst),
    |lock| !lock.flag.fetch_or(true, SeqCst),
];

fn unlock(lock: &Lock) {
    lock.flag.store(false, Release);
}

#[test]
fn whoever_waits_with_news_for_others_sees_the_lock_free_in_the_end() {
    for take in PUBLISHING {
        check(move || {
            let locks = Arc::new([Lock::default(), Lock::default()]);
            let others = Arc::clone(&locks);
            let other = thread::spawn(move || others[1].add_one(take, hint::spin_loop, unlock));
            // That this one is locked now is news, which the next operation on the other one publishes, in vain or not.
            while !take(&locks[0]) {}
            locks[1].add_one(take, hint::spin_loop, unlock);
            unlock(&locks[0]);
            other.join().unwrap();
            locks[1].add_one(take, || {}, unlock);
            // SAFETY: the other thread has ended.
            assert_eq!(unsafe { *locks[1].inside.get() }, 3);
        });
    }
}

#[test]
fn what_was_tried_in_vain_with_news_for_others_can_be_tried_again_with_success() {
    for take in PUBLISHING {
        check(move || {
            let locks = Arc::new([Lock::default(), Lock::default()]);
            let others = Arc::clone(&locks);
            let other = thread::spawn(move || others[1].add_one(take, hint::spin_loop, unlock));
            while !take(&locks[0]) {}
            if take(&locks[1]) {
                unlock(&locks[1]);
            }
            other.join().unwrap();
            assert!(take(&locks[1]), "nobody holds it any more");
        });
    }
}

#[test]
fn what_several_tried_in_vain_with_news_for_others_can_be_tried_again_with_success() {
    for take in PUBLISHING {
        few_preemptions(2).run(move || {
            let locks = Arc::new([Lock::default(), Lock::default(), Lock::default()]);
            assert!(take(&locks[1]));
            let others = [0, 2].map(|own| {
                let locks = Arc::clone(&locks);
                thread::spawn(move || {
                    assert!(take(&locks[own]));
                    if take(&locks[1]) {
                        unlock(&locks[1]);
                    }
                })
            });
            unlock(&locks[1]);
            for other in others {
                other.join().unwrap();
            }
            assert!(take(&locks[1]), "nobody holds it any more");
        });
    }
}

#[test]
fn nothing_comes_between_what_is_read_and_what_is_written_at_once() {
    check(|| {
        let number = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&number);
        let other = thread::spawn(move || others.fetch_add(1, Acquire));
        if number.fetch_add(1, Acquire) == 0 {
            number.store(0, Release);
            let before = other.join().unwrap();
            // If the other one came before the store, that came last.
            assert_eq!(number.load(Relaxed), usize::from(before == 0));
            assert_eq!(number.fetch_add(1, Relaxed), usize::from(before == 0));
        } else {
            other.join().unwrap();
        }
    });
}

#[test]
fn who_waits_with_an_operation_that_never_changes_anything_sees_the_change() {
    let looks: [fn(&AtomicBool) -> bool; 4] = [
        |flag| flag.fetch_or(false, Acquire),
        |flag| flag.fetch_or(false, AcqRel),
        |flag| flag.fetch_xor(false, SeqCst),
        |flag| flag.fetch_and(true, Acquire),
    ];
    for look in looks {
        check(move || {
            let lock = Arc::new(Lock::default());
            let others = Arc::clone(&lock);
            let other = thread::spawn(move || {
                while !look(&others.flag) {
                    thread::yield_now();
                }
                // SAFETY: whoever has written there has said so since.
                assert_eq!(unsafe { *others.inside.get() }, 7);
            });
            // SAFETY: the other thread waits for the flag.
            unsafe { *lock.inside.get() = 7 };
            lock.flag.store(true, Release);
            other.join().unwrap();
        });
    }
}
