//! Stands in for `std`, with loom underneath: every interleaving of a small program, and every value that a load may see.
//!
//! A checker's test file begins with `extern crate std_on_loom as std;`. From there on, a file that says
//! `use std::sync::atomic::AtomicBool` means this one. [`check`](check()) runs a program through all its interleavings.

pub use stand_in::{alloc, cell, hint, panic, process, sync, task, thread, thread_local, time, witness};
pub use std::*;

mod check;
mod engine;

pub use check::{Check, check};
