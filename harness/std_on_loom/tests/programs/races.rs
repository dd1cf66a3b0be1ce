//! Two accesses to a cell with nothing to order them are a data race, and both sides are named.

use crate::report::fails;
use crate::{WEAK_ORDERS, check};
use std::cell::{Cell, RefCell, UnsafeCell};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use std::sync::{Arc, Mutex, RwLock};
use std::thread;

/// Shared, rightly or not.
struct Shared<T>(T);

// SAFETY: whether it may be shared is what is checked.
unsafe impl<T> Sync for Shared<T> {}
// SAFETY: as above.
unsafe impl<T> Send for Shared<T> {}

/// Runs `theirs` in a thread beside `mine`, on the same value.
fn beside<T: Send + Sync + 'static>(value: T, theirs: fn(&T), mine: fn(&T)) {
    let value = Arc::new(value);
    let others = Arc::clone(&value);
    let other = thread::spawn(move || theirs(&others));
    mine(&value);
    other.join().unwrap();
}

#[test]
fn two_writers_of_an_unsafe_cell() {
    fails(|| {
        beside(
            Shared(UnsafeCell::new(0)),
            // SAFETY: none; the checker stops the second one.
            |cell| unsafe { *cell.0.get() += 1 }, // their write
            // SAFETY: none; the checker stops the second one.
            |cell| unsafe { *cell.0.get() += 1 }, // my write
        );
    })
    .says("Data race: two threads use the same cell, and nothing orders the one before the other.")
    .says("main writes by `cell.0.get()`")
    .says("thread 1 reads by `cell.0.get()`") // before it writes, which it no longer comes to
    .points_at("their write")
    .points_at("my write")
    .needs_preemptions(0);
}

#[test]
fn a_reader_and_a_writer_of_a_cell() {
    fails(|| {
        beside(
            Shared(Cell::new(0)),
            |cell| cell.0.set(1), // they set
            |cell| {
                cell.0.get(); // I get
            },
        );
    })
    .says("Data race")
    .says("thread 1 writes by `cell.0.set(1)`")
    .says("main reads by `cell.0.get()`")
    .points_at("they set")
    .points_at("I get");
}

#[test]
fn two_readers_of_a_cell_do_not_race() {
    check(|| {
        beside(
            Shared((Cell::new(0), AtomicUsize::new(0))),
            |shared| {
                shared.0.1.fetch_add(shared.0.0.get(), Relaxed);
            },
            |shared| {
                shared.0.1.fetch_add(shared.0.0.get() + 1, Relaxed);
            },
        );
    });
}

#[test]
fn two_borrowers_of_a_ref_cell() {
    fails(|| {
        beside(
            Shared(RefCell::new(0)),
            |cell| *cell.0.borrow_mut() += 1, // they borrow
            |cell| drop(cell.0.try_borrow()), // I borrow
        );
    })
    .says("Data race")
    .points_at("they borrow")
    .points_at("I borrow");
}

#[test]
fn a_cell_under_one_mutex_does_not_race() {
    check(|| {
        let add = |shared: &Shared<(Mutex<()>, Cell<usize>)>| {
            let _guard = shared.0.0.lock().unwrap();
            shared.0.1.set(shared.0.1.get() + 1);
        };
        beside(Shared((Mutex::new(()), Cell::new(0))), add, add);
    });
}

#[test]
fn a_cell_under_two_mutexes_races() {
    fails(|| {
        beside(
            Shared(([Mutex::new(()), Mutex::new(())], Cell::new(0))),
            |shared| {
                let _guard = shared.0.0[0].lock().unwrap();
                shared.0.1.set(1); // under the one
            },
            |shared| {
                let _guard = shared.0.0[1].lock().unwrap();
                shared.0.1.set(2); // under the other
            },
        );
    })
    .says("Data race")
    .points_at("under the one")
    .points_at("under the other");
}

#[test]
fn a_join_orders_what_came_before_it() {
    check(|| {
        let shared = Arc::new(Shared((Cell::new(0), AtomicUsize::new(0))));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || {
            others.0.1.fetch_add(1, Relaxed);
            others.0.0.set(1);
        });
        shared.0.1.fetch_add(1, Relaxed);
        other.join().unwrap();
        assert_eq!(shared.0.0.get(), 1);
    });
}

