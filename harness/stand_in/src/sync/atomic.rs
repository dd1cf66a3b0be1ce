//! `std::sync::atomic`: every atomic type, every operation, fences.

mod primitive;
mod steps;

pub use primitive::*;
pub(crate) use steps::reading_half;

use crate::engine::{Change, ChangeKind};
use crate::handle::Handle;
use crate::model::{self, with, with_engine};
use crate::spurious::{self, Kind};
use crate::sync::arc;
use interleaving::{Action, Place};
use std::fmt;
use std::panic::Location;
pub use std::sync::atomic::{Ordering, compiler_fence};
use steps::{change_atomic, exchange, fail_spuriously, load, object, store};

/// An atomic `bool`.
pub type AtomicBool = Atomic<bool>;

/// An atomic raw pointer.
pub type AtomicPtr<T> = Atomic<*mut T>;

/// What every atomic is: a number to the engine, which decides what a load sees.
pub struct Atomic<T> {
    handle: Handle,
    /// The value before the first operation, and the value behind `get_mut`.
    plain: T,
}

// SAFETY: the value behind a raw pointer is not touched here; `std`'s atomics are `Send` and `Sync` for every `T` as well.
unsafe impl<T: Primitive> Send for Atomic<T> {}
// SAFETY: as above; `plain` changes only through `&mut self`.
unsafe impl<T: Primitive> Sync for Atomic<T> {}

impl<T> std::panic::RefUnwindSafe for Atomic<T> {}

impl<T: Primitive> Atomic<T> {
    /// As `std`'s. In a checked program it is made by the thread that runs this, which matters to whoever finds it without
    /// synchronisation; in a constant (a `static`), it was there before everything.
    #[track_caller]
    pub const fn new(value: T) -> Self {
        const fn in_a_constant<T: Primitive>(_: T, _: Place) -> Handle {
            Handle::new()
        }
        fn now<T: Primitive>(value: T, at: Place) -> Handle {
            let handle = Handle::made_now();
            if model::is_running() {
                object(&handle, value.bits(), T::WIDTH, T::SHAPE, at);
            }
            handle
        }
        let handle = std::intrinsics::const_eval_select((value, Location::caller()), in_a_constant::<T>, now::<T>);
        Self { handle, plain: value }
    }

    fn object(&self, at: Place) -> u32 {
        object(&self.handle, self.plain.bits(), T::WIDTH, T::SHAPE, at)
    }

    /// As `std`'s.
    #[track_caller]
    pub fn load(&self, order: Ordering) -> T {
        let at = Location::caller();
        T::from_bits(load(self.object(at), order, T::SHAPE, at))
    }

    /// As `std`'s.
    #[track_caller]
    pub fn store(&self, value: T, order: Ordering) {
        let at = Location::caller();
        store(self.object(at), value.bits(), order, T::SHAPE, at);
    }

    /// As `std`'s.
    #[track_caller]
    pub fn swap(&self, value: T, order: Ordering) -> T {
        self.change(ChangeKind::Swap, value, order, Location::caller())
    }

    /// As `std`'s.
    #[track_caller]
    pub fn compare_exchange(&self, current: T, new: T, success: Ordering, failure: Ordering) -> Result<T, T> {
        self.exchange(current, new, success, failure, Location::caller())
    }

    /// As `std`'s: it may fail although the value is the expected one. See [`crate::spurious`].
    #[track_caller]
    pub fn compare_exchange_weak(&self, current: T, new: T, success: Ordering, failure: Ordering) -> Result<T, T> {
        let at = Location::caller();
        if !spurious::happens(Kind::Failure) {
            return self.exchange(current, new, success, failure, at);
        }
        let object = self.object(at);
        Err(T::from_bits(fail_spuriously(object, (current.bits(), new.bits()), (success, failure), T::SHAPE, at)))
    }

    /// As `std`'s.
    #[track_caller]
    #[deprecated(since = "1.50.0", note = "use `compare_exchange` or `compare_exchange_weak` instead")]
    pub fn compare_and_swap(&self, current: T, new: T, order: Ordering) -> T {
        let (Ok(found) | Err(found)) = self.exchange(current, new, order, reading_half(order), Location::caller());
        found
    }

    /// As `std`'s.
    #[track_caller]
    pub fn fetch_update<F>(&self, set_order: Ordering, fetch_order: Ordering, mut f: F) -> Result<T, T>
    where
        F: FnMut(T) -> Option<T>,
    {
        let at = Location::caller();
        let mut found = T::from_bits(load(self.object(at), fetch_order, T::SHAPE, at));
        while let Some(new) = f(found) {
            match self.exchange(found, new, set_order, fetch_order, at) {
                Ok(old) => return Ok(old),
                Err(other) => found = other,
            }
        }
        Err(found)
    }

