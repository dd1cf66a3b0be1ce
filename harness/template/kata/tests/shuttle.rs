//! The third rung: does it hold under many schedules, with realistic sizes?
//!
//! `check` runs a small program thousands of times, each time with the threads in another order. It fails if a thread panics, if
//! nobody can move any more, or if two threads use a cell and nothing orders the one before the other.

// From here on `std` is shuttle's, in this file and in the solution below. The solution does not know.
#[allow(unused_imports, reason = "for a solution with thread-locals of its own")]
#[macro_use(thread_local)]
extern crate std_on_shuttle as std;
extern crate std_on_shuttle as core;

#[path = "../src/lib.rs"]
#[allow(dead_code, reason = "no test here uses all of it")]
mod latch;
use latch::Latch;

use examiner::Shared;
use std::cell::Cell;
use std::thread;
use std_on_shuttle::check;

#[test]
fn whoever_has_waited_sees_what_was_done_before() {
    check(|| {
        let latch = Shared::new(Latch::new());
        // Nothing protects this cell. Whoever reads it must come after whoever wrote it.
        let note = Shared::new(Cell::new("not yet"));
        thread::scope(|scope| {
            scope.spawn(|| {
                latch.wait();
                assert_eq!(note.get(), "done", "what was done before `open` must be there after `wait`");
                assert!(latch.is_open(), "`wait` has returned, so it is open");
            });
            note.set("done");
            latch.open();
        });
    });
}

#[test]
fn everybody_who_waits_gets_through() {
    check(|| {
        let latch = Shared::new(Latch::new());
        // The scope waits for its threads. If one of them is left behind, nobody can move.
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| latch.wait());
            }
            latch.open();
        });
    });
}

#[test]
fn two_may_open_it_at_once() {
    check(|| {
        let latch = Shared::new(Latch::new());
        thread::scope(|scope| {
            scope.spawn(|| latch.open());
            scope.spawn(|| latch.open());
            latch.wait();
            assert!(latch.is_open(), "`wait` has returned, so it is open");
        });
    });
}
