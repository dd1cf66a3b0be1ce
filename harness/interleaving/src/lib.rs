//! One interleaving of a concurrent program: recorded as a value, and told so that a person can read it.
//!
//! A checker fills an [`Interleaving`] while the program runs: one [`Step`] for each operation, in the order in which they
//! happened. Recording costs no string: numbers, and the place in the source. When a check fails, a [`Failure`] holds the
//! interleaving with its [`Verdict`]. A [`Story`] is made of that: it needs nothing else any more, is written to a file as JSON, and
//! told as text or as a page. Nothing here knows which engine found it.

mod failure;
pub mod json;
mod memory;
mod names;
mod order;
mod page;
mod picture;
mod reasons;
mod receipt;
mod source;
mod step;
mod story;
mod telling;
mod text;
mod value;
mod verdict;
mod words;

/// The line above a report on standard error: what stands before it was printed by the program.
pub const REPORT_FOLLOWS: &str = "What the checker found:";

/// The line above a replay on standard output: what stands before it was printed on the way there.
pub const REPLAY_FOLLOWS: &str = "The interleaving that fails:";

pub use failure::{Access, AccessKind, Failure, Verdict, Wait, WaitsFor};
pub use memory::{Block, MemoryFault, Site};
pub use page::page;
pub use receipt::{Coverage, LONG_WAIT, Receipt, Round};
pub use source::{Place, expression_at, shown_path};
pub use step::{Action, Interleaving, Newer, Object, ObjectKind, Step, Thread};
pub use story::{Arrow, Row, SCHEMA, Spot, StepTold, Story, ThingTold, ThreadTold, Told, WaitTold};
pub use text::Look;
pub use value::{Shape, Value};
pub use words::last_step;
