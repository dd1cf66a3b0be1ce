//! What `std::cell::UnsafeCell` promises.
use crate::conforms;
use std::cell::UnsafeCell;
use std::fmt::Debug;
use std::mem::MaybeUninit;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// A value that is shared, and whose users keep apart.
struct Shared<T>(UnsafeCell<T>);

// SAFETY: the users see to it that no two of them use the value at once.
unsafe impl<T: Send> Sync for Shared<T> {}

#[test]
fn a_cell_gives_a_pointer_to_its_value() {
    conforms(|| {
        let cell = UnsafeCell::new(1);
        let raw: *mut i32 = cell.get();
        // SAFETY: there is one thread, and no reference to the value.
        unsafe {
            *raw += 1;
            assert_eq!((*raw, *cell.get()), (2, 2));
        }
        assert_eq!(cell.into_inner(), 2);
    });
}

#[test]
fn a_cell_gives_two_shared_references_at_once() {
    conforms(|| {
        let cell = UnsafeCell::new(String::from("a"));
        // SAFETY: both are shared references.
        let (a, b) = unsafe { (&*cell.get(), &*cell.get()) };
        assert!(std::ptr::eq(a, b) && a == b);
    });
}

#[test]
fn exclusive_access_to_a_cell_is_safe() {
    conforms(|| {
        let mut cell = UnsafeCell::new(String::from("a"));
        cell.get_mut().push('b');
        assert_eq!(cell.into_inner(), "ab");
    });
}

#[test]
fn a_cell_can_be_reached_by_a_raw_pointer_to_it() {
    conforms(|| {
        let mut cell = MaybeUninit::<UnsafeCell<u8>>::uninit();
        // SAFETY: the write makes the cell initialised.
        let cell = unsafe {
            UnsafeCell::raw_get(cell.as_ptr()).write(5);
            cell.assume_init_mut()
        };
        assert_eq!(*cell.get_mut(), 5);
    });
}

#[test]
fn a_mutable_reference_becomes_one_to_a_cell() {
    conforms(|| {
        let mut value = 1;
        let cell: &mut UnsafeCell<i32> = UnsafeCell::from_mut(&mut value);
        *cell.get_mut() += 1;
        assert_eq!(value, 2);
    });
}

#[test]
fn a_cell_has_the_size_of_its_value() {
    conforms(|| {
        assert_eq!(size_of::<UnsafeCell<u64>>(), size_of::<u64>());
        assert_eq!(align_of::<UnsafeCell<u16>>(), align_of::<u16>());
    });
}

#[test]
fn a_cell_can_hold_an_unsized_value() {
    conforms(|| {
        let cell: Box<UnsafeCell<[u8]>> = Box::new(UnsafeCell::new([1, 2]));
        // SAFETY: there is one thread, and one reference to the value at a time.
        unsafe {
            (&mut *cell.get())[0] = 3;
            assert_eq!(&*cell.get(), [3, 2]);
        }
    });
}

#[test]
fn a_cell_passes_its_value_to_another_thread_by_join() {
    conforms(|| {
        let shared = Arc::new(Shared(UnsafeCell::new(1)));
        let other = shared.clone();
        // SAFETY: this thread does not use the value before the join.
        thread::spawn(move || unsafe { *other.0.get() += 1 }).join().unwrap();
        // SAFETY: the other thread has ended.
        assert_eq!(unsafe { *shared.0.get() }, 2);
    });
}

#[test]
fn a_cell_passes_its_value_to_another_thread_by_a_released_flag() {
    conforms(|| {
        let shared = Arc::new((Shared(UnsafeCell::new(1)), AtomicBool::new(false)));
        let other = shared.clone();
        let t = thread::spawn(move || {
            // SAFETY: the other thread reads it only after the flag is set.
            unsafe { *other.0.0.get() = 2 };
            other.1.store(true, Ordering::Release);
        });
        if shared.1.load(Ordering::Acquire) {
            // SAFETY: the write came before the flag.
            assert_eq!(unsafe { *shared.0.0.get() }, 2);
        }
        t.join().unwrap();
    });
}

#[test]
fn two_threads_can_read_a_cell_at_once() {
    conforms(|| {
        let shared = Arc::new(Shared(UnsafeCell::new(5)));
        let other = shared.clone();
        // SAFETY: nobody writes.
        let t = thread::spawn(move || unsafe { *other.0.get() });
        // SAFETY: as above.
        assert_eq!(unsafe { *shared.0.get() }, t.join().unwrap());
    });
}

#[test]
fn a_spin_lock_made_of_an_atomic_and_a_cell_keeps_threads_apart() {
    conforms(|| {
        let shared = Arc::new((Shared(UnsafeCell::new(0)), AtomicBool::new(false)));
        let add = |shared: &(Shared<i32>, AtomicBool)| {
            while shared.1.swap(true, Ordering::Acquire) {
                thread::yield_now();
            }
            // SAFETY: the flag keeps others out.
            unsafe { *shared.0.0.get() += 1 };
            shared.1.store(false, Ordering::Release);
        };
        let other = shared.clone();
        let t = thread::spawn(move || add(&other));
        add(&shared);
        t.join().unwrap();
        // SAFETY: the other thread has ended.
        assert_eq!(unsafe { *shared.0.0.get() }, 2);
    });
}

#[test]
fn a_cell_has_its_signatures_and_traits() {
    const CELL: UnsafeCell<u8> = UnsafeCell::new(7);
    const INNER: u8 = UnsafeCell::new(7).into_inner();
    conforms(|| {
        assert_eq!((CELL.into_inner(), INNER), (7, 7));
        assert_eq!((UnsafeCell::from(3).into_inner(), UnsafeCell::<u8>::default().into_inner()), (3, 0));
        let _: fn(&UnsafeCell<str>) -> *mut str = UnsafeCell::get;
        let _: fn(&mut UnsafeCell<str>) -> &mut str = UnsafeCell::get_mut;
        let _: fn(*const UnsafeCell<str>) -> *mut str = UnsafeCell::raw_get;
        let _: fn(UnsafeCell<u8>) -> u8 = UnsafeCell::into_inner;
        assert!(implements!(UnsafeCell<u8>: Send + Unpin + UnwindSafe + Debug + Default + From<u8>));
        assert!(!implements!(UnsafeCell<u8>: Sync) && !implements!(UnsafeCell<u8>: RefUnwindSafe));
        assert!(!implements!(UnsafeCell<*const u8>: Send));
    });
}
