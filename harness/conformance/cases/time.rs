//! What `std::time` promises of its clocks.
use crate::conforms;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::thread;
use std::time::{Duration, Instant, SystemTime, SystemTimeError, UNIX_EPOCH};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn an_instant_is_never_before_an_earlier_one() {
    conforms(|| {
        let first = Instant::now();
        thread::sleep(Duration::from_millis(1));
        let second = Instant::now();
        assert!(first <= second && first <= Instant::now());
        assert_eq!(first.max(second), second);
    });
}

#[test]
fn an_instant_is_not_before_that_of_a_thread_that_ended() {
    conforms(|| {
        let first = Instant::now();
        let theirs = thread::spawn(Instant::now).join().unwrap();
        assert!(first <= theirs && theirs <= Instant::now());
    });
}

#[test]
fn the_time_between_two_instants_is_what_leads_from_one_to_the_other() {
    conforms(|| {
        let (first, second) = (Instant::now(), Instant::now());
        let between = second.duration_since(first);
        assert_eq!(first + between, second);
        assert_eq!((second - first, second.saturating_duration_since(first)), (between, between));
        assert_eq!(second.checked_duration_since(first), Some(between));
    });
}

#[test]
fn the_time_since_a_later_instant_is_none_or_zero() {
    conforms(|| {
        let now = Instant::now();
        let later = now + SECOND;
        assert_eq!(now.checked_duration_since(later), None);
        assert_eq!(now.saturating_duration_since(later), Duration::ZERO);
        assert_eq!(later.saturating_duration_since(now), SECOND);
    });
}

#[test]
fn instants_can_be_added_to_and_subtracted_from() {
    conforms(|| {
        let now = Instant::now();
        let mut later = now;
        later += SECOND;
        assert!(later > now && later - SECOND == now && later.checked_sub(SECOND) == Some(now));
        assert_eq!(now.checked_add(SECOND), Some(later));
        later -= SECOND;
        assert_eq!(later, now);
    });
}

#[test]
fn an_instant_has_elapsed_by_no_more_than_a_later_measurement() {
    conforms(|| {
        let start = Instant::now();
        let elapsed = start.elapsed();
        assert!(elapsed <= start.elapsed());
        assert!(elapsed <= Instant::now() - start);
    });
}

#[test]
fn system_times_can_be_added_to_and_subtracted_from() {
    conforms(|| {
        let now = SystemTime::now();
        let mut later = now;
        later += SECOND;
        assert!(later > now && later - SECOND == now && later.checked_sub(SECOND) == Some(now));
        assert_eq!(now.checked_add(SECOND), Some(later));
        later -= SECOND;
        assert_eq!(later, now);
    });
}

#[test]
fn the_time_since_an_earlier_system_time_is_given_or_the_time_until_a_later_one() {
    conforms(|| {
        let now = SystemTime::now();
        assert_eq!((now + SECOND).duration_since(now).unwrap(), SECOND);
        let error: SystemTimeError = now.duration_since(now + SECOND).unwrap_err();
        assert_eq!(error.duration(), SECOND);
        assert!(!error.to_string().is_empty());
    });
}

#[test]
fn the_elapsed_time_of_a_future_system_time_is_an_error() {
    conforms(|| {
        let future = SystemTime::now() + Duration::from_secs(1 << 32);
        assert!(future.elapsed().is_err());
    });
}

#[test]
fn both_epochs_are_the_same() {
    conforms(|| {
        assert_eq!(UNIX_EPOCH, SystemTime::UNIX_EPOCH);
        assert_eq!((UNIX_EPOCH + SECOND).duration_since(UNIX_EPOCH).unwrap(), SECOND);
        assert!(UNIX_EPOCH - SECOND < UNIX_EPOCH);
    });
}

#[test]
fn the_clocks_have_their_signatures_and_traits() {
    conforms(|| {
        let _: fn() -> Instant = Instant::now;
        let _: fn(&Instant) -> Duration = Instant::elapsed;
        let _: fn(&Instant, Instant) -> Duration = Instant::duration_since;
        let _: fn(&Instant, Instant) -> Option<Duration> = Instant::checked_duration_since;
        let _: [fn(&Instant, Duration) -> Option<Instant>; 2] = [Instant::checked_add, Instant::checked_sub];
        let _: fn() -> SystemTime = SystemTime::now;
        let _: fn(&SystemTime, SystemTime) -> Result<Duration, SystemTimeError> = SystemTime::duration_since;
        let _: fn(&SystemTime) -> Result<Duration, SystemTimeError> = SystemTime::elapsed;
        assert!(!format!("{:?} {:?}", Instant::now(), SystemTime::now()).is_empty());
        assert!(implements!(Instant: Copy + Debug + Ord + Hash + Send + Sync + UnwindSafe + RefUnwindSafe));
        assert!(implements!(Instant: Add<Duration, Output = Instant> + AddAssign<Duration> + Sub<Instant, Output = Duration>));
        assert!(implements!(Instant: Sub<Duration, Output = Instant> + SubAssign<Duration>));
        assert!(implements!(SystemTime: Copy + Debug + Ord + Hash + Send + Sync + UnwindSafe + RefUnwindSafe));
        assert!(implements!(SystemTime: Add<Duration, Output = SystemTime> + AddAssign<Duration>));
        assert!(implements!(SystemTime: Sub<Duration, Output = SystemTime> + SubAssign<Duration>));
        assert!(implements!(SystemTimeError: Clone + Debug + Display + Error + Send + Sync));
    });
}
