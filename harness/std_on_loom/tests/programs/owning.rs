//! Who owns what, and what becomes of it: poisoned mutexes, and `Arc`.

use crate::report::fails;
use crate::{WEAK_ORDERS, check, few_preemptions};
use real_std::collections::BTreeSet;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::*, fence};
use std::sync::{Arc, Mutex, Weak};
use std::thread;

/// What came of a program, over all interleavings.
type Seen<T> = real_std::sync::Arc<real_std::sync::Mutex<BTreeSet<T>>>;

/// Two threads that share an atomic: without something like that, a check is rejected.
fn something_concurrent() {
    let shared = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| shared.fetch_add(1, Relaxed));
        shared.fetch_add(1, Relaxed);
    });
}

/// Everything that `program` returns, in any interleaving.
fn seen<T: Ord + Clone + Send + 'static>(program: fn() -> T) -> Vec<T> {
    let seen = Seen::default();
    let all = Seen::clone(&seen);
    check(move || {
        something_concurrent();
        let result = program();
        all.lock().unwrap().insert(result);
    });
    let seen = seen.lock().unwrap();
    seen.iter().cloned().collect()
}

#[test]
fn a_panic_under_a_mutex_poisons_it_for_all_that_come_later() {
    let found = seen(|| {
        let mutex = Arc::new(Mutex::new(0));
        let others = Arc::clone(&mutex);
        let other = thread::spawn(move || {
            let mut value = others.lock().unwrap();
            *value = 1;
            panic!("on purpose");
        });
        let found = match mutex.lock() {
            Ok(value) => format!("{value}"),
            Err(poisoned) => format!("poisoned at {}", **poisoned.get_ref()),
        };
        assert!(other.join().is_err());
        assert!(mutex.is_poisoned());
        assert_eq!(*mutex.lock().unwrap_err().into_inner(), 1);
        mutex.clear_poison();
        assert_eq!(*mutex.lock().unwrap(), 1);
        found
    });
    assert_eq!(found, ["0", "poisoned at 1"]);
}

#[test]
fn those_who_wait_for_a_mutex_get_it_after_a_panic() {
    few_preemptions(2).run(|| {
        let mutex = Arc::new(Mutex::new(0));
        let others = [Arc::clone(&mutex), Arc::clone(&mutex)];
        let others = others.map(|mutex| {
            thread::spawn(move || {
                let mut value = mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                *value += 1;
                panic!("on purpose");
            })
        });
        *mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) += 1;
        for other in others {
            assert!(other.join().is_err());
        }
        let mutex = Arc::into_inner(mutex).unwrap();
        assert_eq!(mutex.into_inner().unwrap_err().into_inner(), 3);
    });
}

#[test]
fn a_caught_panic_poisons_too_and_one_before_the_lock_does_not() {
    check(|| {
        let mutex = Arc::new(Mutex::new(0));
        let others = Arc::clone(&mutex);
        let other = thread::spawn(move || drop(others.lock()));
        struct LocksOnDrop<'a>(&'a Mutex<usize>);
        impl Drop for LocksOnDrop<'_> {
            fn drop(&mut self) {
                *self.0.lock().unwrap() += 1;
            }
        }
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let _locks = LocksOnDrop(&mutex);
            panic!("on purpose");
        }));
        assert!(caught.is_err());
        assert!(!mutex.is_poisoned(), "it was locked while the panic was under way, as a destructor may");
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let _guard = mutex.lock().unwrap();
            panic!("on purpose");
        }));
        assert!(caught.is_err());
        assert!(mutex.is_poisoned());
        other.join().unwrap();
    });
}

#[test]
fn whoever_has_a_mutex_alone_needs_no_lock() {
    check(|| {
        let mut mutex = Mutex::new(1);
        *mutex.get_mut().unwrap() += 1;
        let mutex = Arc::new(mutex);
        let others = Arc::clone(&mutex);
        let other = thread::spawn(move || *others.lock().unwrap() += 1);
        *mutex.lock().unwrap() += 1;
        other.join().unwrap();
        assert_eq!(Arc::try_unwrap(mutex).unwrap().into_inner().unwrap(), 4);
    });
}

