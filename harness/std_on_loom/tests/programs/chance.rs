//! Programs that do not do the same each time.

use crate::report::fails;
use crate::{WEAK_ORDERS, check};
use real_std::sync::atomic as real_atomic;
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
