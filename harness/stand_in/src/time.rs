//! `std::time`, with a clock of the program's own: the machine's would make a check depend on the machine.
//!
//! Time is a choice. The clock stands still but when the program looks at it, sleeps, or waits with a limit. Whoever looks again and
//! again at the same place sees it go on faster and faster, so that a loop that waits for a moment to come ends. Each look is also
//! an occasion on which an hour may have passed (see [`crate::spurious`]).

use crate::model::{self, with};
use crate::spurious::{self, Kind};
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::panic::Location;
pub use std::time::{Duration, SystemTimeError, TryFromFloatSecsError};

/// How far the clock goes on at the first look at a place, in microseconds. It doubles at each further one.
const FIRST_STEP: u64 = 1;
/// From this look on it no longer doubles: more than an hour each.
const LAST_DOUBLING: u32 = 32;
/// What may pass between two looks.
const LEAP: Duration = Duration::from_secs(3600);
/// What `SystemTime` begins with in each interleaving, after the epoch: 2001-09-09.
const BEGINNING: Duration = Duration::from_secs(1_000_000_000);

/// The clock as it is after one more look from here.
#[track_caller]
fn look() -> Duration {
    let at = Location::caller();
    if !model::is_running() {
        return Duration::ZERO;
    }
    let leap = if spurious::happens(Kind::Leap) { LEAP } else { Duration::ZERO };
    let thread = model::current();
    model::noticed();
    with(|model| {
        let looks = model.looks_at_the_clock.entry((thread, at)).or_default();
        let step = Duration::from_micros(FIRST_STEP << (*looks).min(LAST_DOUBLING));
        *looks += 1;
        model.clock = model.clock.saturating_add(step + leap);
        model.clock
    })
}

/// As `std`'s, on the program's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Duration);

impl Instant {
    /// As `std`'s.
    #[track_caller]
    pub fn now() -> Self {
        Self(look().saturating_add(LEAP))
    }
    /// As `std`'s: zero if `earlier` is later.
    pub fn duration_since(&self, earlier: Self) -> Duration {
        self.saturating_duration_since(earlier)
    }
    /// As `std`'s.
    pub fn checked_duration_since(&self, earlier: Self) -> Option<Duration> {
        self.0.checked_sub(earlier.0)
    }
    /// As `std`'s.
    pub fn saturating_duration_since(&self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
    /// As `std`'s.
    #[track_caller]
    pub fn elapsed(&self) -> Duration {
        Self::now().duration_since(*self)
    }
    /// As `std`'s.
    pub fn checked_add(&self, duration: Duration) -> Option<Self> {
        self.0.checked_add(duration).map(Self)
    }
    /// As `std`'s.
    pub fn checked_sub(&self, duration: Duration) -> Option<Self> {
        self.0.checked_sub(duration).map(Self)
    }
}

impl Sub<Instant> for Instant {
    type Output = Duration;
    fn sub(self, earlier: Self) -> Duration {
        self.duration_since(earlier)
    }
}

/// As `std`'s, on the program's clock: each interleaving begins at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SystemTime(std::time::SystemTime);

/// As `std`'s.
pub const UNIX_EPOCH: SystemTime = SystemTime::UNIX_EPOCH;

impl SystemTime {
    /// As `std`'s.
    pub const UNIX_EPOCH: Self = Self(std::time::SystemTime::UNIX_EPOCH);

    /// As `std`'s.
    #[track_caller]
    pub fn now() -> Self {
        Self(std::time::SystemTime::UNIX_EPOCH + BEGINNING + look())
    }
    /// As `std`'s.
    ///
    /// # Errors
    /// If `earlier` is later.
    pub fn duration_since(&self, earlier: Self) -> Result<Duration, SystemTimeError> {
        self.0.duration_since(earlier.0)
    }
    /// As `std`'s.
    ///
    /// # Errors
    /// If this time is yet to come.
    #[track_caller]
    pub fn elapsed(&self) -> Result<Duration, SystemTimeError> {
        Self::now().duration_since(*self)
    }
    /// As `std`'s.
    pub fn checked_add(&self, duration: Duration) -> Option<Self> {
        self.0.checked_add(duration).map(Self)
    }
    /// As `std`'s.
    pub fn checked_sub(&self, duration: Duration) -> Option<Self> {
        self.0.checked_sub(duration).map(Self)
    }
}

macro_rules! moved_by_a_duration {
    ($($t:ident)*) => {$(
        impl Add<Duration> for $t {
            type Output = Self;
            fn add(self, duration: Duration) -> Self {
                self.checked_add(duration).expect("overflow when adding duration to instant")
            }
        }
        impl Sub<Duration> for $t {
            type Output = Self;
            fn sub(self, duration: Duration) -> Self {
                self.checked_sub(duration).expect("overflow when subtracting duration from instant")
            }
        }
        impl AddAssign<Duration> for $t {
            fn add_assign(&mut self, duration: Duration) {
                *self = *self + duration;
            }
        }
        impl SubAssign<Duration> for $t {
            fn sub_assign(&mut self, duration: Duration) {
                *self = *self - duration;
            }
        }
    )*};
}
moved_by_a_duration!(Instant SystemTime);