#[test]
fn a_guard_that_is_forgotten_keeps_the_mutex_locked() {
    fails(|| {
        let mutex = Arc::new(Mutex::new(0));
        let others = Arc::clone(&mutex);
        let other = thread::spawn(move || std::mem::forget(others.lock()));
        drop(mutex.lock()); // waits for ever
        other.join().unwrap();
    })
    .says("main waits for a Mutex that thread 1 holds")
    .points_at("waits for ever");
}

/// Two owners each give theirs up; the last one gets what was inside, or not even that.
fn gets_it(give_up: fn(Arc<usize>) -> bool) -> Vec<usize> {
    let seen = Seen::default();
    let all = Seen::clone(&seen);
    check(move || {
        something_concurrent();
        let arc = Arc::new(7);
        let others = Arc::clone(&arc);
        let other = thread::spawn(move || give_up(others));
        let mine = give_up(arc);
        all.lock().unwrap().insert(usize::from(mine) + usize::from(other.join().unwrap()));
    });
    let seen = seen.lock().unwrap();
    seen.iter().copied().collect()
}

#[test]
fn owning_together_is_concurrent_enough() {
    check(|| {
        let arc = Arc::new(7);
        let others = Arc::clone(&arc);
        let other = thread::spawn(move || Arc::into_inner(others).is_some());
        let mine = Arc::into_inner(arc).is_some();
        assert!(mine != other.join().unwrap());
    });
}

#[test]
fn exactly_one_of_two_gets_what_is_inside() {
    assert_eq!(gets_it(|arc| Arc::into_inner(arc).is_some()), [1]);
}

#[test]
fn with_try_unwrap_perhaps_neither_gets_what_is_inside() {
    // As `std`'s documentation of `into_inner` warns: each gives back an `Arc`, and both are dropped.
    assert_eq!(gets_it(|arc| Arc::try_unwrap(arc).is_ok()), [0, 1]);
}

/// Says when it is dropped.
struct Dropped<'a>(&'a AtomicUsize);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn what_is_inside_is_dropped_once_after_the_last_use() {
    check(|| {
        let drops = AtomicUsize::new(0);
        thread::scope(|scope| {
            let arc = Arc::new(Dropped(&drops));
            let others = Arc::clone(&arc);
            scope.spawn(move || assert_eq!(others.0.load(SeqCst), 0, "dropped while an owner is there"));
            assert_eq!(arc.0.load(SeqCst), 0, "dropped while an owner is there");
        });
        assert_eq!(drops.load(SeqCst), 1);
    });
}

#[test]
fn either_owner_may_be_the_last() {
    // The destructor runs in whichever thread comes last, and sees what the others did.
    let last = seen(|| {
        struct Last(Cell<usize>, real_std::sync::Arc<real_std::sync::Mutex<Vec<bool>>>, AtomicUsize);
        // SAFETY: whether two threads use it at once is what is checked.
        unsafe impl Sync for Last {}
        impl Drop for Last {
            fn drop(&mut self) {
                self.0.set(self.0.get() + 1);
                self.1.lock().unwrap().push(thread::current().name() == Some("main"));
            }
        }
        let by_main = real_std::sync::Arc::new(real_std::sync::Mutex::new(Vec::new()));
        let arc = Arc::new(Last(Cell::new(0), real_std::sync::Arc::clone(&by_main), AtomicUsize::new(0)));
        let others = Arc::clone(&arc);
        let other = thread::spawn(move || {
            others.2.fetch_add(1, Relaxed);
        });
        arc.0.set(1);
        arc.2.fetch_add(1, Relaxed);
        drop(arc);
        other.join().unwrap();
        let by_main = by_main.lock().unwrap();
        by_main.clone()
    });
    assert_eq!(last, [[false], [true]]);
}

#[test]
fn a_count_is_what_the_others_make_it() {
    let counts = seen(|| {
        let arc = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&arc);
        let other = thread::spawn(move || {
            let more = Arc::clone(&others);
            more.fetch_add(1, SeqCst);
        });
        let count = Arc::strong_count(&arc);
        other.join().unwrap();
        assert_eq!(Arc::strong_count(&arc), 1);
        count
    });
    assert_eq!(counts, [1, 2, 3]);
}

