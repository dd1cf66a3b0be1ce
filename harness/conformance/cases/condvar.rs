//! What `std::sync::Condvar` promises.
use crate::conforms;
use std::fmt::Debug;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, Condvar, LockResult, Mutex, MutexGuard, WaitTimeoutResult};
use std::thread;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(60);

type Flag = (Mutex<bool>, Condvar);

fn raise(flag: &Arc<Flag>) -> thread::JoinHandle<()> {
    let flag = flag.clone();
    thread::spawn(move || {
        *flag.0.lock().unwrap() = true;
        flag.1.notify_one();
    })
}

#[test]
fn a_notification_wakes_a_waiting_thread() {
    conforms(|| {
        let flag = Arc::new(Flag::default());
        let t = raise(&flag);
        let mut guard = flag.0.lock().unwrap();
        while !*guard {
            guard = flag.1.wait(guard).unwrap();
        }
        drop(guard);
        t.join().unwrap();
    });
}

#[test]
fn a_notification_under_the_lock_wakes_a_waiting_thread() {
    conforms(|| {
        let flag = Arc::new(Flag::default());
        let other = flag.clone();
        let t = thread::spawn(move || {
            let mut guard = other.0.lock().unwrap();
            *guard = true;
            other.1.notify_all();
        });
        assert!(*flag.1.wait_while(flag.0.lock().unwrap(), |flag| !*flag).unwrap());
        t.join().unwrap();
    });
}

#[test]
fn wait_while_returns_once_its_condition_is_false() {
    conforms(|| {
        let flag = Arc::new(Flag::default());
        let t = raise(&flag);
        let guard = flag.1.wait_while(flag.0.lock().unwrap(), |flag| !*flag).unwrap();
        assert!(*guard);
        drop(guard);
        t.join().unwrap();
    });
}

#[test]
fn wait_while_does_not_wait_if_its_condition_is_false() {
    conforms(|| {
        let (mutex, condvar) = (Mutex::new(1), Condvar::new());
        let guard = condvar.wait_while(mutex.lock().unwrap(), |n| {
            *n += 1;
            false
        });
        assert_eq!(*guard.unwrap(), 2);
    });
}

#[test]
fn notify_all_wakes_every_waiting_thread() {
    conforms(|| {
        let flag = Arc::new(Flag::default());
        let threads = [flag.clone(), flag.clone()]
            .map(|flag| thread::spawn(move || *flag.1.wait_while(flag.0.lock().unwrap(), |flag| !*flag).unwrap()));
        *flag.0.lock().unwrap() = true;
        flag.1.notify_all();
        for t in threads {
            assert!(t.join().unwrap());
        }
    });
}

#[test]
fn two_single_notifications_wake_two_threads() {
    conforms(|| {
        let permits = Arc::new((Mutex::new(0), Condvar::new()));
        let threads = [permits.clone(), permits.clone()]
            .map(|permits| thread::spawn(move || *permits.1.wait_while(permits.0.lock().unwrap(), |n| *n == 0).unwrap() -= 1));
        for _ in 0..2 {
            *permits.0.lock().unwrap() += 1;
            permits.1.notify_one();
        }
        for t in threads {
            t.join().unwrap();
        }
        assert_eq!(*permits.0.lock().unwrap(), 0);
    });
}

#[test]
fn a_wait_lets_go_of_the_lock() {
    conforms(|| {
        let turn = Arc::new((Mutex::new(0), Condvar::new()));
        let other = turn.clone();
        let guard = turn.0.lock().unwrap();
        let t = thread::spawn(move || {
            *other.0.lock().unwrap() += 1;
            other.1.notify_one();
            *other.1.wait_while(other.0.lock().unwrap(), |n| *n == 1).unwrap()
        });
        let mut guard = turn.1.wait_while(guard, |n| *n == 0).unwrap();
        *guard += 1;
        drop(guard);
        turn.1.notify_one();
        assert_eq!(t.join().unwrap(), 2);
    });
}

#[test]
fn a_notification_without_a_waiting_thread_does_nothing() {
    conforms(|| {
        let (mutex, condvar) = (Mutex::new(1), Condvar::new());
        condvar.notify_one();
        condvar.notify_all();
        assert_eq!(*mutex.lock().unwrap(), 1);
        let (guard, result) = condvar.wait_timeout_while(mutex.lock().unwrap(), SHORT, |_| true).unwrap();
        assert!(result.timed_out() && *guard == 1);
    });
}

#[test]
fn a_timed_wait_returns_without_a_notification() {
    conforms(|| {
        let (mutex, condvar) = (Mutex::new(1), Condvar::new());
        let (guard, _either) = condvar.wait_timeout(mutex.lock().unwrap(), SHORT).unwrap();
        assert_eq!(*guard, 1);
        assert!(mutex.try_lock().is_err());
        let (guard, _either) = condvar.wait_timeout(guard, Duration::ZERO).unwrap();
        assert_eq!(*guard, 1);
    });
}

