//! The first rung: does the pipeline do what the brief says?

use examiner::{Meeting, in_time};
use pipeline::pipeline;
use rstest::rstest;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::{self, sleep};
use std::time::Duration;

/// Panics without a message on the screen, where the hook would put it.
fn panic_on_purpose() -> ! {
    resume_unwind(Box::new("on purpose, by the test"))
}

#[rstest]
#[case::no_item(0)]
#[case::one_item(1)]
#[case::three_items(3)]
#[case::many_items(500)]
fn every_item_goes_through_first_and_then_second(#[case] items: u64) {
    in_time(move || {
        let results: Vec<u64> = pipeline(0..items, |n| n + 1, |n| n * 10).collect();
        let expected: Vec<u64> = (0..items).map(|n| (n + 1) * 10).collect();
        assert_eq!(results, expected);
    });
}

#[test]
fn items_of_any_type_that_may_be_sent_go_through() {
    in_time(|| {
        let words = vec![String::from("one"), String::from("three")];
        let mut results = pipeline(words, |word| Cell::new(word.len()), |length| Box::new(move || length.get()));
        assert_eq!(results.next().map(|length| length()), Some(3));
        assert_eq!(results.next().map(|length| length()), Some(5));
    });
}

#[test]
fn each_stage_is_called_once_for_each_item() {
    in_time(|| {
        let calls = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let (of_first, of_second) = (Arc::clone(&calls), Arc::clone(&calls));
        let first = move |item| (of_first[0].fetch_add(1, Ordering::Relaxed), item).1;
        let second = move |item| (of_second[1].fetch_add(1, Ordering::Relaxed), item).1;
        assert!(pipeline(0..20, first, second).eq(0..20));
        assert_eq!([0, 1].map(|stage| calls[stage].load(Ordering::Relaxed)), [20, 20], "how often each stage was called");
    });
}

#[test]
fn after_the_last_result_there_is_none() {
    in_time(|| {
        let mut results = pipeline([7], |n| n, |n| n);
        assert_eq!(results.next(), Some(7));
        for _ in 0..3 {
            assert_eq!(results.next(), None);
        }
    });
}

#[test]
fn the_input_ends_with_its_first_none() {
    in_time(|| {
        // An iterator may go on after a `None`; whoever uses it as a loop does, never sees that.
        let mut answers = [Some(1), None, Some(2), None].into_iter();
        let input = std::iter::from_fn(move || answers.next().flatten());
        let mut results = pipeline(input, |n| n, |n| n);
        assert_eq!([results.next(), results.next(), results.next()], [Some(1), None, None]);
    });
}

#[test]
fn each_stage_has_a_thread_of_its_own() {
    in_time(|| {
        let ids = pipeline(0..20, |_| thread::current().id(), |first| [first, thread::current().id()]);
        let mut ids: Vec<_> = ids.collect();
        ids.dedup();
        assert_eq!(ids.len(), 1, "`first` runs on one thread, and `second` on one");
        let [first, second] = ids[0];
        assert_ne!(first, second, "`second` runs on another thread than `first`");
        assert!(![first, second].contains(&thread::current().id()), "neither runs on the thread of the consumer");
    });
}

#[test]
fn the_stages_work_at_the_same_time() {
    in_time(|| {
        // `first` with item 1 and `second` with item 0 wait for each other.
        let meeting = Arc::new(Meeting::of(2));
        let (firsts, seconds) = (Arc::clone(&meeting), Arc::clone(&meeting));
        let first = move |item| {
            if item == 1 {
                firsts.attend();
            }
            item
        };
        let second = move |item| {
            if item == 0 {
                seconds.attend();
            }
            item
        };
        assert!(pipeline(0..3, first, second).eq(0..3));
        let most = meeting.most_at_once();
        assert_eq!(most, 2, "while `second` has the first item, `first` must already work on the next");
    });
}

#[test]
fn endless_input_yields_as_much_as_is_asked_for() {
    in_time(|| {
        let results: Vec<u64> = pipeline(1.., |n: u64| n * n, |n| n + 1).take(100).collect();
        assert!(results.into_iter().eq((1..=100).map(|n| n * n + 1)));
    });
}

#[test]
fn at_most_32_items_are_under_way() {
    in_time(|| {
        let taken = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&taken);
        // Far more than 32, and not endless: the test must come to its end even if nobody waits.
        let input = (0..10_000).map(move |n| (counted.fetch_add(1, Ordering::Relaxed), n).1);
        let mut results = pipeline(input, |n| n, |n| n);
        for handed_out in 1..=100 {
            assert_eq!(results.next(), Some(handed_out - 1));
            if handed_out == 1 {
                // Time enough to run too far ahead.
                sleep(Duration::from_millis(50));
            }
            let under_way = taken.load(Ordering::Relaxed).saturating_sub(handed_out);
            assert!(under_way <= 32, "{under_way} items are taken from the input and not yet handed to the consumer");
        }
    });
}

