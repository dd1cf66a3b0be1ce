//! `try_lock` comes out in every way that it can.

use crate::check;
use real_std::collections::BTreeSet;
use std::sync::{Arc, Mutex, TryLockError};
use std::thread;

/// What came of a program, over all interleavings.
type Seen<T> = real_std::sync::Arc<real_std::sync::Mutex<BTreeSet<T>>>;

fn look(mutex: &Mutex<usize>) -> String {
    match mutex.try_lock() {
        Ok(value) => format!("{value}"),
        Err(TryLockError::WouldBlock) => "taken".to_owned(),
        Err(TryLockError::Poisoned(value)) => format!("poisoned at {}", **value.get_ref()),
    }
}

/// Looks from main while another thread runs `work`; says everything that was seen.
fn seen_beside(work: fn(&Mutex<usize>)) -> Vec<String> {
    let seen = Seen::default();
    let seen_here = Seen::clone(&seen);
    check(move || {
        let mutex = Arc::new(Mutex::new(0));
        let others = Arc::clone(&mutex);
        let other = thread::spawn(move || work(&others));
        let found = look(&mutex);
        seen_here.lock().unwrap().insert(found);
        let _ = other.join();
        assert!(mutex.try_lock().is_ok() || mutex.is_poisoned(), "everybody has unlocked");
    });
    let seen = seen.lock().unwrap();
    seen.iter().cloned().collect()
}

#[test]
fn a_try_finds_the_mutex_before_within_and_after() {
    let seen = seen_beside(|mutex| *mutex.lock().unwrap() += 1);
    assert_eq!(seen, ["0", "1", "taken"]);
}

#[test]
fn two_that_try_get_in_each_other_s_way_or_not() {
    let seen = seen_beside(|mutex| {
        if let Ok(mut value) = mutex.try_lock() {
            *value += 1;
        }
    });
    assert_eq!(seen, ["0", "1", "taken"]);
}

#[test]
fn a_try_finds_a_poisoned_mutex() {
    let seen = seen_beside(|mutex| {
        let mut value = mutex.lock().unwrap();
        *value += 1;
        panic!("on purpose");
    });
    assert_eq!(seen, ["0", "poisoned at 1", "taken"]);
}

#[test]
fn a_try_does_not_wait() {
    check(|| {
        let mutex = Arc::new(Mutex::new(0));
        let others = Arc::clone(&mutex);
        let guard = mutex.lock().unwrap();
        let other = thread::spawn(move || others.try_lock().is_err());
        assert!(other.join().unwrap(), "main holds the lock all the time");
        drop(guard);
    });
}

#[test]
fn a_loop_that_tries_comes_to_its_end() {
    // With other waits than `lock`, but one that gets on: as a spin lock does.
    check(|| {
        let mutex = Arc::new(Mutex::new(0));
        let others = Arc::clone(&mutex);
        let add = |mutex: &Mutex<usize>| {
            loop {
                if let Ok(mut value) = mutex.try_lock() {
                    *value += 1;
                    break;
                }
            }
        };
        let other = thread::spawn(move || add(&others));
        add(&mutex);
        other.join().unwrap();
        assert_eq!(*mutex.lock().unwrap(), 2);
    });
}
