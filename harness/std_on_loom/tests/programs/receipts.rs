//! What a receipt says was run.

use crate::{Check, hardly_any};
use interleaving::{Coverage, Receipt};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::thread;

/// So many threads beside main, each with so many operations on one atomic.
fn adds(threads: usize, times: usize) -> impl Fn() + Send + Sync + 'static {
    move || {
        let shared = Arc::new(AtomicUsize::new(0));
        let add = move |shared: &AtomicUsize| {
            for _ in 0..times {
                shared.fetch_add(1, Relaxed);
            }
        };
        let others: Vec<_> =
            (0..threads).map(|_| Arc::clone(&shared)).map(|shared| thread::spawn(move || add(&shared))).collect();
        add(&shared);
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(shared.load(Relaxed), (threads + 1) * times);
    }
}

/// Main waits for what another thread does, in a loop.
fn waits() {
    let done = Arc::new(AtomicUsize::new(0));
    let others = Arc::clone(&done);
    let other = thread::spawn(move || others.store(1, Release));
    while done.load(Acquire) == 0 {}
    other.join().unwrap();
}

fn rounds(receipt: &Receipt) -> Vec<(Coverage, usize)> {
    receipt.rounds.iter().map(|round| (round.coverage, round.interleavings)).collect()
}

#[test]
fn the_same_check_is_the_same_at_every_run() {
    let run = || Check::new().run(adds(2, 2));
    let (first, second) = (run(), run());
    assert_eq!(first, second);
    assert_eq!(first.threads, 3);
    assert_eq!(first.engine, crate::ENGINE);
}

#[test]
fn a_tiny_program_is_gone_through_as_a_whole() {
    let receipt = Check::new().run(adds(1, 1));
    let rounds = rounds(&receipt);
    if crate::WEAK_ORDERS {
        assert!(receipt.is_complete());
        assert!(rounds.iter().any(|&(coverage, runs)| coverage == Coverage::All && runs >= 2), "{rounds:?}");
        assert!(receipt.to_string().contains("interleavings that it can tell apart"), "{receipt}");
    } else {
        // Random schedules are never all of them.
        assert!(!receipt.is_complete());
        assert!(rounds.contains(&(Coverage::Random, 1_000)) && rounds.contains(&(Coverage::Pct, 500)), "{rounds:?}");
    }
    assert!(rounds.iter().any(|&(coverage, _)| coverage == Coverage::UpTo(0)), "{rounds:?}");
    assert!(rounds.iter().any(|&(coverage, _)| coverage == Coverage::UpTo(2)), "{rounds:?}");
    assert_eq!(receipt.interleavings(), rounds.iter().map(|&(_, runs)| runs).sum::<usize>());
}

#[test]
fn a_wait_can_last_for_ever_so_nobody_says_that_these_were_all() {
    let receipt = Check::new().run(waits);
    assert!(!receipt.is_complete());
    let long = rounds(&receipt).into_iter().filter(|(coverage, _)| matches!(coverage, Coverage::LongWaits(_)));
    let (bounds, runs): (Vec<_>, Vec<_>) = long.unzip();
    assert_eq!(bounds, [0, 1, 2].map(Coverage::LongWaits));
    // Two threads with a step or two: what is in the midst of a wait is no choice, or there would be more than 150.
    assert!(runs.iter().all(|runs| (1..60).contains(runs)), "{receipt:?}");
    assert!(receipt.to_string().contains("with waits of 150 looks"), "{receipt}");
    assert!(!receipt.to_string().contains("that it can tell apart"), "{receipt}");
}

#[test]
fn a_budget_that_is_spent_is_told() {
    let receipt = Check::new().budget(3).run(adds(2, 2));
    let rounds = rounds(&receipt);
    assert!(!receipt.is_complete());
    assert!(rounds.iter().any(|&(coverage, _)| coverage == Coverage::PartOf(2)), "{rounds:?}");
    let bounded = |coverage| matches!(coverage, Coverage::UpTo(_) | Coverage::PartOf(_) | Coverage::PartOfAll);
    assert!(rounds.iter().all(|&(coverage, runs)| !bounded(coverage) || (1..=5).contains(&runs)), "{rounds:?}");
    assert!(!receipt.to_string().contains("that it can tell apart"), "{receipt}");
}

#[test]
fn a_budget_that_is_just_enough_is_not_spent() {
    // Whether a round was cut off, and not how near it came to that.
    let whole = |receipt: &Receipt| {
        let last =
            rounds(receipt).into_iter().rfind(|&(coverage, _)| matches!(coverage, Coverage::UpTo(_) | Coverage::PartOf(_)));
        last.expect("there is a bounded round")
    };
    let (coverage, runs) = whole(&Check::new().run(adds(1, 2)));
    let Coverage::UpTo(bound) = coverage else { panic!("this program is small: {coverage:?}") };
    assert_eq!(whole(&Check::new().budget(runs).run(adds(1, 2))), (Coverage::UpTo(bound), runs));
    assert_eq!(whole(&Check::new().budget(runs - 1).run(adds(1, 2))).0, Coverage::PartOf(bound));
}

#[test]
fn more_preemptions_never_run_fewer_interleavings() {
    let receipt = Check::new().run(adds(1, 3));
    let bounded = rounds(&receipt).into_iter().filter(|(coverage, _)| matches!(coverage, Coverage::UpTo(_)));
    assert!(bounded.map(|(_, runs)| runs).is_sorted(), "{receipt:?}");
    assert_eq!(hardly_any().run(adds(1, 1)).threads, 2);
}
