//! The third rung: does it hold under many schedules, with realistic sizes?

#[allow(unused_imports, reason = "for a solution with thread-locals of its own")]
#[macro_use(thread_local)]
extern crate std_on_shuttle as std;
extern crate std_on_shuttle as core;

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
use std_on_shuttle::{Check, check};

/// Runs `work` on so many threads, and returns what they return, sorted.
fn on_threads(threads: usize, work: impl Fn(&Counter) -> Vec<u64> + Sync) -> (Vec<u64>, u64) {
    let counter = Shared::new(Counter::new());
    let mut returned: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(&counter))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    returned.sort_unstable();
    (returned, counter.get())
}

#[test]
fn no_two_increments_return_the_same() {
    check(|| {
        let (returned, count) = on_threads(3, |counter| vec![counter.increment(), counter.increment()]);
        assert_eq!(returned, [1, 2, 3, 4, 5, 6], "each number must be returned exactly once");
        assert_eq!(count, 6);
    });
}

#[test]
fn whoever_has_incremented_finds_the_count_at_least_there() {
    check(|| {
        on_threads(3, |counter| {
            let mine = counter.increment();
            let count = counter.get();
            assert!(count >= mine, "`increment` returned {mine}, and then `get` returned {count}");
            vec![mine]
        });
    });
}

#[test]
fn threads_together_stop_at_the_limit() {
    check(|| {
        let try_twice = |counter: &Counter| (0..2).filter_map(|_| counter.increment_below(4)).collect();
        let (returned, count) = on_threads(3, try_twice);
        assert_eq!(returned, [1, 2, 3, 4], "each number up to the limit must be returned exactly once");
        assert_eq!(count, 4);
    });
}

#[test]
fn nobody_is_refused_far_from_the_limit() {
    check(|| {
        let (returned, _) = on_threads(3, |counter| counter.increment_below(100).into_iter().collect());
        assert_eq!(returned, [1, 2, 3], "the limit is far away, so each thread must get its number");
    });
}

#[test]
fn the_limit_is_not_passed_even_for_a_moment() {
    check(|| {
        let counter = Arc::new(Shared::new(Counter::new()));
        let others: Vec<_> = (0..2)
            .map(|_| {
                let counter = Arc::clone(&counter);
                thread::spawn(move || counter.increment_below(1))
            })
            .collect();
        let seen = counter.get();
        assert!(seen <= 1, "the count stood at {seen}, and nobody may take it past 1");
        for other in others {
            other.join().unwrap();
        }
    });
}

#[test]
fn both_kinds_of_increment_share_one_count() {
    check(|| {
        let (returned, count) =
            on_threads(3, |counter| [Some(counter.increment()), counter.increment_below(4)].into_iter().flatten().collect());
        assert!(returned.iter().copied().eq(1..=count), "each number up to {count} must be returned once, not {returned:?}");
    });
}

#[test]
fn every_item_is_looked_at_once_and_counted_once() {
    Check::new().random(400).run(|| {
        let looks = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&looks);
        let matching = count_matching((0..5).collect(), 3, move |&item: &usize| {
            counted.fetch_add(1, Ordering::Relaxed);
            item % 2 == 0
        });
        assert_eq!(matching, 3, "of 0, 1, 2, 3, 4, three are even");
        assert_eq!(looks.load(Ordering::Relaxed), 5, "how often an item was looked at");
    });
    // Two callers at once: each has its own count.
    Check::new().random(100).run(|| {
        let looks = Arc::new(AtomicUsize::new(0));
        let count = |items: Vec<usize>, looks: &Arc<AtomicUsize>| {
            let looks = Arc::clone(looks);
            count_matching(items, 1, move |item| {
                looks.fetch_add(1, Ordering::Relaxed);
                item % 2 == 0
            })
        };
        let others = Arc::clone(&looks);
        let other = thread::spawn(move || count(vec![1, 2], &others));
        assert_eq!(count(vec![2, 4], &looks), 2, "of 2 and 4, two are even, whatever others count meanwhile");
        assert_eq!(other.join().unwrap(), 1, "of 1 and 2, one is even, whatever others count meanwhile");
    });
}

#[test]
fn all_workers_work_at_once() {
    for (items, workers) in [(3, 3), (4, 3)] {
        Check::new().random(400).run(move || {
            let meeting = Arc::new((Mutex::new(0), Condvar::new(), AtomicUsize::new(0)));
            let matching = count_matching(vec![(); items], workers, move |()| {
                let (here, changed, inside) = &*meeting;
                let most = inside.fetch_add(1, Ordering::Relaxed) + 1;
                assert!(most <= workers, "{most} threads are in `matches` at once, and there must be {workers} workers");
                // Goes on as soon as all workers are here: if there is one too few, nobody can move.
                let mut here = here.lock().unwrap();
                *here += 1;
                changed.notify_all();
                drop(changed.wait_while(here, |here| *here < workers).unwrap());
                inside.fetch_sub(1, Ordering::Relaxed);
                true
            });
            assert_eq!(matching, items);
        });
    }
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
    check(|| {
        let count_but = |bad: Option<usize>, workers| {
            let looks = AtomicUsize::new(0);
            count_matching((0..workers).collect(), workers, move |&item: &usize| {
                let looks = looks.fetch_add(1, Ordering::Relaxed);
                assert_ne!(Some(item), bad, "on purpose, by the test");
                looks < 2
            })
        };
        assert_eq!(count_but(None, 1), 1);
        let result = catch_unwind(AssertUnwindSafe(|| count_but(Some(1), 3)));
        assert!(result.is_err(), "`matches` panicked, so `count_matching` must panic as well");
    });
}