/// A message in a cell, a flag that says so; whoever looks and finds it set reads the cell.
fn publish(store: std::sync::atomic::Ordering, load: std::sync::atomic::Ordering) -> impl Fn() + Send + Sync + 'static {
    move || {
        let shared = Arc::new(Shared((Cell::new(0), AtomicBool::new(false))));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || {
            others.0.0.set(7); // the message
            others.0.1.store(true, store);
        });
        if shared.0.1.load(load) {
            assert_eq!(shared.0.0.get(), 7); // the reader
        }
        other.join().unwrap();
    }
}

#[test]
fn a_release_store_publishes_to_an_acquire_load() {
    check(publish(Release, Acquire));
    check(publish(SeqCst, SeqCst));
}

#[test]
fn a_relaxed_store_or_load_publishes_nothing() {
    for (store, load) in [(Relaxed, Acquire), (Release, Relaxed), (Relaxed, Relaxed)] {
        let program = publish(store, load);
        if WEAK_ORDERS {
            fails(move || program()).says("Data race").points_at("the message").points_at("the reader");
        } else {
            check(program);
        }
    }
}

#[test]
fn what_a_cell_was_made_with_must_be_published_too() {
    // The cell is made by one thread, and handed over through a pointer in an atomic.
    use std::ptr;
    use std::sync::atomic::AtomicPtr;
    let hand_over = |order| {
        move || {
            let slot = Arc::new(AtomicPtr::new(ptr::null_mut::<UnsafeCell<usize>>()));
            let others = Arc::clone(&slot);
            let other = thread::spawn(move || {
                let made = Box::into_raw(Box::new(UnsafeCell::new(7))); // makes it
                others.store(made, order); // hands it over
            });
            let found = slot.load(Acquire);
            if !found.is_null() {
                // SAFETY: made by `Box::into_raw`, and not freed while the other thread runs.
                assert_eq!(unsafe { *(*found).get() }, 7); // finds it
            }
            other.join().unwrap();
            // SAFETY: made by `Box::into_raw`, once; no other thread is left.
            drop(unsafe { Box::from_raw(slot.load(Relaxed)) });
        }
    };
    if WEAK_ORDERS {
        fails(move || hand_over(Relaxed)())
            .says("Data race")
            .points_at("makes it")
            .points_at("finds it")
            .points_at("hands it over");
    }
    check(hand_over(Release));
}

#[test]
fn that_an_atomic_was_made_must_be_published_too() {
    use std::ptr;
    use std::sync::atomic::AtomicPtr;
    let hand_over = |order| {
        move || {
            let slot = Arc::new(AtomicPtr::new(ptr::null_mut::<AtomicUsize>()));
            let others = Arc::clone(&slot);
            let other = thread::spawn(move || {
                let made = Box::into_raw(Box::new(AtomicUsize::new(7))); // makes the atomic
                others.store(made, order); // hands the atomic over
            });
            let found = slot.load(Acquire);
            if !found.is_null() {
                // SAFETY: made by `Box::into_raw`, and not freed while the other thread runs.
                assert_eq!(unsafe { &*found }.swap(8, Relaxed), 7); // finds the atomic
            }
            other.join().unwrap();
            // SAFETY: made by `Box::into_raw`, once; no other thread is left.
            drop(unsafe { Box::from_raw(slot.load(Relaxed)) });
        }
    };
    if WEAK_ORDERS {
        fails(move || hand_over(Relaxed)())
            .says("Data race: a thread uses an atomic that another one has made, and nothing orders the making before the use.")
            .says("a store with Relaxed publishes nothing of what came before it. Release would.")
            .points_at("makes the atomic")
            .points_at("hands the atomic over")
            .points_at("finds the atomic");
    }
    check(hand_over(Release));
}

/// Reads the count through the pointer, or adds to it.
struct Count(UnsafeCell<u64>);

// SAFETY: a test's own, and what it is about: some of its uses are not synchronised.
unsafe impl Sync for Count {}

impl Count {
    fn read(&self) -> u64 {
        // SAFETY: whether somebody writes meanwhile is what is tested.
        unsafe { *self.0.get() }
    }
    fn add(&self) {
        // SAFETY: as above.
        unsafe { *self.0.get() += 1 } // adds
    }
}

