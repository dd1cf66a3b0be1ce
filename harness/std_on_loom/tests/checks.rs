//! What this stand-in for `std` promises: correct programs pass, flawed ones fail and are told well.
//!
//! The programs in `programs/` are for both checkers. This file swaps `std` as a kata's test does; `real_std` is the real one.

#![allow(clippy::redundant_closure, reason = "`fails` knows a test by the name of a closure that stands in it")]

#[macro_use(thread_local)]
extern crate std_on_loom as std;
extern crate std as real_std;
extern crate std_on_loom as core;

#[path = "programs/assertions.rs"]
mod assertions;
#[path = "programs/chance.rs"]
mod chance;
#[path = "programs/deadlocks.rs"]
mod deadlocks;
#[path = "programs/endings.rs"]
mod endings;
#[path = "programs/keeping.rs"]
mod keeping;
#[path = "programs/memory.rs"]
mod memory;
#[path = "programs/nothing.rs"]
mod nothing;
#[path = "programs/numbers.rs"]
mod numbers;
#[path = "programs/once.rs"]
mod once;
#[path = "programs/orders.rs"]
mod orders;
#[path = "programs/owning.rs"]
mod owning;
#[path = "programs/polling.rs"]
mod polling;
#[path = "programs/races.rs"]
mod races;
#[path = "programs/receipts.rs"]
mod receipts;
mod report;
#[path = "programs/shared_locks.rs"]
mod shared_locks;
#[path = "programs/signatures.rs"]
mod signatures;
#[path = "programs/spinning.rs"]
mod spinning;
#[path = "programs/statics.rs"]
mod statics;
#[path = "programs/threads.rs"]
mod threads;
#[path = "programs/time.rs"]
mod time;
#[path = "programs/trying.rs"]
mod trying;
#[path = "programs/waiting.rs"]
mod waiting;

use std_on_loom::{Check, check, witness};

/// What it is built on.
const ENGINE: &str = "loom";

/// Whether memory orders are checked, or all is sequentially consistent.
const WEAK_ORDERS: bool = true;

/// For a program with too many interleavings to run them all.
fn few_preemptions(preemptions: usize) -> Check {
    Check::new().at_most_preemptions(preemptions)
}

/// For a program in which interleavings do not matter.
fn hardly_any() -> Check {
    Check::new().at_most_preemptions(0).budget(1)
}
