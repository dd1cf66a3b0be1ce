//! The fourth rung: does it hold in every interleaving of two items, and with every memory order that it permits?

#[allow(unused_imports, reason = "for a solution with thread-locals of its own")]
#[macro_use(thread_local)]
extern crate std_on_loom as std;
extern crate std_on_loom as core;

#[path = "../src/lib.rs"]
#[allow(dead_code, reason = "no test here uses all of it")]
mod pipeline;

use examiner::Shared;
use pipeline::pipeline;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std_on_loom::Check;
use std_on_loom::witness::{Owned, other_threads};

/// So many items, each of which tells the checker how it is used, and must be dropped exactly once.
fn items(count: usize) -> impl Iterator<Item = Owned<usize>> + Send + 'static {
    (0..count).map(Owned::new)
}

fn add_ten(mut item: Owned<usize>) -> Owned<usize> {
    item.set(item.get() + 10);
    item
}

fn double(mut item: Owned<usize>) -> Owned<usize> {
    item.set(item.get() * 2);
    item
}

#[test]
fn every_item_goes_through_in_order() {
    Check::new().run(|| {
        let results = pipeline(items(2), add_ten, double).map(|item| item.get());
        assert!(results.eq((10..10 + 2).map(|n| n * 2)), "two items, first plus ten and then doubled");
    });
}

#[test]
fn an_unpark_by_somebody_else_changes_nothing() {
    Check::new().at_most_preemptions(2).budget(400).run(|| {
        let mut results = pipeline(items(1), add_ten, double);
        // Others may unpark a thread for reasons of their own.
        thread::current().unpark();
        assert_eq!(results.next().map(|item| item.get()), Some(20));
        thread::current().unpark();
        assert!(results.next().is_none());
    });
}

#[test]
fn dropping_it_early_stops_both_threads_and_waits_for_them() {
    Check::new().at_most_preemptions(2).budget(400).run(|| {
        // Each stage notes its calls where nothing else protects them: whoever reads them must come after the stage's end.
        let calls = Arc::new([Shared::new(Cell::new(0)), Shared::new(Cell::new(0))]);
        let (of_first, of_second) = (Arc::clone(&calls), Arc::clone(&calls));
        let first = move |item| {
            of_first[0].set(of_first[0].get() + 1);
            add_ten(item)
        };
        let second = move |item| {
            of_second[1].set(of_second[1].get() + 1);
            double(item)
        };
        let mut results = pipeline((0..).map(Owned::new), first, second);
        assert_eq!(results.next().map(|item| item.get()), Some(20));
        drop(results);
        assert_eq!(other_threads(), 0, "so many threads are still running when the iterator is gone");
        let [first, second] = [0, 1].map(|stage| calls[stage].get());
        assert!(1 <= second && second <= first, "calls of first: {first}, calls of second: {second}");
    });
}

#[test]
fn dropping_it_before_the_first_result_works_as_well() {
    Check::new().at_most_preemptions(2).budget(400).run(|| {
        let calls = Arc::new(Shared::new(Cell::new(0)));
        let of_first = Arc::clone(&calls);
        let first = move |item| {
            of_first.set(of_first.get() + 1);
            add_ten(item)
        };
        drop(pipeline((0..).map(Owned::new), first, double));
        assert!(calls.get() <= 33, "{} items were under way", calls.get());
        // Whoever starts no thread before the first result has done nothing concurrent so far, which a check does not let pass.
        let looks = AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| looks.fetch_add(1, Ordering::Relaxed));
            looks.fetch_add(1, Ordering::Relaxed);
        });
    });
}

#[test]
fn the_stages_work_at_the_same_time() {
    Check::new().at_most_preemptions(2).budget(400).run(|| {
        let meeting = Arc::new((Mutex::new(0), Condvar::new()));
        let attend = |meeting: &(Mutex<usize>, Condvar)| {
            // Goes on as soon as both are here: if `first` waits until `second` is done, nobody can move.
            let (here, changed) = meeting;
            let mut here = here.lock().unwrap();
            *here += 1;
            changed.notify_all();
            drop(changed.wait_while(here, |here| *here < 2).unwrap());
        };
        let (firsts, seconds) = (Arc::clone(&meeting), meeting);
        let first = move |item: usize| {
            if item == 1 {
                attend(&firsts);
            }
            item
        };
        let second = move |item: usize| {
            if item == 0 {
                attend(&seconds);
            }
            item
        };
        assert!(pipeline(0..2, first, second).eq(0..2));
    });
}

#[test]
fn a_panic_in_first_reaches_the_consumer() {
    Check::new().at_most_preemptions(2).budget(400).run(|| {
        let first = |item: Owned<usize>| {
            assert_ne!(item.get(), 1, "on purpose, by the test");
            item
        };
        panics_after_one_result_at_most(pipeline(items(2), first, double));
    });
}

#[test]
fn a_panic_in_second_reaches_the_consumer() {
    Check::new().at_most_preemptions(2).budget(400).run(|| {
        let second = |item: Owned<usize>| {
            assert_ne!(item.get(), 11, "on purpose, by the test");
            item
        };
        panics_after_one_result_at_most(pipeline(items(2), add_ten, second));
    });
}

#[test]
fn a_panic_in_the_input_reaches_the_consumer() {
    Check::new().at_most_preemptions(2).budget(400).run(|| {
        let input = items(2).inspect(|item| assert_ne!(item.get(), 1, "on purpose, by the test"));
        panics_after_one_result_at_most(pipeline(input, add_ten, double));
    });
}

fn panics_after_one_result_at_most(results: impl Iterator<Item = Owned<usize>>) {
    let mut yielded = 0;
    let end = catch_unwind(AssertUnwindSafe(|| results.for_each(|_| yielded += 1)));
    assert!(end.is_err(), "a stage panicked, but `next` returned `None`, as if all had been well");
    assert!(yielded <= 1, "the second item was yielded, in spite of the panic");
    assert_eq!(other_threads(), 0, "so many threads are still running when the iterator is gone");
}

#[test]
fn a_consumer_that_leaves_does_not_care_about_a_panic() {
    Check::new().at_most_preemptions(2).budget(400).run(|| {
        let second = |item: Owned<usize>| {
            assert_ne!(item.get(), 11, "on purpose, by the test");
            item
        };
        let mut results = pipeline((0..).map(Owned::new), add_ten, second);
        assert_eq!(results.next().map(|item| item.get()), Some(10));
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(results)));
        assert!(dropped.is_ok(), "dropping the iterator must not panic");
        assert_eq!(other_threads(), 0, "so many threads are still running when the iterator is gone");
    });
}
