//! Every operation of every atomic does what the real one does.

use crate::{check, hardly_any};
use std::fmt::Debug;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::*;
use std::thread;

use Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

/// Values with every bit pattern that matters at a width: small, large, and around the sign.
macro_rules! values {
    ($t:ty) => {
        [0, 1, 2, 3, 5, <$t>::MAX, <$t>::MAX - 1, <$t>::MIN, <$t>::MIN + 1, (!0) as $t, (1 as $t) << (<$t>::BITS - 2)]
    };
}

/// One list of operations, applied to whatever `$atomic` is: what they return, and what stands there afterwards.
macro_rules! all_operations {
    ($atomic:ty, $t:ty, $new:expr, $operand:expr) => {{
        let (operand, atomic) = ($operand, <$atomic>::new($new));
        let mut found: Vec<$t> = Vec::new();
        let mut note = |value: $t| found.push(value);
        note(atomic.load(SeqCst));
        note(atomic.fetch_add(operand, SeqCst));
        note(atomic.fetch_sub(operand.wrapping_mul(3), AcqRel));
        note(atomic.fetch_and(operand, Acquire));
        note(atomic.fetch_or(operand.wrapping_add(2), Release));
        note(atomic.fetch_xor(operand.wrapping_sub(7), Relaxed));
        note(atomic.fetch_nand(operand, SeqCst));
        note(atomic.fetch_max(operand, SeqCst));
        note(atomic.fetch_add(1, Relaxed));
        note(atomic.fetch_min(operand, SeqCst));
        note(atomic.fetch_min(0, SeqCst));
        note(atomic.fetch_max(0, SeqCst));
        note(atomic.swap(operand, AcqRel));
        note(atomic.swap(operand, AcqRel));
        note(atomic.compare_exchange(operand, $new, AcqRel, Acquire).unwrap());
        note(atomic.compare_exchange(!$new, operand, SeqCst, Relaxed).unwrap_err());
        while atomic.compare_exchange_weak($new, operand, Release, Relaxed).is_err() {}
        note(atomic.fetch_update(SeqCst, SeqCst, |value| Some(value.rotate_left(3))).unwrap());
        note(atomic.fetch_update(SeqCst, Relaxed, |_| None).unwrap_err());
        note(atomic.load(Acquire));
        atomic.store(operand.wrapping_mul(5), SeqCst);
        let mut atomic = atomic;
        *atomic.get_mut() = atomic.get_mut().wrapping_add(9);
        note(atomic.load(Relaxed));
        note(atomic.fetch_add(1, Relaxed));
        let text = format!("{atomic:?}");
        note(atomic.into_inner());
        (found, text)
    }};
}

macro_rules! same_as_std {
    ($atomic:ident $t:ty) => {{
        for new in values!($t) {
            for operand in values!($t) {
                let real = all_operations!(real_std::sync::atomic::$atomic, $t, new, operand);
                let ours = all_operations!($atomic, $t, new, operand);
                assert_eq!(ours, real, "{}, from {new} with {operand}", stringify!($atomic));
            }
        }
        assert_eq!($atomic::default().load(Relaxed), 0);
        assert_eq!($atomic::from(7).into_inner(), 7);
    }};
}

/// Without something concurrent beside it, a check is rejected.
fn beside_another_thread(work: impl FnOnce()) {
    let shared = Arc::new(AtomicUsize::new(0));
    let others = Arc::clone(&shared);
    let other = thread::spawn(move || others.fetch_add(1, Relaxed));
    shared.fetch_add(1, Relaxed);
    work();
    other.join().unwrap();
}

#[test]
fn every_integer_does_as_in_std() {
    // One interleaving will do, and they are long: a check for each type.
    macro_rules! checks {
        ($($atomic:ident $t:ty;)*) => {
            $(hardly_any().run(|| beside_another_thread(|| same_as_std!($atomic $t)));)*
        };
    }
    checks! {
        AtomicU8 u8;
        AtomicU16 u16;
        AtomicU32 u32;
        AtomicU64 u64;
        AtomicUsize usize;
        AtomicI8 i8;
        AtomicI16 i16;
        AtomicI32 i32;
        AtomicI64 i64;
        AtomicIsize isize;
    }
}

/// Every operation of `AtomicBool`, applied to whichever it is.
macro_rules! all_of_bool {
    ($atomic:ty, $new:expr, $operand:expr) => {{
        let mut atomic = <$atomic>::new($new);
        let mut found = vec![
            atomic.fetch_and($operand, SeqCst),
            atomic.fetch_or($operand, AcqRel),
            atomic.fetch_xor(true, Relaxed),
            atomic.fetch_nand($operand, SeqCst),
            atomic.fetch_not(SeqCst),
            atomic.swap($operand, SeqCst),
            atomic.compare_exchange($operand, $new, SeqCst, Relaxed).unwrap(),
            atomic.compare_exchange(!$new, true, SeqCst, Relaxed).unwrap_err(),
            atomic.fetch_update(SeqCst, SeqCst, |value| Some(!value)).unwrap(),
            *atomic.get_mut(),
        ];
        *atomic.get_mut() = $operand;
        found.push(atomic.load(SeqCst));
        (found, format!("{atomic:?}"), atomic.into_inner())
    }};
}

