//! What `std::sync::atomic` promises.
use super::panics;
use crate::conforms;
use std::fmt::{Debug, Pointer};
use std::hash::Hash;
use std::hint::spin_loop;
use std::panic::RefUnwindSafe;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicUsize, Ordering, compiler_fence, fence};
use std::thread;

const ORDERS: [Ordering; 5] = [Relaxed, Acquire, Release, AcqRel, SeqCst];
const LOADS: [Ordering; 3] = [Relaxed, Acquire, SeqCst];
const STORES: [Ordering; 3] = [Relaxed, Release, SeqCst];

macro_rules! integer {
    ($module:ident, $atomic:ident, $int:ident) => {
        mod $module {
            use super::{LOADS, ORDERS, STORES};
            use crate::conforms;
            use std::fmt::Debug;
            use std::hint::spin_loop;
            use std::panic::RefUnwindSafe;
            use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, SeqCst};
            use std::sync::atomic::$atomic;

            const EDGES: [$int; 4] = [$int::MIN, $int::MAX, 1, $int::MAX / 3];

            #[test]
            fn each_operation_gives_the_old_value_and_stores_that_of_the_plain_integer() {
                type Pair = (&'static str, fn(&$atomic, $int, Ordering) -> $int, fn($int, $int) -> $int);
                conforms(|| {
                    let pairs: [Pair; 9] = [
                        ("swap", $atomic::swap, |_, b| b),
                        ("add", $atomic::fetch_add, $int::wrapping_add),
                        ("sub", $atomic::fetch_sub, $int::wrapping_sub),
                        ("and", $atomic::fetch_and, |a, b| a & b),
                        ("nand", $atomic::fetch_nand, |a, b| !(a & b)),
                        ("or", $atomic::fetch_or, |a, b| a | b),
                        ("xor", $atomic::fetch_xor, |a, b| a ^ b),
                        ("max", $atomic::fetch_max, $int::max),
                        ("min", $atomic::fetch_min, $int::min),
                    ];
                    let value = $atomic::new(0);
                    for (load, store) in LOADS.into_iter().zip(STORES) {
                        value.store($int::MIN, store);
                        assert_eq!(value.load(load), $int::MIN);
                    }
                    for (name, atomic, plain) in pairs {
                        let mut orders = ORDERS.iter().cycle();
                        for (a, b) in EDGES.iter().flat_map(|a| EDGES.map(|b| (*a, b))) {
                            value.store(a, Relaxed);
                            assert_eq!(atomic(&value, b, *orders.next().unwrap()), a, "{name} of {a} and {b}");
                            assert_eq!(value.load(Relaxed), plain(a, b), "{name} of {a} and {b}");
                        }
                    }
                });
            }

            #[test]
            fn a_compare_exchange_stores_only_over_the_expected_value() {
                conforms(|| {
                    let value = $atomic::new($int::MIN);
                    for (success, failure) in ORDERS.into_iter().zip(LOADS.into_iter().cycle()) {
                        value.store(1, Relaxed);
                        assert_eq!(value.compare_exchange(2, 3, success, failure), Err(1));
                        assert_eq!(value.compare_exchange_weak(2, 3, success, failure), Err(1));
                        assert_eq!(value.compare_exchange(1, $int::MAX, success, failure), Ok(1));
                        assert_eq!(value.load(Relaxed), $int::MAX);
                    }
                    while let Err(found) = value.compare_exchange_weak($int::MAX, 4, AcqRel, Acquire) {
                        assert_eq!(found, $int::MAX);
                        spin_loop();
                    }
                    assert_eq!(value.load(Relaxed), 4);
                });
            }

            #[test]
            fn an_update_stores_what_the_closure_gives() {
                conforms(|| {
                    let value = $atomic::new($int::MAX);
                    assert_eq!(value.update(SeqCst, Relaxed, |v| v - 1), $int::MAX);
                    assert_eq!(value.try_update(AcqRel, Acquire, |v| v.checked_add(1)), Ok($int::MAX - 1));
                    assert_eq!(value.try_update(SeqCst, SeqCst, |v| v.checked_add(1)), Err($int::MAX));
                    assert_eq!(value.fetch_update(SeqCst, SeqCst, |v| v.checked_add(1)), Err($int::MAX));
                    assert_eq!(value.fetch_update(Relaxed, Relaxed, |_| Some($int::MIN)), Ok($int::MAX));
                    assert_eq!(value.into_inner(), $int::MIN);
                });
            }

            #[test]
            fn the_value_can_be_reached_through_its_pointer() {
                conforms(|| {
                    let value = $atomic::new(1);
                    let raw: *mut $int = value.as_ptr();
                    // SAFETY: there is one thread, and `raw` points to the value.
                    unsafe { *raw += 1 };
                    assert_eq!(value.load(Relaxed), 2);
                });
            }

            #[test]
            fn an_integer_can_be_used_atomically_through_a_pointer() {
                #[repr(align(8))]
                struct Aligned($int);
                conforms(|| {
                    let mut plain = Aligned(1);
                    // SAFETY: the pointer is aligned and valid, and used only atomically meanwhile.
                    assert_eq!(unsafe { $atomic::from_ptr(&raw mut plain.0) }.fetch_add(4, Relaxed), 1);
                    assert_eq!(plain.0, 5);
                    assert_eq!(size_of::<$atomic>(), size_of::<$int>());
                });
            }

            #[test]
            fn the_type_has_its_signatures_and_traits() {
                const INITIAL: $atomic = $atomic::new($int::MAX);
                const INNER: $int = $atomic::new(3).into_inner();
                conforms(|| {
                    let mut value = INITIAL;
                    assert_eq!(format!("{value:?}"), format!("{:?}", $int::MAX));
                    *value.get_mut() -= 1;
                    assert_eq!((value.into_inner(), INNER), ($int::MAX - 1, 3));
                    assert_eq!($atomic::default().into_inner(), 0);
                    assert_eq!($atomic::from(2).into_inner(), 2);
                    let _: fn(&$atomic, Ordering) -> $int = $atomic::load;
                    let _: fn(&$atomic, $int, Ordering) = $atomic::store;
                    let _: fn(&$atomic, $int, $int, Ordering, Ordering) -> Result<$int, $int> = $atomic::compare_exchange;
                    let _: fn(&$atomic, $int, $int, Ordering, Ordering) -> Result<$int, $int> = $atomic::compare_exchange_weak;
                    let _: fn(&mut $atomic) -> &mut $int = $atomic::get_mut;
                    let _: unsafe fn(*mut $int) -> &'static $atomic = $atomic::from_ptr;
                    assert!(implements!($atomic: Send + Sync + Unpin + RefUnwindSafe + Debug + Default + From<$int>));
                    assert!(!implements!($atomic: Clone) && !implements!($atomic: PartialEq));
                });
            }
        }
    };
}

