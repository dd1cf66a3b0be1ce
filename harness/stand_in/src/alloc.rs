//! `std::alloc`: layouts. Memory that a program allocates by hand is not followed yet.

pub use std::alloc::{Layout, LayoutError, handle_alloc_error};
