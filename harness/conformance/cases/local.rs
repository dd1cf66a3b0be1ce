//! What `thread_local!` and `std::thread::LocalKey` promise.
use super::panics;
use crate::conforms;
use std::cell::{Cell, OnceCell, RefCell};
use std::error::Error;
use std::fmt::{Debug, Display};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, AccessError, LocalKey};

/// Adds one when it is dropped.
struct Tally(Arc<AtomicUsize>);

impl Drop for Tally {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn each_thread_has_a_value_of_its_own() {
    thread_local!(static VALUE: Cell<u8> = const { Cell::new(1) });
    conforms(|| {
        VALUE.set(2);
        let theirs = thread::spawn(|| {
            let before = VALUE.get();
            VALUE.set(3);
            (before, VALUE.get())
        });
        assert_eq!(theirs.join().unwrap(), (1, 3));
        assert_eq!(VALUE.get(), 2);
    });
}

#[test]
fn a_value_is_initialised_at_its_first_use_in_each_thread() {
    thread_local!(static VALUE: Cell<u8> = {
        MADE.set(MADE.get() + 1);
        Cell::new(5)
    });
    thread_local!(static MADE: Cell<u8> = const { Cell::new(0) });
    conforms(|| {
        let t = thread::spawn(|| {
            let before = MADE.get();
            let values = [VALUE.get(), VALUE.get()];
            (before, values, MADE.get())
        });
        assert_eq!(t.join().unwrap(), (0, [5, 5], 1));
    });
}

#[test]
fn a_set_replaces_the_initial_value_without_computing_it() {
    thread_local! {
        static CELL: Cell<u8> = panic!("not needed");
        static REF: RefCell<u8> = panic!("not needed");
    }
    conforms(|| {
        let t = thread::spawn(|| {
            CELL.set(1);
            REF.set(2);
            (CELL.get(), REF.take())
        });
        assert_eq!(t.join().unwrap(), (1, 2));
    });
}

#[test]
fn an_initialiser_that_panics_passes_its_panic_on() {
    thread_local!(static VALUE: u8 = panic!("in the initialiser"));
    conforms(|| {
        let payload = thread::spawn(|| VALUE.with(|v| *v)).join().unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"in the initialiser"));
    });
}

#[test]
fn with_gives_a_reference_to_one_value() {
    thread_local!(static VALUE: String = String::from("a"));
    conforms(|| {
        let first = VALUE.with(|v| v.as_ptr().addr());
        let (second, text) = VALUE.with(|outer| VALUE.with(|inner| (inner.as_ptr().addr(), outer.clone())));
        assert_eq!((first, &*text), (second, "a"));
        assert_eq!(VALUE.try_with(String::len).unwrap(), 1);
    });
}

#[test]
fn a_key_of_a_cell_acts_on_the_cell() {
    thread_local!(static VALUE: Cell<u8> = const { Cell::new(1) });
    conforms(|| {
        let t = thread::spawn(|| [VALUE.get(), VALUE.replace(2), VALUE.take(), VALUE.get()]);
        assert_eq!(t.join().unwrap(), [1, 1, 2, 0]);
    });
}

#[test]
fn a_key_of_a_ref_cell_acts_on_the_cell() {
    thread_local!(static VALUE: RefCell<String> = RefCell::new(String::from("a")));
    conforms(|| {
        let t = thread::spawn(|| {
            VALUE.with_borrow_mut(|v| v.push('b'));
            assert_eq!(VALUE.with_borrow(String::len), 2);
            assert_eq!(VALUE.replace(String::from("c")), "ab");
            assert_eq!(VALUE.take(), "c");
            VALUE.set(String::from("d"));
            VALUE.take()
        });
        assert_eq!(t.join().unwrap(), "d");
    });
}

#[test]
fn a_key_of_a_borrowed_ref_cell_panics() {
    thread_local!(static VALUE: RefCell<u8> = const { RefCell::new(1) });
    conforms(|| {
        VALUE.with_borrow(|_| {
            VALUE.with_borrow(|_| ());
            assert!(panics(|| VALUE.with_borrow_mut(|_| ())));
            assert!(panics(|| VALUE.set(2)) && panics(|| VALUE.replace(2)) && panics(|| VALUE.take()));
        });
        VALUE.with_borrow_mut(|_| assert!(panics(|| VALUE.with_borrow(|_| ()))));
    });
}

