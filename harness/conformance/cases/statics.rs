//! What std promises of its types in statics: `const fn new`, sharing between threads, `thread_local!`.
//! Whether statics are reset before each run is left open.
use crate::conforms;
use std::cell::{Cell, RefCell, UnsafeCell};
use std::ptr;
use std::sync::atomic::*;
use std::sync::{Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock, Weak};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[test]
fn every_atomic_integer_can_be_a_static() {
    macro_rules! integers {
        ($($atomic:ident)*) => {
            $({
                static VALUE: $atomic = $atomic::new(1);
                let before = VALUE.fetch_add(1, Ordering::Relaxed);
                assert_eq!(VALUE.load(Ordering::Relaxed), before + 1);
            })*
        };
    }
    conforms(|| {
        integers!(AtomicI8 AtomicI16 AtomicI32 AtomicI64 AtomicIsize AtomicU8 AtomicU16 AtomicU32 AtomicU64 AtomicUsize);
    });
}

#[test]
fn an_atomic_bool_can_be_a_static() {
    static FLAG: AtomicBool = AtomicBool::new(true);
    conforms(|| {
        let before = FLAG.fetch_not(Ordering::Relaxed);
        assert_eq!(FLAG.load(Ordering::Relaxed), !before);
    });
}

#[test]
fn an_atomic_pointer_can_be_a_static() {
    static NULL: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());
    static TEXT: AtomicPtr<u8> = AtomicPtr::new(b"a".as_ptr().cast_mut());
    conforms(|| {
        assert!(NULL.load(Ordering::Relaxed).is_null());
        // SAFETY: it points to a static string.
        assert_eq!(unsafe { *TEXT.load(Ordering::Relaxed) }, b'a');
    });
}

#[test]
fn a_static_atomic_is_shared_by_all_threads() {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    conforms(|| {
        let before = COUNT.load(Ordering::Relaxed);
        let threads = [(); 2].map(|()| thread::spawn(|| COUNT.fetch_add(1, Ordering::Relaxed)));
        for t in threads {
            t.join().unwrap();
        }
        assert_eq!(COUNT.load(Ordering::Relaxed), before + 2);
    });
}

#[test]
fn a_mutex_can_be_a_static() {
    static COUNT: Mutex<usize> = Mutex::new(0);
    conforms(|| {
        let before = *COUNT.lock().unwrap();
        let t = thread::spawn(|| *COUNT.lock().unwrap() += 1);
        *COUNT.lock().unwrap() += 1;
        t.join().unwrap();
        assert_eq!(*COUNT.lock().unwrap(), before + 2);
    });
}

#[test]
fn a_mutex_of_a_growing_value_can_be_a_static() {
    static NAMES: Mutex<Vec<String>> = Mutex::new(Vec::new());
    conforms(|| {
        let before = NAMES.lock().unwrap().len();
        thread::spawn(|| NAMES.lock().unwrap().push(String::from("a"))).join().unwrap();
        let names = NAMES.lock().unwrap();
        assert_eq!((names.len(), names.last().map(String::as_str)), (before + 1, Some("a")));
    });
}

#[test]
fn a_rwlock_can_be_a_static() {
    static COUNT: RwLock<usize> = RwLock::new(0);
    conforms(|| {
        let before = *COUNT.read().unwrap();
        thread::spawn(|| *COUNT.write().unwrap() += 1).join().unwrap();
        assert_eq!(*COUNT.read().unwrap(), before + 1);
    });
}

#[test]
fn a_condvar_can_be_a_static() {
    static FLAG: Mutex<bool> = Mutex::new(false);
    static RAISED: Condvar = Condvar::new();
    conforms(|| {
        *FLAG.lock().unwrap() = false;
        let t = thread::spawn(|| {
            *FLAG.lock().unwrap() = true;
            RAISED.notify_one();
        });
        assert!(*RAISED.wait_while(FLAG.lock().unwrap(), |flag| !*flag).unwrap());
        t.join().unwrap();
    });
}

#[test]
fn a_barrier_can_be_a_static() {
    static BARRIER: Barrier = Barrier::new(2);
    conforms(|| {
        let t = thread::spawn(|| BARRIER.wait().is_leader());
        assert_ne!(BARRIER.wait().is_leader(), t.join().unwrap());
    });
}

#[test]
fn a_once_can_be_a_static() {
    static ONCE: Once = Once::new();
    static VALUE: AtomicUsize = AtomicUsize::new(0);
    conforms(|| {
        let run = || {
            ONCE.call_once(|| _ = VALUE.fetch_add(1, Ordering::Relaxed));
            VALUE.load(Ordering::Relaxed)
        };
        let t = thread::spawn(run);
        assert_eq!((run(), t.join().unwrap()), (1, 1));
        assert!(ONCE.is_completed());
    });
}

#[test]
fn a_once_lock_can_be_a_static() {
    static CELL: OnceLock<String> = OnceLock::new();
    conforms(|| {
        let get = || CELL.get_or_init(|| String::from("a"));
        let t = thread::spawn(get);
        let mine: &'static String = get();
        assert!(ptr::eq(mine, t.join().unwrap()) && mine == "a");
    });
}

#[test]
fn a_lazy_lock_can_be_a_static() {
    static LAZY: LazyLock<String> = LazyLock::new(|| String::from("a"));
    conforms(|| {
        let t = thread::spawn(|| LAZY.as_str());
        assert_eq!((LAZY.as_str(), t.join().unwrap()), ("a", "a"));
    });
}

