//! A promise, so that a type with missing bounds fails the test about its bounds, and not the build of every other test.

use std::ops::Deref;

/// Lets threads share a value, whatever its type says about that.
///
/// Tests wrap what they test in it. Whether the type itself promises `Send` and `Sync` rightly is then the question of one test
/// with a sentence for an answer; the other tests compile all the same, and look for what goes wrong.
#[derive(Debug)]
pub struct Shared<T>(T);

// SAFETY: only tests make these. What goes wrong if the value must not be shared is what they are there to find.
unsafe impl<T> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// Promises that threads may share `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}
