//! A value that an operation read or wrote: its bits, and how to show them.

use std::fmt;

/// How the bits of an atomic are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `false` or `true`.
    Bool,
    /// An unsigned integer.
    Unsigned,
    /// A signed integer of so many bits, held in the low bits.
    Signed(u32),
    /// An address.
    Pointer,
}

/// Up to 64 bits, with their [`Shape`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Value {
    /// The bits, in the low end.
    pub bits: u64,
    /// How to read them.
    pub shape: Shape,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shape {
            Shape::Bool => write!(f, "{}", self.bits != 0),
            Shape::Unsigned => write!(f, "{}", self.bits),
            Shape::Signed(width) => {
                let unused = 64 - width;
                write!(f, "{}", ((self.bits << unused) as i64) >> unused)
            }
            Shape::Pointer if self.bits == 0 => write!(f, "null"),
            Shape::Pointer => write!(f, "{:#x}", self.bits),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_values_keep_their_sign_at_every_width() {
        let minus_one = |width| Value { bits: u64::MAX >> (64 - width), shape: Shape::Signed(width) }.to_string();
        assert_eq!([8, 16, 32, 64].map(minus_one), ["-1", "-1", "-1", "-1"]);
    }
}