integer!(atomic_i8, AtomicI8, i8);
integer!(atomic_i16, AtomicI16, i16);
integer!(atomic_i32, AtomicI32, i32);
integer!(atomic_i64, AtomicI64, i64);
integer!(atomic_isize, AtomicIsize, isize);
integer!(atomic_u8, AtomicU8, u8);
integer!(atomic_u16, AtomicU16, u16);
integer!(atomic_u32, AtomicU32, u32);
integer!(atomic_u64, AtomicU64, u64);
integer!(atomic_usize, AtomicUsize, usize);

#[test]
fn each_operation_of_an_atomic_bool_agrees_with_the_plain_bool() {
    type Pair = (&'static str, fn(&AtomicBool, bool, Ordering) -> bool, fn(bool, bool) -> bool);
    conforms(|| {
        let pairs: [Pair; 6] = [
            ("swap", AtomicBool::swap, |_, b| b),
            ("and", AtomicBool::fetch_and, |a, b| a & b),
            ("nand", AtomicBool::fetch_nand, |a, b| !(a & b)),
            ("or", AtomicBool::fetch_or, |a, b| a | b),
            ("xor", AtomicBool::fetch_xor, |a, b| a ^ b),
            ("not", |atomic, _, order| atomic.fetch_not(order), |a, _| !a),
        ];
        for (name, atomic, plain) in pairs {
            for (order, bits) in ORDERS.into_iter().zip((0..4).cycle()) {
                let (a, b) = (bits & 1 == 0, bits & 2 == 0);
                let value = AtomicBool::new(a);
                assert_eq!(atomic(&value, b, order), a, "{name} of {a} and {b}");
                assert_eq!(value.load(Relaxed), plain(a, b), "{name} of {a} and {b}");
            }
        }
    });
}

#[test]
fn an_atomic_bool_exchanges_and_updates() {
    conforms(|| {
        let value = AtomicBool::new(false);
        for (load, store) in LOADS.into_iter().zip(STORES) {
            value.store(true, store);
            assert!(value.load(load));
            assert_eq!(value.compare_exchange(false, true, AcqRel, load), Err(true));
            assert_eq!(value.compare_exchange_weak(false, true, store, load), Err(true));
            assert_eq!(value.compare_exchange(true, false, store, load), Ok(true));
            assert!(!value.load(load));
        }
        while let Err(found) = value.compare_exchange_weak(false, true, SeqCst, Relaxed) {
            assert!(!found);
            spin_loop();
        }
        assert!(value.update(SeqCst, Relaxed, |v| !v));
        assert_eq!(value.try_update(SeqCst, Relaxed, |v| v.then_some(true)), Err(false));
        assert_eq!(value.try_update(SeqCst, Relaxed, |v| Some(!v)), Ok(false));
        assert_eq!(value.fetch_update(SeqCst, Relaxed, |v| (!v).then_some(true)), Err(true));
        assert_eq!(value.fetch_update(SeqCst, Relaxed, |v| Some(!v)), Ok(true));
        assert!(!value.into_inner());
    });
}

#[test]
fn an_atomic_bool_has_its_signatures_and_traits() {
    const INITIAL: AtomicBool = AtomicBool::new(true);
    conforms(|| {
        let mut value = INITIAL;
        assert_eq!(format!("{value:?}"), "true");
        *value.get_mut() = false;
        assert!(!value.into_inner() && AtomicBool::from(true).into_inner() && !AtomicBool::default().into_inner());
        let _: fn(&AtomicBool, Ordering) -> bool = AtomicBool::load;
        let _: fn(&AtomicBool, bool, Ordering) = AtomicBool::store;
        let _: fn(&AtomicBool) -> *mut bool = AtomicBool::as_ptr;
        assert!(implements!(AtomicBool: Send + Sync + Unpin + RefUnwindSafe + Debug + Default + From<bool>));
    });
}

#[test]
fn an_atomic_bool_is_as_large_as_a_bool_and_has_its_address() {
    conforms(|| {
        let value = AtomicBool::new(false);
        // SAFETY: there is one thread, and the pointer is to the value.
        unsafe { *value.as_ptr() |= true };
        assert!(value.into_inner() && size_of::<AtomicBool>() == 1);
        let mut plain = false;
        // SAFETY: the pointer is valid, and used only atomically meanwhile.
        unsafe { AtomicBool::from_ptr(&raw mut plain) }.store(true, Relaxed);
        assert!(plain);
    });
}

#[test]
fn an_atomic_pointer_is_as_large_as_a_pointer_and_has_its_address() {
    conforms(|| {
        let mut number = 5;
        let value = AtomicPtr::new(&raw mut number);
        // SAFETY: there is one thread, and the pointer is to the value.
        unsafe { *value.as_ptr() = ptr::null_mut() };
        assert!(value.into_inner().is_null());
        let mut plain = &raw mut number;
        // SAFETY: the pointer is valid, and used only atomically meanwhile.
        unsafe { AtomicPtr::from_ptr(&raw mut plain) }.store(ptr::null_mut(), Relaxed);
        assert!(plain.is_null());
    });
}

#[test]
fn an_atomic_pointer_exchanges_and_updates() {
    conforms(|| {
        let (mut x, mut y) = (1, 2);
        let (a, b): (*mut i32, *mut i32) = (&raw mut x, &raw mut y);
        let value = AtomicPtr::new(a);
        for (load, store) in LOADS.into_iter().zip(STORES) {
            value.store(a, store);
            assert_eq!(value.load(load), a);
            assert_eq!(value.swap(b, AcqRel), a);
            assert_eq!(value.compare_exchange(a, b, AcqRel, load), Err(b));
            assert_eq!(value.compare_exchange_weak(a, b, store, load), Err(b));
            assert_eq!(value.compare_exchange(b, a, store, load), Ok(b));
        }
        while let Err(found) = value.compare_exchange_weak(a, b, SeqCst, Relaxed) {
            assert_eq!(found, a);
            spin_loop();
        }
        assert_eq!(value.update(SeqCst, Relaxed, |_| a), b);
        assert_eq!(value.try_update(SeqCst, Relaxed, |_| None), Err(a));
        assert_eq!(value.try_update(SeqCst, Relaxed, |_| Some(b)), Ok(a));
        assert_eq!(value.fetch_update(SeqCst, Relaxed, |_| None), Err(b));
        assert_eq!(value.fetch_update(SeqCst, Relaxed, |_| Some(a)), Ok(b));
        // SAFETY: it points to `x`.
        assert_eq!(unsafe { *value.into_inner() }, 1);
    });
}

#[test]
fn an_atomic_pointer_moves_by_elements_and_by_bytes() {
    conforms(|| {
        let mut array = [1_u32, 2, 3];
        let start = array.as_mut_ptr();
        let value = AtomicPtr::new(start);
        assert_eq!(value.fetch_ptr_add(2, Relaxed), start);
        assert_eq!(value.fetch_ptr_sub(1, AcqRel), start.wrapping_add(2));
        assert_eq!(value.fetch_byte_add(4, SeqCst), start.wrapping_add(1));
        assert_eq!(value.fetch_byte_sub(8, Acquire), start.wrapping_add(2));
        assert_eq!(value.fetch_ptr_add(1, Release), start);
        // SAFETY: it points to the second element.
        assert_eq!(unsafe { *value.load(Relaxed) }, 2);
    });
}

#[test]
fn an_atomic_pointer_can_carry_tag_bits() {
    conforms(|| {
        let mut number = 5_u64;
        let start = &raw mut number;
        let value = AtomicPtr::new(start);
        assert_eq!(value.fetch_or(1, Relaxed), start);
        assert_eq!(value.load(Relaxed).addr(), start.addr() | 1);
        assert_eq!(value.fetch_xor(3, AcqRel).addr(), start.addr() | 1);
        assert_eq!(value.fetch_and(!7, SeqCst).addr(), start.addr() | 2);
        // SAFETY: it points to `number` again.
        assert_eq!(unsafe { *value.load(Relaxed) }, 5);
    });
}

#[test]
fn an_atomic_pointer_has_its_signatures_and_traits() {
    const NULL: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());
    conforms(|| {
        let mut value = NULL;
        let mut number = 5;
        let raw = &raw mut number;
        *value.get_mut() = raw;
        assert_eq!(format!("{value:?} {value:p}"), format!("{raw:?} {raw:p}"));
        assert!(value.into_inner() == raw && AtomicPtr::<u8>::default().into_inner().is_null());
        assert_eq!(AtomicPtr::from(raw).into_inner(), raw);
        let _: fn(&AtomicPtr<u8>, Ordering) -> *mut u8 = AtomicPtr::load;
        let _: fn(&AtomicPtr<u8>, *mut u8, Ordering) = AtomicPtr::store;
        let _: fn(&AtomicPtr<u8>) -> *mut *mut u8 = AtomicPtr::as_ptr;
        assert!(implements!(AtomicPtr<u8>: Send + Sync + Unpin + RefUnwindSafe + Debug + Pointer + Default + From<*mut u8>));
    });
}