#[test]
#[allow(deprecated, reason = "std has it as well")]
fn a_timed_wait_in_milliseconds_returns_without_a_notification() {
    conforms(|| {
        let (mutex, condvar) = (Mutex::new(1), Condvar::new());
        let (guard, _either): (_, bool) = condvar.wait_timeout_ms(mutex.lock().unwrap(), 1).unwrap();
        assert_eq!(*guard, 1);
    });
}

#[test]
fn a_timed_wait_holds_the_lock_when_it_returns() {
    conforms(|| {
        let flag = Arc::new(Flag::default());
        let t = raise(&flag);
        let (guard, _either) = flag.1.wait_timeout(flag.0.lock().unwrap(), SHORT).unwrap();
        let before = *guard;
        thread::yield_now();
        assert_eq!(*guard, before);
        drop(guard);
        t.join().unwrap();
        assert!(*flag.0.lock().unwrap());
    });
}

#[test]
fn wait_timeout_while_reports_a_timeout_only_if_its_condition_is_still_true() {
    conforms(|| {
        let flag = Arc::new(Flag::default());
        let t = raise(&flag);
        let (guard, result) = flag.1.wait_timeout_while(flag.0.lock().unwrap(), LONG, |flag| !*flag).unwrap();
        assert_eq!(*guard, !result.timed_out());
        drop(guard);
        t.join().unwrap();
    });
}

#[test]
fn wait_timeout_while_times_out_if_its_condition_stays_true() {
    conforms(|| {
        let (mutex, condvar) = (Mutex::new(1), Condvar::new());
        for time in [Duration::ZERO, SHORT] {
            assert!(condvar.wait_timeout_while(mutex.lock().unwrap(), time, |n| *n == 1).unwrap().1.timed_out());
        }
    });
}

#[test]
fn wait_timeout_while_does_not_wait_if_its_condition_is_false() {
    conforms(|| {
        let (mutex, condvar) = (Mutex::new(1), Condvar::new());
        for time in [Duration::ZERO, LONG, Duration::MAX] {
            assert!(!condvar.wait_timeout_while(mutex.lock().unwrap(), time, |_| false).unwrap().1.timed_out());
        }
    });
}

#[test]
fn a_wait_gives_an_error_if_the_mutex_is_poisoned_when_it_is_locked_again() {
    conforms(|| {
        let flag = Arc::new(Flag::default());
        let other = flag.clone();
        let mut guard = flag.0.lock().unwrap();
        let t = thread::spawn(move || {
            let mut guard = other.0.lock().unwrap();
            *guard = true;
            other.1.notify_one();
            panic!("with the lock");
        });
        let guard = loop {
            match flag.1.wait(guard) {
                Ok(again) => guard = again,
                Err(error) => break error.into_inner(),
            }
            assert!(!*guard);
        };
        assert!(*guard);
        drop(guard);
        assert!(t.join().is_err());
    });
}

#[test]
fn a_timed_wait_on_a_poisoned_mutex_gives_an_error() {
    conforms(|| {
        let (mutex, condvar) = (Arc::new(Mutex::new(1)), Condvar::new());
        let other = mutex.clone();
        let t = thread::spawn(move || {
            let _guard = other.lock().unwrap();
            panic!("with the lock");
        });
        assert!(t.join().is_err());
        let guard = mutex.lock().unwrap_err().into_inner();
        let (guard, _either) = condvar.wait_timeout(guard, SHORT).unwrap_err().into_inner();
        assert_eq!(*guard, 1);
    });
}

#[test]
fn a_condvar_has_its_signatures_and_traits() {
    const CONDVAR: Condvar = Condvar::new();
    type Timed<'a> = LockResult<(MutexGuard<'a, u8>, WaitTimeoutResult)>;
    conforms(|| {
        let condvar = CONDVAR;
        assert!(format!("{condvar:?}").contains("Condvar"));
        let _: for<'a> fn(&Condvar, MutexGuard<'a, u8>) -> LockResult<MutexGuard<'a, u8>> = Condvar::wait;
        let _: for<'a> fn(&Condvar, MutexGuard<'a, u8>, Duration) -> Timed<'a> = Condvar::wait_timeout;
        let _: [fn(&Condvar); 2] = [Condvar::notify_one, Condvar::notify_all];
        let _: fn(&WaitTimeoutResult) -> bool = WaitTimeoutResult::timed_out;
        assert!(implements!(Condvar: Send + Sync + UnwindSafe + RefUnwindSafe + Debug + Default));
        assert!(implements!(WaitTimeoutResult: Copy + Debug + Eq + Send + Sync));
    });
}
