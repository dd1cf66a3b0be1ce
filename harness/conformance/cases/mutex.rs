//! What `std::sync::Mutex` promises.
use super::panics;
use crate::conforms;
use std::cell::Cell;
use std::fmt::{Debug, Display};
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LockResult, Mutex, MutexGuard, TryLockError, TryLockResult};
use std::thread;

#[test]
fn a_lock_gives_access_to_the_value() {
    conforms(|| {
        let mutex = Mutex::new(1);
        *mutex.lock().unwrap() += 1;
        let guard = mutex.lock().unwrap();
        assert_eq!(*guard, 2);
    });
}

#[test]
fn an_addition_under_a_lock_is_not_lost() {
    conforms(|| {
        let count = Arc::new(Mutex::new(0));
        let threads = [count.clone(), count.clone()].map(|count| thread::spawn(move || *count.lock().unwrap() += 1));
        for t in threads {
            t.join().unwrap();
        }
        assert_eq!(*count.lock().unwrap(), 2);
    });
}

#[test]
fn two_threads_never_hold_a_mutex_at_once() {
    conforms(|| {
        let shared = Arc::new((Mutex::new(()), AtomicBool::new(false)));
        let enter = |shared: &(Mutex<()>, AtomicBool)| {
            let _guard = shared.0.lock().unwrap();
            assert!(!shared.1.swap(true, Ordering::Relaxed));
            shared.1.store(false, Ordering::Relaxed);
        };
        let other = shared.clone();
        let t = thread::spawn(move || enter(&other));
        enter(&shared);
        t.join().unwrap();
    });
}

#[test]
fn a_lock_sees_what_the_holder_before_it_wrote() {
    conforms(|| {
        let shared = Arc::new((Mutex::new(false), AtomicBool::new(false)));
        let other = shared.clone();
        let t = thread::spawn(move || {
            other.1.store(true, Ordering::Relaxed);
            *other.0.lock().unwrap() = true;
        });
        if *shared.0.lock().unwrap() {
            assert!(shared.1.load(Ordering::Relaxed));
        }
        t.join().unwrap();
    });
}

#[test]
fn try_lock_of_a_held_mutex_would_block() {
    conforms(|| {
        let mutex = Mutex::new(1);
        let guard = mutex.lock().unwrap();
        assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)));
        drop(guard);
        *mutex.try_lock().unwrap() = 2;
        assert_eq!(*mutex.lock().unwrap(), 2);
    });
}

#[test]
fn try_lock_in_another_thread_of_a_held_mutex_would_block() {
    conforms(|| {
        let mutex = Arc::new(Mutex::new(1));
        let other = mutex.clone();
        let guard = mutex.lock().unwrap();
        let blocked = thread::spawn(move || matches!(other.try_lock(), Err(TryLockError::WouldBlock))).join().unwrap();
        assert!(blocked && *guard == 1);
    });
}

#[test]
fn a_try_lock_that_races_gives_the_lock_or_would_block() {
    conforms(|| {
        let mutex = Arc::new(Mutex::new(0));
        let other = mutex.clone();
        let t = thread::spawn(move || *other.lock().unwrap() += 1);
        let mine = match mutex.try_lock() {
            Ok(mut guard) => {
                *guard += 1;
                1
            }
            Err(TryLockError::WouldBlock) => 0,
            Err(TryLockError::Poisoned(_)) => unreachable!(),
        };
        t.join().unwrap();
        assert_eq!(*mutex.lock().unwrap(), 1 + mine);
    });
}

#[test]
fn a_guard_unlocks_when_a_panic_drops_it() {
    conforms(|| {
        let mutex = Mutex::new(1);
        assert!(panics(|| {
            let _guard = mutex.lock().unwrap();
            panic!("with the lock");
        }));
        assert!(matches!(mutex.try_lock(), Err(TryLockError::Poisoned(guard)) if **guard.get_ref() == 1));
    });
}

#[test]
fn a_forgotten_guard_leaves_the_mutex_locked() {
    conforms(|| {
        let mut mutex = Mutex::new(1);
        std::mem::forget(mutex.lock().unwrap());
        assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)));
        assert_eq!(*mutex.get_mut().unwrap(), 1);
        assert_eq!(mutex.into_inner().unwrap(), 1);
    });
}

