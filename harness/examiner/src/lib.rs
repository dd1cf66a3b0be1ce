//! What the katas' tests ask beside their assertions: is it ordinary Rust, does it come to an end, may threads share it, do they work at once?

mod deadline;
mod exit;
mod heap;
mod meeting;
mod ordinary;
mod shared;
mod uses;

pub use deadline::in_time;
pub use heap::{Account, Heap};
pub use meeting::Meeting;
pub use ordinary::{Finding, does_without, findings, ordinary_rust};
pub use shared::Shared;
pub use uses::only_sound_uses_compile;
