//! The first rung: does it do what the brief says?

use counter::{Counter, count_matching};
use examiner::{Meeting, Shared, in_time};
use impls::impls;
use rstest::rstest;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

#[test]
fn a_new_counter_stands_at_zero() {
    in_time(|| assert_eq!(Counter::new().get(), 0));
}

#[test]
fn increment_returns_the_new_count() {
    in_time(|| {
        let counter = Counter::new();
        assert_eq!(counter.increment(), 1);
        assert_eq!(counter.increment(), 2);
        assert_eq!(counter.get(), 2);
    });
}

#[test]
fn the_count_goes_beyond_what_16_bits_hold() {
    in_time(|| {
        let counter = Counter::new();
        assert!((1..=70_000).all(|expected| counter.increment() == expected));
        assert_eq!(counter.increment_below(70_001), Some(70_001));
    });
}

#[test]
fn two_counters_know_nothing_of_each_other() {
    in_time(|| {
        let (one, other) = (Counter::new(), Counter::new());
        assert_eq!([one.increment(), one.increment(), other.increment()], [1, 2, 1]);
        assert_eq!([one.increment_below(3), other.increment_below(1)], [Some(3), None]);
        assert_eq!([one.get(), other.get()], [3, 1]);
    });
}

#[rstest]
#[case::limit_zero(0, &[None, None])]
#[case::limit_one(1, &[Some(1), None, None])]
#[case::limit_three(3, &[Some(1), Some(2), Some(3), None, None])]
#[case::beyond_32_bits(1 << 32, &[Some(1), Some(2)])]
#[case::far_away(u64::MAX, &[Some(1), Some(2)])]
fn increment_below_stops_at_the_limit(#[case] limit: u64, #[case] expected: &'static [Option<u64>]) {
    in_time(move || {
        let counter = Counter::new();
        let results: Vec<_> = expected.iter().map(|_| counter.increment_below(limit)).collect();
        assert_eq!(results, expected);
    });
}

#[test]
fn an_increment_that_is_refused_changes_nothing() {
    in_time(|| {
        let counter = Counter::new();
        for _ in 0..3 {
            counter.increment();
        }
        assert_eq!(counter.increment_below(3), None, "the count is at the limit");
        assert_eq!(counter.increment_below(1), None, "the count is above the limit");
        assert_eq!(counter.get(), 3);
        assert_eq!(counter.increment_below(4), Some(4), "the next limit is not reached yet");
    });
}

#[test]
fn threads_may_share_a_counter() {
    let _ = Counter::new();
    assert!(impls!(Counter: Send), "a `Counter` must be `Send`: it could be moved to another thread");
    assert!(
        impls!(Counter: Sync),
        "a `Counter` must be `Sync`, or no two threads can use it: make it of a `Mutex` or of atomics"
    );
}

#[rstest]
#[case::two_threads(2)]
#[case::eight_threads(8)]
fn no_two_increments_return_the_same(#[case] threads: u64) {
    const EACH: u64 = 500;
    in_time(move || {
        let counter = Shared::new(Counter::new());
        let mut returned = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..threads).map(|_| scope.spawn(|| (0..EACH).map(|_| counter.increment()).collect::<Vec<_>>())).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        returned.sort_unstable();
        assert!(returned.iter().copied().eq(1..=threads * EACH), "each number from 1 on must be returned exactly once");
        assert_eq!(counter.get(), threads * EACH);
    });
}

#[test]
fn threads_together_stop_at_the_limit() {
    const LIMIT: u64 = 500;
    in_time(|| {
        let counter = Shared::new(Counter::new());
        let mut returned = thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..LIMIT).filter_map(|_| counter.increment_below(LIMIT)).collect::<Vec<_>>()))
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        returned.sort_unstable();
        assert!(returned.iter().copied().eq(1..=LIMIT), "each number up to the limit must be returned exactly once");
        assert_eq!(counter.get(), LIMIT);
    });
}

#[rstest]
#[case::no_items(vec![], 3, 0)]
#[case::one_worker(vec![1, 2, 3, 4], 1, 2)]
#[case::two_workers(vec![1, 2, 3, 4], 2, 2)]
#[case::a_remainder(vec![2, 2, 2, 2, 2, 2, 2], 3, 7)]
#[case::more_workers_than_items(vec![2, 3], 5, 1)]
#[case::none_matches(vec![1, 3, 5], 2, 0)]
#[case::more_match_than_8_bits_hold(vec![2; 600], 2, 600)]
fn count_matching_counts_what_matches(#[case] items: Vec<i32>, #[case] workers: usize, #[case] expected: usize) {
    in_time(move || assert_eq!(count_matching(items, workers, |item| item % 2 == 0), expected));
}

