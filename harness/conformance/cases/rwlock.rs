//! What `std::sync::RwLock` promises.
use crate::conforms;
use std::cell::Cell;
use std::fmt::{Debug, Display};
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, LockResult, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError, TryLockResult};
use std::thread;

#[test]
fn a_reader_sees_what_the_writer_before_it_wrote() {
    conforms(|| {
        let lock = RwLock::new(1);
        *lock.write().unwrap() += 1;
        assert_eq!(*lock.read().unwrap(), 2);
        let shared = Arc::new((RwLock::new(false), AtomicBool::new(false)));
        let other = shared.clone();
        let t = thread::spawn(move || {
            other.1.store(true, Ordering::Relaxed);
            *other.0.write().unwrap() = true;
        });
        if *shared.0.read().unwrap() {
            assert!(shared.1.load(Ordering::Relaxed));
        }
        t.join().unwrap();
    });
}

#[test]
fn an_addition_under_a_write_lock_is_not_lost() {
    conforms(|| {
        let count = Arc::new(RwLock::new(0));
        let other = count.clone();
        let t = thread::spawn(move || *other.write().unwrap() += 1);
        *count.write().unwrap() += 1;
        t.join().unwrap();
        assert_eq!(*count.read().unwrap(), 2);
    });
}

#[test]
fn two_threads_can_read_at_once() {
    conforms(|| {
        let shared = Arc::new((RwLock::new(5), Barrier::new(2)));
        let meet = |shared: &(RwLock<i32>, Barrier)| {
            let guard = shared.0.read().unwrap();
            shared.1.wait();
            *guard
        };
        let other = shared.clone();
        let t = thread::spawn(move || meet(&other));
        assert_eq!((meet(&shared), t.join().unwrap()), (5, 5));
    });
}

#[test]
fn a_reader_never_sees_half_of_a_write() {
    conforms(|| {
        let lock = Arc::new(RwLock::new((0, 0)));
        let other = lock.clone();
        let t = thread::spawn(move || {
            let mut guard = other.write().unwrap();
            guard.0 = 1;
            guard.1 = 1;
        });
        let guard = lock.read().unwrap();
        assert_eq!(guard.0, guard.1);
        drop(guard);
        t.join().unwrap();
    });
}

#[test]
fn a_held_write_lock_blocks_readers_and_writers() {
    conforms(|| {
        let lock = RwLock::new(1);
        let guard = lock.write().unwrap();
        assert!(matches!(lock.try_read(), Err(TryLockError::WouldBlock)));
        assert!(matches!(lock.try_write(), Err(TryLockError::WouldBlock)));
        drop(guard);
        assert_eq!(*lock.try_read().unwrap(), 1);
        *lock.try_write().unwrap() = 2;
        assert_eq!(lock.into_inner().unwrap(), 2);
    });
}

#[test]
fn a_held_read_lock_blocks_writers_only() {
    conforms(|| {
        let lock = Arc::new(RwLock::new(1));
        let other = lock.clone();
        let guard = lock.read().unwrap();
        assert!(matches!(lock.try_write(), Err(TryLockError::WouldBlock)));
        let t = thread::spawn(move || *other.try_read().unwrap());
        assert_eq!(t.join().unwrap(), 1);
        drop(guard);
        assert!(lock.try_write().is_ok());
    });
}

#[test]
fn a_try_write_that_races_gives_the_lock_or_would_block() {
    conforms(|| {
        let lock = Arc::new(RwLock::new(0));
        let other = lock.clone();
        let t = thread::spawn(move || *other.read().unwrap());
        let written = match lock.try_write() {
            Ok(mut guard) => {
                *guard = 1;
                1
            }
            Err(TryLockError::WouldBlock) => 0,
            Err(TryLockError::Poisoned(_)) => unreachable!(),
        };
        assert!(t.join().unwrap() <= written);
        assert_eq!(*lock.read().unwrap(), written);
    });
}

#[test]
fn a_downgraded_write_guard_keeps_reading() {
    conforms(|| {
        let lock = Arc::new(RwLock::new(1));
        let mut guard = lock.write().unwrap();
        *guard = 2;
        let guard = RwLockWriteGuard::downgrade(guard);
        assert_eq!(*guard, 2);
        assert!(matches!(lock.try_write(), Err(TryLockError::WouldBlock)));
        let other = lock.clone();
        assert_eq!(thread::spawn(move || *other.try_read().unwrap()).join().unwrap(), 2);
        drop(guard);
        assert_eq!(*lock.try_write().unwrap(), 2);
    });
}