#[test]
fn a_static_lazy_lock_can_use_other_statics() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    static BASE: LazyLock<usize> = LazyLock::new(|| 5 + CALLS.fetch_add(1, Ordering::Relaxed));
    static SUM: LazyLock<Mutex<usize>> = LazyLock::new(|| Mutex::new(*BASE + 1));
    conforms(|| {
        assert_eq!((*SUM.lock().unwrap(), *BASE), (6, 5));
        assert_eq!(CALLS.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_static_lazy_lock_can_be_named_with_its_function() {
    fn make() -> u8 {
        5
    }
    static LAZY: LazyLock<u8, fn() -> u8> = LazyLock::new(make);
    conforms(|| assert_eq!(*LazyLock::force(&LAZY), 5));
}

#[test]
fn an_arc_can_be_kept_in_a_static() {
    static ARC: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("a"));
    static SLOT: Mutex<Option<Arc<str>>> = Mutex::new(None);
    conforms(|| {
        *SLOT.lock().unwrap() = Some(ARC.clone());
        let taken = SLOT.lock().unwrap().take().unwrap();
        assert!(Arc::ptr_eq(&taken, &ARC));
    });
}

#[test]
fn a_weak_of_nothing_can_be_a_static() {
    static NOTHING: Weak<u8> = Weak::new();
    static LATEST: Mutex<Weak<u8>> = Mutex::new(Weak::new());
    conforms(|| {
        assert!(NOTHING.upgrade().is_none());
        let value = Arc::new(5);
        *LATEST.lock().unwrap() = Arc::downgrade(&value);
        assert_eq!(LATEST.lock().unwrap().upgrade().as_deref(), Some(&5));
        drop(value);
        assert!(LATEST.lock().unwrap().upgrade().is_none());
    });
}

#[test]
fn a_cell_in_a_type_that_is_shared_can_be_a_static() {
    struct Shared(UnsafeCell<u8>);
    // SAFETY: the one case that uses it runs on one thread.
    unsafe impl Sync for Shared {}
    static CELL: Shared = Shared(UnsafeCell::new(1));
    conforms(|| {
        // SAFETY: there is one thread, and no reference to the value.
        let (before, after) = unsafe {
            let before = *CELL.0.get();
            *CELL.0.get() += 1;
            (before, *CELL.0.get())
        };
        assert_eq!(after, before + 1);
    });
}

#[test]
fn types_of_std_can_be_parts_of_a_static() {
    struct Pool {
        slots: [Mutex<Option<u8>>; 2],
        used: AtomicUsize,
    }
    impl Pool {
        const fn new() -> Self {
            Self { slots: [const { Mutex::new(None) }; 2], used: AtomicUsize::new(0) }
        }
    }
    static POOL: Pool = Pool::new();
    conforms(|| {
        let before = POOL.used.fetch_add(1, Ordering::Relaxed);
        let slot = &POOL.slots[before % 2];
        *slot.lock().unwrap() = Some(5);
        assert_eq!(slot.lock().unwrap().take(), Some(5));
    });
}

#[test]
fn a_const_makes_a_new_value_at_each_use() {
    const COUNT: AtomicUsize = AtomicUsize::new(0);
    const LOCKS: [Mutex<u8>; 2] = [const { Mutex::new(0) }; 2];
    conforms(|| {
        let (a, b) = (COUNT, COUNT);
        a.store(1, Ordering::Relaxed);
        assert_eq!((a.into_inner(), b.into_inner()), (1, 0));
        let (first, second) = (LOCKS, LOCKS);
        *first[0].lock().unwrap() = 1;
        assert_eq!((*first[0].lock().unwrap(), *first[1].lock().unwrap(), *second[0].lock().unwrap()), (1, 0, 0));
    });
}

#[test]
fn a_static_in_a_generic_function_is_one_for_all_types() {
    fn next<T>(_: T) -> usize {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }
    conforms(|| {
        let first = next(1_u8);
        assert_eq!(next(1_u16), first + 1);
    });
}

#[test]
fn a_static_can_be_borrowed_by_a_thread_for_ever() {
    static VALUE: RwLock<u8> = RwLock::new(5);
    conforms(|| {
        let reference: &'static RwLock<u8> = &VALUE;
        assert_eq!(thread::spawn(move || *reference.read().unwrap()).join().unwrap(), 5);
    });
}

#[test]
fn thread_locals_can_hold_every_kind_of_cell() {
    thread_local! {
        static CELL: Cell<u8> = const { Cell::new(1) };
        static REF: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        static UNSAFE: UnsafeCell<u8> = const { UnsafeCell::new(2) };
        static ATOMIC: AtomicU8 = const { AtomicU8::new(3) };
        static ARC: Arc<u8> = Arc::new(4);
    }
    conforms(|| {
        let t = thread::spawn(|| {
            REF.with_borrow_mut(|r| r.push(CELL.get()));
            // SAFETY: no other reference to the value is live.
            REF.with_borrow_mut(|r| r.push(UNSAFE.with(|u| unsafe { *u.get() })));
            REF.with_borrow_mut(|r| r.push(ATOMIC.with(|a| a.fetch_add(1, Ordering::Relaxed))));
            REF.with_borrow_mut(|r| r.push(ARC.with(|a| **a)));
            REF.take()
        });
        assert_eq!(t.join().unwrap(), [1, 2, 3, 4]);
    });
}

#[test]
fn the_epoch_can_be_a_static() {
    static EPOCH: SystemTime = UNIX_EPOCH;
    const SECOND: Duration = Duration::from_secs(1);
    conforms(|| assert_eq!((EPOCH + SECOND).duration_since(SystemTime::UNIX_EPOCH).unwrap(), SECOND));
}
