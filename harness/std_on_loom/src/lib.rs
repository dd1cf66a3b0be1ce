//! Stands in for `std`, with loom underneath: every interleaving of a small program, and every value that a load may see.
//!
//! A checker's test file begins with `extern crate std_on_loom as std;`. From there on, a file that says
//! `use std::sync::atomic::AtomicBool` means this one. [`check`](check()) runs a program through all its interleavings.
//!
//! The compiler must be told `RUSTC_BOOTSTRAP=stand_in`, as `.cargo/config.toml` of this workspace does: what stands in for `std`
//! does what only `std` may do.
//!
//! # What differs from `std`
//!
//! - **Time is a choice.** No thread waits for a clock. A wait with a limit (`wait_timeout`, `recv_timeout`, `park_timeout`) ends
//!   either way, and its time is up for certain where nobody else can move. `Instant` and `SystemTime` are on a clock of the
//!   program's own, which goes on as it sleeps, waits and looks.
//! - **What may happen happens.** A `compare_exchange_weak` fails for no reason, a `Condvar` or a parked thread wakes for no
//!   reason, the leader of a `Barrier` is another one than the last: each such occasion is taken once, in a round of its own.
//! - **Waiting in a loop.** A thread that looks at the same thing a fourth time, and finds nothing changed, lets the others run. For
//!   what comes after more looks than that, there are rounds of their own, with 0, 1 and 2 preemptions: in them a thread looks 150
//!   times first. What comes only after a longer wait is not tried while it is in vain.
//! - **Nothing is random.** `RandomState`, and with it the order of a `HashMap` or a `HashSet`, is the same in every interleaving.
//! - **Constants and statics.** What is made in a constant was there before everything; what is made while the program runs was made
//!   by the thread that ran the constructor, and whoever finds it without synchronisation races with that. A `static` begins anew in
//!   each interleaving. `static mut` is not followed.
//! - **Cells and memory.** `UnsafeCell::get` is a read, and a write if the contents have changed when the thread next does something
//!   that others may notice; [`Check::exclusive_cells`] makes it a write always. Memory from `std::alloc` is followed; what `Box` and
//!   `Vec` allocate, and plain moves through raw pointers, are not.
//! - **No addresses.** An atomic here is larger than its value: `as_ptr`, `from_ptr` and `UnsafeCell::from_mut` end the check, and say
//!   so.
//!
//! `API.md` beside `stand_in` lists every item of `std`'s concurrency API and what became of it; `conformance` holds `std` and both
//! stand-ins to the same sentences of its documentation, and lists where they differ.
//!
//! # What loom shows of the memory model
//!
//! `LITMUS.md` holds what a load may see here against the memory model of C++20. What loom itself gets wrong is mended here where
//! that can be done from outside: a load reads nothing that the order of the stores cannot explain, and a write is tried before the
//! loads of others even where its own thread has loaded just before. What is left, outcomes that are allowed and never shown, is listed
//! there with its reasons, and a test holds the list true.

pub use stand_in::{alloc, cell, collections, hash, hint, panic, process, sync, task, thread, thread_local, time, witness};
pub use std::*;

mod atomic;
mod check;
mod coherence;
mod engine;

pub use check::{Check, check};

/// loom follows four threads beside the main one.
const MOST_THREADS: usize = 5;