    /// As `std`'s.
    #[track_caller]
    pub fn try_update(&self, set_order: Ordering, fetch_order: Ordering, f: impl FnMut(T) -> Option<T>) -> Result<T, T> {
        self.fetch_update(set_order, fetch_order, f)
    }

    /// As `std`'s.
    #[track_caller]
    pub fn update(&self, set_order: Ordering, fetch_order: Ordering, mut f: impl FnMut(T) -> T) -> T {
        let updated = self.fetch_update(set_order, fetch_order, |value| Some(f(value)));
        let (Ok(old) | Err(old)) = updated;
        old
    }

    /// As `std`'s. Whoever has `&mut` has come after everybody else, so what they did no longer matters.
    #[track_caller]
    pub fn get_mut(&mut self) -> &mut T {
        self.plain = self.newest(Location::caller());
        // The next use makes a new object, with whatever is stored here now.
        self.handle.forget();
        &mut self.plain
    }

    /// As `std`'s.
    #[track_caller]
    pub const fn into_inner(self) -> T {
        const fn in_a_constant<T: Primitive>(atomic: &Atomic<T>, _: Place) -> T {
            atomic.plain
        }
        std::intrinsics::const_eval_select((&self, Location::caller()), in_a_constant::<T>, Self::newest)
    }

    /// As `std`'s: an address of the value, for foreign code. What is done through it cannot be followed, so it ends the check.
    #[track_caller]
    pub const fn as_ptr(&self) -> *mut T {
        model::refuse::<*mut T>("`as_ptr` of an atomic cannot be followed by the checker: use the atomic's own operations.")
    }

    /// As `std`'s: an atomic where there is a plain value. An atomic here is larger than that, so it ends the check.
    ///
    /// # Safety
    /// As `std`'s.
    #[track_caller]
    pub const unsafe fn from_ptr<'a>(ptr: *mut T) -> &'a Self {
        let _ = ptr;
        model::refuse::<&'a Self>(
            "`from_ptr` of an atomic cannot be followed by the checker: make the value an atomic from the start.",
        )
    }

    fn newest(&self, at: Place) -> T {
        if !self.handle.is_made() {
            return self.plain;
        }
        let object = self.object(at);
        with(|model| model.object(object).newest).map_or(self.plain, |newest| T::from_bits(newest.value.bits))
    }

    fn change(&self, kind: ChangeKind, operand: T, order: Ordering, at: Place) -> T {
        let change = Change { kind, operand: operand.bits(), width: T::WIDTH };
        T::from_bits(change_atomic(self.object(at), change, order, T::SHAPE, at))
    }

    fn exchange(&self, current: T, new: T, success: Ordering, failure: Ordering, at: Place) -> Result<T, T> {
        let object = self.object(at);
        let exchanged = exchange(object, current.bits(), new.bits(), (success, failure), T::SHAPE, at);
        exchanged.map(T::from_bits).map_err(T::from_bits)
    }
}

impl<T: Integer> Atomic<T> {
    /// As `std`'s: wraps around.
    #[track_caller]
    pub fn fetch_add(&self, value: T, order: Ordering) -> T {
        self.change(ChangeKind::Add, value, order, Location::caller())
    }
    /// As `std`'s: wraps around.
    #[track_caller]
    pub fn fetch_sub(&self, value: T, order: Ordering) -> T {
        self.change(ChangeKind::Sub, value, order, Location::caller())
    }
    /// As `std`'s.
    #[track_caller]
    pub fn fetch_max(&self, value: T, order: Ordering) -> T {
        self.change(T::MAX, value, order, Location::caller())
    }
    /// As `std`'s.
    #[track_caller]
    pub fn fetch_min(&self, value: T, order: Ordering) -> T {
        self.change(T::MIN, value, order, Location::caller())
    }
}

/// The types that have bits to combine: integers and `bool`.
pub trait Bitwise: Primitive {
    #[doc(hidden)]
    const ONES: Self;
}

macro_rules! bitwise {
    ($($t:ident)*) => {$(
        impl Bitwise for $t {
            const ONES: Self = !0;
        }
    )*};
}
bitwise!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);
impl Bitwise for bool {
    const ONES: Self = true;
}

