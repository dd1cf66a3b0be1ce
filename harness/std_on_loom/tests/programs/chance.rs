//! Programs that do not do the same each time.

use crate::report::fails;
use crate::{WEAK_ORDERS, check};
use real_std::collections::BTreeSet;
use real_std::sync::atomic as real_atomic;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::thread;

/// As many steps as chance has it, in each thread.
fn by_chance() {
    static RUNS: real_atomic::AtomicUsize = real_atomic::AtomicUsize::new(0);
    let chance = RUNS.fetch_add(1, Relaxed);
    let count = Arc::new(AtomicUsize::new(0));
    let others: Vec<_> = (0..2)
        .map(|thread| {
            let count = Arc::clone(&count);
            thread::spawn(move || {
                for _ in 0..(chance >> thread) % 3 {
                    count.fetch_add(1, Relaxed);
                }
            })
        })
        .collect();
    count.fetch_add(1, Relaxed);
    for other in others {
        other.join().unwrap();
    }
    let steps = (0..2).map(|thread| (chance >> thread) % 3).sum::<usize>();
    assert_eq!(count.load(Relaxed), 1 + steps);
}

#[test]
fn what_is_left_to_chance_is_no_matter_where_the_schedules_are() {
    if WEAK_ORDERS {
        // Every interleaving can only be found where each is the same each time.
        fails(|| by_chance()).says("leave nothing to chance");
    } else {
        check(by_chance);
    }
}

#[test]
fn the_order_of_a_map_is_not_left_to_chance() {
    // What each thread does, and which is joined first, is in the order of a map.
    check(|| {
        let counts = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
        let add_to_all = |counts: &[Arc<AtomicUsize>]| {
            let counts: HashMap<usize, Arc<AtomicUsize>> = counts.iter().cloned().enumerate().collect();
            counts.values().for_each(|count| _ = count.fetch_add(1, Relaxed));
        };
        let others = counts.clone();
        let other = thread::spawn(move || add_to_all(&others));
        let threads = HashMap::from([(1, other), (2, thread::spawn(|| {}))]);
        add_to_all(&counts);
        threads.into_values().for_each(|other| other.join().unwrap());
        assert!(counts.iter().all(|count| count.load(Relaxed) == 2));
    });
}

#[test]
fn what_a_random_state_says_is_the_same_in_every_interleaving() {
    let seen: real_std::sync::Arc<real_std::sync::Mutex<BTreeSet<[u64; 4]>>> = real_std::sync::Arc::default();
    let all = real_std::sync::Arc::clone(&seen);
    check(move || {
        let two = || [RandomState::new(), RandomState::new()].map(|state| state.hash_one(7));
        let count = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&count);
        let other = thread::spawn(move || {
            others.fetch_add(1, Relaxed);
            two()
        });
        let [a, b] = two();
        count.fetch_add(1, Relaxed);
        let [c, d] = other.join().unwrap();
        assert_eq!(BTreeSet::from([a, b, c, d]).len(), 4, "and each of them says something else");
        all.lock().unwrap().insert([a, b, c, d]);
    });
    assert_eq!(seen.lock().unwrap().len(), 1);
}
