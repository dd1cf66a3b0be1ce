//! What std promises of poisoned locks and their errors.
use super::{OnDrop, panics};
use crate::conforms;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::sync::{Arc, LockResult, Mutex, MutexGuard, PoisonError, RwLock, TryLockError, TryLockResult};
use std::thread;

fn poisoned_mutex(value: i32) -> Mutex<i32> {
    let mutex = Mutex::new(value);
    assert!(panics(|| {
        let _guard = mutex.lock().unwrap();
        panic!("with the lock");
    }));
    mutex
}

fn poisoned_rwlock(value: i32) -> RwLock<i32> {
    let lock = RwLock::new(value);
    assert!(panics(|| {
        let _guard = lock.write().unwrap();
        panic!("with the lock");
    }));
    lock
}

#[test]
fn a_mutex_held_in_a_panic_is_poisoned() {
    conforms(|| {
        assert!(!Mutex::new(1).is_poisoned());
        let mutex = poisoned_mutex(1);
        assert!(mutex.is_poisoned());
        assert!(mutex.lock().is_err() && mutex.lock().is_err());
        assert!(matches!(mutex.try_lock(), Err(TryLockError::Poisoned(_))));
    });
}

#[test]
fn a_thread_that_panics_with_a_lock_poisons_it() {
    conforms(|| {
        let mutex = Arc::new(Mutex::new(1));
        let other = mutex.clone();
        let t = thread::spawn(move || {
            let mut guard = other.lock().unwrap();
            *guard = 2;
            panic!("with the lock");
        });
        match mutex.lock() {
            Ok(guard) => assert_eq!(*guard, 1),
            Err(error) => assert_eq!(**error.get_ref(), 2),
        }
        assert!(t.join().is_err() && mutex.is_poisoned());
        assert_eq!(*mutex.lock().unwrap_err().into_inner(), 2);
    });
}

#[test]
fn a_poisoned_mutex_gives_its_data_through_the_error() {
    conforms(|| {
        let mut mutex = poisoned_mutex(1);
        *mutex.lock().unwrap_err().into_inner() += 1;
        **mutex.lock().unwrap_err().get_mut() += 1;
        assert_eq!(**mutex.lock().unwrap_err().get_ref(), 3);
        **mutex.get_mut().unwrap_err().get_mut() += 1;
        assert_eq!(mutex.into_inner().unwrap_err().into_inner(), 4);
    });
}

#[test]
fn an_error_of_a_poisoned_lock_holds_the_lock() {
    conforms(|| {
        let mutex = poisoned_mutex(1);
        let error = mutex.lock().unwrap_err();
        assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)));
        drop(error);
        assert!(matches!(mutex.try_lock(), Err(TryLockError::Poisoned(_))));
    });
}

#[test]
fn a_poisoned_mutex_can_be_cleared() {
    conforms(|| {
        let mutex = poisoned_mutex(1);
        let mut guard = mutex.lock().unwrap_or_else(|error| {
            mutex.clear_poison();
            error.into_inner()
        });
        *guard = 2;
        drop(guard);
        assert!(!mutex.is_poisoned());
        assert_eq!(mutex.into_inner().unwrap(), 2);
    });
}

#[test]
fn a_lock_taken_and_released_during_a_panic_is_not_poisoned() {
    conforms(|| {
        let mutex = Mutex::new(1);
        assert!(panics(|| {
            let _in_unwinding = OnDrop(|| *mutex.lock().unwrap() += 1);
            panic!("without the lock");
        }));
        assert_eq!(mutex.into_inner().unwrap(), 2);
    });
}

#[test]
fn a_panic_caught_within_the_lock_does_not_poison_it() {
    conforms(|| {
        let mutex = Mutex::new(1);
        let guard = mutex.lock().unwrap();
        assert!(panics(|| panic!("caught")));
        drop(guard);
        assert!(!mutex.is_poisoned());
    });
}

#[test]
fn a_writer_that_panics_poisons_its_rwlock() {
    conforms(|| {
        let mut lock = poisoned_rwlock(1);
        assert!(lock.is_poisoned());
        assert_eq!(*lock.read().unwrap_err().into_inner(), 1);
        **lock.write().unwrap_err().get_mut() += 1;
        assert!(matches!(lock.try_read(), Err(TryLockError::Poisoned(error)) if **error.get_ref() == 2));
        assert!(matches!(lock.try_write(), Err(TryLockError::Poisoned(error)) if **error.get_ref() == 2));
        assert_eq!(**lock.get_mut().unwrap_err().get_ref(), 2);
        assert_eq!(lock.into_inner().unwrap_err().into_inner(), 2);
    });
}

#[test]
fn a_reader_that_panics_does_not_poison_its_rwlock() {
    conforms(|| {
        let lock = RwLock::new(1);
        assert!(panics(|| {
            let _guard = lock.read().unwrap();
            panic!("with the lock");
        }));
        assert!(!lock.is_poisoned());
        assert_eq!(*lock.write().unwrap(), 1);
    });
}

#[test]
fn a_poisoned_rwlock_can_be_cleared() {
    conforms(|| {
        let lock = poisoned_rwlock(1);
        lock.clear_poison();
        assert!(!lock.is_poisoned());
        assert_eq!(*lock.read().unwrap(), 1);
        assert_eq!(*lock.write().unwrap(), 1);
    });
}

#[test]
fn the_errors_of_locks_can_be_shown() {
    conforms(|| {
        let mutex = poisoned_mutex(1);
        let error = mutex.lock().unwrap_err();
        assert!(error.to_string().contains("poisoned"));
        assert!(format!("{error:?}").contains("Poison"));
        let blocked = mutex.try_lock().unwrap_err();
        assert!(blocked.to_string().contains("would block"));
        assert!(format!("{blocked:?}").contains("WouldBlock"));
        assert_eq!(TryLockError::from(PoisonError::new(1)).to_string(), PoisonError::new(1).to_string());
    });
}

#[test]
fn the_errors_of_locks_have_their_signatures_and_traits() {
    conforms(|| {
        let mut error = PoisonError::new(1);
        *error.get_mut() += 1;
        assert_eq!((*error.get_ref(), error.into_inner()), (2, 2));
        assert!(matches!(TryLockError::from(PoisonError::new(1)), TryLockError::Poisoned(e) if *e.get_ref() == 1));
        let poisoned: LockResult<u8> = Err(PoisonError::new(1));
        let retried: TryLockResult<u8> = poisoned.map_err(TryLockError::from);
        assert!(retried.is_err());
        let _: fn(PoisonError<u8>) -> u8 = PoisonError::into_inner;
        let _: fn(&PoisonError<u8>) -> &u8 = PoisonError::get_ref;
        let _: fn(&mut PoisonError<u8>) -> &mut u8 = PoisonError::get_mut;
        assert!(implements!(PoisonError<*const u8>: Debug + Display + Error));
        assert!(implements!(TryLockError<MutexGuard<'static, u8>>: Debug + Display + Error));
        assert!(implements!(TryLockError<*const u8>: From<PoisonError<*const u8>>));
        assert!(!implements!(PoisonError<MutexGuard<'static, u8>>: Send));
    });
}
