//! A deadlock ends the check, never the process, and its report says who waits for what, and where.

use crate::check;
use crate::report::fails;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

#[test]
fn two_mutexes_locked_in_opposite_orders() {
    fails(|| {
        let both = Arc::new((Mutex::new(0), Mutex::new(0)));
        let others = Arc::clone(&both);
        let other = thread::spawn(move || {
            let _b = others.1.lock().unwrap();
            let _a = others.0.lock().unwrap(); // thread 1 waits
        });
        let _a = both.0.lock().unwrap();
        let _b = both.1.lock().unwrap(); // main waits
        drop((_a, _b));
        other.join().unwrap();
    })
    .says("Deadlock: nobody can move any more.")
    .says("main waits for a Mutex that thread 1 holds")
    .says("thread 1 waits for a Mutex that main holds")
    .points_at("main waits")
    .points_at("thread 1 waits")
    .needs_preemptions(1);
}

#[test]
fn the_same_order_is_no_deadlock() {
    check(|| {
        let both = Arc::new((Mutex::new(0), Mutex::new(0)));
        let others = Arc::clone(&both);
        let add = |both: &(Mutex<usize>, Mutex<usize>)| {
            let mut a = both.0.lock().unwrap();
            let mut b = both.1.lock().unwrap();
            (*a, *b) = (*a + 1, *b + *a);
        };
        let other = thread::spawn(move || add(&others));
        add(&both);
        other.join().unwrap();
        assert_eq!((*both.0.lock().unwrap(), *both.1.lock().unwrap()), (2, 1));
    });
}

#[test]
fn two_mutexes_that_are_also_tried() {
    // A tried mutex is not the engine's own: the same must come of it.
    fails(|| {
        let both = Arc::new((Mutex::new(0), Mutex::new(0)));
        drop(both.0.try_lock());
        let others = Arc::clone(&both);
        let other = thread::spawn(move || {
            let _b = others.1.lock().unwrap();
            let _a = others.0.lock().unwrap(); // thread 1 waits, tried
        });
        let _a = both.0.lock().unwrap();
        let _b = both.1.lock().unwrap(); // main waits, tried
        drop((_a, _b));
        other.join().unwrap();
    })
    .says("main waits for a Mutex that thread 1 holds")
    .says("thread 1 waits for a Mutex that main holds")
    .points_at("main waits, tried")
    .points_at("thread 1 waits, tried");
}

#[test]
fn a_mutex_locked_twice() {
    for tried in [false, true] {
        fails(move || {
            let mutex = Mutex::new(0);
            if tried {
                drop(mutex.try_lock());
            }
            let _first = mutex.lock().unwrap();
            let _second = mutex.lock().unwrap(); // the second time
        })
        .says("Deadlock")
        .says("main waits for a Mutex that it holds itself")
        .points_at("the second time");
    }
}

#[test]
fn a_notification_that_comes_before_the_wait() {
    fails(|| {
        let pair = Arc::new((Mutex::new(()), Condvar::new()));
        let others = Arc::clone(&pair);
        let other = thread::spawn(move || {
            let guard = others.0.lock().unwrap();
            drop(others.1.wait(guard)); // the wait
        });
        pair.1.notify_one();
        other.join().unwrap(); // the join
    })
    .says("Deadlock")
    .says("thread 1 waits for a notification")
    .says("main waits for the end of thread 1")
    .says("(nobody was waiting)")
    .points_at("the wait")
    .points_at("the join");
}

#[test]
fn receiving_while_a_sender_is_kept() {
    fails(|| {
        let (sender, receiver) = channel();
        let others = sender.clone();
        let other = thread::spawn(move || others.send(1).unwrap());
        let sum: usize = receiver.iter().sum(); // receives
        drop(sender);
        other.join().unwrap();
        assert_eq!(sum, 1);
    })
    .says("Deadlock")
    .says("main waits for a message, and a sender is still there")
    .points_at("receives");
}

#[test]
fn two_threads_that_join_each_other() {
    fn join_what_comes(handles: &Receiver<JoinHandle<()>>) {
        handles.recv().unwrap().join().unwrap(); // joins the other
    }
    fails(|| {
        let ((to_one, one), (to_two, two)) = (channel(), channel());
        let first = thread::spawn(move || join_what_comes(&one));
        let second = thread::spawn(move || join_what_comes(&two));
        to_one.send(second).unwrap();
        to_two.send(first).unwrap();
    })
    .says("A thread is left behind: the test is over, but this thread can never end.")
    .says("thread 1 waits for the end of thread 2")
    .says("thread 2 waits for the end of thread 1")
    .points_at("joins the other");
}

#[test]
fn a_thread_that_waits_after_main_has_ended() {
    fails(|| {
        let (keep, receiver) = channel::<()>();
        let kept: Arc<Mutex<Option<Sender<()>>>> = Arc::new(Mutex::new(Some(keep)));
        thread::spawn(move || {
            let _kept = kept;
            let _ = receiver.recv(); // for ever
        });
    })
    .says("A thread is left behind")
    .says("thread 1 waits for a message, and a sender is still there")
    .points_at("for ever");
}

#[test]
fn a_thread_that_goes_on_after_main_is_waited_for() {
    check(|| {
        let (sender, receiver) = channel();
        thread::spawn(move || assert_eq!(receiver.recv(), Ok(1)));
        sender.send(1).unwrap();
    });
}

#[test]
fn a_worker_parked_without_a_token() {
    fails(|| {
        let other = thread::spawn(|| thread::park()); // parks
        other.join().unwrap();
    })
    .says("Deadlock")
    .says("thread 1 waits for an unpark")
    .points_at("parks");
}

#[test]
fn threads_have_the_names_that_they_were_given() {
    fails(|| {
        let mutex = Arc::new(Mutex::new(0));
        let others = Arc::clone(&mutex);
        let guard = mutex.lock().unwrap();
        let other = thread::Builder::new().name("baker".to_owned()).spawn(move || drop(others.lock())).unwrap();
        other.join().unwrap();
        drop(guard);
    })
    .says("baker waits for a Mutex that main holds")
    .says("main waits for the end of baker");
}

#[test]
fn a_scope_whose_thread_cannot_end() {
    fails(|| {
        let mutex = Mutex::new(0);
        thread::scope(|scope| {
            // the scope
            let _guard = mutex.lock().unwrap();
            scope.spawn(|| drop(mutex.lock()));
            std::mem::forget(_guard);
        });
    })
    .says("Deadlock")
    .says("main waits for the end of the threads in its scope")
    .says("thread 1 waits for a Mutex that main holds");
}