#[test]
fn a_memory_ordering_has_its_traits() {
    conforms(|| {
        assert!(implements!(Ordering: Copy + Debug + Eq + Hash + Send + Sync));
        assert_eq!(format!("{:?}", ORDERS), "[Relaxed, Acquire, Release, AcqRel, SeqCst]");
    });
}

#[test]
fn a_load_with_a_release_panics() {
    conforms(|| {
        for order in [Release, AcqRel] {
            assert!(panics(|| AtomicU8::new(0).load(order)));
            assert!(panics(|| AtomicBool::new(false).load(order)));
            assert!(panics(|| AtomicPtr::<u8>::default().load(order)));
        }
    });
}

#[test]
fn a_store_with_an_acquire_panics() {
    conforms(|| {
        for order in [Acquire, AcqRel] {
            assert!(panics(|| AtomicU8::new(0).store(1, order)));
            assert!(panics(|| AtomicBool::new(false).store(true, order)));
            assert!(panics(|| AtomicPtr::<u8>::default().store(ptr::null_mut(), order)));
        }
    });
}

#[test]
fn a_compare_exchange_that_releases_on_failure_panics() {
    conforms(|| {
        for order in [Release, AcqRel] {
            assert!(panics(|| AtomicU8::new(0).compare_exchange(1, 2, SeqCst, order)));
            assert!(panics(|| AtomicU8::new(0).compare_exchange_weak(1, 2, SeqCst, order)));
            assert!(panics(|| AtomicBool::new(false).compare_exchange(true, false, SeqCst, order)));
        }
    });
}

