//! Threads do what `std`'s do: scopes, joins, names, parking, thread-locals, room on the stack.

use crate::report::fails;
use crate::{Check, check, few_preemptions};
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

#[test]
fn a_scope_lends_what_is_outside_and_waits() {
    check(|| {
        let (mut mine, shared) = (vec![1, 2], AtomicUsize::new(0));
        let sum = thread::scope(|scope| {
            let joined = scope.spawn(|| {
                mine.push(3);
                shared.fetch_add(1, Relaxed);
                mine.len()
            });
            scope.spawn(|| shared.fetch_add(1, Relaxed));
            joined.join().unwrap() + 1
        });
        mine.push(4);
        assert_eq!((sum, mine.len(), shared.load(Relaxed)), (4, 4, 2));
    });
}

#[test]
fn a_scope_orders_what_its_threads_did_before_what_follows() {
    // Whether it had to wait for them or not. An assignment would not be seen by the checker; a cell is.
    check(|| {
        let (cell, shared) = (Alone(Cell::new(0)), AtomicUsize::new(0));
        thread::scope(|scope| {
            scope.spawn(|| {
                let cell = &cell;
                cell.0.set(1);
                shared.fetch_add(1, Relaxed);
            });
            shared.fetch_add(1, Relaxed);
        });
        assert_eq!(cell.0.get(), 1);
    });
}

/// Used by one thread at a time, rightly or not.
struct Alone<T>(T);

// SAFETY: whether two threads use it at once is what is checked.
unsafe impl<T> Sync for Alone<T> {}

#[test]
fn a_panic_in_a_scope_s_thread_is_the_scope_s_unless_it_was_joined() {
    check(|| {
        let shared = AtomicUsize::new(0);
        let joined = thread::scope(|scope| {
            let child = scope.spawn(|| {
                shared.fetch_add(1, Relaxed);
                panic!("on purpose");
            });
            shared.fetch_add(1, Relaxed);
            child.join().map_err(|panic| *panic.downcast::<&str>().unwrap())
        });
        assert_eq!(joined, Err("on purpose"));
    });
    fails(|| {
        let shared = AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                shared.fetch_add(1, Relaxed);
                panic!("of a thread that nobody joins"); // the panic
            });
            shared.fetch_add(1, Relaxed);
        });
    })
    .says("thread 1 panicked at")
    .says("of a thread that nobody joins")
    .points_at("the panic");
}

#[test]
fn a_scope_s_panic_can_be_caught_as_in_std() {
    check(|| {
        let shared = AtomicUsize::new(0);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            thread::scope(|scope| {
                scope.spawn(|| {
                    shared.fetch_add(1, Relaxed);
                    panic!("on purpose");
                });
                shared.fetch_add(1, Relaxed);
            });
        }));
        assert_eq!(*caught.unwrap_err().downcast::<&str>().unwrap(), "a scoped thread panicked");
    });
}

#[test]
fn a_scope_whose_own_closure_panics_waits_first() {
    check(|| {
        let shared = AtomicUsize::new(0);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            thread::scope(|scope| {
                scope.spawn(|| shared.fetch_add(1, Relaxed));
                shared.fetch_add(1, Relaxed);
                panic!("on purpose");
            });
        }));
        assert_eq!(*caught.unwrap_err().downcast::<&str>().unwrap(), "on purpose");
        assert_eq!(shared.load(Relaxed), 2);
    });
}

#[test]
fn a_join_gives_what_the_thread_returned_or_its_panic() {
    check(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = [Arc::clone(&shared), Arc::clone(&shared)];
        let [first, second] = others;
        let first = thread::spawn(move || first.fetch_add(1, Relaxed) + 10);
        let second = thread::spawn(move || {
            let seen = second.fetch_add(1, Relaxed);
            std::panic::panic_any(seen + 20);
        });
        let first = first.join().unwrap() - 10;
        let second = *second.join().map(|()| 0).unwrap_err().downcast::<usize>().unwrap() - 20;
        assert_eq!(first + second, 1);
    });
}

#[test]
fn a_thread_knows_its_name_and_its_id() {
    check(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let named = thread::Builder::new().name("baker".to_owned()).stack_size(1 << 20);
        let named = named
            .spawn(move || {
                others.fetch_add(1, Relaxed);
                (thread::current().id(), thread::current().name().map(str::to_owned))
            })
            .unwrap();
        let unnamed = thread::spawn(|| (thread::current().id(), thread::current().name().map(str::to_owned)));
        shared.fetch_add(1, Relaxed);
        assert_eq!(named.thread().name(), Some("baker"));
        assert_eq!(unnamed.thread().name(), None);
        let ids = [named.thread().id(), unnamed.thread().id(), thread::current().id()];
        assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
        assert_eq!(named.join().unwrap(), (ids[0], Some("baker".to_owned())));
        assert_eq!(unnamed.join().unwrap(), (ids[1], None));
        assert_eq!(thread::current().id(), ids[2]);
    });
}

