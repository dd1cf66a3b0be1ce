//! However a program tries to end, the check ends with a sentence: never the process, never in silence, never by a signal.

use crate::report::{fails, fails_in};
use crate::{Check, WEAK_ORDERS, check, few_preemptions};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use std::sync::{Arc, Mutex};
use std::thread;

#[test]
fn process_exit_in_main_and_in_a_thread() {
    fails(|| {
        process::exit(0); // exits in main
    })
    .says("`process::exit` would end the test with the program: return or panic instead.")
    .points_at("exits in main");
    fails(|| {
        let other = thread::spawn(|| {
            process::exit(0); // exits in a thread
        });
        let _ = other.join();
    })
    .says("`process::exit` would end the test")
    .points_at("exits in a thread");
}

#[test]
fn process_exit_in_a_destructor_while_unwinding() {
    struct Exits;
    impl Drop for Exits {
        fn drop(&mut self) {
            process::exit(0);
        }
    }
    fails(|| {
        let other = thread::spawn(|| {
            let _exits = Exits;
            panic!("on purpose");
        });
        let _ = other.join();
    });
}

#[test]
fn process_abort() {
    fails(|| {
        process::abort(); // aborts
    })
    .says("`process::abort` would end the test")
    .points_at("aborts");
}

#[test]
fn a_panic_hook() {
    fails(|| std::panic::set_hook(Box::new(|_| ()))) // sets the hook
        .says("A panic hook belongs to the whole process")
        .points_at("sets the hook");
    fails(|| drop(std::panic::take_hook())) // takes the hook
        .says("A panic hook belongs to the whole process")
        .points_at("takes the hook");
}

/// Panics when it is dropped.
struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("the second panic"); // panics again
    }
}

#[test]
fn a_panic_while_unwinding_in_a_thread_and_in_main() {
    fails(|| {
        let other = thread::spawn(|| {
            let _panics = PanicsOnDrop;
            panic!("the first panic");
        });
        let _ = other.join();
    })
    .says("thread 1 panicked")
    .says("the second panic")
    .points_at("panics again");
    fails(|| {
        let _panics = PanicsOnDrop;
        panic!("the first panic");
    })
    .says("main panicked")
    .says("the second panic");
}

#[test]
fn a_destructor_may_catch_its_own_panic_while_unwinding() {
    struct Catches;
    impl Drop for Catches {
        fn drop(&mut self) {
            assert!(catch_unwind(|| panic!("within")).is_err());
        }
    }
    check(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || {
            let _catches = Catches;
            others.fetch_add(1, Relaxed);
            panic!("on purpose");
        });
        shared.fetch_add(1, Relaxed);
        assert_eq!(*other.join().unwrap_err().downcast::<&str>().unwrap(), "on purpose");
    });
}

#[test]
fn a_program_can_catch_its_own_panic() {
    check(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || {
            let caught = catch_unwind(|| panic!("on purpose"));
            others.fetch_add(usize::from(caught.is_err()), Relaxed);
            assert!(!thread::panicking());
        });
        shared.fetch_add(1, Relaxed);
        other.join().unwrap();
        assert_eq!(shared.load(Relaxed), 2);
    });
}

#[test]
fn a_program_can_pass_a_panic_on() {
    check(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || {
            others.fetch_add(1, Relaxed);
            let caught = catch_unwind(|| panic!("on purpose")).unwrap_err();
            std::panic::resume_unwind(caught);
        });
        shared.fetch_add(1, Relaxed);
        assert_eq!(*other.join().unwrap_err().downcast::<&str>().unwrap(), "on purpose");
    });
}

struct Shared(Cell<usize>);

// SAFETY: whether two threads use it at once is what is checked.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

#[test]
fn no_program_can_catch_the_checker_s_verdict() {
    fails(|| {
        let shared = Arc::new(Shared(Cell::new(0)));
        let others = Arc::clone(&shared);
        let set = |shared: &Shared| drop(catch_unwind(AssertUnwindSafe(|| shared.0.set(1))));
        let other = thread::spawn(move || set(&others));
        set(&shared);
        let _ = other.join();
    })
    .says("Data race");
    fails(|| {
        let mutex = Mutex::new(0);
        let _guard = mutex.lock().unwrap();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(mutex.lock())));
    })
    .says("Deadlock");
}

