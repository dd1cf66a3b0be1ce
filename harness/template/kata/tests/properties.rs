//! The second rung: does it do it for every input?
//!
//! Here an input is how many threads come, and when. Ask for what holds for any numbers.

use latch::Latch;

use examiner::{Shared, in_time};
use proptest::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

proptest! {
    // Threads take time, so there are few cases. And no search for a smaller one that fails as well: where threads wait for ever,
    // each try would take until the end of `in_time`.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 32, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn everybody_gets_through_and_it_stays_open(before in 0..4_usize, openings in 1..5_usize, after in 0..4_usize) {
        in_time(move || {
            let latch = Shared::new(Latch::new());
            let opening = AtomicBool::new(false);
            let go_through = || {
                latch.wait();
                assert!(opening.load(Ordering::SeqCst), "`wait` returned, and nobody had called `open` yet");
            };
            thread::scope(|scope| {
                (0..before).for_each(|_| drop(scope.spawn(go_through)));
                opening.store(true, Ordering::SeqCst);
                (0..openings).for_each(|_| latch.open());
                (0..after).for_each(|_| drop(scope.spawn(go_through)));
            });
            assert!(latch.is_open(), "it was opened, and nobody can close it");
        });
    }
}
