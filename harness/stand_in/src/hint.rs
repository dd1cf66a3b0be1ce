//! `std::hint`.

use crate::model;
pub use std::hint::{assert_unchecked, black_box, cold_path, select_unpredictable, unreachable_unchecked};
use std::panic::Location;

/// As `std`'s: the thread waits, so the others go first.
#[track_caller]
pub fn spin_loop() {
    model::hinted(Location::caller());
}
