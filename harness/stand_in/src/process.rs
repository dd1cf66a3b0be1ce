//! `std::process`: a test must come to its own end, so whatever would end the process ends the check instead.

use crate::model;
use std::panic::Location;
pub use std::process::{ExitCode, Termination, id};

/// Ends the check: it failed.
#[track_caller]
pub fn exit(_code: i32) -> ! {
    model::forbid("`process::exit` would end the test with the program: return or panic instead.", Location::caller())
}

/// Ends the check: it failed.
#[track_caller]
pub fn abort() -> ! {
    model::forbid("`process::abort` would end the test with the program: return or panic instead.", Location::caller())
}