#[test]
fn exclusive_access_needs_no_lock() {
    conforms(|| {
        let mut mutex = Mutex::new(String::from("a"));
        mutex.get_mut().unwrap().push('b');
        assert_eq!(mutex.into_inner().unwrap(), "ab");
    });
}

#[test]
fn a_mutex_drops_its_value() {
    conforms(|| {
        let value = Arc::new(());
        let mutex = Mutex::new(value.clone());
        assert_eq!(Arc::strong_count(&value), 2);
        drop(mutex);
        assert_eq!(Arc::strong_count(&value), 1);
    });
}

#[test]
fn a_mutex_can_hold_an_unsized_value() {
    conforms(|| {
        let mut sized = Mutex::new([1, 2]);
        let mutex: &mut Mutex<[u8]> = &mut sized;
        mutex.get_mut().unwrap()[0] = 3;
        let mutex: &Mutex<[u8]> = mutex;
        mutex.lock().unwrap()[1] = 4;
        assert_eq!(sized.into_inner().unwrap(), [3, 4]);
        let boxed: Box<Mutex<dyn Fn() -> u8 + Send>> = Box::new(Mutex::new(|| 5));
        assert_eq!((boxed.lock().unwrap())(), 5);
    });
}

#[test]
fn a_lock_can_be_held_while_another_is_taken() {
    conforms(|| {
        let pair = Arc::new((Mutex::new(1), Mutex::new(2)));
        let swap = |pair: &(Mutex<i32>, Mutex<i32>)| {
            let (mut a, mut b) = (pair.0.lock().unwrap(), pair.1.lock().unwrap());
            std::mem::swap(&mut *a, &mut *b);
        };
        let other = pair.clone();
        let t = thread::spawn(move || swap(&other));
        swap(&pair);
        t.join().unwrap();
        assert_eq!((*pair.0.lock().unwrap(), *pair.1.lock().unwrap()), (1, 2));
    });
}

#[test]
fn a_mutex_is_shown_without_blocking() {
    conforms(|| {
        let mutex = Mutex::new(57);
        assert!(format!("{mutex:?}").contains("57"));
        let guard = mutex.lock().unwrap();
        assert!(!format!("{mutex:?}").contains("57"));
        assert_eq!(format!("{guard} {guard:?} {guard:>3}"), "57 57  57");
    });
}

#[test]
fn a_mutex_has_its_signatures_and_traits() {
    const MUTEX: Mutex<u8> = Mutex::new(7);
    conforms(|| {
        let mutex = MUTEX;
        assert_eq!(mutex.into_inner().unwrap(), 7);
        assert_eq!(Mutex::<u8>::default().into_inner().unwrap(), 0);
        assert_eq!(Mutex::from(3).into_inner().unwrap(), 3);
        let _: fn(&Mutex<str>) -> LockResult<MutexGuard<'_, str>> = Mutex::lock;
        let _: fn(&Mutex<str>) -> TryLockResult<MutexGuard<'_, str>> = Mutex::try_lock;
        let _: fn(&Mutex<str>) -> bool = Mutex::is_poisoned;
        let _: fn(&Mutex<str>) = Mutex::clear_poison;
        let _: fn(&mut Mutex<str>) -> LockResult<&mut str> = Mutex::get_mut;
        let _: fn(Mutex<u8>) -> LockResult<u8> = Mutex::into_inner;
        assert!(implements!(Mutex<u8>: Send + Sync + UnwindSafe + RefUnwindSafe + Debug + Default + From<u8>));
        assert!(implements!(Mutex<Cell<u8>>: Send + Sync + UnwindSafe + RefUnwindSafe));
        assert!(!implements!(Mutex<*const u8>: Send) && !implements!(Mutex<*const u8>: Sync));
        assert!(implements!(MutexGuard<'static, u8>: Sync + Deref<Target = u8> + DerefMut + Debug + Display));
        assert!(!implements!(MutexGuard<'static, u8>: Send) && !implements!(MutexGuard<'static, Cell<u8>>: Sync));
    });
}