#[test]
fn several_may_read_through_a_pointer_where_cells_are_shared() {
    check(|| {
        let count = Arc::new((Count(UnsafeCell::new(1)), AtomicUsize::new(0)));
        let others = Arc::clone(&count);
        let read = |count: &(Count, AtomicUsize)| {
            count.1.fetch_add(1, Relaxed);
            assert_eq!(count.0.read(), 1);
        };
        let other = thread::spawn(move || read(&others));
        read(&count);
        other.join().unwrap();
    });
}

#[test]
fn a_write_through_a_pointer_is_found_where_cells_are_shared() {
    fails(|| {
        let count = Arc::new((Count(UnsafeCell::new(1)), AtomicUsize::new(0)));
        let others = Arc::clone(&count);
        let other = thread::spawn(move || {
            others.0.add();
            others.1.fetch_add(1, Relaxed);
        });
        count.0.read();
        count.1.fetch_add(1, Relaxed);
        other.join().unwrap();
    })
    .says("Data race")
    .says("writes by `self.0.get()`")
    .points_at("adds");
}

#[test]
fn a_write_under_a_lock_is_none_where_cells_are_shared() {
    check(|| {
        let count = Arc::new((Count(UnsafeCell::new(1)), Mutex::new(())));
        let others = Arc::clone(&count);
        let add = |count: &(Count, Mutex<()>)| {
            let _alone = count.1.lock().unwrap();
            count.0.add();
        };
        let other = thread::spawn(move || add(&others));
        add(&count);
        other.join().unwrap();
        assert_eq!(count.0.read(), 3);
    });
}

/// What is in a cell that is filled already, and shared: plain data, and locks.
#[derive(Default)]
struct Contents {
    plain: u64,
    mutex: Mutex<u64>,
    rwlock: RwLock<u64>,
}

#[derive(Default)]
struct Filled(UnsafeCell<Contents>);

// SAFETY: as for `Count`.
unsafe impl Sync for Filled {}

impl Filled {
    fn get(&self) -> &Contents {
        // SAFETY: whether somebody writes meanwhile is what is tested.
        unsafe { &*self.0.get() } // reads
    }
}

/// Two threads do the same with what is in the cell.
fn both(with: fn(&Filled)) -> impl Fn() + Send + Sync + 'static {
    move || {
        let filled = Arc::new(Filled::default());
        let others = Arc::clone(&filled);
        let other = thread::spawn(move || with(&others));
        with(&filled);
        other.join().unwrap();
    }
}

#[test]
fn what_is_written_through_a_guard_is_no_write_of_the_cell_around_the_lock() {
    let uses: [fn(&Filled); 4] = [
        |filled| {
            let mut inside = filled.get().mutex.lock().unwrap();
            assert_eq!(filled.get().plain, 0);
            *inside += 1;
        },
        |filled| {
            let mut inside = filled.get().rwlock.write().unwrap();
            assert_eq!(filled.get().plain, 0);
            *inside += 1;
        },
        |filled| {
            let _inside = filled.get().rwlock.read().unwrap();
            assert_eq!(filled.get().plain, 0);
        },
        |filled| {
            let contents = filled.get();
            let (mut one, mut another) = (contents.mutex.lock().unwrap(), contents.rwlock.write().unwrap());
            assert_eq!(filled.get().plain, 0);
            (*one, *another) = (*another, *one + 1);
            assert_eq!(filled.get().plain, 0);
        },
    ];
    for with in uses {
        check(both(with));
    }
    // Beside the lock, a write is one, whether the lock is held or not.
    let wrong: [fn(&Filled); 3] = [
        |filled| {
            let inside = filled.get().mutex.lock().unwrap();
            // SAFETY: whether somebody reads meanwhile is what is tested.
            unsafe { (*filled.0.get()).plain += 1 };
            drop(inside);
            filled.get();
        },
        |filled| {
            drop(filled.get().mutex.lock());
            // SAFETY: as above.
            unsafe { (*filled.0.get()).plain += 1 };
        },
        |filled| {
            *filled.get().rwlock.write().unwrap() += 1;
            // SAFETY: as above. The lock itself, which is held no longer.
            unsafe { (*filled.0.get()).rwlock = RwLock::new(7) };
        },
    ];
    for with in wrong {
        fails(move || both(with)()).says("Data race");
    }
}