#[test]
fn a_token_waits_for_the_park() {
    check(|| {
        let other = thread::spawn(|| {
            // A lock and an unlock in between must not use the token up: loom's own loses it there.
            let mutex = Mutex::new(0);
            *mutex.lock().unwrap() += 1;
            thread::park();
        });
        other.thread().unpark();
        other.join().unwrap();
    });
    check(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || {
            let mutex = Arc::new(Mutex::new(0));
            sender.send(Arc::clone(&mutex)).unwrap();
            *mutex.lock().unwrap() += 1;
            thread::park();
            *mutex.lock().unwrap()
        });
        let mutex = receiver.recv().unwrap();
        other.thread().unpark();
        *mutex.lock().unwrap() += 1;
        let seen = other.join().unwrap();
        assert!(seen == 1 || seen == 2);
    });
}

#[test]
fn unparking_until_it_has_helped_comes_to_its_end() {
    check(|| {
        let other = thread::spawn(|| {
            thread::park();
            thread::park();
        });
        while !other.is_finished() {
            other.thread().unpark();
        }
        other.join().unwrap();
    });
}

#[test]
fn two_tokens_are_one() {
    fails(|| {
        let other = thread::spawn(|| {
            thread::park();
            thread::park(); // the second
        });
        other.thread().unpark();
        other.thread().unpark();
        other.join().unwrap();
    })
    .says("thread 1 waits for an unpark")
    .points_at("the second");
}

#[test]
fn who_parks_in_a_loop_bears_a_wakeup_for_no_reason() {
    check(|| {
        let shared = Arc::new((Alone(Cell::new(0)), AtomicUsize::new(0)));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || {
            // Acquire for who woke for no reason; who has taken the token needs no more than that.
            while others.1.load(Acquire) == 0 {
                thread::park();
            }
            others.0.0.get()
        });
        shared.0.0.set(7);
        shared.1.store(1, Release);
        other.thread().unpark();
        assert_eq!(other.join().unwrap(), 7);
    });
}

#[test]
fn a_park_may_return_for_no_reason() {
    fails(|| {
        let cell = Arc::new(Alone(Cell::new(0)));
        let others = Arc::clone(&cell);
        let other = thread::spawn(move || {
            thread::park(); // once
            others.0.get()
        });
        cell.0.set(7);
        other.thread().unpark();
        let _ = other.join();
    })
    .says("a sleeping thread woke")
    .points_at("once");
}

// SAFETY: as above.
unsafe impl<T> Send for Alone<T> {}

#[test]
fn whether_a_thread_has_finished_can_be_asked() {
    let seen = real_std::sync::Arc::new(real_std::sync::Mutex::new(real_std::collections::BTreeSet::new()));
    let all = real_std::sync::Arc::clone(&seen);
    check(move || {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || others.fetch_add(1, Relaxed));
        shared.fetch_add(1, Relaxed);
        all.lock().unwrap().insert(other.is_finished());
        other.join().unwrap();
    });
    assert_eq!(seen.lock().unwrap().len(), 2, "it has, and it has not");
    // Asking again and again is a wait.
    check(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || others.fetch_add(1, Relaxed));
        shared.fetch_add(1, Relaxed);
        while !other.is_finished() {}
        other.join().unwrap();
    });
}

#[test]
fn waits_with_a_time_limit_may_end_at_once() {
    check(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let others = Arc::clone(&flag);
        let other = thread::spawn(move || others.store(true, Release));
        while !flag.load(Acquire) {
            thread::sleep(Duration::from_secs(3600));
            thread::park_timeout(Duration::from_secs(3600));
        }
        other.join().unwrap();
    });
}

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static LIST: RefCell<Vec<usize>> = RefCell::new(vec![]);
    static LAST: RefCell<Option<AddOnDrop>> = const { RefCell::new(None) };
}

struct AddOnDrop(Arc<AtomicUsize>);

impl Drop for AddOnDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn each_thread_has_its_own_thread_locals_and_each_interleaving_new_ones() {
    check(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let count = move |shared: &AtomicUsize| {
            assert_eq!(COUNT.get(), 0);
            COUNT.set(COUNT.get() + 1);
            shared.fetch_add(1, Relaxed);
            COUNT.set(COUNT.get() + 1);
            LIST.with_borrow_mut(|list| list.push(COUNT.get()));
            shared.fetch_add(1, Relaxed);
            assert_eq!(COUNT.replace(9), 2);
            assert_eq!(LIST.take(), [2]);
        };
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || count(&others));
        count(&shared);
        other.join().unwrap();
    });
}

