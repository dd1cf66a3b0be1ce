//! The fourth rung: does it hold in every interleaving of a small case, and with every memory order that it permits?

#[allow(unused_imports, reason = "for a solution with thread-locals of its own")]
#[macro_use(thread_local)]
extern crate std_on_loom as std;
extern crate std_on_loom as core;

#[path = "../src/lib.rs"]
#[allow(dead_code, reason = "no test here uses all of it")]
mod counter;

use counter::{Counter, count_matching};
use examiner::Shared;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std_on_loom::{Check, check};

/// Runs `mine` beside `theirs`, and returns what both return, sorted, and the count.
fn beside(mine: fn(&Counter) -> Vec<u64>, theirs: fn(&Counter) -> Vec<u64>) -> (Vec<u64>, u64) {
    let counter = Arc::new(Shared::new(Counter::new()));
    let others = Arc::clone(&counter);
    let other = thread::spawn(move || theirs(&others));
    let mut returned = mine(&counter);
    returned.extend(other.join().unwrap());
    returned.sort_unstable();
    (returned, counter.get())
}

#[test]
fn no_two_increments_return_the_same() {
    check(|| {
        let twice = |counter: &Counter| vec![counter.increment(), counter.increment()];
        let (returned, count) = beside(twice, twice);
        assert_eq!(returned, [1, 2, 3, 4], "each number must be returned exactly once");
        assert_eq!(count, 4);
    });
}

#[test]
fn three_threads_get_three_numbers() {
    Check::new().at_most_preemptions(2).run(|| {
        let counter = Arc::new(Shared::new(Counter::new()));
        let others = [Arc::clone(&counter), Arc::clone(&counter)];
        let others = others.map(|counter| thread::spawn(move || counter.increment()));
        let mut returned = vec![counter.increment()];
        returned.extend(others.into_iter().map(|other| other.join().unwrap()));
        returned.sort_unstable();
        assert_eq!(returned, [1, 2, 3], "each number must be returned exactly once");
    });
}

#[test]
fn whoever_has_incremented_finds_the_count_at_least_there() {
    check(|| {
        let look_after = |counter: &Counter| {
            let mine = counter.increment();
            let count = counter.get();
            assert!(count >= mine, "`increment` returned {mine}, and then `get` returned {count}");
            vec![mine]
        };
        beside(look_after, look_after);
    });
}

#[test]
fn two_threads_together_stop_at_the_limit() {
    check(|| {
        let try_twice = |counter: &Counter| (0..2).filter_map(|_| counter.increment_below(3)).collect();
        let (returned, count) = beside(try_twice, try_twice);
        assert_eq!(returned, [1, 2, 3], "each number up to the limit must be returned exactly once");
        assert_eq!(count, 3);
    });
}

#[test]
fn nobody_is_refused_far_from_the_limit() {
    check(|| {
        let once = |counter: &Counter| counter.increment_below(100).into_iter().collect();
        let (returned, _) = beside(once, once);
        assert_eq!(returned, [1, 2], "the limit is far away, so each thread must get its number");
    });
}

#[test]
fn nobody_is_refused_however_often_others_come_first() {
    check(|| {
        let once = |counter: &Counter| counter.increment_below(100).into_iter().collect();
        let often = |counter: &Counter| (0..5).map(|_| counter.increment()).collect();
        let (returned, _) = beside(once, often);
        assert_eq!(returned, [1, 2, 3, 4, 5, 6], "the limit is far away, so each call must get its number");
    });
}

#[test]
fn whoever_is_refused_finds_the_count_at_the_limit() {
    check(|| {
        let try_and_look = |counter: &Counter| {
            let mine = counter.increment_below(1);
            let count = counter.get();
            assert!(count >= 1, "`increment_below(1)` returned {mine:?}, and then `get` returned {count}");
            mine.into_iter().collect()
        };
        let (returned, _) = beside(try_and_look, |counter| vec![counter.increment()]);
        assert!(returned == [1] || returned == [1, 2], "each number must be returned once, not {returned:?}");
    });
}

#[test]
fn the_limit_is_not_passed_even_for_a_moment() {
    check(|| {
        let look = |counter: &Counter| {
            let seen = counter.get();
            assert!(seen <= 1, "the count stood at {seen}, and nobody may take it past 1");
            vec![]
        };
        let try_twice = |counter: &Counter| (0..2).filter_map(|_| counter.increment_below(1)).collect();
        let (returned, _) = beside(look, try_twice);
        assert_eq!(returned, [1]);
    });
}

#[test]
fn both_kinds_of_increment_share_one_count() {
    check(|| {
        let both = |counter: &Counter| [Some(counter.increment()), counter.increment_below(3)].into_iter().flatten().collect();
        let (returned, count) = beside(both, both);
        assert!(returned.iter().copied().eq(1..=count), "each number up to {count} must be returned once, not {returned:?}");
    });
}

#[test]
fn every_item_is_looked_at_once_and_counted_once() {
    check(|| {
        let looks = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&looks);
        let matching = count_matching(vec![0, 1, 2], 2, move |item| {
            counted.fetch_add(1, Ordering::Relaxed);
            *item != 1
        });
        assert_eq!(matching, 2, "of 0, 1, 2, two are not 1");
        assert_eq!(looks.load(Ordering::Relaxed), 3, "how often an item was looked at");
    });
}

#[test]
fn all_workers_work_at_once() {
    Check::new().at_most_preemptions(2).run(|| {
        let meeting = Arc::new((Mutex::new(0), Condvar::new()));
        let matching = count_matching(vec![(); 2], 2, move |()| {
            // Returns as soon as both workers are here: one alone cannot move.
            let (here, changed) = &*meeting;
            let mut here = here.lock().unwrap();
            *here += 1;
            changed.notify_all();
            drop(changed.wait_while(here, |here| *here < 2).unwrap());
            true
        });
        assert_eq!(matching, 2);
    });
}

#[test]
fn the_caller_sees_what_matches_did() {
    check(|| {
        let looks = Arc::new((AtomicUsize::new(0), [false; 2].map(|looked| Shared::new(Cell::new(looked)))));
        let noted = Arc::clone(&looks);
        count_matching(vec![0, 1], 2, move |&item: &usize| {
            let (count, looked) = &*noted;
            looked[item].set(true);
            count.fetch_add(1, Ordering::Relaxed) < 2
        });
        let (_, looked) = &*looks;
        assert!(looked.iter().all(|looked| looked.get()), "`count_matching` returned before every item had been looked at");
    });
}

#[test]
fn a_panic_in_matches_reaches_the_caller() {
    Check::new().at_most_preemptions(2).run(|| {
        let count_but = |bad: Option<usize>, workers| {
            let looks = AtomicUsize::new(0);
            count_matching((0..workers).collect(), workers, move |&item: &usize| {
                let looks = looks.fetch_add(1, Ordering::Relaxed);
                assert_ne!(Some(item), bad, "on purpose, by the test");
                looks < 2
            })
        };
        assert_eq!(count_but(None, 1), 1);
        let result = catch_unwind(AssertUnwindSafe(|| count_but(Some(1), 2)));
        assert!(result.is_err(), "`matches` panicked, so `count_matching` must panic as well");
    });
}