#[test]
fn a_clone_is_a_step_like_any_other() {
    // Between the store and the clone, main may see the store and not yet the clone.
    let counts = seen(|| {
        let arc = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&arc);
        let other = thread::spawn(move || {
            others.store(1, SeqCst);
            let more = Arc::clone(&others);
            (others, more)
        });
        let count = if arc.load(SeqCst) == 1 { Arc::strong_count(&arc) } else { 0 };
        drop(other.join());
        count
    });
    assert_eq!(counts, [0, 2, 3]);
}

#[test]
fn a_weak_one_is_upgraded_as_long_as_there_is_an_owner() {
    let upgraded = seen(|| {
        let arc = Arc::new(7);
        let weak = Arc::downgrade(&arc);
        let other = thread::spawn(move || weak.upgrade().map(|arc| *arc));
        drop(arc);
        other.join().unwrap()
    });
    assert_eq!(upgraded, [None, Some(7)]);
    check(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || others.fetch_add(1, Relaxed));
        shared.fetch_add(1, Relaxed);
        other.join().unwrap();
        let weak = Arc::downgrade(&shared);
        assert_eq!((Arc::weak_count(&shared), weak.strong_count()), (1, 1));
        assert!(Arc::ptr_eq(&shared, &weak.upgrade().unwrap()));
        assert!(!Arc::ptr_eq(&shared, &Arc::new(AtomicUsize::new(0))));
        drop(shared);
        assert!(weak.upgrade().is_none());
        assert!(Weak::<usize>::new().upgrade().is_none());
        let cyclic = Arc::new_cyclic(|weak: &Weak<Weak<usize>>| {
            assert!(weak.upgrade().is_none());
            Weak::<usize>::new()
        });
        assert!(cyclic.upgrade().is_none());
    });
}

trait Adds: Send + Sync {
    fn add(&self) -> usize;
}

impl Adds for AtomicUsize {
    fn add(&self) -> usize {
        self.fetch_add(1, Relaxed)
    }
}

#[test]
fn what_is_inside_need_not_have_a_size() {
    check(|| {
        let adds: Arc<dyn Adds> = Arc::new(AtomicUsize::new(0));
        let function: Arc<dyn Fn(usize) -> usize + Send + Sync> = Arc::new(|n| n + 1);
        let slice: Arc<[usize]> = Arc::from(vec![1, 2, 3]);
        let text: Arc<str> = Arc::from("abc");
        let (others, other_slice, other_text) = (Arc::clone(&adds), Arc::clone(&slice), Arc::clone(&text));
        let other = thread::spawn(move || others.add() + other_slice.len() + other_text.len());
        let mine = adds.add();
        assert_eq!(other.join().unwrap() + mine, 7);
        assert_eq!(function(1), 2);
        assert_eq!((&*slice, &*text), (&[1, 2, 3][..], "abc"));
        let collected: Arc<[usize]> = (0..3).collect();
        assert_eq!((collected.len(), Arc::<str>::from(String::from("a")).len()), (3, 1));
    });
}

#[test]
fn whoever_owns_alone_may_change_what_is_inside() {
    check(|| {
        something_concurrent();
        let mut arc = Arc::new(1);
        *Arc::get_mut(&mut arc).unwrap() += 1;
        let others = Arc::clone(&arc);
        let other = thread::spawn(move || *others);
        let copied = *Arc::make_mut(&mut arc);
        assert_eq!((copied, other.join().unwrap()), (2, 2));
        *Arc::make_mut(&mut arc) += 1;
        assert_eq!(Arc::unwrap_or_clone(arc), 3);
    });
}

/// A cell that is shared, rightly or not.
struct Shared<T>(T);

// SAFETY: whether two threads use it at once is what is checked.
unsafe impl<T> Sync for Shared<T> {}
// SAFETY: as above.
unsafe impl<T> Send for Shared<T> {}

#[test]
fn a_try_in_vain_orders_nothing() {
    // It finds that somebody holds the lock, and concludes that what that one did earlier can be seen. It cannot.
    if WEAK_ORDERS {
        fails(|| {
            let shared = Arc::new(Shared((Mutex::new(()), Cell::new(0))));
            let others = Arc::clone(&shared);
            let other = thread::spawn(move || {
                others.0.1.set(7);
                let _guard = others.0.0.lock().unwrap();
            });
            if shared.0.0.try_lock().is_err() {
                shared.0.1.get();
            }
            other.join().unwrap();
        })
        .says("Data race");
    }
}

