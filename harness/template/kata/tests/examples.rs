//! The first rung: does it do what the brief says?
//!
//! Each test stands for a sentence of the brief. All run with real threads, so their outcome must not depend on who is faster.

use latch::Latch;

use examiner::{Shared, in_time};
use impls::impls;
use rstest::rstest;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

// `in_time` ends a test that would wait for ever.
#[test]
fn it_is_closed_until_it_is_opened() {
    in_time(|| {
        let (latch, another) = (Latch::new(), Latch::new());
        assert!(!latch.is_open(), "a new one is closed");
        latch.open();
        assert!(latch.is_open(), "it was opened");
        assert!(!another.is_open(), "only the other one was opened");
    });
}

// `Shared` lets threads share a type that does not allow it. So a solution that has that wrong still compiles, and only the test
// that asks for it is red: `threads_may_share_it`.
#[rstest]
#[case::one_waits(1)]
#[case::eight_wait(8)]
fn wait_returns_only_when_it_is_open(#[case] waiting: usize) {
    in_time(move || {
        let latch = Shared::new(Latch::new());
        let opening = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..waiting {
                scope.spawn(|| {
                    latch.wait();
                    assert!(opening.load(Ordering::SeqCst), "`wait` returned, and nobody had called `open` yet");
                });
            }
            // Time enough for a `wait` that does not wait. One that does is right, however slow the machine is.
            thread::sleep(Duration::from_millis(50));
            opening.store(true, Ordering::SeqCst);
            latch.open();
        });
    });
}

#[test]
fn whoever_comes_later_need_not_wait() {
    in_time(|| {
        let latch = Latch::new();
        latch.open();
        latch.wait();
        latch.wait();
        assert!(latch.is_open(), "it stays open, whoever has gone through");
    });
}

#[test]
fn opening_it_again_changes_nothing() {
    in_time(|| {
        let latch = Latch::new();
        latch.open();
        latch.open();
        assert!(latch.is_open(), "it was open, so it stays open");
        latch.wait();
    });
}

#[test]
fn threads_may_share_it() {
    // So that the test is red on the stub, as every test must be.
    let _ = Latch::new();
    assert!(impls!(Latch: Send), "`Latch` must be `Send`: it could be moved to another thread");
    assert!(impls!(Latch: Sync), "`Latch` must be `Sync`, or no two threads can use it");
}

// Every kata has this one: it reads the source for what no checker can follow, such as another crate.
#[test]
fn the_solution_is_ordinary_rust() {
    let _ = Latch::new();
    examiner::ordinary_rust(env!("CARGO_MANIFEST_DIR"));
}
