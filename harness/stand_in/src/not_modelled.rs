//! What `std::sync` and `std::time` have and the checkers cannot follow yet: it stands here, so that its use is a compile error
//! that says so, and never the real one, which would be silently unchecked.

use std::marker::PhantomData;

/// `std::sync::RwLock` is not modelled yet: no type implements this.
#[diagnostic::on_unimplemented(
    message = "`std::sync::RwLock` is not modelled by the checkers yet",
    label = "the checkers cannot follow this",
    note = "use `std::sync::Mutex` for now"
)]
pub trait RwLockIsModelled {}

/// `std::sync::RwLock`: not modelled yet.
#[derive(Debug)]
pub struct RwLock<T>(PhantomData<T>)
where
    T: RwLockIsModelled;

impl<T> RwLock<T>
where
    T: RwLockIsModelled,
{
    /// Does not compile.
    pub fn new(_value: T) -> Self {
        unreachable!("no type implements the bound")
    }
}

/// `std::sync::Barrier` is not modelled yet: no type implements this.
#[diagnostic::on_unimplemented(
    message = "`std::sync::Barrier` is not modelled by the checkers yet",
    label = "the checkers cannot follow this",
    note = "use a `Mutex` and a `Condvar` for now"
)]
pub trait BarrierIsModelled {}

/// `std::sync::Barrier`: not modelled yet.
#[derive(Debug)]
pub struct Barrier(());

impl Barrier {
    /// Does not compile.
    pub fn new<'a>(_n: usize) -> Self
    where
        &'a (): BarrierIsModelled,
    {
        unreachable!("no type implements the bound")
    }
}

/// `std::sync::Once` is not modelled yet: no type implements this.
#[diagnostic::on_unimplemented(
    message = "`std::sync::Once` is not modelled by the checkers yet",
    label = "the checkers cannot follow this",
    note = "use a `Mutex` for now"
)]
pub trait OnceIsModelled {}

/// `std::sync::Once`: not modelled yet.
#[derive(Debug)]
pub struct Once(());

impl Once {
    /// Does not compile.
    pub fn new<'a>() -> Self
    where
        &'a (): OnceIsModelled,
    {
        unreachable!("no type implements the bound")
    }
}

/// `std::sync::OnceLock` is not modelled yet: no type implements this.
#[diagnostic::on_unimplemented(
    message = "`std::sync::OnceLock` is not modelled by the checkers yet",
    label = "the checkers cannot follow this",
    note = "use a `Mutex<Option<T>>` for now"
)]
pub trait OnceLockIsModelled {}

/// `std::sync::OnceLock`: not modelled yet.
#[derive(Debug)]
pub struct OnceLock<T>(PhantomData<T>)
where
    T: OnceLockIsModelled;

impl<T> OnceLock<T>
where
    T: OnceLockIsModelled,
{
    /// Does not compile.
    pub fn new() -> Self {
        unreachable!("no type implements the bound")
    }
}

/// `std::sync::LazyLock` is not modelled yet: no type implements this.
#[diagnostic::on_unimplemented(
    message = "`std::sync::LazyLock` is not modelled by the checkers yet",
    label = "the checkers cannot follow this",
    note = "use a `Mutex<Option<T>>` for now"
)]
pub trait LazyLockIsModelled {}

/// `std::sync::LazyLock`: not modelled yet.
#[derive(Debug)]
pub struct LazyLock<T, F = fn() -> T>(PhantomData<(fn() -> F, T)>)
where
    T: LazyLockIsModelled;

impl<T, F> LazyLock<T, F>
where
    F: FnOnce() -> T,
    T: LazyLockIsModelled,
{
    /// Does not compile.
    pub fn new(_f: F) -> Self {
        unreachable!("no type implements the bound")
    }
}

/// `std::time::Instant` is not modelled yet: no type implements this.
#[diagnostic::on_unimplemented(
    message = "`std::time::Instant` is not modelled by the checkers yet",
    label = "the checkers cannot follow this",
    note = "use what the threads do, not how long they take: a check has no clock for now"
)]
pub trait InstantIsModelled {}

/// `std::time::Instant`: not modelled yet.
#[derive(Clone, Copy, Debug)]
pub struct Instant(());

impl Instant {
    /// Does not compile.
    pub fn now<'a>() -> Self
    where
        &'a (): InstantIsModelled,
    {
        unreachable!("no type implements the bound")
    }
}

/// `std::time::SystemTime` is not modelled yet: no type implements this.
#[diagnostic::on_unimplemented(
    message = "`std::time::SystemTime` is not modelled by the checkers yet",
    label = "the checkers cannot follow this",
    note = "use what the threads do, not how long they take: a check has no clock for now"
)]
pub trait SystemTimeIsModelled {}

/// `std::time::SystemTime`: not modelled yet.
#[derive(Clone, Copy, Debug)]
pub struct SystemTime(());

impl SystemTime {
    /// Does not compile.
    pub fn now<'a>() -> Self
    where
        &'a (): SystemTimeIsModelled,
    {
        unreachable!("no type implements the bound")
    }
}

/// Timeouts are not modelled yet: no type implements this.
#[diagnostic::on_unimplemented(
    message = "a timeout is not modelled by the checkers yet",
    label = "the checkers cannot follow this",
    note = "wait without a timeout for now: a check has no clock"
)]
pub trait TimeoutIsModelled {}
