//! The second rung: does it do it for every input?

use counter::{Counter, count_matching};
use examiner::{Meeting, Shared, in_time};
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::Arc;
use std::thread;

/// What may be done with a counter.
#[derive(Clone, Copy, Debug)]
enum Use {
    Increment,
    IncrementBelow(u64),
    Get,
}

fn any_use() -> impl Strategy<Value = Use> {
    prop_oneof![Just(Use::Increment), (0..12_u64).prop_map(Use::IncrementBelow), Just(Use::Get)]
}

proptest! {
    // The search for a smaller input that fails as well ends after a second: where threads wait for ever, each try takes long.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, max_shrink_time: 1000, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_uses_counts_as_one_thread_would(uses in vec(any_use(), 0..24)) {
        in_time(move || {
            let counter = Counter::new();
            let mut expected = 0;
            for next in uses {
                match next {
                    Use::Increment => {
                        expected += 1;
                        assert_eq!(counter.increment(), expected);
                    }
                    Use::IncrementBelow(limit) if expected < limit => {
                        expected += 1;
                        assert_eq!(counter.increment_below(limit), Some(expected), "below {limit}");
                    }
                    Use::IncrementBelow(limit) => assert_eq!(counter.increment_below(limit), None, "at {expected}, below {limit}"),
                    Use::Get => assert_eq!(counter.get(), expected),
                }
            }
        });
    }

    #[test]
    fn whatever_threads_do_each_number_is_returned_once(uses in vec(vec(prop_oneof![Just(None), (0..80_u64).prop_map(Some)], 0..40), 1..5)) {
        in_time(move || {
            let counter = Shared::new(Counter::new());
            let mut returned = thread::scope(|scope| {
                let threads: Vec<_> = uses
                    .iter()
                    .map(|mine| {
                        let counter = &counter;
                        scope.spawn(move || {
                            let returned = mine.iter().filter_map(|limit| match limit {
                                None => Some(counter.increment()),
                                Some(limit) => counter.increment_below(*limit).inspect(|count| assert!(count <= limit, "past the limit")),
                            });
                            returned.collect::<Vec<_>>()
                        })
                    })
                    .collect();
                threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
            });
            returned.sort_unstable();
            assert!(returned.iter().copied().eq(1..=counter.get()), "each number up to the count must be returned exactly once");
        });
    }

    #[test]
    fn count_matching_counts_what_an_iterator_counts(items in vec(any::<u8>(), 0..60), workers in 1..9_usize, least in any::<u8>()) {
        in_time(move || {
            let expected = items.iter().filter(|&&item| item >= least).count();
            assert_eq!(count_matching(items, workers, move |&item| item >= least), expected);
        });
    }
}

proptest! {
    // A meeting that does not come about takes its time: no search for the smallest such.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 16, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn any_number_of_workers_work_at_once(workers in 1..10_usize, further_items in 0..10_usize) {
        in_time(move || {
            let meeting = Arc::new(Meeting::of(workers));
            let attended = Arc::clone(&meeting);
            count_matching(vec![(); workers + further_items], workers, move |()| {
                attended.attend();
                true
            });
            let most = meeting.most_at_once();
            assert_eq!(most, workers, "there was an item for each of {workers} workers, but only {most} ever worked at once");
        });
    }
}