#[test]
fn a_relaxed_fence_panics() {
    conforms(|| {
        let relaxed = Relaxed;
        assert!(panics(|| fence(relaxed)) && panics(|| compiler_fence(relaxed)));
        for order in [Acquire, Release, AcqRel, SeqCst] {
            fence(order);
            compiler_fence(order);
        }
        let _: [fn(Ordering); 2] = [fence, compiler_fence];
    });
}

#[test]
#[allow(deprecated, reason = "std has it as well")]
fn the_deprecated_atomic_items_still_work() {
    use std::sync::atomic::{ATOMIC_BOOL_INIT, ATOMIC_ISIZE_INIT, ATOMIC_USIZE_INIT, spin_loop_hint};
    conforms(|| {
        spin_loop_hint();
        let (flag, signed, unsigned) = (ATOMIC_BOOL_INIT, ATOMIC_ISIZE_INIT, ATOMIC_USIZE_INIT);
        assert!(!flag.compare_and_swap(false, true, SeqCst));
        assert_eq!(signed.compare_and_swap(1, 2, Relaxed), 0);
        assert_eq!(unsigned.compare_and_swap(0, 2, AcqRel), 0);
        assert!(flag.into_inner());
        assert_eq!((signed.into_inner(), unsigned.into_inner()), (0, 2));
        let pointer = AtomicPtr::<u8>::default();
        assert!(pointer.compare_and_swap(ptr::null_mut(), ptr::dangling_mut(), Acquire).is_null());
        assert_eq!(pointer.into_inner(), ptr::dangling_mut());
    });
}