#[test]
fn no_writer_comes_between_a_downgrade_and_its_reads() {
    conforms(|| {
        let lock = Arc::new(RwLock::new(1));
        let mut guard = lock.write().unwrap();
        let other = lock.clone();
        let t = thread::spawn(move || {
            let mut guard = other.write().unwrap();
            assert_eq!(*guard, 2);
            *guard = 3;
        });
        *guard = 2;
        let guard = RwLockWriteGuard::downgrade(guard);
        assert_eq!(*guard, 2);
        drop(guard);
        t.join().unwrap();
        assert_eq!(*lock.read().unwrap(), 3);
    });
}

#[test]
fn a_downgrade_lets_waiting_readers_in() {
    conforms(|| {
        let lock = Arc::new(RwLock::new(1));
        let other = lock.clone();
        let mut guard = lock.write().unwrap();
        let t = thread::spawn(move || *other.read().unwrap());
        *guard = 2;
        let guard = RwLockWriteGuard::downgrade(guard);
        assert_eq!(t.join().unwrap(), 2);
        drop(guard);
    });
}

#[test]
fn exclusive_access_needs_no_rwlock() {
    conforms(|| {
        let mut lock = RwLock::new(String::from("a"));
        lock.get_mut().unwrap().push('b');
        assert_eq!(lock.into_inner().unwrap(), "ab");
    });
}

#[test]
fn a_rwlock_can_hold_an_unsized_value() {
    conforms(|| {
        let lock: Arc<RwLock<[u8]>> = Arc::new(RwLock::new([1, 2]));
        lock.write().unwrap()[0] = 3;
        assert_eq!(*lock.read().unwrap(), [3, 2]);
    });
}

#[test]
fn a_rwlock_is_shown_without_blocking() {
    conforms(|| {
        let lock = RwLock::new(57);
        assert!(format!("{lock:?}").contains("57"));
        let guard = lock.write().unwrap();
        assert!(!format!("{lock:?}").contains("57"));
        assert_eq!(format!("{guard} {guard:?}"), "57 57");
        drop(guard);
        let guard = lock.read().unwrap();
        assert_eq!(format!("{guard} {guard:?}"), "57 57");
    });
}

#[test]
fn a_rwlock_has_its_signatures_and_traits() {
    const LOCK: RwLock<u8> = RwLock::new(7);
    conforms(|| {
        let lock = LOCK;
        assert_eq!(lock.into_inner().unwrap(), 7);
        assert_eq!(RwLock::<u8>::default().into_inner().unwrap(), 0);
        assert_eq!(RwLock::from(3).into_inner().unwrap(), 3);
        let _: fn(&RwLock<str>) -> LockResult<RwLockReadGuard<'_, str>> = RwLock::read;
        let _: fn(&RwLock<str>) -> LockResult<RwLockWriteGuard<'_, str>> = RwLock::write;
        let _: fn(&RwLock<str>) -> TryLockResult<RwLockReadGuard<'_, str>> = RwLock::try_read;
        let _: fn(&RwLock<str>) -> TryLockResult<RwLockWriteGuard<'_, str>> = RwLock::try_write;
        let _: fn(RwLockWriteGuard<'static, str>) -> RwLockReadGuard<'static, str> = RwLockWriteGuard::downgrade;
        let _: fn(&RwLock<str>) -> bool = RwLock::is_poisoned;
        let _: fn(&RwLock<str>) = RwLock::clear_poison;
        let _: fn(&mut RwLock<str>) -> LockResult<&mut str> = RwLock::get_mut;
        let _: fn(RwLock<u8>) -> LockResult<u8> = RwLock::into_inner;
        assert!(implements!(RwLock<u8>: Send + Sync + UnwindSafe + RefUnwindSafe + Debug + Default + From<u8>));
        assert!(implements!(RwLock<Cell<u8>>: Send + UnwindSafe + RefUnwindSafe) && !implements!(RwLock<Cell<u8>>: Sync));
        assert!(!implements!(RwLock<*const u8>: Send));
        assert!(implements!(RwLockReadGuard<'static, u8>: Sync + Deref<Target = u8> + Debug + Display));
        assert!(implements!(RwLockWriteGuard<'static, u8>: Sync + Deref<Target = u8> + DerefMut + Debug + Display));
        assert!(!implements!(RwLockReadGuard<'static, u8>: Send) && !implements!(RwLockReadGuard<'static, u8>: DerefMut));
        assert!(!implements!(RwLockWriteGuard<'static, u8>: Send));
    });
}
