//! The first rung: does the carton do what the brief says? The allocator keeps account of what is allocated and freed.

use carton::Carton;
use examiner::{Heap, Shared, in_time};
use impls::impls;
use rstest::rstest;
use std::alloc::{Layout, dealloc};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::Command;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, ThreadId};

#[global_allocator]
static HEAP: Heap = Heap::watching(&[size_of::<Parcel>(), size_of::<Aligned16>(), size_of::<Aligned128>()]);

/// A value that counts how often it is dropped, of a size that nobody else asks for.
struct Parcel {
    drops: Arc<AtomicUsize>,
    number: u64,
    _filling: [u8; 1000],
}

impl Parcel {
    fn new(number: u64) -> (Self, Arc<AtomicUsize>) {
        let drops = Arc::default();
        (Self { drops: Arc::clone(&drops), number, _filling: [7; 1000] }, drops)
    }
}

impl Drop for Parcel {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::Relaxed);
    }
}

#[repr(align(16))]
struct Aligned16 {
    _bytes: [u8; 1040],
}

#[repr(align(128))]
struct Aligned128([u8; 1152]);

fn count(drops: &AtomicUsize) -> usize {
    drops.load(Ordering::Relaxed)
}

#[test]
fn a_new_carton_holds_its_value() {
    in_time(|| {
        assert_eq!(*Carton::new(7), 7);
        assert_eq!(Carton::new(String::from("seven")).len(), 5);
    });
}

#[test]
fn the_value_can_be_changed_in_its_place() {
    in_time(|| {
        let mut carton = Carton::new(vec![1]);
        carton.push(2);
        assert_eq!(*carton, [1, 2]);
        *carton = vec![3];
        assert_eq!(*carton, [3]);
    });
}

#[test]
fn the_value_lies_on_the_heap() {
    in_time(|| {
        let account = HEAP.account();
        let (parcel, _) = Parcel::new(1);
        let carton = Carton::new(parcel);
        let layout = account.layout_at(&raw const *carton);
        assert_eq!(layout, Some(Layout::new::<Parcel>()), "the memory that the value lies in, by its layout");
    });
}

#[test]
fn the_value_stays_where_it_is_when_its_carton_moves() {
    in_time(|| {
        let carton = Carton::new([1_u8; 3]);
        let before = (&raw const *carton).addr();
        let cartons = [carton];
        assert_eq!((&raw const *cartons[0]).addr(), before, "a carton that moves leaves its value where it is");
        assert_eq!(*cartons[0], [1; 3]);
    });
}

#[test]
fn the_value_is_dropped_with_its_carton() {
    in_time(|| {
        let (parcel, drops) = Parcel::new(1);
        let carton = Carton::new(parcel);
        assert_eq!(count(&drops), 0, "the value was moved, not dropped");
        drop(carton);
        assert_eq!(count(&drops), 1, "how often the value was dropped");
    });
}

#[test]
fn the_memory_is_freed_with_its_carton() {
    in_time(|| {
        let account = HEAP.account();
        drop(Carton::new(Parcel::new(1).0));
        account.settle();
    });
}

#[test]
fn a_value_that_is_replaced_is_dropped() {
    in_time(|| {
        let (first, first_drops) = Parcel::new(1);
        let (second, second_drops) = Parcel::new(2);
        let mut carton = Carton::new(first);
        *carton = second;
        assert_eq!([&first_drops, &second_drops].map(|drops| count(drops)), [1, 0], "how often each value was dropped");
        drop(carton);
        assert_eq!([&first_drops, &second_drops].map(|drops| count(drops)), [1, 1], "how often each value was dropped");
    });
}

#[test]
fn into_inner_moves_the_value_out_and_frees_its_memory() {
    in_time(|| {
        let account = HEAP.account();
        let (parcel, drops) = Parcel::new(5);
        let value = Carton::new(parcel).into_inner();
        assert_eq!(value.number, 5);
        assert_eq!(count(&drops), 0, "the value was moved out, so nobody has dropped it");
        drop(value);
        assert_eq!(count(&drops), 1, "how often the value was dropped");
        account.settle();
    });
}

#[test]
fn into_raw_gives_up_the_value_and_from_raw_takes_it_back() {
    in_time(|| {
        let account = HEAP.account();
        let (parcel, drops) = Parcel::new(5);
        let carton = Carton::new(parcel);
        let address = (&raw const *carton).addr();
        let pointer = carton.into_raw();
        assert_eq!(pointer.addr().get(), address, "the pointer is the value's");
        assert_eq!(count(&drops), 0, "the value was given up, not dropped");
        // SAFETY: the pointer comes from `into_raw`, and is used once.
        let carton = unsafe { Carton::from_raw(pointer) };
        assert_eq!((&raw const *carton).addr(), address, "the value is where it was");
        assert_eq!((carton.number, count(&drops)), (5, 0));
        drop(carton);
        assert_eq!(count(&drops), 1, "how often the value was dropped");
        account.settle();
    });
}

