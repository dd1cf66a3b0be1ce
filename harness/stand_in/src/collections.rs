//! `std::collections`, with a `HashMap` and a `HashSet` whose order is the same in every interleaving.
//!
//! Both are `std`'s own inside. But their hasher, if a program names none, is our [`RandomState`](crate::hash::RandomState), and that
//! cannot be had with an alias: `HashMap::new` would be the one of `std`'s.

/// Methods that do what those of the field do.
macro_rules! as_std_does {
    ($field:ident: $(
        fn $name:ident $([$($generics:tt)*])? ($self:ident: $receiver:ty $(, $argument:ident: $type:ty)*) $(-> $result:ty)?
        $(where [$($bounds:tt)*])?;
    )*) => {$(
        #[doc = "As `std`'s."]
        #[inline]
        pub fn $name $(<$($generics)*>)? ($self: $receiver $(, $argument: $type)*) $(-> $result)? $(where $($bounds)*)? {
            $self.$field.$name($($argument),*)
        }
    )*};
}

pub mod hash_map;
pub mod hash_set;

pub use hash_map::HashMap;
pub use hash_set::HashSet;
pub use std::collections::*;