#[test]
fn a_thread_s_end_drops_its_thread_locals() {
    check(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&drops);
        let other = thread::spawn(move || LAST.set(Some(AddOnDrop(others))));
        other.join().unwrap();
        let more = Arc::clone(&drops);
        let beside = thread::spawn(move || more.fetch_add(1, SeqCst));
        drops.fetch_add(1, SeqCst);
        beside.join().unwrap();
        assert_eq!(drops.load(SeqCst), 3);
    });
}

thread_local!(static MAIN_S: RefCell<Option<AddOnDrop>> = const { RefCell::new(None) });

#[test]
fn main_s_end_drops_its_thread_locals_too() {
    // As a test's own thread does in `std`. The destructor is part of the program: it may use what others share.
    let seen = real_std::sync::Arc::new(real_std::sync::Mutex::new(Vec::new()));
    let all = real_std::sync::Arc::clone(&seen);
    check(move || {
        let drops = Arc::new(AtomicUsize::new(0));
        MAIN_S.set(Some(AddOnDrop(Arc::clone(&drops))));
        let all = real_std::sync::Arc::clone(&all);
        thread::spawn(move || {
            while drops.load(SeqCst) == 0 {
                thread::yield_now();
            }
            all.lock().unwrap().push(());
        });
    });
    assert!(!seen.lock().unwrap().is_empty());
}

#[test]
fn a_thread_local_of_main_s_that_others_notice_does_no_harm() {
    check(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        MAIN_S.set(Some(AddOnDrop(Arc::clone(&drops))));
        let other = thread::spawn(move || drops.fetch_add(1, SeqCst));
        other.join().unwrap();
        something_concurrent();
    });
}

/// Without it, a check is rejected.
fn something_concurrent() {
    let shared = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| shared.fetch_add(1, Relaxed));
        shared.fetch_add(1, Relaxed);
    });
}

#[test]
fn a_step_on_a_thread_local_is_told_with_its_place() {
    fails(|| {
        COUNT.set(7); // sets its own
        assert_eq!(COUNT.get(), 8, "it is seven");
    })
    .says("it is seven")
    .points_at("sets its own");
}

/// Takes room on the stack as an unoptimised build does, and formats on top of it.
fn deep(shared: &AtomicUsize) -> usize {
    let room = std::hint::black_box([1_u8; 100 * 1024]);
    shared.fetch_add(1, Relaxed);
    let text = format!("{:?} {:>1000}", &room[..100], shared.load(Relaxed));
    text.len() + usize::from(room[99_999])
}

#[test]
fn there_is_room_on_every_stack() {
    check(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || deep(&others));
        assert_eq!(deep(&shared), other.join().unwrap());
    });
}

#[test]
fn panics_and_their_texts_have_room_too() {
    check(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || panic!("{}", deep(&others)));
        let mine = deep(&shared);
        let theirs = other.join().map(|()| 0).unwrap_err();
        assert_eq!(*theirs.downcast::<String>().unwrap(), mine.to_string());
    });
}

#[test]
fn a_thread_can_start_another() {
    Check::new().run(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || {
            let inner = Arc::clone(&others);
            let inner = thread::spawn(move || inner.fetch_add(1, Relaxed));
            others.fetch_add(1, Relaxed);
            inner.join().unwrap();
        });
        other.join().unwrap();
        assert_eq!(shared.load(Relaxed), 2);
    });
}

#[test]
fn a_scope_s_thread_can_start_another_and_have_a_scope_of_its_own() {
    few_preemptions(1).run(|| {
        let shared = AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                scope.spawn(|| shared.fetch_add(1, Relaxed));
                thread::scope(|inner| {
                    inner.spawn(|| shared.fetch_add(10, Relaxed));
                });
                assert!(shared.fetch_add(100, Relaxed) >= 10);
            });
        });
        assert_eq!(shared.load(Relaxed), 111);
    });
}

#[test]
fn threads_that_start_others_at_the_same_time_wake_the_right_ones() {
    few_preemptions(2).run(|| {
        let start_one = || {
            let (sender, receiver) = channel();
            let child = thread::spawn(move || receiver.recv().unwrap());
            sender.send(7).unwrap();
            child.join().unwrap()
        };
        let other = thread::spawn(start_one);
        assert_eq!(start_one(), 7);
        assert_eq!(other.join().unwrap(), 7);
    });
}
