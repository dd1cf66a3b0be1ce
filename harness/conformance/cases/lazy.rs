//! What `std::sync::OnceLock` and `std::sync::LazyLock` promise.
use super::{panic_of, panics};
use crate::conforms;
use std::cell::Cell;
use std::fmt::Debug;
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::thread;

#[test]
fn a_once_lock_is_empty_until_it_is_set() {
    conforms(|| {
        let cell = OnceLock::new();
        assert_eq!(cell.get(), None);
        assert_eq!(cell.set(1), Ok(()));
        assert_eq!(cell.get(), Some(&1));
        assert_eq!(cell.set(2), Err(2));
        assert_eq!(cell.get(), Some(&1));
    });
}

#[test]
fn get_or_init_initialises_an_empty_cell_only() {
    conforms(|| {
        let cell = OnceLock::new();
        let first: &u8 = cell.get_or_init(|| 1);
        assert!(std::ptr::eq(first, cell.get_or_init(|| unreachable!())));
        assert_eq!((*first, cell.set(2)), (1, Err(2)));
    });
}

#[test]
fn two_threads_initialise_a_cell_once_and_see_one_value() {
    conforms(|| {
        let shared = Arc::new((OnceLock::new(), AtomicUsize::new(0)));
        let init = |shared: &(OnceLock<usize>, AtomicUsize), value: usize| {
            *shared.0.get_or_init(|| {
                shared.1.fetch_add(1, Ordering::Relaxed);
                value
            })
        };
        let other = shared.clone();
        let t = thread::spawn(move || init(&other, 1));
        let mine = init(&shared, 2);
        assert_eq!(t.join().unwrap(), mine);
        assert_eq!((shared.0.get(), shared.1.load(Ordering::Relaxed)), (Some(&mine), 1));
    });
}

#[test]
fn one_of_two_sets_succeeds() {
    conforms(|| {
        let cell = Arc::new(OnceLock::new());
        let other = cell.clone();
        let t = thread::spawn(move || other.set(1));
        match (cell.set(2), t.join().unwrap()) {
            (Ok(()), Err(1)) => assert_eq!(cell.get(), Some(&2)),
            (Err(2), Ok(())) => assert_eq!(cell.get(), Some(&1)),
            results => panic!("{results:?}"),
        }
    });
}

#[test]
fn a_get_that_races_with_a_set_gives_nothing_or_the_value() {
    conforms(|| {
        let shared = Arc::new((OnceLock::new(), AtomicUsize::new(0)));
        let other = shared.clone();
        let t = thread::spawn(move || {
            other.1.store(1, Ordering::Relaxed);
            other.0.set(String::from("a")).unwrap();
        });
        if let Some(value) = shared.0.get() {
            assert_eq!((&**value, shared.1.load(Ordering::Relaxed)), ("a", 1));
        }
        t.join().unwrap();
        assert_eq!(shared.0.get().unwrap(), "a");
    });
}

#[test]
fn a_wait_gives_the_value_once_another_thread_has_set_it() {
    conforms(|| {
        let cell = Arc::new(OnceLock::new());
        let other = cell.clone();
        let t = thread::spawn(move || other.set(1).unwrap());
        assert_eq!(cell.wait(), &1);
        t.join().unwrap();
        assert_eq!(cell.wait(), &1);
    });
}

#[test]
fn an_initialiser_that_panics_leaves_the_cell_empty() {
    conforms(|| {
        let cell = OnceLock::new();
        let payload = panic_of(|| cell.get_or_init(|| panic!("in the initialiser"))).unwrap();
        assert_eq!(payload.downcast_ref(), Some(&"in the initialiser"));
        assert_eq!(cell.get(), None);
        assert_eq!(cell.get_or_init(|| 2), &2);
    });
}

