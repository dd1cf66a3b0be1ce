//! What this stand-in for `std` promises: correct programs pass, flawed ones fail and are told well.
//!
//! The programs are for both checkers and stand beside the tests of `std_on_loom`. This file swaps `std` as a kata's test does;
//! `real_std` is the real one.

#![allow(clippy::redundant_closure, reason = "`fails` knows a test by the name of a closure that stands in it")]

#[macro_use(thread_local)]
extern crate std_on_shuttle as std;
extern crate std as real_std;
extern crate std_on_shuttle as core;

#[path = "../../std_on_loom/tests/programs/assertions.rs"]
mod assertions;
#[path = "../../std_on_loom/tests/programs/chance.rs"]
mod chance;
#[path = "../../std_on_loom/tests/programs/deadlocks.rs"]
mod deadlocks;
#[path = "../../std_on_loom/tests/programs/endings.rs"]
mod endings;
#[path = "../../std_on_loom/tests/programs/keeping.rs"]
mod keeping;
#[path = "../../std_on_loom/tests/programs/memory.rs"]
mod memory;
#[path = "../../std_on_loom/tests/programs/nothing.rs"]
mod nothing;
#[path = "../../std_on_loom/tests/programs/numbers.rs"]
mod numbers;
#[path = "../../std_on_loom/tests/programs/once.rs"]
mod once;
#[path = "../../std_on_loom/tests/programs/orders.rs"]
mod orders;
#[path = "../../std_on_loom/tests/programs/owning.rs"]
mod owning;
#[path = "../../std_on_loom/tests/programs/polling.rs"]
mod polling;
#[path = "../../std_on_loom/tests/programs/races.rs"]
mod races;
#[path = "../../std_on_loom/tests/programs/receipts.rs"]
mod receipts;
#[path = "../../std_on_loom/tests/report/mod.rs"]
mod report;
#[path = "../../std_on_loom/tests/programs/shared_locks.rs"]
mod shared_locks;
#[path = "../../std_on_loom/tests/programs/signatures.rs"]
mod signatures;
#[path = "programs/simpler.rs"]
mod simpler;
#[path = "../../std_on_loom/tests/programs/spinning.rs"]
mod spinning;
#[path = "../../std_on_loom/tests/programs/statics.rs"]
mod statics;
#[path = "../../std_on_loom/tests/programs/threads.rs"]
mod threads;
#[path = "../../std_on_loom/tests/programs/time.rs"]
mod time;
#[path = "../../std_on_loom/tests/programs/trying.rs"]
mod trying;
#[path = "../../std_on_loom/tests/programs/waiting.rs"]
mod waiting;

use std_on_shuttle::{Check, check, witness};

/// What it is built on.
const ENGINE: &str = "shuttle";

/// Whether memory orders are checked, or all is sequentially consistent.
const WEAK_ORDERS: bool = false;

/// For a program with too many interleavings to run them all: here every round has a budget, and gets a smaller one.
fn few_preemptions(_preemptions: usize) -> Check {
    Check::new().budget(400).random(200)
}

/// For a program in which interleavings do not matter.
fn hardly_any() -> Check {
    Check::new().budget(1).random(2)
}
