//! A check in which nothing concurrent happens checks nothing, and says so.

use crate::check;
use crate::report::fails;
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::sync::{Arc, Mutex};
use std::thread;

#[test]
fn one_thread() {
    fails(|| {
        let mutex = Mutex::new(0);
        *mutex.lock().unwrap() += 1;
        AtomicUsize::new(0).fetch_add(1, SeqCst);
    })
    .says("Nothing concurrent happened: no thread was started");
}

#[test]
fn no_operation_at_all() {
    fails(|| {}).says("Nothing concurrent happened: no thread was started");
}

#[test]
fn threads_that_share_nothing() {
    fails(|| {
        let other = thread::spawn(|| AtomicUsize::new(0).fetch_add(1, SeqCst));
        AtomicUsize::new(0).fetch_add(1, SeqCst);
        other.join().unwrap();
    })
    .says("Nothing concurrent happened: 2 threads ran, but they shared nothing");
}

#[test]
fn threads_that_use_the_same_one_after_the_other() {
    fails(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        thread::spawn(move || others.fetch_add(1, SeqCst)).join().unwrap();
        shared.fetch_add(1, SeqCst);
    })
    .says("Nothing concurrent happened");
}

#[test]
fn one_shared_atomic_is_enough() {
    check(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || others.fetch_add(1, SeqCst));
        shared.fetch_add(1, SeqCst);
        other.join().unwrap();
    });
}

#[test]
fn one_operation_of_each_of_two_workers_is_enough() {
    // Main only waits. Each worker ends right after its operation, but they were there at once, and either may come first.
    check(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let workers = [Arc::clone(&shared), Arc::clone(&shared)].map(|shared| thread::spawn(move || shared.fetch_add(1, SeqCst)));
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

#[test]
fn one_operation_beside_a_thread_that_nobody_joins_is_enough() {
    check(|| {
        let shared = Arc::new(AtomicUsize::new(0));
        let others = Arc::clone(&shared);
        thread::spawn(move || others.fetch_add(1, SeqCst));
        shared.fetch_add(1, SeqCst);
    });
}

#[test]
fn a_message_is_enough() {
    use std::sync::mpsc::channel;
    check(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || sender.send(1).unwrap());
        assert_eq!(receiver.recv(), Ok(1));
        other.join().unwrap();
    });
}