#[test]
fn no_relaxed_addition_is_lost() {
    conforms(|| {
        let count = Arc::new(AtomicUsize::new(0));
        let other = count.clone();
        let t = thread::spawn(move || other.fetch_add(1, Relaxed));
        let mine = count.fetch_add(1, Relaxed);
        let theirs = t.join().unwrap();
        assert_eq!((mine + theirs, count.load(Relaxed)), (1, 2));
    });
}

#[test]
fn no_update_is_lost() {
    conforms(|| {
        let value = Arc::new(AtomicU8::new(1));
        let other = value.clone();
        let t = thread::spawn(move || other.update(Relaxed, Relaxed, |v| v * 3));
        value.fetch_update(Relaxed, Relaxed, |v| Some(v * 2)).unwrap();
        t.join().unwrap();
        assert_eq!(value.load(Relaxed), 6);
    });
}

#[test]
fn exactly_one_thread_wins_a_swap() {
    conforms(|| {
        let taken = Arc::new(AtomicBool::new(false));
        let other = taken.clone();
        let t = thread::spawn(move || other.swap(true, Relaxed));
        assert_ne!(taken.swap(true, Relaxed), t.join().unwrap());
    });
}

#[test]
fn exactly_one_thread_wins_a_compare_exchange() {
    conforms(|| {
        let owner = Arc::new(AtomicU8::new(0));
        let other = owner.clone();
        let t = thread::spawn(move || other.compare_exchange(0, 1, Relaxed, Relaxed));
        let mine = owner.compare_exchange(0, 2, Relaxed, Relaxed);
        match (mine, t.join().unwrap()) {
            (Ok(0), Err(2)) => assert_eq!(owner.load(Relaxed), 2),
            (Err(1), Ok(0)) => assert_eq!(owner.load(Relaxed), 1),
            results => panic!("{results:?}"),
        }
    });
}

