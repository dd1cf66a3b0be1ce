//! What `std::thread::scope` promises.
use super::{panic_of, panics};
use crate::conforms;
use std::fmt::Debug;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread::{self, Builder, Scope, ScopedJoinHandle, Thread};

#[test]
fn scoped_threads_can_borrow() {
    conforms(|| {
        let values = vec![1, 2];
        let mut sum = 0;
        thread::scope(|s| {
            s.spawn(|| sum += values.iter().sum::<i32>());
            s.spawn(|| assert_eq!(values.len(), 2));
        });
        assert_eq!((sum, values), (3, vec![1, 2]));
    });
}

#[test]
fn scoped_threads_can_change_the_parts_of_a_slice() {
    conforms(|| {
        let mut values = [1, 2];
        thread::scope(|s| {
            for value in &mut values {
                s.spawn(move || *value *= 10);
            }
        });
        assert_eq!(values, [10, 20]);
    });
}

#[test]
fn scope_returns_what_its_closure_returns() {
    conforms(|| {
        assert_eq!(thread::scope(|_| 5), 5);
        assert_eq!(thread::scope(|s| s.spawn(|| 5).join().unwrap() + 1), 6);
    });
}

#[test]
fn a_scope_ends_after_its_threads() {
    conforms(|| {
        let count = AtomicUsize::new(0);
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| count.fetch_add(1, Ordering::Relaxed));
            }
        });
        assert_eq!(count.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn a_scoped_thread_can_spawn_in_its_scope() {
    conforms(|| {
        let count = AtomicUsize::new(0);
        thread::scope(|s| {
            s.spawn(|| {
                s.spawn(|| count.fetch_add(1, Ordering::Relaxed));
                count.fetch_add(1, Ordering::Relaxed);
            });
        });
        assert_eq!(count.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn a_scope_can_be_inside_a_scoped_thread() {
    conforms(|| {
        let mut value = 1;
        thread::scope(|s| {
            s.spawn(|| thread::scope(|s| _ = s.spawn(|| value += 1)));
        });
        assert_eq!(value, 2);
    });
}

#[test]
fn scoped_threads_share_a_lock_by_reference() {
    conforms(|| {
        let count = Mutex::new(0);
        thread::scope(|s| {
            s.spawn(|| *count.lock().unwrap() += 1);
            *count.lock().unwrap() += 1;
        });
        assert_eq!(count.into_inner().unwrap(), 2);
    });
}

#[test]
fn scoped_threads_share_a_channel() {
    conforms(|| {
        let text = String::from("a");
        let (sender, receiver) = channel();
        thread::scope(|s| {
            let text = &text;
            s.spawn(move || sender.send(text.as_str()).unwrap());
            assert_eq!(receiver.recv(), Ok("a"));
        });
    });
}

#[test]
fn a_joined_scoped_thread_gives_its_panic_to_join_only() {
    conforms(|| {
        let joined: thread::Result<()> = thread::scope(|s| s.spawn(|| panic!("inside")).join());
        assert_eq!(joined.unwrap_err().downcast_ref(), Some(&"inside"));
    });
}

#[test]
fn a_scope_panics_if_a_thread_that_was_not_joined_panicked() {
    conforms(|| {
        assert!(panics(|| thread::scope(|s| _ = s.spawn(|| panic!("inside")))));
    });
}

#[test]
fn a_scope_whose_closure_panics_still_waits_for_its_threads() {
    conforms(|| {
        let count = AtomicUsize::new(0);
        let payload = panic_of(|| {
            thread::scope(|s| {
                s.spawn(|| count.fetch_add(1, Ordering::Relaxed));
                panic!("in the closure");
            })
        });
        assert_eq!(payload.unwrap().downcast_ref(), Some(&"in the closure"));
        assert_eq!(count.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_scope_waits_for_its_threads_before_it_passes_a_panic_on() {
    conforms(|| {
        let count = AtomicUsize::new(0);
        assert!(panics(|| {
            thread::scope(|s| {
                s.spawn(|| panic!("inside"));
                s.spawn(|| count.fetch_add(1, Ordering::Relaxed));
            })
        }));
        assert_eq!(count.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_join_handle_can_be_joined_by_another_thread_of_the_scope() {
    conforms(|| {
        let value = 5;
        thread::scope(|s| {
            let first = s.spawn(|| &value);
            let second = s.spawn(move || *first.join().unwrap() + 1);
            assert_eq!(second.join().unwrap(), 6);
        });
    });
}

#[test]
fn a_scoped_thread_that_is_finished_can_be_joined() {
    conforms(|| {
        thread::scope(|s| {
            let t = s.spawn(|| 5);
            while !t.is_finished() {
                thread::yield_now();
            }
            assert_eq!(t.join().unwrap(), 5);
        });
    });
}

#[test]
fn a_builder_names_its_scoped_thread() {
    conforms(|| {
        let name = String::from("a worker");
        thread::scope(|s| {
            let t = Builder::new().name(name.clone()).spawn_scoped(s, || thread::current().name() == Some(&name)).unwrap();
            assert_eq!(t.thread().name(), Some("a worker"));
            assert_ne!(t.thread().id(), thread::current().id());
            assert!(t.join().unwrap());
            assert!(s.spawn(|| thread::current().name().is_none()).join().unwrap());
        });
    });
}

#[test]
fn a_scoped_thread_can_be_unparked() {
    conforms(|| {
        thread::scope(|s| {
            let t = s.spawn(thread::park);
            t.thread().unpark();
        });
    });
}

#[test]
fn a_scope_can_be_passed_to_a_function() {
    fn double<'scope, 'env>(s: &'scope Scope<'scope, 'env>, value: &'env mut u8) -> ScopedJoinHandle<'scope, u8> {
        s.spawn(|| {
            *value *= 2;
            *value
        })
    }
    conforms(|| {
        let mut value = 2;
        assert_eq!(thread::scope(|s| double(s, &mut value).join().unwrap()), 4);
        assert_eq!(value, 4);
    });
}

#[test]
fn a_scope_has_its_signatures_and_traits() {
    fn spawn<'s, 'e>(builder: Builder, s: &'s Scope<'s, 'e>) -> io::Result<ScopedJoinHandle<'s, u8>> {
        builder.spawn_scoped(s, || 5)
    }
    conforms(|| {
        let _: fn(ScopedJoinHandle<'static, u8>) -> thread::Result<u8> = ScopedJoinHandle::join;
        let _: fn(&ScopedJoinHandle<'static, u8>) -> bool = ScopedJoinHandle::is_finished;
        let _: for<'a> fn(&'a ScopedJoinHandle<'static, u8>) -> &'a Thread = ScopedJoinHandle::thread;
        thread::scope(|s| {
            let t = spawn(Builder::new(), s).unwrap();
            assert!(format!("{t:?} {s:?}").contains("Scope"));
            assert_eq!(t.join().unwrap(), 5);
        });
        assert!(implements!(Scope<'static, 'static>: Send + Sync + Debug));
        assert!(implements!(ScopedJoinHandle<'static, u8>: Send + Sync + Debug));
    });
}
