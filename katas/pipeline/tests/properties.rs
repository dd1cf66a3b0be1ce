//! The second rung: does the pipeline do it for every input, and for every end?

use examiner::in_time;
use pipeline::pipeline;
use proptest::collection::vec;
use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

proptest! {
    // The search for a smaller input that fails as well ends after a second: where threads wait for ever, each try takes long.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, max_shrink_time: 1000, ..ProptestConfig::default() })]

    #[test]
    fn the_results_are_those_of_two_maps(input in vec(any::<i64>(), 0..200)) {
        in_time(move || {
            let first = |n: i64| n.wrapping_mul(3);
            let second = |n: i64| format!("{n}");
            let expected: Vec<String> = input.iter().copied().map(first).map(second).collect();
            assert_eq!(pipeline(input, first, second).collect::<Vec<_>>(), expected);
        });
    }

    #[test]
    fn whenever_it_is_dropped_everything_is_gone(items in 0..100_usize, taken in 0..100_usize) {
        in_time(move || {
            let owned = Arc::new(());
            let [input, first, second] = std::array::from_fn(|_| Arc::clone(&owned));
            let input = (0..items).map(move |n| (n, Arc::clone(&input)));
            let first = move |(n, item)| (n, [item, Arc::clone(&first)]);
            let second = move |(n, _items): (usize, [Arc<()>; 2])| (n, Arc::clone(&second));
            let mut results = pipeline(input, first, second);
            assert!(results.by_ref().take(taken).map(|(n, _)| n).eq(0..taken.min(items)));
            drop(results);
            assert_eq!(Arc::strong_count(&owned), 1, "a thread is still running, or something that it owned is still there");
        });
    }

    #[test]
    fn wherever_it_panics_the_consumer_learns_of_it(items in 1..60_u64, bad in any::<prop::sample::Index>(), in_first in any::<bool>()) {
        in_time(move || {
            let bad = bad.index(items as usize) as u64;
            let stage = move |mine: bool| move |n: u64| {
                if n == bad && mine {
                    // Without a message on the screen, where the hook would put it.
                    resume_unwind(Box::new("on purpose, by the test"));
                }
                n
            };
            let mut yielded = Vec::new();
            let mut results = pipeline(0..items, stage(in_first), stage(!in_first));
            let end = catch_unwind(AssertUnwindSafe(|| results.by_ref().for_each(|n| yielded.push(n))));
            assert!(end.is_err(), "there was a panic at item {bad}, but `next` returned `None`, as if all had been well");
            assert!(yielded.len() as u64 <= bad && yielded.iter().copied().eq(0..yielded.len() as u64), "yielded before: {yielded:?}");
        });
    }
}
