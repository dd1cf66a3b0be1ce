//! Stands in for `std`, with shuttle underneath: many schedules of a program of realistic size, few preemptions first.
//!
//! A checker's test file begins with `extern crate std_on_shuttle as std;`. From there on, a file that says
//! `use std::sync::atomic::AtomicBool` means this one. [`check`](check()) runs a program under its schedules. Every atomic is
//! sequentially consistent here, whatever ordering it asks for: orderings are for `std_on_loom` to judge.

pub use stand_in::{alloc, cell, hint, panic, process, sync, task, thread, thread_local, time, witness};
pub use std::*;

mod check;
mod clock;
mod engine;
mod preemptions;

pub use check::{Check, check};