#[test]
fn a_value_is_dropped_when_its_thread_ends() {
    thread_local!(static VALUE: OnceCell<Tally> = const { OnceCell::new() });
    conforms(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let tally = Tally(drops.clone());
        let other = drops.clone();
        let t = thread::spawn(move || {
            VALUE.with(|v| v.set(tally).is_ok());
            other.load(Ordering::Relaxed)
        });
        assert_eq!(t.join().unwrap(), 0);
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_value_is_dropped_when_its_thread_panics() {
    thread_local!(static VALUE: RefCell<Option<Tally>> = RefCell::new(None));
    conforms(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let tally = Tally(drops.clone());
        let t = thread::spawn(move || {
            VALUE.set(Some(tally));
            panic!("with a local");
        });
        assert!(t.join().is_err());
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_value_that_was_not_used_is_not_made_nor_dropped() {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    struct Counted;
    impl Drop for Counted {
        fn drop(&mut self) {
            MADE.fetch_add(1, Ordering::Relaxed);
        }
    }
    thread_local!(static VALUE: Counted = {
        MADE.fetch_add(1, Ordering::Relaxed);
        Counted
    });
    conforms(|| {
        let before = MADE.load(Ordering::Relaxed);
        thread::spawn(|| _ = &VALUE).join().unwrap();
        assert_eq!(MADE.load(Ordering::Relaxed), before);
        thread::spawn(|| VALUE.with(|_| ())).join().unwrap();
        assert_eq!(MADE.load(Ordering::Relaxed), before + 2);
    });
}

#[test]
fn a_destructor_can_use_another_local_without_a_destructor() {
    thread_local!(static PLAIN: Cell<usize> = const { Cell::new(4) });
    struct Reader(Arc<AtomicUsize>);
    impl Drop for Reader {
        fn drop(&mut self) {
            self.0.store(PLAIN.get(), Ordering::Relaxed);
        }
    }
    thread_local!(static READER: OnceCell<Reader> = const { OnceCell::new() });
    conforms(|| {
        let seen = Arc::new(AtomicUsize::new(0));
        let reader = Reader(seen.clone());
        let t = thread::spawn(move || {
            PLAIN.set(5);
            READER.with(|r| r.set(reader).is_ok())
        });
        assert!(t.join().unwrap());
        assert_eq!(seen.load(Ordering::Relaxed), 5);
    });
}

#[test]
fn a_destructor_cannot_use_its_own_key() {
    struct Own(Arc<AtomicUsize>);
    impl Drop for Own {
        fn drop(&mut self) {
            let seen = if OWN.try_with(|_| ()).is_err() { 1 } else { 2 };
            self.0.store(seen, Ordering::Relaxed);
        }
    }
    thread_local!(static OWN: OnceCell<Own> = const { OnceCell::new() });
    conforms(|| {
        let seen = Arc::new(AtomicUsize::new(0));
        let own = Own(seen.clone());
        assert!(thread::spawn(move || OWN.with(|o| o.set(own).is_ok())).join().unwrap());
        assert_eq!(seen.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn one_thread_local_macro_declares_many_keys() {
    thread_local! {
        static A: Cell<u8> = Cell::new(1);
        #[allow(dead_code, reason = "an attribute may stand here")]
        pub static B: Cell<u8> = const { Cell::new(2) };
        pub(crate) static C: Vec<u8> = vec![3];
    }
    std::thread_local!(static D: Cell<u8> = const { Cell::new(4) });
    conforms(|| assert_eq!((A.get(), B.get(), C.with(|c| c[0]), D.get()), (1, 2, 3, 4)));
}

#[test]
fn a_scoped_thread_has_a_local_of_its_own() {
    thread_local!(static VALUE: Cell<u8> = const { Cell::new(1) });
    conforms(|| {
        VALUE.set(2);
        thread::scope(|s| s.spawn(|| assert_eq!(VALUE.replace(3), 1)).join().unwrap());
        assert_eq!(VALUE.get(), 2);
    });
}

#[test]
fn a_local_key_has_its_signatures_and_traits() {
    thread_local!(static KEY: RefCell<u8> = const { RefCell::new(1) });
    conforms(|| {
        let key: &'static LocalKey<RefCell<u8>> = &KEY;
        assert!(format!("{key:?}").contains("LocalKey"));
        let sum: Result<u8, AccessError> = key.try_with(|v| *v.borrow() + 1);
        assert!(sum.is_ok());
        let _: fn(&'static LocalKey<u8>, fn(&u8) -> u8) -> u8 = LocalKey::with;
        let _: fn(&'static LocalKey<u8>, fn(&u8) -> u8) -> Result<u8, AccessError> = LocalKey::try_with;
        let _: fn(&'static LocalKey<Cell<u8>>) -> u8 = LocalKey::<Cell<u8>>::get;
        let _: fn(&'static LocalKey<Cell<u8>>, u8) = LocalKey::<Cell<u8>>::set;
        let _: fn(&'static LocalKey<RefCell<u8>>) -> u8 = LocalKey::<RefCell<u8>>::take;
        let _: fn(&'static LocalKey<RefCell<u8>>, u8) -> u8 = LocalKey::<RefCell<u8>>::replace;
        assert!(implements!(LocalKey<Cell<u8>>: Send + Sync + Debug));
        assert!(implements!(AccessError: Copy + Eq + Error + Display + Send + Sync));
    });
}
