//! The API of `std` that both checkers share: what a program may do that another thread can notice.
//!
//! Each type here has `std`'s name and signatures, does what `std` documents, and leaves the choice of *when* and *which value*
//! to an [`Engine`]. So what the two checkers do alike is written once: recording every operation, blocking and waking,
//! poisoning, panics that reach `join`, spinning. `std_on_loom` and `std_on_shuttle` re-export these modules beside the rest of
//! `std`, and bring their engine.
//!
//! Three rules hold everywhere:
//!
//! - All threads of a checked program run on one OS thread, one at a time; they change places only inside calls of the engine.
//!   So no state of ours needs a lock, and none of it may be borrowed across such a call.
//! - A failure never unwinds through an engine. The story is handed to the thread that called `check`, and the OS thread on
//!   which the program ran sleeps for ever, as it is (see [`check`]).
//! - Nothing of the learner's is ever dropped on behalf of an interleaving that failed.

// `Arc<dyn Trait>`, `static X: AtomicBool`, `self: Arc<Self>` and `make_mut` of a slice need traits that only std may implement
// on a stable compiler; whether a constructor runs in a constant, only std may ask. What stands in for std does what std does.
#![allow(internal_features, reason = "as above")]
#![feature(coerce_unsized, unsize, dispatch_from_dyn, arbitrary_self_types, legacy_receiver_trait, clone_to_uninit)]
#![feature(pin_coerce_unsized_trait)]
#![feature(core_intrinsics, const_eval_select)]

pub mod alloc;
pub mod cell;
pub mod check;
pub mod clock;
pub mod collections;
pub mod engine;
mod handle;
pub mod hash;
mod heap;
pub mod hint;
pub mod kept;
mod model;
pub mod panic;
pub mod process;
mod reused;
mod shelf;
mod spin;
pub mod spurious;
pub mod sync;
pub mod task;
pub mod thread;
pub mod time;
mod waiting;
mod watch;
pub mod witness;

pub use engine::Engine;