#[test]
fn a_data_race_in_a_destructor_while_unwinding() {
    struct Sets(Arc<Shared>);
    impl Drop for Sets {
        fn drop(&mut self) {
            self.0.0.set(1); // sets while unwinding
        }
    }
    fails(|| {
        let shared = Arc::new(Shared(Cell::new(0)));
        let sets = Sets(Arc::clone(&shared));
        let other = thread::spawn(move || {
            let _sets = sets;
            panic!("on purpose");
        });
        shared.0.set(2);
        let _ = other.join();
    })
    .says("Data race")
    .points_at("sets while unwinding");
}

#[test]
fn a_deadlock_in_a_destructor_while_unwinding() {
    struct Locks(Arc<Mutex<usize>>);
    impl Drop for Locks {
        fn drop(&mut self) {
            drop(self.0.lock()); // locks while unwinding
        }
    }
    fails(|| {
        let mutex = Arc::new(Mutex::new(0));
        let locks = Locks(Arc::clone(&mutex));
        let guard = mutex.lock().unwrap();
        let other = thread::spawn(move || {
            let _locks = locks;
            panic!("before the deadlock");
        });
        let _ = other.join();
        drop(guard);
    })
    // The panic came first, and explains the rest.
    .says("thread 1 panicked")
    .says("before the deadlock");
}

#[test]
fn a_livelock_is_told_as_that() {
    fails(|| {
        // Each waits for the other to go first.
        let flags = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
        let others = Arc::clone(&flags);
        let enter = |flags: &[AtomicBool; 2], mine: usize| {
            while !flags[1 - mine].load(Acquire) {
                std::hint::spin_loop();
            }
            flags[mine].store(true, Release);
        };
        let other = thread::spawn(move || enter(&others, 1));
        enter(&flags, 0);
        other.join().unwrap();
    })
    .says("Livelock:")
    .says("It waits for a change that no other thread will make.");
}

#[test]
fn threads_that_go_on_for_ever_with_changes() {
    fails(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let count = |shared: &AtomicUsize| {
            loop {
                shared.fetch_add(1, Relaxed);
            }
        };
        thread::spawn(move || count(&others));
        count(&shared);
    })
    .says("This does not come to an end");
}

#[test]
fn too_many_threads() {
    let program = || {
        let shared = Arc::new(AtomicUsize::new(0));
        let others: Vec<_> = (0..5)
            .map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.fetch_add(1, Relaxed))
            })
            .collect();
        for other in others {
            other.join().unwrap();
        }
    };
    if WEAK_ORDERS {
        fails(move || program()).says("Too many threads: this checker follows at most 5 in all, the main one included.");
    } else {
        few_preemptions(1).run(program);
    }
}

#[test]
fn outside_of_a_check_the_primitives_say_where_they_belong() {
    let uses: [fn(); 4] = [
        || drop(Mutex::new(0).lock()),
        || _ = AtomicUsize::new(0).load(Relaxed),
        || drop(thread::spawn(|| ())),
        || _ = std::sync::mpsc::channel::<usize>().1.recv(),
    ];
    for (index, used) in uses.into_iter().enumerate() {
        let panic = real_std::panic::catch_unwind(used).expect_err("it must not work as if all were well");
        let text = panic.downcast::<String>().map_or_else(|_| "another payload".to_owned(), |text| *text);
        assert!(text.contains("this belongs inside `check(|| …)`"), "use {index}: {text}");
    }
}

#[test]
fn checks_one_after_the_other_in_one_test_do_not_know_of_each_other() {
    let program = || {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || others.fetch_add(1, SeqCst));
        shared.fetch_add(1, SeqCst);
        other.join().unwrap();
        assert_eq!(shared.load(SeqCst), 2);
    };
    assert_eq!(check(program), check(program));
    fails_in(Check::new(), || {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || others.fetch_add(1, SeqCst));
        shared.store(0, SeqCst);
        other.join().unwrap();
        assert_eq!(shared.load(SeqCst), 1, "a store came between");
    })
    .says("a store came between");
}