#[test]
fn an_initialiser_that_panics_lets_the_next_thread_initialise() {
    conforms(|| {
        let cell = Arc::new(OnceLock::new());
        let other = cell.clone();
        let t = thread::spawn(move || *other.get_or_init(|| panic!("in the initialiser")));
        assert_eq!(cell.get_or_init(|| 2), &2);
        assert_eq!((t.join().unwrap_or(2), cell.get()), (2, Some(&2)));
    });
}

#[test]
fn a_taken_once_lock_is_empty_again() {
    conforms(|| {
        let mut cell = OnceLock::new();
        assert_eq!((cell.take(), cell.get_mut()), (None, None));
        cell.set(String::from("a")).unwrap();
        cell.get_mut().unwrap().push('b');
        assert_eq!(cell.take().as_deref(), Some("ab"));
        assert_eq!(cell.get(), None);
        cell.set(String::from("c")).unwrap();
        assert_eq!(cell.into_inner().as_deref(), Some("c"));
        assert_eq!(OnceLock::<u8>::new().into_inner(), None);
    });
}

#[test]
fn a_once_lock_drops_its_value() {
    conforms(|| {
        let value = Arc::new(());
        let cell = OnceLock::from(value.clone());
        assert_eq!(Arc::strong_count(&value), 2);
        drop(cell);
        assert_eq!(Arc::strong_count(&value), 1);
    });
}

#[test]
fn a_once_lock_clones_and_compares_as_its_value() {
    conforms(|| {
        let (empty, one, two) = (OnceLock::new(), OnceLock::from(1), OnceLock::from(2));
        assert!(empty == OnceLock::new() && one == one.clone() && empty != one && one != two);
        assert_eq!(one.clone().get(), Some(&1));
        assert!(format!("{one:?}").contains('1') && !format!("{empty:?}").contains('1'));
    });
}

#[test]
fn a_once_lock_has_its_signatures_and_traits() {
    const CELL: OnceLock<u8> = OnceLock::new();
    conforms(|| {
        assert_eq!((CELL.into_inner(), OnceLock::<u8>::default().into_inner()), (None, None));
        let _: fn(&OnceLock<u8>) -> Option<&u8> = OnceLock::get;
        let _: fn(&mut OnceLock<u8>) -> Option<&mut u8> = OnceLock::get_mut;
        let _: fn(&OnceLock<u8>, u8) -> Result<(), u8> = OnceLock::set;
        let _: fn(&OnceLock<u8>) -> &u8 = OnceLock::wait;
        let _: fn(&OnceLock<u8>, fn() -> u8) -> &u8 = OnceLock::get_or_init;
        let _: fn(&mut OnceLock<u8>) -> Option<u8> = OnceLock::take;
        let _: fn(OnceLock<u8>) -> Option<u8> = OnceLock::into_inner;
        assert!(implements!(OnceLock<u8>: Send + Sync + UnwindSafe + RefUnwindSafe + Debug + Default));
        assert!(implements!(OnceLock<u8>: Clone + Eq + From<u8>));
        assert!(implements!(OnceLock<Cell<u8>>: Send) && !implements!(OnceLock<Cell<u8>>: Sync));
        assert!(!implements!(OnceLock<*const u8>: Send));
    });
}

#[test]
fn a_lazy_lock_is_initialised_at_its_first_use() {
    conforms(|| {
        let calls = AtomicUsize::new(0);
        let lazy = LazyLock::new(|| calls.fetch_add(1, Ordering::Relaxed) + 5);
        assert_eq!((calls.load(Ordering::Relaxed), LazyLock::get(&lazy)), (0, None));
        assert_eq!((*lazy, *lazy), (5, 5));
        assert_eq!((calls.load(Ordering::Relaxed), LazyLock::get(&lazy)), (1, Some(&5)));
    });
}

#[test]
fn force_gives_the_value_that_a_dereference_gives() {
    conforms(|| {
        let lazy = LazyLock::new(|| 5);
        let forced: &u8 = LazyLock::force(&lazy);
        assert!(std::ptr::eq(forced, &*lazy));
    });
}