#[rstest]
#[case::before_the_first_result(0)]
#[case::after_one_result(1)]
#[case::after_many_results(100)]
fn dropping_it_stops_both_threads_and_waits_for_them(#[case] results_taken: usize) {
    in_time(move || {
        // What the threads own is gone when they have ended: the stages, the input, and every item that is under way.
        let owned = Arc::new(());
        let [input, items, first, second] = std::array::from_fn(|_| Arc::clone(&owned));
        let input = (0..).map(move |n: u64| (n, Arc::clone(&input)));
        let mut results = pipeline(
            input,
            move |(n, item)| {
                let _first = &first;
                (n, item, Arc::clone(&items))
            },
            move |(n, ..)| {
                let _second = &second;
                n
            },
        );
        assert!(results.by_ref().take(results_taken).eq(0..results_taken as u64));
        drop(results);
        assert_eq!(Arc::strong_count(&owned), 1, "a thread is still running, or something that it owned is still there");
    });
}

#[test]
fn dropping_it_waits_for_the_item_that_a_stage_has_in_hand() {
    in_time(|| {
        let busy = Arc::new(AtomicBool::new(false));
        let shown = Arc::clone(&busy);
        let (entered, in_hand) = channel();
        let mut results = pipeline(
            0..,
            |n: u64| n,
            move |n| {
                if n == 1 {
                    shown.store(true, Ordering::SeqCst);
                    let _ = entered.send(());
                    sleep(Duration::from_millis(30));
                    shown.store(false, Ordering::SeqCst);
                }
                n
            },
        );
        assert_eq!(results.next(), Some(0));
        // Whoever does not work ahead is not in anything now.
        let _ = in_hand.recv_timeout(Duration::from_millis(100));
        drop(results);
        assert!(!busy.load(Ordering::SeqCst), "`second` was still at work when the iterator had been dropped");
    });
}

#[test]
fn after_the_end_both_threads_are_gone_with_the_iterator() {
    in_time(|| {
        let owned = Arc::new(());
        let [first, second] = [Arc::clone(&owned), Arc::clone(&owned)];
        let first = move |n: u64| (n, Arc::clone(&first)).0;
        let second = move |n: u64| (n, Arc::clone(&second)).0;
        assert!(pipeline(0..3, first, second).eq(0..3));
        assert_eq!(Arc::strong_count(&owned), 1, "a thread is still running, or something that it owned is still there");
    });
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Input,
    First,
    Second,
}

/// A pipeline that panics at item `bad` of five, and what it has yielded before that; whether `next` panicked.
fn results_until_the_panic(bad: u64, place: Where) -> (Vec<u64>, bool) {
    let check = move |n: u64, here| {
        if n == bad && here == place {
            panic_on_purpose();
        }
        n
    };
    let owned = Arc::new(());
    let [of_input, of_first, of_second] = std::array::from_fn(|_| Arc::clone(&owned));
    let input = (0..5).map(move |n| (check(n, Where::Input), &of_input).0);
    let first = move |n| (check(n, Where::First), &of_first).0;
    let second = move |n| (check(n, Where::Second), &of_second).0;
    let mut results = pipeline(input, first, second);
    let mut yielded = Vec::new();
    let end = catch_unwind(AssertUnwindSafe(|| results.by_ref().for_each(|n| yielded.push(n))));
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(results)));
    assert!(dropped.is_ok(), "dropping the iterator must not panic: the consumer knows already");
    assert_eq!(Arc::strong_count(&owned), 1, "a thread is still running, or something that it owned is still there");
    (yielded, end.is_err())
}

#[rstest]
#[case::at_the_first_item(0, Where::First)]
#[case::in_first(3, Where::First)]
#[case::in_second(3, Where::Second)]
#[case::in_the_input(3, Where::Input)]
#[case::in_second_at_the_last_item(4, Where::Second)]
fn a_panic_reaches_the_consumer(#[case] bad: u64, #[case] place: Where) {
    in_time(move || {
        let (yielded, panicked) = results_until_the_panic(bad, place);
        assert!(panicked, "there was a panic at item {bad} ({place:?}), but `next` returned `None`, as if all had been well");
        let few_enough = yielded.len() as u64 <= bad;
        assert!(few_enough && yielded.iter().copied().eq(0..yielded.len() as u64), "what was yielded before: {yielded:?}");
        let next: Vec<u64> = pipeline(0..3, |n| n, |n| n).collect();
        assert_eq!(next, [0, 1, 2], "the next pipeline is another one, and has nothing to do with that panic");
    });
}

