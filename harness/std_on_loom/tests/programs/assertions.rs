//! A failing assertion is told in its own words, with its place and with as few preemptions as it takes.

use crate::report::fails;
use crate::{WEAK_ORDERS, check};
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

#[test]
fn a_lost_update_needs_one_interruption() {
    fails(|| {
        let count = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&count);
        let add = |count: &AtomicUsize| count.store(count.load(SeqCst) + 1, SeqCst);
        let other = thread::spawn(move || add(&others));
        add(&count);
        other.join().unwrap();
        assert_eq!(count.load(SeqCst), 2, "an addition was lost"); // the assertion
    })
    .says("In this interleaving, main panicked at")
    .says("an addition was lost\n    left: 1\n   right: 2")
    .says("count.load(SeqCst) → 0")
    .points_at("the assertion")
    // loom may let a load read an old value, which takes no interruption.
    .needs_preemptions(1 - usize::from(WEAK_ORDERS));
}

#[test]
fn who_has_slept_may_be_interrupted_and_may_interrupt_as_before() {
    fails(|| {
        let shared = Arc::new((AtomicUsize::new(0), Barrier::new(2)));
        let others = Arc::clone(&shared);
        let add = |(count, start): &(AtomicUsize, Barrier)| {
            // Whichever of the two comes first sleeps here.
            start.wait();
            count.store(count.load(SeqCst) + 1, SeqCst);
        };
        let other = thread::spawn(move || add(&others));
        add(&shared);
        other.join().unwrap();
        assert_eq!(shared.0.load(SeqCst), 2, "an addition was lost");
    })
    .says("an addition was lost")
    .needs_preemptions(1 - usize::from(WEAK_ORDERS));
}

#[test]
fn a_check_that_is_out_of_date_when_its_thread_acts_is_told() {
    fails(|| {
        let count = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&count);
        let take_the_last = |count: &AtomicUsize| {
            if count.load(SeqCst) < 1 {
                count.fetch_add(1, SeqCst);
            }
        };
        let other = thread::spawn(move || take_the_last(&others));
        take_the_last(&count);
        other.join().unwrap();
        assert!(count.load(SeqCst) < 2, "two took the last one");
    })
    .says(" found 0 in `count` in step ")
    .says(", there was 1: ")
    .says("to look and to act must be one step here");
}

#[test]
fn no_update_is_lost_by_a_read_modify_write() {
    check(|| {
        let count = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&count);
        let other = thread::spawn(move || others.fetch_add(1, Relaxed));
        count.fetch_add(1, Relaxed);
        other.join().unwrap();
        assert_eq!(count.load(Relaxed), 2);
    });
}

#[test]
fn a_lost_update_between_two_locks_needs_one_interruption() {
    fails(|| {
        let count = Arc::new(Mutex::new(0));
        let others = Arc::clone(&count);
        let add = |count: &Mutex<usize>| {
            let value = *count.lock().unwrap();
            *count.lock().unwrap() = value + 1;
        };
        let other = thread::spawn(move || add(&others));
        add(&count);
        other.join().unwrap();
        assert_eq!(*count.lock().unwrap(), 2, "an addition was lost");
    })
    .says("an addition was lost")
    .needs_preemptions(1);
}

#[test]
fn an_assertion_in_a_spawned_thread_is_told_rather_than_the_unwrap_of_its_join() {
    fails(|| {
        let count = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&count);
        let other = thread::spawn(move || {
            others.fetch_add(1, Relaxed);
            assert_eq!(others.load(Relaxed), 1, "somebody came between"); // in the thread
        });
        count.fetch_add(1, Relaxed);
        other.join().unwrap();
    })
    .says("In this interleaving, thread 1 panicked at")
    .says("somebody came between")
    .does_not_say("Any {")
    .points_at("in the thread");
}

#[test]
fn a_panic_of_a_thread_that_nobody_joins_is_nobody_s_business_as_in_std() {
    check(|| {
        let count = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&count);
        drop(thread::spawn(move || {
            others.fetch_add(1, Relaxed);
            panic!("on purpose");
        }));
        let seen = [count.load(Relaxed), count.load(Relaxed)];
        assert!(seen[0] <= seen[1]);
    });
}

#[test]
fn a_panic_that_leaves_others_waiting_is_told_rather_than_their_wait() {
    use std::sync::mpsc::channel;
    fails(|| {
        let (sender, receiver) = channel::<usize>();
        let kept = sender.clone();
        let other = thread::spawn(move || {
            assert!(std::hint::black_box(false), "before it could send"); // the cause
            sender.send(1).unwrap();
        });
        receiver.recv().unwrap();
        drop(kept);
        other.join().unwrap();
    })
    .says("thread 1 panicked at")
    .says("before it could send")
    .points_at("the cause");
}

#[test]
fn a_panic_with_other_than_text_is_told() {
    fails(|| {
        let count = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&count);
        let other = thread::spawn(move || {
            others.fetch_add(1, Relaxed);
            std::panic::panic_any(7_usize);
        });
        count.fetch_add(1, Relaxed);
        other.join().unwrap();
    })
    .says("thread 1 panicked");
}

#[test]
fn an_operation_that_is_passed_on_as_a_function_is_told_without_the_harness_s_own_files() {
    // rustc then gives the place where the function is defined, which is in the harness.
    use std::thread::JoinHandle;
    fails(|| {
        let mutex = Arc::new(Mutex::new(0));
        let others = Arc::clone(&mutex);
        let _guard = mutex.lock().unwrap();
        let handles = vec![thread::spawn(move || *others.lock().unwrap() += 1)];
        let ended: Vec<_> = handles.into_iter().map(JoinHandle::join).collect();
        assert_eq!(ended.len(), 1);
    })
    .says("Deadlock")
    .says("main waits for the end of thread 1");
}

#[test]
fn a_value_dropped_without_a_word_is_told_without_the_harness_s_own_files() {
    use std::sync::mpsc::channel;
    fails(|| {
        let (sender, receiver) = channel::<usize>();
        let other = thread::spawn(move || {
            let _sender = sender;
        });
        assert!(receiver.recv().is_ok(), "nothing was sent");
        other.join().unwrap();
    })
    .says("nothing was sent")
    .says("drops its end of the channel");
}

#[test]
fn an_ordering_that_makes_no_sense_is_told_where_it_stands() {
    fails(|| _ = AtomicUsize::new(0).load(Release)) // loads with Release
        .says("there is no such thing as a release load")
        .points_at("loads with Release");
    fails(|| AtomicUsize::new(0).store(1, Acquire)) // stores with Acquire
        .says("there is no such thing as an acquire store")
        .points_at("stores with Acquire");
    fails(|| std::sync::atomic::fence(Relaxed)) // fences with Relaxed
        .says("there is no such thing as a relaxed fence")
        .points_at("fences with Relaxed");
}