#[test]
fn two_threads_initialise_a_lazy_lock_once() {
    conforms(|| {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = calls.clone();
        let lazy = Arc::new(LazyLock::new(move || counter.fetch_add(1, Ordering::Relaxed) + 5));
        let other = lazy.clone();
        let t = thread::spawn(move || **other);
        assert_eq!((**lazy, t.join().unwrap(), calls.load(Ordering::Relaxed)), (5, 5, 1));
    });
}

#[test]
fn a_get_that_races_with_the_initialisation_gives_nothing_or_the_value() {
    conforms(|| {
        let lazy = Arc::new(LazyLock::new(|| String::from("a")));
        let other = lazy.clone();
        let t = thread::spawn(move || other.len());
        assert!(LazyLock::get(&lazy).is_none_or(|value| value == "a"));
        assert_eq!(t.join().unwrap(), 1);
        assert_eq!(LazyLock::get(&lazy).unwrap(), "a");
    });
}

#[test]
fn a_lazy_lock_can_be_changed_through_exclusive_access() {
    conforms(|| {
        let mut lazy = LazyLock::new(|| 5);
        assert_eq!(LazyLock::get_mut(&mut lazy), None);
        *LazyLock::force_mut(&mut lazy) += 1;
        *lazy += 1;
        *LazyLock::get_mut(&mut lazy).unwrap() += 1;
        assert_eq!(*lazy, 8);
    });
}

#[test]
fn a_lazy_lock_that_panicked_stays_poisoned() {
    conforms(|| {
        let mut lazy: LazyLock<u8> = LazyLock::new(|| panic!("in the initialiser"));
        let payload = panic_of(|| *lazy).unwrap();
        assert_eq!(payload.downcast_ref(), Some(&"in the initialiser"));
        assert!(panics(|| *lazy) && panics(|| *LazyLock::force(&lazy)));
        assert!(panics(|| *LazyLock::force_mut(&mut lazy)));
    });
}

#[test]
fn a_lazy_lock_drops_its_initialiser_or_its_value() {
    conforms(|| {
        let part = Arc::new(());
        let lazy = LazyLock::new({
            let part = part.clone();
            move || part
        });
        assert_eq!(Arc::strong_count(&part), 2);
        LazyLock::force(&lazy);
        assert_eq!(Arc::strong_count(&part), 2);
        drop(lazy);
        assert_eq!(Arc::strong_count(&part), 1);
        let unused = LazyLock::new({
            let part = part.clone();
            move || part
        });
        drop(unused);
        assert_eq!(Arc::strong_count(&part), 1);
    });
}

#[test]
fn a_lazy_lock_has_its_signatures_and_traits() {
    const LAZY: LazyLock<u8> = LazyLock::new(|| 57);
    conforms(|| {
        let lazy = LAZY;
        assert!(!format!("{lazy:?}").contains("57"));
        assert_eq!((*lazy, *LazyLock::<u8>::default()), (57, 0));
        assert!(format!("{lazy:?}").contains("57"));
        let _: fn(&LazyLock<u8>) -> &u8 = LazyLock::force;
        let _: fn(&mut LazyLock<u8>) -> &mut u8 = LazyLock::force_mut;
        let _: fn(&LazyLock<u8>) -> Option<&u8> = LazyLock::get;
        let _: fn(&mut LazyLock<u8>) -> Option<&mut u8> = LazyLock::get_mut;
        assert!(implements!(LazyLock<u8>: Send + Sync + UnwindSafe + RefUnwindSafe + Debug + Default));
        assert!(implements!(LazyLock<u8>: Deref<Target = u8> + DerefMut));
        assert!(!implements!(LazyLock<Cell<u8>>: Sync) && !implements!(LazyLock<u8, Box<dyn FnOnce() -> u8>>: Sync));
    });
}
