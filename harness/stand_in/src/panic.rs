//! `std::panic`: a caught panic no longer counts as one; the hook stays the checker's.

use crate::model;
use std::panic::Location as At;
pub use std::panic::{AssertUnwindSafe, Location, PanicHookInfo, RefUnwindSafe, UnwindSafe, panic_any};

/// As `std`'s.
///
/// # Errors
/// If `f` panics, with the panic. What the checker itself finds is not a panic, and is not caught.
pub fn catch_unwind<F: FnOnce() -> R + UnwindSafe, R>(f: F) -> std::thread::Result<R> {
    if !model::is_running() {
        return std::panic::catch_unwind(f);
    }
    // A destructor that runs because of a panic may itself try something that panics.
    let unwinding = model::is_panicking();
    model::set_panicking(false);
    let result = std::panic::catch_unwind(f);
    if result.is_err() {
        model::caught(true);
    }
    model::set_panicking(unwinding);
    result
}

/// As `std`'s.
pub fn resume_unwind(payload: Box<dyn std::any::Any + Send>) -> ! {
    if model::is_running() {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        model::panicked(text.unwrap_or_else(|| "(a payload that is no text)".to_owned()), None);
    }
    std::panic::resume_unwind(payload)
}

/// As `std`'s; but a checked program must leave the hook alone, so this ends the check.
#[track_caller]
pub fn set_hook(_hook: Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send + 'static>) {
    model::forbid("A panic hook belongs to the whole process: a kata's solution must not set one.", At::caller())
}

/// As `std`'s; but a checked program must leave the hook alone, so this ends the check.
#[track_caller]
pub fn take_hook() -> Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send + 'static> {
    model::forbid("A panic hook belongs to the whole process: a kata's solution must not take it.", At::caller())
}
