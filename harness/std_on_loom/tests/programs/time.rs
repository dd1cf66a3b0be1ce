//! Time is a choice: a limit may be reached or not, and nobody waits for a clock.

use crate::report::fails;
use crate::{check, few_preemptions};
use real_std::collections::BTreeSet;
use real_std::sync::Mutex as RealMutex;
use std::sync::atomic::{AtomicBool, Ordering::*};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

const LONG: Duration = Duration::from_secs(100);

/// Runs the program and collects what came of it.
fn outcomes<T: Ord + Send + 'static>(program: impl Fn() -> T + Send + Sync + 'static) -> BTreeSet<T> {
    let outcomes: &'static RealMutex<BTreeSet<T>> = Box::leak(Box::new(RealMutex::new(BTreeSet::new())));
    check(move || {
        let outcome = program();
        outcomes.lock().unwrap().insert(outcome);
    });
    real_std::mem::take(&mut *outcomes.lock().unwrap())
}

#[test]
fn a_wait_with_a_limit_ends_either_way() {
    let both = outcomes(|| {
        let pair = Arc::new((Mutex::new(false), Condvar::new()));
        let others = Arc::clone(&pair);
        let other = thread::spawn(move || {
            *others.0.lock().unwrap() = true;
            others.1.notify_one();
        });
        let (ready, result) = pair.1.wait_timeout_while(pair.0.lock().unwrap(), LONG, |ready| !*ready).unwrap();
        let outcome = (*ready, result.timed_out());
        drop(ready);
        other.join().unwrap();
        outcome
    });
    assert_eq!(both, BTreeSet::from([(false, true), (true, false)]), "(ready, timed out)");
}

#[test]
fn where_nobody_else_can_move_the_time_passes() {
    check(|| {
        let pair = Arc::new((Mutex::new(()), Condvar::new()));
        let others = Arc::clone(&pair);
        let other = thread::spawn(move || drop(others.0.lock()));
        let begun = Instant::now();
        let guard = pair.1.wait_timeout_while(pair.0.lock().unwrap(), LONG, |()| true).unwrap();
        assert!(guard.1.timed_out() && begun.elapsed() >= LONG);
        drop(guard);
        other.join().unwrap();
    });
}

#[test]
fn of_two_limits_the_shorter_one_is_reached_first() {
    few_preemptions(1).run(|| {
        let (_sender, receiver) = channel::<()>();
        let done = Arc::new(AtomicBool::new(false));
        let sets = Arc::clone(&done);
        let other = thread::spawn(move || {
            thread::park_timeout(LONG / 2);
            sets.store(true, SeqCst);
        });
        let begun = Instant::now();
        done.load(SeqCst);
        assert_eq!(receiver.recv_timeout(LONG), Err(RecvTimeoutError::Timeout));
        assert!(begun.elapsed() >= LONG);
        other.join().unwrap();
        assert!(done.load(SeqCst));
    });
}

#[test]
fn a_message_may_come_in_time_or_not() {
    let both = outcomes(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || sender.send(1));
        let received = receiver.recv_timeout(LONG).ok();
        // Kept until here: the sender must find somebody.
        drop(other.join());
        received
    });
    assert_eq!(both, BTreeSet::from([None, Some(1)]));
}

#[test]
fn who_takes_a_late_message_for_no_message_loses_it() {
    fails(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || sender.send(1).unwrap());
        let received = receiver.recv_timeout(LONG).unwrap_or(0);
        other.join().unwrap();
        assert_eq!(received, 1, "it was sent"); // the assertion
    })
    .says("its time is up")
    .points_at("the assertion");
}

#[test]
fn a_park_with_a_limit_ends_either_way() {
    let both = outcomes(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let (sets, main) = (Arc::clone(&flag), thread::current());
        let other = thread::spawn(move || {
            sets.store(true, Release);
            main.unpark();
        });
        thread::park_timeout(LONG);
        let seen = flag.load(Acquire);
        other.join().unwrap();
        seen
    });
    assert_eq!(both, BTreeSet::from([false, true]));
}

#[test]
fn a_loop_that_waits_for_a_moment_ends() {
    check(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let sets = Arc::clone(&flag);
        let other = thread::spawn(move || sets.store(true, Relaxed));
        let begun = Instant::now();
        while begun.elapsed() < LONG {}
        let until = Instant::now() + LONG;
        while Instant::now() < until && !flag.load(Relaxed) {
            thread::yield_now();
        }
        other.join().unwrap();
    });
}

#[test]
fn the_clock_goes_on_however_often_somebody_looks() {
    check(|| {
        let done = Arc::new(AtomicBool::new(false));
        let others = Arc::clone(&done);
        let other = thread::spawn(move || others.store(true, Release));
        let begin = Instant::now();
        let looks = [(); 100].map(|()| begin.elapsed());
        assert!(looks.is_sorted() && looks[99] > Duration::from_secs(3600), "{looks:?}");
        done.load(Acquire);
        other.join().unwrap();
    });
}

#[test]
fn who_gives_up_after_a_while_gives_up_or_not() {
    let both = outcomes(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let sets = Arc::clone(&flag);
        let other = thread::spawn(move || sets.store(true, Relaxed));
        let begun = Instant::now();
        let gave_up = loop {
            if flag.load(Relaxed) {
                break false;
            }
            if begun.elapsed() > LONG {
                break true;
            }
        };
        other.join().unwrap();
        gave_up
    });
    assert_eq!(both, BTreeSet::from([false, true]));
}

#[test]
fn a_sleep_takes_time_and_orders_nothing() {
    let both = outcomes(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let sets = Arc::clone(&flag);
        let other = thread::spawn(move || sets.store(true, Relaxed));
        let (begun, date) = (Instant::now(), SystemTime::now());
        thread::sleep(LONG);
        assert!(begun.elapsed() >= LONG && date.elapsed().unwrap() >= LONG);
        let seen = flag.load(Relaxed);
        other.join().unwrap();
        seen
    });
    assert_eq!(both, BTreeSet::from([false, true]));
}

#[test]
fn who_waits_with_a_limit_again_and_again_for_what_never_comes_is_told_so() {
    fails(|| {
        let (sender, receiver) = channel::<()>();
        let other = thread::spawn(move || {
            while receiver.recv_timeout(LONG).is_err() {} // again and again
        });
        let _sender = sender;
        other.join().unwrap();
    })
    .says("Livelock")
    .points_at("again and again")
    // The circle does not bury what led into it.
    .says("starts thread 1")
    .does_not_say("earlier rows are left out");
}