#[test]
fn whoever_has_the_raw_pointer_may_free_it_by_hand() {
    in_time(|| {
        let account = HEAP.account();
        let (parcel, drops) = Parcel::new(5);
        let pointer = Carton::new(parcel).into_raw();
        // SAFETY: `into_raw` gave up the value and its memory, which was allocated for a `Parcel`.
        unsafe {
            pointer.drop_in_place();
            dealloc(pointer.as_ptr().cast(), Layout::new::<Parcel>());
        }
        assert_eq!(count(&drops), 1, "how often the value was dropped");
        account.settle();
    });
}

#[test]
fn a_value_of_size_zero_needs_no_memory() {
    #[repr(align(64))]
    struct Empty;
    in_time(|| {
        let account = HEAP.account();
        let (requests, pointer) = Heap::requests_in(|| {
            drop(Carton::new(()));
            let _ = Carton::new(Empty).into_inner();
            Carton::new(Empty).into_raw()
        });
        assert_eq!(requests, 0, "how often memory was asked for, and a value of size zero needs none");
        assert!(pointer.addr().get().is_multiple_of(64), "even a value of size zero has an aligned address");
        // SAFETY: the pointer comes from `into_raw`, and is used once.
        drop(unsafe { Carton::from_raw(pointer) });
        account.settle();
    });
}

#[test]
fn a_value_of_size_zero_is_dropped_once() {
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    struct Empty;
    impl Drop for Empty {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Ordering::Relaxed);
        }
    }
    in_time(|| {
        let carton = Carton::new(Empty);
        assert_eq!(count(&DROPS), 0, "the value was moved, not dropped");
        drop(carton);
        assert_eq!(count(&DROPS), 1, "how often the value was dropped");
        let value = Carton::new(Empty).into_inner();
        assert_eq!(count(&DROPS), 1, "the value was moved out, so nobody has dropped it");
        drop(value);
        let pointer = Carton::new(Empty).into_raw();
        assert_eq!(count(&DROPS), 2, "the value was given up, so nobody has dropped it");
        // SAFETY: the pointer comes from `into_raw`, and is used once.
        drop(unsafe { Carton::from_raw(pointer) });
        assert_eq!(count(&DROPS), 3, "three values, each dropped once");
    });
}

#[rstest]
#[case::by_16(|| Carton::new(Aligned16 { _bytes: [1; 1040] }).into_raw().addr().get() % 16)]
#[case::by_128(|| Carton::new(Aligned128([1; 1152])).into_raw().addr().get() % 128)]
fn a_value_is_aligned_as_its_type_asks(#[case] past_the_multiple: fn() -> usize) {
    in_time(move || {
        for _ in 0..3 {
            assert_eq!(past_the_multiple(), 0, "so many bytes past a multiple of the alignment");
        }
    });
}

#[test]
fn an_aligned_value_is_freed_as_it_was_allocated() {
    in_time(|| {
        let account = HEAP.account();
        let carton = Carton::new(Aligned128([1; 1152]));
        assert_eq!(account.layout_at(&raw const *carton), Some(Layout::new::<Aligned128>()));
        assert!(carton.into_inner().0.iter().all(|&byte| byte == 1));
        drop(Carton::new(Aligned128([2; 1152])));
        account.settle();
    });
}

#[test]
fn a_panic_in_the_drop_of_the_value_still_frees_its_memory() {
    struct Fragile {
        _parcel: Parcel,
    }
    impl Drop for Fragile {
        fn drop(&mut self) {
            // A second panic at once would end the process.
            if !thread::panicking() {
                // Without a message on the screen, where the hook would put it.
                resume_unwind(Box::new("on purpose, by the test"));
            }
        }
    }
    in_time(|| {
        let account = HEAP.account();
        let (parcel, drops) = Parcel::new(1);
        let carton = Carton::new(Fragile { _parcel: parcel });
        let result = catch_unwind(AssertUnwindSafe(|| drop(carton)));
        assert!(result.is_err(), "the panic goes on to whoever dropped the carton");
        assert_eq!(count(&drops), 1, "how often the value was dropped");
        account.settle();
    });
}

#[test]
fn a_carton_that_is_dropped_by_a_panic_is_dropped_as_ever() {
    in_time(|| {
        let account = HEAP.account();
        let (parcel, drops) = Parcel::new(1);
        let carton = Carton::new(parcel);
        let result = catch_unwind(AssertUnwindSafe(|| {
            let _carton = carton;
            resume_unwind(Box::new("on purpose, by the test"));
        }));
        assert!(result.is_err());
        assert_eq!(count(&drops), 1, "how often the value was dropped");
        account.settle();
    });
}