#[rstest]
#[case::three_each(9, 3)]
#[case::a_remainder(10, 4)]
#[case::more_workers_than_items(3, 8)]
fn every_item_is_looked_at_exactly_once(#[case] items: usize, #[case] workers: usize) {
    in_time(move || {
        let looks: Arc<Vec<AtomicUsize>> = Arc::new((0..items).map(|_| AtomicUsize::new(0)).collect());
        let counted = Arc::clone(&looks);
        count_matching((0..items).collect(), workers, move |&item: &usize| {
            counted[item].fetch_add(1, Ordering::Relaxed);
            true
        });
        let looks: Vec<_> = looks.iter().map(|looks| looks.load(Ordering::Relaxed)).collect();
        assert_eq!(looks, vec![1; items], "how often each item was looked at");
    });
}

// Each call of `matches` waits until all workers are in it: only workers that are at work at the same time get on.
#[rstest]
#[case::two(2, 2)]
#[case::forty(40, 40)]
#[case::three_for_four_items(4, 3)]
#[case::four_for_nine_items(9, 4)]
fn all_workers_work_at_once(#[case] items: usize, #[case] workers: usize) {
    in_time(move || {
        let meeting = Arc::new(Meeting::of(workers));
        let attended = Arc::clone(&meeting);
        count_matching(vec![(); items], workers, move |()| {
            attended.attend();
            true
        });
        let most = meeting.most_at_once();
        assert_eq!(most, workers, "there were {items} items for {workers} workers, but only {most} ever worked at once");
    });
}

#[rstest]
#[case::no_items(0)]
#[case::three_items(3)]
fn no_workers_is_a_panic(#[case] items: usize) {
    in_time(move || {
        assert_eq!(count_matching(vec![(); items], 1, |()| true), items);
        let result = catch_unwind(|| count_matching(vec![(); items], 0, |()| true));
        assert!(result.is_err(), "with 0 workers, `count_matching` must panic");
    });
}

#[rstest]
#[case::the_first_of_one_worker(&[0], 1)]
#[case::the_first(&[0], 3)]
#[case::the_last(&[5], 3)]
#[case::more_workers_than_items(&[2], 8)]
#[case::every_item(&[0, 1, 2, 3, 4, 5], 3)]
fn a_panic_in_matches_reaches_the_caller(#[case] bad: &'static [usize], #[case] workers: usize) {
    in_time(move || {
        let looks = Arc::new([const { AtomicUsize::new(0) }; 6]);
        let count_but = |bad: &'static [usize]| {
            let counted = Arc::clone(&looks);
            count_matching((0..6).collect(), workers, move |&item: &usize| {
                counted[item].fetch_add(1, Ordering::Relaxed);
                assert!(!bad.contains(&item), "on purpose, by the test");
                true
            })
        };
        assert_eq!(count_but(&[]), 6);
        let result = catch_unwind(AssertUnwindSafe(|| count_but(bad)));
        assert!(result.is_err(), "`matches` panicked, so `count_matching` must panic as well");
        let looks = bad.iter().map(|&item| looks[item].load(Ordering::Relaxed));
        assert!(looks.max() <= Some(2), "once without the panic and once with it: nobody tries again");
    });
}

#[test]
fn matches_may_count_as_well() {
    in_time(|| {
        let two_are_even_below = |&limit: &i32| count_matching((0..limit).collect(), 2, |item| item % 2 == 0) == 2;
        assert_eq!(count_matching(vec![3, 4, 5, 8], 2, two_are_even_below), 2);
    });
}

#[test]
fn only_sound_uses_compile() {
    let _ = Counter::new();
    examiner::only_sound_uses_compile(env!("CARGO_MANIFEST_DIR"), env!("CARGO_TARGET_TMPDIR"), include_str!("compiler/uses.rs"));
}

#[test]
fn the_solution_is_ordinary_rust() {
    let _ = Counter::new();
    examiner::ordinary_rust(env!("CARGO_MANIFEST_DIR"));
}
