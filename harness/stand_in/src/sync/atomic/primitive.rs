//! What an atomic can hold.

use crate::engine::ChangeKind;
use interleaving::Shape;

/// A type that an atomic can hold.
pub trait Primitive: Copy + sealed::Sealed {
    #[doc(hidden)]
    const SHAPE: Shape;
    #[doc(hidden)]
    const WIDTH: u32;
    #[doc(hidden)]
    fn bits(self) -> u64;
    #[doc(hidden)]
    fn from_bits(bits: u64) -> Self;
}

/// An integer that an atomic can hold.
pub trait Integer: Primitive {
    #[doc(hidden)]
    const MAX: ChangeKind;
    #[doc(hidden)]
    const MIN: ChangeKind;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! integers {
    ($($t:ident $width:literal $shape:expr, $max:ident $min:ident, $name:ident;)*) => {$(
        impl sealed::Sealed for $t {}
        impl Primitive for $t {
            const SHAPE: Shape = $shape;
            const WIDTH: u32 = $width;
            fn bits(self) -> u64 {
                self as u64 & (u64::MAX >> (64 - $width))
            }
            fn from_bits(bits: u64) -> Self {
                bits as $t
            }
        }
        impl Integer for $t {
            const MAX: ChangeKind = ChangeKind::$max;
            const MIN: ChangeKind = ChangeKind::$min;
        }
        #[doc = concat!("An atomic `", stringify!($t), "`.")]
        pub type $name = super::Atomic<$t>;
    )*};
}

integers! {
    u8 8 Shape::Unsigned, MaxUnsigned MinUnsigned, AtomicU8;
    u16 16 Shape::Unsigned, MaxUnsigned MinUnsigned, AtomicU16;
    u32 32 Shape::Unsigned, MaxUnsigned MinUnsigned, AtomicU32;
    u64 64 Shape::Unsigned, MaxUnsigned MinUnsigned, AtomicU64;
    i8 8 Shape::Signed(8), MaxSigned MinSigned, AtomicI8;
    i16 16 Shape::Signed(16), MaxSigned MinSigned, AtomicI16;
    i32 32 Shape::Signed(32), MaxSigned MinSigned, AtomicI32;
    i64 64 Shape::Signed(64), MaxSigned MinSigned, AtomicI64;
}
#[cfg(target_pointer_width = "64")]
integers! {
    usize 64 Shape::Unsigned, MaxUnsigned MinUnsigned, AtomicUsize;
    isize 64 Shape::Signed(64), MaxSigned MinSigned, AtomicIsize;
}
#[cfg(target_pointer_width = "32")]
integers! {
    usize 32 Shape::Unsigned, MaxUnsigned MinUnsigned, AtomicUsize;
    isize 32 Shape::Signed(32), MaxSigned MinSigned, AtomicIsize;
}

impl sealed::Sealed for bool {}
impl Primitive for bool {
    const SHAPE: Shape = Shape::Bool;
    const WIDTH: u32 = 8;
    fn bits(self) -> u64 {
        self.into()
    }
    fn from_bits(bits: u64) -> Self {
        bits & 1 != 0
    }
}

impl<T> sealed::Sealed for *mut T {}
impl<T> Primitive for *mut T {
    const SHAPE: Shape = Shape::Pointer;
    const WIDTH: u32 = 64;
    fn bits(self) -> u64 {
        self.expose_provenance() as u64
    }
    fn from_bits(bits: u64) -> Self {
        std::ptr::with_exposed_provenance_mut(bits as usize)
    }
}