#[test]
fn a_bool_does_as_in_std() {
    check(|| {
        beside_another_thread(|| {
            for (new, operand) in [(false, false), (false, true), (true, false), (true, true)] {
                let real = all_of_bool!(real_std::sync::atomic::AtomicBool, new, operand);
                assert_eq!(all_of_bool!(AtomicBool, new, operand), real, "from {new} with {operand}");
            }
            assert!(!AtomicBool::default().load(Relaxed));
            assert!(AtomicBool::from(true).load(Relaxed));
        });
    });
}

#[test]
fn a_pointer_does_as_in_std() {
    check(|| {
        beside_another_thread(|| {
            let (mut one, mut two) = (1, 2);
            let (one, two) = (&raw mut one, &raw mut two);
            let mut pointer = AtomicPtr::new(one);
            assert_eq!(pointer.load(Acquire), one);
            pointer.store(two, Release);
            assert_eq!(pointer.swap(one, AcqRel), two);
            assert_eq!(pointer.compare_exchange(two, two, AcqRel, Acquire), Err(one));
            assert_eq!(pointer.compare_exchange(one, two, AcqRel, Acquire), Ok(one));
            assert_eq!(pointer.fetch_update(SeqCst, SeqCst, |_| Some(one)), Ok(two));
            assert_eq!(*pointer.get_mut(), one);
            *pointer.get_mut() = two;
            // SAFETY: it points to `two`, which lives longer.
            assert_eq!(unsafe { *pointer.load(Acquire) }, 2);
            assert_eq!(format!("{pointer:?} {pointer:p}"), format!("{two:?} {two:p}"));
            assert_eq!(pointer.into_inner(), two);
            assert_eq!(AtomicPtr::<usize>::default().load(Relaxed), ptr::null_mut());
        });
    });
}

/// Two threads apply one operation each, over and over: no application is lost or made twice.
fn applied_by_both<T: Debug + PartialEq + Send + Sync + 'static>(expected: T, run: fn() -> T) {
    check(move || assert_eq!(run(), expected));
}

/// A thread applies `$theirs`, main applies `$mine`; what stands there in the end.
macro_rules! both {
    ($atomic:ident, $new:expr, $theirs:expr, $mine:expr) => {
        || {
            let atomic = Arc::new($atomic::new($new));
            let others = Arc::clone(&atomic);
            let theirs: fn(&$atomic) = $theirs;
            let mine: fn(&$atomic) = $mine;
            let other = thread::spawn(move || theirs(&others));
            mine(&atomic);
            other.join().unwrap();
            atomic.load(Relaxed)
        }
    };
}

#[test]
fn nothing_comes_between_the_halves_of_a_read_modify_write() {
    applied_by_both(-3, both!(AtomicI8, 5, |n| _ = n.fetch_min(-3, Relaxed), |n| _ = n.fetch_min(-2, Relaxed)));
    applied_by_both(4, both!(AtomicI16, -5, |n| _ = n.fetch_max(4, Relaxed), |n| _ = n.fetch_max(3, Relaxed)));
    applied_by_both(9, both!(AtomicU32, 5, |n| _ = n.fetch_max(9, Relaxed), |n| _ = n.fetch_max(7, Relaxed)));
    applied_by_both(0b101, both!(AtomicU8, 0, |n| _ = n.fetch_or(1, Relaxed), |n| _ = n.fetch_or(4, Relaxed)));
    applied_by_both(0b010, both!(AtomicU64, 7, |n| _ = n.fetch_and(!1, Relaxed), |n| _ = n.fetch_and(!4, Relaxed)));
    applied_by_both(0b101, both!(AtomicUsize, 0, |n| _ = n.fetch_xor(1, Relaxed), |n| _ = n.fetch_xor(4, Relaxed)));
    applied_by_both(254, both!(AtomicU8, 1, |n| _ = n.fetch_sub(1, Relaxed), |n| _ = n.fetch_sub(2, Relaxed)));
    applied_by_both(false, both!(AtomicBool, false, |b| _ = b.fetch_not(Relaxed), |b| _ = b.fetch_not(Relaxed)));
    applied_by_both(
        8,
        both!(AtomicI64, 2, |n| _ = n.fetch_update(Relaxed, Relaxed, |n| Some(n * 2)), |n| _ =
            n.fetch_update(Relaxed, Relaxed, |n| Some(n * 2))),
    );
}