#[test]
fn an_acquire_load_of_a_released_flag_sees_what_came_before_it() {
    conforms(|| {
        let shared = Arc::new((AtomicU8::new(0), AtomicBool::new(false)));
        let other = shared.clone();
        let t = thread::spawn(move || {
            other.0.store(1, Relaxed);
            other.1.store(true, Release);
        });
        if shared.1.load(Acquire) {
            assert_eq!(shared.0.load(Relaxed), 1);
        }
        t.join().unwrap();
    });
}

#[test]
fn fences_order_relaxed_operations() {
    conforms(|| {
        let shared = Arc::new((AtomicU8::new(0), AtomicBool::new(false)));
        let other = shared.clone();
        let t = thread::spawn(move || {
            other.0.store(1, Relaxed);
            fence(Release);
            other.1.store(true, Relaxed);
        });
        if shared.1.load(Relaxed) {
            fence(Acquire);
            assert_eq!(shared.0.load(Relaxed), 1);
        }
        t.join().unwrap();
    });
}

#[test]
fn a_relaxed_read_modify_write_continues_a_release_sequence() {
    conforms(|| {
        let shared = Arc::new((AtomicU8::new(0), AtomicU8::new(0)));
        let (first, second) = (shared.clone(), shared.clone());
        let a = thread::spawn(move || {
            first.0.store(1, Relaxed);
            first.1.store(1, Release);
        });
        let b = thread::spawn(move || second.1.compare_exchange(1, 2, Relaxed, Relaxed));
        if shared.1.load(Acquire) == 2 {
            assert_eq!(shared.0.load(Relaxed), 1);
        }
        a.join().unwrap();
        _ = b.join().unwrap();
    });
}

#[test]
fn a_thread_never_reads_an_older_value_after_a_newer_one() {
    conforms(|| {
        let value = Arc::new(AtomicU8::new(0));
        let other = value.clone();
        let t = thread::spawn(move || {
            other.store(1, Relaxed);
            other.store(2, Relaxed);
        });
        let (first, second) = (value.load(Relaxed), value.load(Relaxed));
        assert!(first <= second);
        t.join().unwrap();
        assert_eq!(value.load(Relaxed), 2);
    });
}

#[test]
fn one_of_two_sequentially_consistent_stores_is_seen_by_the_other_thread() {
    conforms(|| {
        let shared = Arc::new((AtomicBool::new(false), AtomicBool::new(false)));
        let other = shared.clone();
        let t = thread::spawn(move || {
            other.0.store(true, SeqCst);
            other.1.load(SeqCst)
        });
        shared.1.store(true, SeqCst);
        let seen = shared.0.load(SeqCst);
        assert!(t.join().unwrap() || seen);
    });
}

#[test]
fn one_of_two_stores_before_sequentially_consistent_fences_is_seen_by_the_other_thread() {
    conforms(|| {
        let shared = Arc::new((AtomicBool::new(false), AtomicBool::new(false)));
        let other = shared.clone();
        let t = thread::spawn(move || {
            other.0.store(true, Relaxed);
            fence(SeqCst);
            other.1.load(Relaxed)
        });
        shared.1.store(true, Relaxed);
        fence(SeqCst);
        let seen = shared.0.load(Relaxed);
        assert!(t.join().unwrap() || seen);
    });
}

#[test]
fn a_thread_that_spins_and_yields_sees_a_store_at_last() {
    conforms(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let other = flag.clone();
        let t = thread::spawn(move || other.store(true, Relaxed));
        while !flag.load(Relaxed) {
            spin_loop();
            thread::yield_now();
        }
        t.join().unwrap();
    });
}

#[test]
fn an_object_can_be_published_through_an_atomic_pointer() {
    conforms(|| {
        let slot = Arc::new(AtomicPtr::<String>::default());
        let other = slot.clone();
        let t = thread::spawn(move || other.store(Box::into_raw(Box::new(String::from("a"))), Release));
        // SAFETY: a pointer that is not null is of a box, read after its release.
        if let Some(text) = unsafe { slot.load(Acquire).as_ref() } {
            assert_eq!(text, "a");
        }
        t.join().unwrap();
        // SAFETY: the box is taken back once.
        assert_eq!(*unsafe { Box::from_raw(slot.load(Relaxed)) }, "a");
    });
}