impl<T: Bitwise> Atomic<T> {
    /// As `std`'s.
    #[track_caller]
    pub fn fetch_and(&self, value: T, order: Ordering) -> T {
        self.change(ChangeKind::And, value, order, Location::caller())
    }
    /// As `std`'s.
    #[track_caller]
    pub fn fetch_nand(&self, value: T, order: Ordering) -> T {
        self.change(ChangeKind::Nand, value, order, Location::caller())
    }
    /// As `std`'s.
    #[track_caller]
    pub fn fetch_or(&self, value: T, order: Ordering) -> T {
        self.change(ChangeKind::Or, value, order, Location::caller())
    }
    /// As `std`'s.
    #[track_caller]
    pub fn fetch_xor(&self, value: T, order: Ordering) -> T {
        self.change(ChangeKind::Xor, value, order, Location::caller())
    }
}

impl Atomic<bool> {
    /// As `std`'s.
    #[track_caller]
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.change(ChangeKind::Xor, true, order, Location::caller())
    }
}

impl<T> Atomic<*mut T> {
    /// As `std`'s: `val` counts values of type `T`.
    #[track_caller]
    pub fn fetch_ptr_add(&self, val: usize, order: Ordering) -> *mut T {
        self.change_address(ChangeKind::Add, val.wrapping_mul(size_of::<T>()), order, Location::caller())
    }
    /// As `std`'s: `val` counts values of type `T`.
    #[track_caller]
    pub fn fetch_ptr_sub(&self, val: usize, order: Ordering) -> *mut T {
        self.change_address(ChangeKind::Sub, val.wrapping_mul(size_of::<T>()), order, Location::caller())
    }
    /// As `std`'s.
    #[track_caller]
    pub fn fetch_byte_add(&self, val: usize, order: Ordering) -> *mut T {
        self.change_address(ChangeKind::Add, val, order, Location::caller())
    }
    /// As `std`'s.
    #[track_caller]
    pub fn fetch_byte_sub(&self, val: usize, order: Ordering) -> *mut T {
        self.change_address(ChangeKind::Sub, val, order, Location::caller())
    }
    /// As `std`'s.
    #[track_caller]
    pub fn fetch_or(&self, val: usize, order: Ordering) -> *mut T {
        self.change_address(ChangeKind::Or, val, order, Location::caller())
    }
    /// As `std`'s.
    #[track_caller]
    pub fn fetch_and(&self, val: usize, order: Ordering) -> *mut T {
        self.change_address(ChangeKind::And, val, order, Location::caller())
    }
    /// As `std`'s.
    #[track_caller]
    pub fn fetch_xor(&self, val: usize, order: Ordering) -> *mut T {
        self.change_address(ChangeKind::Xor, val, order, Location::caller())
    }

    fn change_address(&self, kind: ChangeKind, operand: usize, order: Ordering, at: Place) -> *mut T {
        let change = Change { kind, operand: operand as u64, width: <*mut T>::WIDTH };
        <*mut T>::from_bits(change_atomic(self.object(at), change, order, <*mut T>::SHAPE, at))
    }
}

/// As `std`'s.
#[deprecated(since = "1.34.0", note = "the `new` function is now preferred")]
#[allow(clippy::declare_interior_mutable_const, reason = "as std's")]
pub const ATOMIC_BOOL_INIT: AtomicBool = AtomicBool::new(false);
/// As `std`'s.
#[deprecated(since = "1.34.0", note = "the `new` function is now preferred")]
#[allow(clippy::declare_interior_mutable_const, reason = "as std's")]
pub const ATOMIC_ISIZE_INIT: AtomicIsize = AtomicIsize::new(0);
/// As `std`'s.
#[deprecated(since = "1.34.0", note = "the `new` function is now preferred")]
#[allow(clippy::declare_interior_mutable_const, reason = "as std's")]
pub const ATOMIC_USIZE_INIT: AtomicUsize = AtomicUsize::new(0);

/// As `std`'s.
#[deprecated(since = "1.51.0", note = "use hint::spin_loop instead")]
#[track_caller]
pub fn spin_loop_hint() {
    model::hinted(Location::caller());
}

impl<T: Primitive + fmt::Debug> fmt::Debug for Atomic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.newest(Location::caller()).fmt(f)
    }
}

impl<T> fmt::Pointer for Atomic<*mut T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&self.newest(Location::caller()), f)
    }
}

impl<T: Primitive> Default for Atomic<T> {
    /// Zero, `false` or null.
    #[track_caller]
    fn default() -> Self {
        Self::new(T::from_bits(0))
    }
}

impl<T: Primitive> From<T> for Atomic<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

/// As `std`'s.
///
/// # Panics
/// If `order` is `Relaxed`, as `std`'s does.
#[track_caller]
pub fn fence(order: Ordering) {
    let at = Location::caller();
    assert!(order != Ordering::Relaxed, "there is no such thing as a relaxed fence");
    with_engine(at, |engine| engine.fence(order));
    with(|model| model.record(None, Action::Fence { order }, at));
    if order != Ordering::Release {
        arc::acquire_counts(at);
    }
}