#[test]
fn a_panic_reaches_a_consumer_that_is_slow() {
    in_time(|| {
        for bad in 1..40 {
            let second = move |n: u64| if n == bad { panic_on_purpose() } else { n };
            let mut results = pipeline(0..100, |n: u64| n, second);
            assert_eq!(results.next(), Some(0));
            // Time enough for the stage to get to its panic, if it may run ahead so far.
            sleep(Duration::from_millis(2));
            let end = catch_unwind(AssertUnwindSafe(|| results.by_ref().count()));
            assert!(end.is_err(), "there was a panic at item {bad}, but `next` returned `None`, as if all had been well");
        }
    });
}

#[test]
fn an_unpark_by_somebody_else_changes_nothing() {
    in_time(|| {
        let mut results = pipeline(0..20, |n: u64| n, |n| n);
        for expected in (0..20).map(Some).chain([None]) {
            // Others may unpark a thread for reasons of their own.
            thread::current().unpark();
            assert_eq!(results.next(), expected);
        }
    });
}

#[rstest]
#[case::the_input(Where::Input)]
#[case::first(Where::First)]
#[case::second(Where::Second)]
fn dropping_it_does_not_panic_even_if_a_stage_has(#[case] place: Where) {
    in_time(move || {
        let (begun, panicking) = channel();
        let check = move |n: u64, here| {
            if n == 1 && here == place {
                let _ = begun.send(());
                panic_on_purpose();
            }
            n
        };
        let (of_input, of_first) = (check.clone(), check.clone());
        let input = (0..).map(move |n| of_input(n, Where::Input));
        let mut results = pipeline(input, move |n| of_first(n, Where::First), move |n| check(n, Where::Second));
        // The first result, or the panic already.
        let _ = catch_unwind(AssertUnwindSafe(|| results.next()));
        let _ = panicking.recv_timeout(Duration::from_millis(100));
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(results)));
        assert!(dropped.is_ok(), "whoever has had enough does not care how the rest went");
    });
}

#[test]
fn both_stages_may_panic() {
    in_time(|| {
        let first = |n: u64| if n == 1 { panic_on_purpose() } else { n };
        let second = |n: u64| if n == 0 { panic_on_purpose() } else { n };
        let mut results = pipeline(0..5, first, second);
        let mut next = || catch_unwind(AssertUnwindSafe(|| results.next()));
        assert!(next().is_err(), "there was a panic at the first item");
        // What comes after it is up to you, but no call waits for ever.
        let _ = [next(), next(), next()];
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(results)));
        assert!(dropped.is_ok(), "whoever has had enough does not care how the rest went");
    });
}

#[test]
fn a_consumer_that_panics_stops_both_threads_as_well() {
    in_time(|| {
        let owned = Arc::new(());
        let [first, second] = [Arc::clone(&owned), Arc::clone(&owned)];
        let first = move |n: u64| (n, Arc::clone(&first)).0;
        let second = move |n: u64| (n, Arc::clone(&second)).0;
        let mut seen = 0;
        let consumer = AssertUnwindSafe(|| {
            for n in pipeline(0.., first, second) {
                seen = n;
                if n == 3 {
                    panic_on_purpose();
                }
            }
        });
        assert!(catch_unwind(consumer).is_err());
        assert_eq!(seen, 3, "the last result before the consumer panicked");
        assert_eq!(Arc::strong_count(&owned), 1, "a thread is still running, or something that it owned is still there");
    });
}

#[test]
fn two_pipelines_know_nothing_of_each_other() {
    in_time(|| {
        let log = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&log);
        let one = pipeline(0..3, |n| n, |n| n);
        let mut other = pipeline(10.., |n: i32| n, move |n| (noted.lock().unwrap().push(n), n).1);
        assert!(one.eq(0..3));
        assert_eq!(other.next(), Some(10));
        drop(other);
        assert!(log.lock().unwrap().starts_with(&[10]));
    });
}

#[test]
fn only_sound_uses_compile() {
    in_time(|| drop(pipeline([0], |n| n, |n| n)));
    examiner::only_sound_uses_compile(env!("CARGO_MANIFEST_DIR"), env!("CARGO_TARGET_TMPDIR"), include_str!("compiler/uses.rs"));
}

#[test]
fn the_solution_is_ordinary_rust() {
    in_time(|| drop(pipeline([0], |n| n, |n| n)));
    examiner::ordinary_rust(env!("CARGO_MANIFEST_DIR"));
}
