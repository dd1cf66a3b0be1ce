//! What `std::sync::Arc` and `std::sync::Weak` promise.
use super::OnDrop;
use crate::conforms;
use std::any::Any;
use std::borrow::{Borrow, Cow};
use std::collections::HashMap;
use std::error::Error;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::fmt::{Debug, Display, Pointer};
use std::hash::Hash;
use std::mem::MaybeUninit;
use std::ops::Deref;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Wake, Waker};
use std::thread;

trait Speak {
    fn say(&self) -> &'static str;
}

struct Dog;

impl Speak for Dog {
    fn say(&self) -> &'static str {
        "woof"
    }
}

#[test]
fn a_clone_points_to_the_same_value() {
    conforms(|| {
        let a = Arc::new(5);
        let b = Arc::clone(&a);
        assert!(Arc::ptr_eq(&a, &b) && std::ptr::eq(&*a, &*b));
        assert!(!Arc::ptr_eq(&a, &Arc::new(5)));
        assert_eq!((*a, *b), (5, 5));
    });
}

#[test]
fn the_counts_follow_clones_and_drops() {
    conforms(|| {
        let a = Arc::new(());
        assert_eq!((Arc::strong_count(&a), Arc::weak_count(&a)), (1, 0));
        let b = a.clone();
        let weak = Arc::downgrade(&a);
        let other = weak.clone();
        assert_eq!((Arc::strong_count(&b), Arc::weak_count(&b)), (2, 2));
        assert_eq!((weak.strong_count(), weak.weak_count()), (2, 2));
        drop((b, other));
        assert_eq!((Arc::strong_count(&a), Arc::weak_count(&a)), (1, 1));
        drop(a);
        assert_eq!((weak.strong_count(), weak.weak_count()), (0, 0));
    });
}

#[test]
fn an_upgrade_counts_as_a_strong_reference() {
    conforms(|| {
        let a = Arc::new(1);
        let weak = Arc::downgrade(&a);
        let b = weak.upgrade().unwrap();
        assert!(Arc::ptr_eq(&a, &b));
        assert_eq!(Arc::strong_count(&a), 2);
    });
}

