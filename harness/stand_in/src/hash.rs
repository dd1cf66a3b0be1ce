//! `std::hash`, with a [`RandomState`] that leaves nothing to chance.

use crate::model;
pub use std::hash::*;

/// As `std`'s, but each is the same in every interleaving. Else the order of a `HashMap` would be another one each time, and so would
/// be whatever a thread does in that order: loom cannot go through such a program at all.
#[derive(Clone, Debug)]
pub struct RandomState {
    seed: u64,
}

impl RandomState {
    /// As `std`'s: it hashes otherwise than the one before.
    pub fn new() -> Self {
        Self { seed: model::next_seed() }
    }
}

impl Default for RandomState {
    fn default() -> Self {
        Self::new()
    }
}

impl BuildHasher for RandomState {
    type Hasher = DefaultHasher;
    fn build_hasher(&self) -> DefaultHasher {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.seed);
        hasher
    }
}
