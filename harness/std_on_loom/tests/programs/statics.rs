//! What is made in a constant: it was there before everything, and begins anew in each interleaving.

use crate::report::fails;
use crate::{WEAK_ORDERS, check};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::*};
use std::sync::{Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock};
use std::thread;

#[test]
fn an_atomic_in_a_static_begins_anew() {
    static COUNT: AtomicUsize = AtomicUsize::new(5);
    check(|| {
        assert_eq!(COUNT.load(Relaxed), 5);
        let other = thread::spawn(|| COUNT.fetch_add(1, Relaxed));
        COUNT.fetch_add(1, Relaxed);
        other.join().unwrap();
        assert_eq!(COUNT.load(Relaxed), 7);
    });
}

#[test]
fn whoever_comes_first_has_not_made_it() {
    static COUNT: AtomicUsize = AtomicUsize::new(5);
    check(|| {
        let others = [(); 2].map(|()| thread::spawn(|| COUNT.fetch_add(1, Relaxed)));
        let mut found = others.map(|other| other.join().unwrap());
        found.sort();
        assert_eq!(found, [5, 6]);
    });
}

#[test]
fn what_is_published_through_a_static_must_be_published() {
    static FLAG: AtomicUsize = AtomicUsize::new(0);
    struct Data(UnsafeCell<usize>);
    // SAFETY: the flag says whose turn it is.
    unsafe impl Sync for Data {}
    static DATA: Data = Data(UnsafeCell::new(1));
    check(|| {
        let other = thread::spawn(|| {
            // SAFETY: as above.
            unsafe { *DATA.0.get() += 1 };
            FLAG.store(1, Release);
        });
        if FLAG.load(Acquire) == 1 {
            // SAFETY: as above.
            assert_eq!(unsafe { *DATA.0.get() }, 2);
        }
        other.join().unwrap();
    });
    if WEAK_ORDERS {
        fails(|| {
            let other = thread::spawn(|| {
                // SAFETY: wrong, and the test says so.
                unsafe { *DATA.0.get() += 1 };
                FLAG.store(1, Relaxed);
            });
            if FLAG.load(Acquire) == 1 {
                // SAFETY: wrong, and the test says so.
                assert_eq!(unsafe { *DATA.0.get() }, 2); // reads
            }
            other.join().unwrap();
        })
        .says("Data race")
        .points_at("reads");
    }
}

#[test]
fn what_is_made_at_run_time_has_a_maker_all_the_same() {
    if !WEAK_ORDERS {
        return;
    }
    fails(|| {
        let shared: Arc<AtomicPtr<AtomicUsize>> = Arc::default();
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || others.store(Box::into_raw(Box::new(AtomicUsize::new(7))), Relaxed));
        let found = shared.load(Relaxed);
        if !found.is_null() {
            // SAFETY: wrong, and the test says so.
            unsafe { (*found).load(Relaxed) }; // nothing has published it
        }
        other.join().unwrap();
    })
    .says("a thread uses an atomic that another one has made");
}

#[test]
fn a_lock_in_a_static_begins_anew_with_what_it_holds() {
    static LOCK: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    static SHARED: RwLock<Option<String>> = RwLock::new(None);
    check(|| {
        let other = thread::spawn(|| LOCK.lock().unwrap().push(1));
        LOCK.lock().unwrap().push(2);
        other.join().unwrap();
        let mut found = LOCK.lock().unwrap().clone();
        found.sort();
        assert_eq!(found, [1, 2]);
        assert_eq!(SHARED.write().unwrap().replace("once".to_owned()), None);
        assert_eq!(SHARED.read().unwrap().as_deref(), Some("once"));
    });
}

#[test]
fn a_poisoned_lock_in_a_static_begins_anew() {
    static LOCK: Mutex<usize> = Mutex::new(0);
    check(|| {
        assert!(!LOCK.is_poisoned());
        let other = thread::spawn(|| {
            let _guard = LOCK.lock();
            panic!("on purpose");
        });
        let mine = *LOCK.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        assert_eq!(mine, 0);
        assert!(other.join().is_err());
        assert!(LOCK.is_poisoned());
    });
}

#[test]
fn what_is_done_once_is_done_once_in_each_interleaving() {
    static ONCE: Once = Once::new();
    static CELL: OnceLock<String> = OnceLock::new();
    static LAZY: LazyLock<String> = LazyLock::new(|| "made".to_owned());
    static DONE: AtomicUsize = AtomicUsize::new(0);
    check(|| {
        let call = || {
            ONCE.call_once(|| {
                DONE.fetch_add(1, Relaxed);
            });
            CELL.get_or_init(|| LAZY.clone()).len()
        };
        assert!(!ONCE.is_completed() && CELL.get().is_none());
        let other = thread::spawn(call);
        assert_eq!((call(), other.join().unwrap()), (4, 4));
        assert_eq!(DONE.load(Relaxed), 1);
    });
}

#[test]
fn threads_meet_in_statics() {
    static BARRIER: Barrier = Barrier::new(2);
    static READY: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());
    check(|| {
        let other = thread::spawn(|| {
            *READY.0.lock().unwrap() = true;
            READY.1.notify_one();
            BARRIER.wait().is_leader()
        });
        drop(READY.1.wait_while(READY.0.lock().unwrap(), |ready| !*ready).unwrap());
        assert_ne!(BARRIER.wait().is_leader(), other.join().unwrap());
    });
}

#[test]
fn a_constant_is_another_one_at_each_use() {
    #[allow(clippy::declare_interior_mutable_const, reason = "each use makes another one, and the test is about that")]
    const ZERO: AtomicUsize = AtomicUsize::new(0);
    check(|| {
        let many = Arc::new([ZERO; 20]);
        let others = Arc::clone(&many);
        let other = thread::spawn(move || others[3].fetch_add(1, Relaxed) + others[4].load(Relaxed));
        many[3].fetch_add(1, Relaxed);
        assert_eq!(many[19].load(Relaxed), 0);
        other.join().unwrap();
        assert_eq!(many[3].load(Relaxed), 2);
    });
}

#[test]
fn a_constructor_of_the_programs_own_may_be_const() {
    struct Turn(AtomicUsize, Mutex<usize>);
    impl Turn {
        const fn new() -> Self {
            Self(AtomicUsize::new(0), Mutex::new(0))
        }
        fn take(&self) -> usize {
            *self.1.lock().unwrap() += 1;
            self.0.fetch_add(1, Relaxed)
        }
    }
    static TURN: Turn = Turn::new();
    check(|| {
        let mine = Arc::new(Turn::new());
        let others = Arc::clone(&mine);
        let other = thread::spawn(move || (others.take(), TURN.take()));
        let (a, b) = (mine.take(), TURN.take());
        let (c, d) = other.join().unwrap();
        assert_eq!((a + c, b + d), (1, 1));
    });
}

#[test]
fn what_is_made_before_the_check_and_outside_of_it_is_refused() {
    fails(|| {
        static HELD: real_std::sync::OnceLock<Mutex<usize>> = real_std::sync::OnceLock::new();
        let held: &'static Mutex<usize> = HELD.get_or_init(|| Mutex::new(0));
        let other = thread::spawn(move || *held.lock().unwrap() += 1); // in the next interleaving
        *held.lock().unwrap() += 1;
        other.join().unwrap();
    })
    .says("This was made before the check began");
}