#[test]
fn a_weak_does_not_keep_the_value_alive() {
    conforms(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let counter = drops.clone();
        let a = Arc::new(OnDrop(move || _ = counter.fetch_add(1, Ordering::Relaxed)));
        let weak = Arc::downgrade(&a);
        let b = a.clone();
        drop(a);
        assert_eq!(drops.load(Ordering::Relaxed), 0);
        drop(b);
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        assert!(weak.upgrade().is_none());
        drop(weak);
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_value_shared_by_two_threads_is_dropped_once() {
    conforms(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let counter = drops.clone();
        let a = Arc::new(OnDrop(move || _ = counter.fetch_add(1, Ordering::Relaxed)));
        let b = a.clone();
        let t = thread::spawn(move || drop(b));
        drop(a);
        t.join().unwrap();
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn get_mut_gives_the_value_only_of_an_unshared_arc() {
    conforms(|| {
        let mut a = Arc::new(1);
        *Arc::get_mut(&mut a).unwrap() = 2;
        let b = a.clone();
        assert!(Arc::get_mut(&mut a).is_none());
        drop(b);
        let weak = Arc::downgrade(&a);
        assert!(Arc::get_mut(&mut a).is_none());
        drop(weak);
        assert_eq!(Arc::get_mut(&mut a), Some(&mut 2));
    });
}

#[test]
fn get_mut_races_with_no_use_of_a_dropped_clone() {
    conforms(|| {
        let mut a = Arc::new(AtomicUsize::new(0));
        let b = a.clone();
        let t = thread::spawn(move || b.store(1, Ordering::Relaxed));
        if let Some(value) = Arc::get_mut(&mut a) {
            assert_eq!(*value.get_mut(), 1);
        }
        t.join().unwrap();
        assert_eq!(*Arc::get_mut(&mut a).unwrap().get_mut(), 1);
    });
}

#[test]
fn make_mut_of_an_unshared_arc_does_not_move_the_value() {
    conforms(|| {
        let mut a = Arc::new(1);
        let before = Arc::as_ptr(&a);
        *Arc::make_mut(&mut a) += 1;
        assert_eq!((*a, Arc::as_ptr(&a)), (2, before));
    });
}

#[test]
fn make_mut_of_a_shared_arc_clones_the_value() {
    conforms(|| {
        let mut a = Arc::new(1);
        let b = a.clone();
        *Arc::make_mut(&mut a) += 1;
        assert_eq!((*a, *b), (2, 1));
        assert_eq!((Arc::strong_count(&a), Arc::strong_count(&b)), (1, 1));
    });
}

#[test]
fn make_mut_disassociates_weak_pointers() {
    conforms(|| {
        let mut a = Arc::new(1);
        let weak = Arc::downgrade(&a);
        *Arc::make_mut(&mut a) += 1;
        assert_eq!(*a, 2);
        assert!(weak.upgrade().is_none());
        assert_eq!(Arc::weak_count(&a), 0);
    });
}

#[test]
fn make_mut_works_on_slices_and_strings() {
    conforms(|| {
        let mut numbers: Arc<[u8]> = Arc::from([1, 2]);
        let before = numbers.clone();
        Arc::make_mut(&mut numbers)[0] = 9;
        assert_eq!((&*numbers, &*before), (&[9, 2][..], &[1, 2][..]));
        let mut text: Arc<str> = Arc::from("ab");
        Arc::make_mut(&mut text).make_ascii_uppercase();
        assert_eq!(&*text, "AB");
    });
}

#[test]
fn try_unwrap_gives_the_value_of_the_only_strong_reference() {
    conforms(|| {
        let a = Arc::new(String::from("a"));
        let b = a.clone();
        let a = Arc::try_unwrap(a).unwrap_err();
        drop(a);
        let weak = Arc::downgrade(&b);
        assert_eq!(Arc::try_unwrap(b).unwrap(), "a");
        assert!(weak.upgrade().is_none());
    });
}

#[test]
fn into_inner_gives_the_value_to_exactly_one_of_two_threads() {
    conforms(|| {
        let a = Arc::new(String::from("a"));
        let b = a.clone();
        let t = thread::spawn(move || Arc::into_inner(b));
        let mine = Arc::into_inner(a);
        let theirs = t.join().unwrap();
        assert_eq!(mine.is_some(), theirs.is_none());
        assert_eq!(mine.or(theirs).as_deref(), Some("a"));
    });
}

#[test]
fn unwrap_or_clone_clones_only_a_shared_value() {
    conforms(|| {
        let a = Arc::new(vec![1]);
        let b = a.clone();
        let buffer = b.as_ptr();
        let (cloned, moved) = (Arc::unwrap_or_clone(a), Arc::unwrap_or_clone(b));
        assert_eq!((cloned.as_ptr() == buffer, moved.as_ptr() == buffer), (false, true));
    });
}

#[test]
fn a_raw_pointer_turns_back_into_its_arc() {
    conforms(|| {
        let a = Arc::new(String::from("a"));
        let raw: *const String = Arc::into_raw(a);
        // SAFETY: `raw` is from `into_raw`, and taken back once.
        let a = unsafe {
            assert_eq!(*raw, "a");
            Arc::from_raw(raw)
        };
        assert_eq!((Arc::as_ptr(&a), Arc::strong_count(&a)), (raw, 1));
    });
}

#[test]
fn the_strong_count_can_be_changed_through_a_raw_pointer() {
    conforms(|| {
        let raw = Arc::into_raw(Arc::new(5));
        // SAFETY: `raw` is from `into_raw`, and each increment has its decrement.
        unsafe {
            Arc::increment_strong_count(raw);
            let a = Arc::from_raw(raw);
            assert_eq!(Arc::strong_count(&a), 2);
            Arc::decrement_strong_count(raw);
            assert_eq!(Arc::strong_count(&a), 1);
        }
    });
}

#[test]
fn an_unsized_arc_passes_through_a_raw_pointer() {
    conforms(|| {
        let raw: *const str = Arc::into_raw(Arc::<str>::from("a"));
        // SAFETY: `raw` is from `into_raw`, and taken back once.
        assert_eq!(&*unsafe { Arc::from_raw(raw) }, "a");
        let raw: *const dyn Speak = Arc::into_raw(Arc::new(Dog) as Arc<dyn Speak>);
        // SAFETY: as above.
        assert_eq!(unsafe { Arc::from_raw(raw) }.say(), "woof");
    });
}

#[test]
fn a_raw_pointer_turns_back_into_its_weak() {
    conforms(|| {
        let a = Arc::new(5);
        let raw = Arc::downgrade(&a).into_raw();
        assert_eq!((raw, Arc::weak_count(&a)), (Arc::as_ptr(&a), 1));
        // SAFETY: `raw` is from `into_raw`, and taken back once.
        let weak = unsafe { Weak::from_raw(raw) };
        assert_eq!(weak.as_ptr(), raw);
        assert_eq!(weak.upgrade().as_deref(), Some(&5));
        drop(weak);
        assert_eq!(Arc::weak_count(&a), 0);
    });
}

#[test]
fn a_weak_of_nothing_never_upgrades() {
    conforms(|| {
        const NOTHING: Weak<u8> = Weak::new();
        for weak in [NOTHING, Weak::default(), NOTHING.clone()] {
            assert!(weak.upgrade().is_none());
            assert_eq!((weak.strong_count(), weak.weak_count()), (0, 0));
        }
    });
}

#[test]
fn weak_pointers_are_equal_if_they_point_to_the_same_allocation() {
    conforms(|| {
        let (a, b) = (Arc::new(5), Arc::new(5));
        assert!(Arc::downgrade(&a).ptr_eq(&Arc::downgrade(&a)));
        assert!(!Arc::downgrade(&a).ptr_eq(&Arc::downgrade(&b)));
        assert!(Weak::<u8>::new().ptr_eq(&Weak::new()));
        assert!(!Arc::downgrade(&a).ptr_eq(&Weak::new()));
    });
}

#[test]
fn an_upgrade_that_races_with_the_last_drop_gives_the_value_or_nothing() {
    conforms(|| {
        let a = Arc::new(AtomicUsize::new(7));
        let weak = Arc::downgrade(&a);
        let t = thread::spawn(move || weak.upgrade().map(|a| a.load(Ordering::Relaxed)));
        drop(a);
        assert!(matches!(t.join().unwrap(), None | Some(7)));
    });
}

#[test]
fn a_cyclic_arc_holds_a_weak_to_itself() {
    conforms(|| {
        struct Own {
            me: Weak<Own>,
        }
        let own = Arc::new_cyclic(|me| {
            assert!(me.upgrade().is_none());
            Own { me: me.clone() }
        });
        assert!(Arc::ptr_eq(&own, &own.me.upgrade().unwrap()));
        assert_eq!((Arc::strong_count(&own), Arc::weak_count(&own)), (1, 1));
    });
}

#[test]
fn an_arc_coerces_to_a_trait_object() {
    conforms(|| {
        let a = Arc::new(Dog);
        let b: Arc<dyn Speak> = a.clone();
        let weak: Weak<dyn Speak> = Arc::downgrade(&b);
        assert_eq!(b.say(), "woof");
        assert_eq!(weak.upgrade().unwrap().say(), "woof");
        assert_eq!(Arc::strong_count(&a), 2);
    });
}

#[test]
fn an_arc_of_an_array_coerces_to_a_slice() {
    conforms(|| {
        let a: Arc<[u8]> = Arc::new([1, 2, 3]);
        let weak: Weak<[u8]> = Arc::downgrade(&a) as Weak<[u8]>;
        assert_eq!(weak.upgrade().unwrap().len(), 3);
        assert_eq!(a.iter().sum::<u8>(), 6);
    });
}

#[test]
fn an_arc_of_an_unsized_mutex_can_be_locked() {
    conforms(|| {
        let a: Arc<Mutex<[u8]>> = Arc::new(Mutex::new([1, 2]));
        a.lock().unwrap()[0] = 9;
        assert_eq!(*a.lock().unwrap(), [9, 2]);
    });
}

#[test]
fn an_arc_can_be_the_receiver_of_a_method() {
    conforms(|| {
        struct Node(u8);
        impl Node {
            fn by_value(self: Arc<Self>) -> u8 {
                self.0
            }
            fn by_reference(self: &Arc<Self>) -> Weak<Self> {
                Arc::downgrade(self)
            }
        }
        let node = Arc::new(Node(4));
        let weak = node.by_reference();
        assert_eq!(node.by_value(), 4);
        assert!(weak.upgrade().is_none());
    });
}

#[test]
fn a_trait_object_can_be_called_through_an_arc_receiver() {
    conforms(|| {
        trait Run {
            fn run(self: Arc<Self>) -> usize;
        }
        impl Run for u8 {
            fn run(self: Arc<Self>) -> usize {
                Arc::strong_count(&self)
            }
        }
        let a: Arc<dyn Run> = Arc::new(1_u8);
        assert_eq!(a.clone().run(), 2);
        assert_eq!(a.run(), 1);
    });
}

#[test]
fn an_arc_of_any_downcasts_to_the_type_it_has() {
    conforms(|| {
        let a: Arc<dyn Any + Send + Sync> = Arc::new(5_u8);
        let a = a.downcast::<u16>().unwrap_err();
        assert_eq!(a.downcast::<u8>().as_deref().ok(), Some(&5));
    });
}

#[test]
fn an_arc_is_made_from_owned_and_borrowed_values() {
    conforms(|| {
        let _: Arc<u8> = Arc::from(1);
        let a: Arc<str> = "ab".into();
        let b: Arc<str> = String::from("ab").into();
        let c: Arc<str> = Box::<str>::from("ab").into();
        let d: Arc<str> = Cow::Borrowed("ab").into();
        let e: Arc<str> = (&mut *String::from("ab")).into();
        assert!([b, c, d, e].iter().all(|text| *text == a));
        let a: Arc<[u8]> = vec![1, 2].into();
        let b: Arc<[u8]> = [1, 2].into();
        let c: Arc<[u8]> = (&[1, 2][..]).into();
        let d: Arc<[u8]> = (&mut [1, 2][..]).into();
        let e: Arc<[u8]> = Box::<[u8]>::from([1, 2]).into();
        let f: Arc<[u8]> = Cow::Borrowed(&[1, 2][..]).into();
        assert!([b, c, d, e, f].iter().all(|numbers| *numbers == a));
        let bytes: Arc<[u8]> = Arc::<str>::from("ab").into();
        assert_eq!(&*bytes, b"ab");
        let speaker: Arc<dyn Speak> = (Box::new(Dog) as Box<dyn Speak>).into();
        assert_eq!(speaker.say(), "woof");
    });
}

#[test]
fn an_arc_is_made_from_paths_and_foreign_strings() {
    conforms(|| {
        let path: [Arc<Path>; 2] = [Path::new("a").into(), PathBuf::from("a").into()];
        let os: [Arc<OsStr>; 2] = [OsStr::new("a").into(), OsString::from("a").into()];
        let c: [Arc<CStr>; 2] = [c"a".into(), CString::from(c"a").into()];
        assert!(path[0] == path[1] && os[0] == os[1] && c[0] == c[1]);
        assert!(Arc::<CStr>::default().is_empty());
    });
}

#[test]
fn an_arc_slice_is_collected_from_an_iterator() {
    conforms(|| {
        let known: Arc<[u8]> = (0..3).collect();
        let unknown: Arc<[u8]> = (0..6).filter(|n| n % 2 == 0).collect();
        assert_eq!((&*known, &*unknown), (&[0, 1, 2][..], &[0, 2, 4][..]));
    });
}

#[test]
fn an_arc_slice_becomes_an_array_of_its_length_only() {
    conforms(|| {
        let a: Arc<[u8]> = Arc::from([1, 2]);
        assert!(<Arc<[u8; 3]>>::try_from(a.clone()).is_err_and(|same| Arc::ptr_eq(&same, &a)));
        assert_eq!(*<Arc<[u8; 2]>>::try_from(a).unwrap(), [1, 2]);
    });
}

#[test]
fn an_arc_borrows_as_its_value() {
    conforms(|| {
        let a = Arc::new(5);
        let (deref, borrow, as_ref): (&i32, &i32, &i32) = (a.deref(), a.borrow(), a.as_ref());
        assert!(std::ptr::eq(deref, borrow) && std::ptr::eq(borrow, as_ref));
        let map = HashMap::from([(Arc::<str>::from("key"), 1)]);
        assert_eq!(map.get("key"), Some(&1));
    });
}

#[test]
fn arcs_compare_as_their_values() {
    conforms(|| {
        let (a, b) = (Arc::new(1), Arc::new(2));
        assert!(a == Arc::new(1) && a != b && a < b && b >= a && a <= b && b > a);
        assert_eq!(a.cmp(&b), 1.cmp(&2));
        assert_eq!(a.partial_cmp(&b), 1.partial_cmp(&2));
        let nan = Arc::new(f32::NAN);
        #[allow(clippy::eq_op, reason = "a value is equal to itself")]
        let equal = nan == nan;
        assert!(!equal);
    });
}

#[test]
fn an_arc_is_shown_as_its_value() {
    conforms(|| {
        let a = Arc::new("a");
        assert_eq!(format!("{a} {a:?} {a:>3}"), r#"a "a"   a"#);
        assert_eq!(format!("{a:p}"), format!("{:p}", Arc::as_ptr(&a)));
        let e: Arc<dyn Error> = Arc::new(std::fmt::Error);
        assert_eq!(e.to_string(), std::fmt::Error.to_string());
    });
}

#[test]
fn an_arc_has_the_default_of_its_value() {
    conforms(|| {
        assert_eq!(*Arc::<u8>::default(), 0);
        assert_eq!(*Arc::<str>::default(), *"");
        assert_eq!(*Arc::<[u8]>::default(), []);
        assert_eq!(*<Pin<Arc<u8>>>::default(), 0);
    });
}

#[test]
fn a_pinned_arc_gives_its_value() {
    conforms(|| {
        let pinned: Pin<Arc<u8>> = Arc::pin(5);
        let other: Pin<Arc<u8>> = Pin::clone(&pinned);
        assert_eq!((*pinned, *other), (5, 5));
        let a: Arc<u8> = Pin::into_inner(pinned);
        assert_eq!(Arc::strong_count(&a), 2);
    });
}

#[test]
fn an_uninitialised_arc_can_be_filled() {
    conforms(|| {
        let mut one: Arc<MaybeUninit<u8>> = Arc::new_uninit();
        Arc::get_mut(&mut one).unwrap().write(5);
        let mut many: Arc<[MaybeUninit<u8>]> = Arc::new_uninit_slice(2);
        for (slot, value) in Arc::get_mut(&mut many).unwrap().iter_mut().zip(1..) {
            slot.write(value);
        }
        // SAFETY: both were written, and zero is a `u8`.
        unsafe {
            assert_eq!(*one.assume_init(), 5);
            assert_eq!(*many.assume_init(), [1, 2]);
            assert_eq!(*Arc::<u8>::new_zeroed().assume_init(), 0);
            assert_eq!(*Arc::<[u8]>::new_zeroed_slice(2).assume_init(), [0, 0]);
        }
    });
}

#[test]
fn an_arc_of_a_wake_becomes_a_waker() {
    conforms(|| {
        struct Count(AtomicUsize);
        impl Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let waker = Waker::from(count.clone());
        waker.wake_by_ref();
        assert!(waker.will_wake(&waker.clone()));
        waker.wake();
        assert_eq!(count.0.load(Ordering::Relaxed), 2);
        assert_eq!(Arc::strong_count(&count), 1);
    });
}

#[test]
fn an_arc_and_a_weak_have_their_signatures_and_traits() {
    conforms(|| {
        let _: fn(u8) -> Arc<u8> = Arc::new;
        let _: fn(u8) -> Pin<Arc<u8>> = Arc::pin;
        let _: fn(&Arc<u8>) -> Arc<u8> = Arc::clone;
        let _: fn(&Arc<u8>) -> Weak<u8> = Arc::downgrade;
        let _: [fn(&Arc<str>) -> usize; 2] = [Arc::strong_count, Arc::weak_count];
        let _: [fn(&Weak<str>) -> usize; 2] = [Weak::strong_count, Weak::weak_count];
        let _: fn(&Arc<str>, &Arc<str>) -> bool = Arc::ptr_eq;
        let _: fn(&Weak<str>, &Weak<str>) -> bool = Weak::ptr_eq;
        let _: fn(&Weak<str>) -> Option<Arc<str>> = Weak::upgrade;
        let _: fn(&mut Arc<str>) -> Option<&mut str> = Arc::get_mut;
        let _: fn(&mut Arc<str>) -> &mut str = Arc::make_mut;
        let _: fn(Arc<u8>) -> Result<u8, Arc<u8>> = Arc::try_unwrap;
        let _: fn(Arc<u8>) -> Option<u8> = Arc::into_inner;
        let _: fn(Arc<u8>) -> u8 = Arc::unwrap_or_clone;
        let _: fn(Arc<str>) -> *const str = Arc::into_raw;
        let _: fn(&Arc<str>) -> *const str = Arc::as_ptr;
        let _: fn(Weak<str>) -> *const str = Weak::into_raw;
        let _: fn(&Weak<str>) -> *const str = Weak::as_ptr;
        let _: unsafe fn(*const str) -> Arc<str> = Arc::from_raw;
        let _: unsafe fn(*const str) -> Weak<str> = Weak::from_raw;
        let _: [unsafe fn(*const u8); 2] = [Arc::increment_strong_count, Arc::decrement_strong_count];
        assert!(implements!(Arc<u8>: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe + Clone + Deref<Target = u8>));
        assert!(implements!(Arc<u8>: Debug + Display + Pointer + Default + Hash + Ord + From<u8> + AsRef<u8> + Borrow<u8>));
        assert!(implements!(Arc<str>: Debug + Display + Pointer + Default + Hash + Ord + AsRef<str> + Borrow<str>));
        assert!(implements!(Weak<u8>: Send + Sync + Unpin + Clone + Debug + Default));
        assert!(!implements!(Arc<std::cell::Cell<u8>>: Send) && !implements!(Arc<std::cell::Cell<u8>>: Sync));
        assert!(!implements!(Weak<std::cell::Cell<u8>>: Send) && !implements!(Weak<std::cell::Cell<u8>>: Sync));
        assert!(!implements!(Arc<dyn Speak>: Debug) && !implements!(Arc<dyn Speak>: Send));
    });
}