#[test]
fn the_value_is_dropped_by_whoever_drops_the_carton() {
    struct Dropped(Arc<Mutex<Vec<ThreadId>>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.lock().unwrap().push(thread::current().id());
        }
    }
    in_time(|| {
        let droppers = Arc::new(Mutex::new(Vec::new()));
        drop(Carton::new(Dropped(Arc::clone(&droppers))));
        let others = Shared::new(Carton::new(Dropped(Arc::clone(&droppers))));
        let other = thread::spawn(move || (drop(others), thread::current().id()).1);
        let expected = [thread::current().id(), other.join().unwrap()];
        assert_eq!(
            *droppers.lock().unwrap(),
            expected,
            "the thread that drops a carton drops its value, which need not be `Send`"
        );
    });
}

#[test]
fn a_carton_in_a_carton_is_dropped_from_the_outside_in() {
    in_time(|| {
        let account = HEAP.account();
        let (parcel, drops) = Parcel::new(9);
        let outer = Carton::new(Carton::new(parcel));
        assert_eq!(outer.number, 9);
        let inner = outer.into_inner();
        assert_eq!(count(&drops), 0, "the inner carton was moved out with its value");
        drop(Carton::new(inner));
        assert_eq!(count(&drops), 1, "how often the value was dropped");
        account.settle();
    });
}

#[test]
fn another_thread_may_use_and_drop_it() {
    in_time(|| {
        let account = HEAP.account();
        let (parcel, drops) = Parcel::new(1);
        let carton = Shared::new(Carton::new(parcel));
        let other = thread::spawn(move || {
            let mut carton = carton.into_inner();
            carton.number += 1;
            carton.number
        });
        assert_eq!(other.join().unwrap(), 2);
        assert_eq!(count(&drops), 1, "how often the value was dropped");
        account.settle();
    });
}

#[test]
fn several_threads_may_read_it_at_once() {
    in_time(|| {
        let carton = Shared::new(Carton::new(Parcel::new(5).0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert!((0..1000).all(|_| carton.number == 5)));
            }
        });
    });
}

#[test]
fn a_carton_may_be_sent_exactly_if_its_value_may() {
    let _ = Carton::new(0);
    assert!(impls!(Carton<u8>: Send), "a carton around a `u8` must be `Send`: say so with `unsafe impl`, and say when it holds");
    assert!(impls!(Carton<Cell<u8>>: Send), "a carton around a `Cell` must be `Send`: a `Cell` may be sent, and goes with it");
    assert!(
        !impls!(Carton<Rc<u8>>: Send),
        "a carton around an `Rc` must not be `Send`: the `Rc` would go to another thread, and an `Rc` must not"
    );
    assert!(
        !impls!(Carton<MutexGuard<'static, u8>>: Send),
        "a carton around a `MutexGuard` must not be `Send`: the guard would unlock on another thread, although it is `Sync`"
    );
}

#[test]
fn a_carton_may_be_shared_exactly_if_its_value_may() {
    let _ = Carton::new(0);
    assert!(impls!(Carton<u8>: Sync), "a carton around a `u8` must be `Sync`: say so with `unsafe impl`, and say when it holds");
    assert!(
        impls!(Carton<MutexGuard<'static, u8>>: Sync),
        "a carton around a `MutexGuard` must be `Sync`: the guard is `Sync`, and who shares the carton only gets a `&` to it"
    );
    assert!(
        !impls!(Carton<Cell<u8>>: Sync),
        "a carton around a `Cell` must not be `Sync`: two threads would change the cell at once, although it is `Send`"
    );
    assert!(
        !impls!(Carton<Rc<u8>>: Sync),
        "a carton around an `Rc` must not be `Sync`: two threads would clone the `Rc` at once"
    );
}

#[test]
fn no_memory_left_is_told_by_handle_alloc_error() {
    // `handle_alloc_error` ends the process, so that happens in another one: this test, started once more.
    if std::env::var_os("NO_MEMORY_LEFT").is_some() {
        HEAP.refusing(|| Carton::new(Parcel::new(1).0));
        return;
    }
    let _ = Carton::new(0);
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "no_memory_left_is_told_by_handle_alloc_error", "--nocapture"]).env("NO_MEMORY_LEFT", "yes");
    let said = String::from_utf8_lossy(&child.output().unwrap().stderr).into_owned();
    let expected = format!("memory allocation of {} bytes failed", size_of::<Parcel>());
    assert!(said.contains(&expected), "when `alloc` returned null, `handle_alloc_error` was not called; instead:\n{said}");
}

#[test]
fn the_solution_does_without_box() {
    let _ = Carton::new(0);
    examiner::does_without(
        env!("CARGO_MANIFEST_DIR"),
        &["Box", "Vec", "vec", "Rc", "Arc", "VecDeque", "LinkedList", "BTreeMap", "HashMap", "String"],
        "a carton gets its memory from `std::alloc` itself",
    );
}

#[test]
fn only_sound_uses_compile() {
    let _ = Carton::new(0);
    examiner::only_sound_uses_compile(env!("CARGO_MANIFEST_DIR"), env!("CARGO_TARGET_TMPDIR"), include_str!("compiler/uses.rs"));
}

#[test]
fn the_solution_is_ordinary_rust() {
    let _ = Carton::new(0);
    examiner::ordinary_rust(env!("CARGO_MANIFEST_DIR"));
}
