//! `std::time`: durations. A clock would make a check depend on the machine.

pub use crate::not_modelled::{Instant, SystemTime};
pub use std::time::{Duration, TryFromFloatSecsError};
