//! What `std::thread` promises of threads that are not scoped.
use super::{OnDrop, panic_of, panics};
use crate::conforms;
use std::any::Any;
use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::Hash;
use std::io;
use std::num::NonZero;
use std::panic::{RefUnwindSafe, UnwindSafe, panic_any, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Builder, JoinHandle, Thread, ThreadId};
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(60);

#[test]
fn join_gives_what_the_closure_returns() {
    conforms(|| {
        let text = String::from("a");
        let t = thread::spawn(move || text + "b");
        assert_eq!(t.join().unwrap(), "ab");
    });
}

#[test]
fn what_a_thread_did_is_seen_after_its_join() {
    conforms(|| {
        let value = Arc::new(AtomicUsize::new(0));
        let other = value.clone();
        thread::spawn(move || other.store(1, Ordering::Relaxed)).join().unwrap();
        assert_eq!(value.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_thread_sees_what_came_before_its_spawn() {
    conforms(|| {
        let value = Arc::new(AtomicUsize::new(0));
        let other = value.clone();
        value.store(1, Ordering::Relaxed);
        assert_eq!(thread::spawn(move || other.load(Ordering::Relaxed)).join().unwrap(), 1);
    });
}

#[test]
fn what_a_thread_owned_is_dropped_before_its_join_returns() {
    conforms(|| {
        let value = Arc::new(());
        let other = value.clone();
        thread::spawn(move || drop(other)).join().unwrap();
        let other = value.clone();
        let t = thread::spawn(move || {
            let _owned = other;
            panic!("with a value");
        });
        assert!(t.join().is_err());
        assert_eq!(Arc::strong_count(&value), 1);
    });
}

#[test]
fn threads_can_be_joined_in_any_order() {
    conforms(|| {
        let [a, b] = [1, 2].map(|n| thread::spawn(move || n));
        assert_eq!((b.join().unwrap(), a.join().unwrap()), (2, 1));
    });
}

#[test]
fn a_thread_can_spawn_another_and_hand_it_out() {
    conforms(|| {
        let inner: JoinHandle<u8> = thread::spawn(|| thread::spawn(|| 5)).join().unwrap();
        assert_eq!(inner.join().unwrap(), 5);
    });
}

#[test]
fn a_join_handle_can_be_joined_by_another_thread() {
    conforms(|| {
        let first = thread::spawn(|| 5);
        let second = thread::spawn(move || first.join().unwrap() + 1);
        assert_eq!(second.join().unwrap(), 6);
    });
}

#[test]
fn a_thread_goes_on_when_its_handle_is_dropped() {
    conforms(|| {
        let done = Arc::new(AtomicBool::new(false));
        let other = done.clone();
        let main = thread::current();
        drop(thread::spawn(move || {
            other.store(true, Ordering::Release);
            main.unpark();
        }));
        while !done.load(Ordering::Acquire) {
            thread::park();
        }
    });
}

#[test]
fn a_thread_that_is_finished_can_be_joined() {
    conforms(|| {
        let value = Arc::new(AtomicUsize::new(0));
        let other = value.clone();
        let t = thread::spawn(move || other.store(1, Ordering::Relaxed));
        while !t.is_finished() {
            thread::yield_now();
        }
        t.join().unwrap();
        assert_eq!(value.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_thread_is_not_finished_while_it_waits() {
    conforms(|| {
        let go = Arc::new(AtomicBool::new(false));
        let other = go.clone();
        let t = thread::spawn(move || {
            while !other.load(Ordering::Acquire) {
                thread::park();
            }
        });
        assert!(!t.is_finished());
        go.store(true, Ordering::Release);
        t.thread().unpark();
        t.join().unwrap();
    });
}

#[test]
fn a_panic_with_a_literal_reaches_join_as_a_str() {
    conforms(|| {
        let payload = thread::spawn(|| panic!("a literal")).join().unwrap_err();
        assert_eq!(payload.downcast_ref::<&'static str>(), Some(&"a literal"));
    });
}

#[test]
fn a_formatted_panic_reaches_join_as_a_string() {
    conforms(|| {
        let text = String::from("text");
        let payload = thread::spawn(move || panic!("some {text}")).join().unwrap_err();
        assert_eq!(payload.downcast_ref::<String>().unwrap(), "some text");
    });
}

#[test]
fn any_panic_payload_reaches_join_as_it_is() {
    conforms(|| {
        let payload = thread::spawn(|| panic_any(5_u8)).join().unwrap_err();
        assert_eq!(*payload.downcast::<u8>().unwrap(), 5);
        let payload = thread::spawn(|| resume_unwind(Box::new('a'))).join().unwrap_err();
        assert_eq!(*payload.downcast::<char>().unwrap(), 'a');
    });
}

#[test]
fn a_failed_assertion_reaches_join_with_its_message() {
    conforms(|| {
        let payload = thread::spawn(|| assert!(std::hint::black_box(false), "it is false")).join().unwrap_err();
        assert_eq!(payload.downcast_ref::<&'static str>(), Some(&"it is false"));
    });
}

#[test]
fn a_panic_on_one_thread_does_not_stop_another() {
    conforms(|| {
        let [a, b] = [true, false].map(|fails| {
            thread::spawn(move || {
                if fails {
                    panic!("one thread")
                }
            })
        });
        assert!(a.join().is_err() && b.join().is_ok());
    });
}

#[test]
fn a_panic_passes_on_from_thread_to_thread() {
    conforms(|| {
        let t: JoinHandle<()> = thread::spawn(|| {
            let inner: JoinHandle<()> = thread::spawn(|| panic!("inside"));
            match inner.join() {
                Ok(()) => unreachable!(),
                Err(payload) => resume_unwind(payload),
            }
        });
        assert_eq!(t.join().unwrap_err().downcast_ref(), Some(&"inside"));
    });
}

#[test]
fn a_thread_is_panicking_only_while_it_unwinds() {
    conforms(|| {
        assert!(!thread::panicking());
        let (mut here, mut elsewhere) = (false, true);
        assert!(panics(|| {
            let _in_unwinding = OnDrop(|| {
                here = thread::panicking();
                elsewhere = thread::spawn(thread::panicking).join().unwrap();
            });
            panic!("unwinding");
        }));
        assert_eq!((here, elsewhere, thread::panicking()), (true, false, false));
    });
}

#[test]
fn a_caught_panic_gives_its_payload_and_the_thread_goes_on() {
    conforms(|| {
        let t = thread::spawn(|| {
            let payload = panic_of(|| panic_any(5)).unwrap();
            *payload.downcast::<i32>().unwrap()
        });
        assert_eq!(t.join().unwrap(), 5);
    });
}

#[test]
fn a_spawned_thread_has_no_name() {
    conforms(|| {
        let t = thread::spawn(|| thread::current().name().map(str::to_owned));
        assert_eq!(t.thread().name(), None);
        assert_eq!(t.join().unwrap(), None);
    });
}

#[test]
fn a_builder_names_its_thread() {
    conforms(|| {
        let t = Builder::new().name("a worker".into()).spawn(|| thread::current().name().map(str::to_owned)).unwrap();
        let thread = t.thread().clone();
        assert_eq!(t.join().unwrap().as_deref(), Some("a worker"));
        assert_eq!(thread.name(), Some("a worker"));
    });
}

#[test]
fn a_builder_without_a_name_spawns_a_thread_without_one() {
    conforms(|| {
        let t = Builder::new().stack_size(256 * 1024).spawn(|| thread::current().name().is_none()).unwrap();
        assert!(t.join().unwrap());
    });
}

#[test]
fn a_name_with_a_null_byte_panics_at_spawn() {
    conforms(|| {
        assert!(panics(|| Builder::new().name("a\0b".into()).spawn(|| ())));
    });
}

#[test]
fn a_thread_can_be_spawned_with_borrowed_data_if_it_is_joined() {
    conforms(|| {
        let value = 5;
        // SAFETY: the thread is joined before `value` goes.
        let t = unsafe { Builder::new().spawn_unchecked(|| value + 1) }.unwrap();
        assert_eq!(t.join().unwrap(), 6);
    });
}

#[test]
fn each_thread_has_an_id_of_its_own() {
    conforms(|| {
        let mut ids = HashSet::from([thread::current().id()]);
        let threads = [(); 2].map(|()| thread::spawn(|| thread::current().id()));
        for t in threads {
            let id = t.thread().id();
            assert_eq!(t.join().unwrap(), id);
            assert!(ids.insert(id));
        }
        assert!(ids.insert(thread::spawn(|| thread::current().id()).join().unwrap()));
    });
}

#[test]
fn current_is_the_same_thread_each_time() {
    conforms(|| {
        assert_eq!(thread::current().id(), thread::current().id());
        assert_eq!(thread::current().name(), thread::current().name());
    });
}

#[test]
fn a_thread_parks_until_it_is_unparked() {
    conforms(|| {
        let go = Arc::new(AtomicBool::new(false));
        let other = go.clone();
        let t = thread::spawn(move || {
            while !other.load(Ordering::Acquire) {
                thread::park();
            }
        });
        go.store(true, Ordering::Release);
        t.thread().unpark();
        t.join().unwrap();
    });
}

#[test]
fn an_unpark_before_a_park_lets_it_return() {
    conforms(|| {
        thread::current().unpark();
        thread::park();
        let t = thread::spawn(thread::park);
        t.thread().unpark();
        t.join().unwrap();
    });
}

#[test]
fn an_unpark_of_a_finished_thread_does_nothing() {
    conforms(|| {
        let t = thread::spawn(|| ());
        let thread = t.thread().clone();
        t.join().unwrap();
        thread.unpark();
    });
}

#[test]
fn a_timed_park_returns_without_an_unpark() {
    conforms(|| {
        thread::park_timeout(SHORT);
        thread::park_timeout(Duration::ZERO);
        thread::current().unpark();
        thread::park_timeout(LONG);
    });
}

#[test]
#[allow(deprecated, reason = "std has it as well")]
fn the_deprecated_timed_functions_still_work() {
    conforms(|| {
        thread::park_timeout_ms(1);
        thread::sleep_ms(1);
    });
}

#[test]
fn a_thread_goes_on_after_a_sleep_or_a_yield() {
    conforms(|| {
        let t = thread::spawn(|| {
            thread::sleep(SHORT);
            thread::yield_now();
            5
        });
        thread::sleep(Duration::ZERO);
        thread::yield_now();
        assert_eq!(t.join().unwrap(), 5);
    });
}

#[test]
fn the_available_parallelism_is_an_error_or_at_least_one() {
    conforms(|| {
        let parallelism: io::Result<NonZero<usize>> = thread::available_parallelism();
        assert!(parallelism.map_or(1, NonZero::get) >= 1);
    });
}

#[test]
fn the_thread_types_have_their_signatures_and_traits() {
    conforms(|| {
        let _: fn(fn() -> u8) -> JoinHandle<u8> = thread::spawn;
        let _: fn(Builder, fn() -> u8) -> io::Result<JoinHandle<u8>> = Builder::spawn;
        let _: fn(Builder, String) -> Builder = Builder::name;
        let _: fn(Builder, usize) -> Builder = Builder::stack_size;
        let _: fn(JoinHandle<u8>) -> Result<u8, Box<dyn Any + Send + 'static>> = JoinHandle::join;
        let _: fn(JoinHandle<u8>) -> thread::Result<u8> = JoinHandle::join;
        let _: fn(&JoinHandle<u8>) -> &Thread = JoinHandle::thread;
        let _: fn(&JoinHandle<u8>) -> bool = JoinHandle::is_finished;
        let _: fn() -> Thread = thread::current;
        let _: fn(&Thread) -> ThreadId = Thread::id;
        let _: fn(&Thread) -> Option<&str> = Thread::name;
        let _: fn(&Thread) = Thread::unpark;
        let _: fn() -> bool = thread::panicking;
        let _: [fn(); 2] = [thread::park, thread::yield_now];
        let _: [fn(Duration); 2] = [thread::sleep, thread::park_timeout];
        let t = thread::spawn(|| ());
        assert!(format!("{t:?}").contains("JoinHandle") && format!("{:?}", t.thread()).contains("Thread"));
        assert!(format!("{:?}", t.thread().id()).contains("ThreadId"));
        t.join().unwrap();
        assert!(implements!(JoinHandle<*const u8>: Send + Sync + Debug + Unpin));
        assert!(implements!(Thread: Send + Sync + Clone + Debug + Unpin + UnwindSafe + RefUnwindSafe));
        assert!(implements!(ThreadId: Send + Sync + Copy + Debug + Eq + Hash));
        assert!(implements!(Builder: Send + Sync + Debug));
    });
}