#[test]
fn a_count_orders_nothing() {
    // `strong_count` is a relaxed load: who finds itself alone has not yet seen what the other owner did.
    if WEAK_ORDERS {
        fails(|| {
            something_concurrent();
            let arc = Arc::new(Shared(Cell::new(0)));
            let others = Arc::clone(&arc);
            let other = thread::spawn(move || others.0.set(7));
            if Arc::strong_count(&arc) == 1 {
                arc.0.get();
            }
            other.join().unwrap();
        })
        .says("Data race");
    }
}

#[test]
fn a_count_and_a_fence_order_what_came_before_the_drops() {
    let fences: [fn(); 2] = [|| fence(Acquire), || fence(SeqCst)];
    for fence in fences {
        check(move || {
            let arc = Arc::new(Shared(Cell::new(0)));
            let others = Arc::clone(&arc);
            let other = thread::spawn(move || others.0.set(7));
            if Arc::strong_count(&arc) == 1 {
                fence();
                assert_eq!(arc.0.get(), 7);
            }
            other.join().unwrap();
        });
    }
    if WEAK_ORDERS {
        // The fence of another kind, one before the count, and one of another thread, order nothing.
        type Count = fn(&Arc<Shared<Cell<usize>>>) -> usize;
        let wrong: [Count; 3] = [
            |arc| {
                let count = Arc::strong_count(arc);
                fence(Release);
                count
            },
            |arc| {
                fence(Acquire);
                Arc::strong_count(arc)
            },
            |arc| {
                let count = Arc::strong_count(arc);
                thread::spawn(|| fence(Acquire)).join().unwrap();
                count
            },
        ];
        for count in wrong {
            fails(move || {
                something_concurrent();
                let arc = Arc::new(Shared(Cell::new(0)));
                let others = Arc::clone(&arc);
                let other = thread::spawn(move || others.0.set(7));
                if count(&arc) == 1 {
                    arc.0.get();
                }
                other.join().unwrap();
            })
            .says("Data race");
        }
    }
}

#[test]
fn who_waits_for_a_count_sees_it_change() {
    let waits: [fn(); 3] = [std::hint::spin_loop, thread::yield_now, || {}];
    for wait in waits {
        check(move || {
            let arc = Arc::new(Shared(Cell::new(0)));
            let others = Arc::clone(&arc);
            let other = thread::spawn(move || others.0.set(7));
            while Arc::strong_count(&arc) > 1 {
                wait();
            }
            fence(Acquire);
            assert_eq!(arc.0.get(), 7);
            other.join().unwrap();
        });
    }
}

#[test]
fn who_waits_to_be_the_last_owner_becomes_it() {
    check(|| {
        let arc = Arc::new(Shared(Cell::new(0)));
        let others = Arc::clone(&arc);
        let other = thread::spawn(move || others.0.set(7));
        let mut arc = arc;
        while Arc::get_mut(&mut arc).is_none() {}
        assert_eq!(arc.0.get(), 7);
        other.join().unwrap();
    });
    check(|| {
        let arc = Arc::new(Shared(Cell::new(0)));
        let others = Arc::clone(&arc);
        let other = thread::spawn(move || others.0.set(7));
        let mut arc = Err(arc);
        while let Err(back) = arc {
            arc = Arc::try_unwrap(back);
        }
        assert_eq!(arc.map(|shared| shared.0.get()).ok(), Some(7));
        other.join().unwrap();
    });
    check(|| {
        let arc = Arc::new(AtomicUsize::new(0));
        let weak = Arc::downgrade(&arc);
        let other = thread::spawn(move || arc.fetch_add(1, Relaxed));
        while weak.upgrade().is_some() {}
        other.join().unwrap();
    });
}

#[test]
fn a_drop_orders_what_came_before_it_for_the_last_owner() {
    check(|| {
        something_concurrent();
        let arc = Arc::new(Shared(Cell::new(0)));
        let others = Arc::clone(&arc);
        let other = thread::spawn(move || others.0.set(7));
        let mut arc = arc;
        if let Some(alone) = Arc::get_mut(&mut arc) {
            assert_eq!(alone.0.get(), 7);
        }
        other.join().unwrap();
    });
}
