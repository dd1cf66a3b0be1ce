//! `Condvar` and the channels wake whom they should, and nobody is waited for in vain.

use crate::report::{fails, fails_in};
use crate::{WEAK_ORDERS, check, few_preemptions};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{RecvError, SendError, TryRecvError, TrySendError, channel, sync_channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

type Pair = (Mutex<usize>, Condvar);

fn pair() -> Arc<Pair> {
    Arc::new((Mutex::new(0), Condvar::new()))
}

/// Adds one and notifies.
fn add_one(pair: &Pair, notify: fn(&Condvar)) {
    *pair.0.lock().unwrap() += 1;
    notify(&pair.1);
}

/// Waits for one and takes it.
fn take_one(pair: &Pair) {
    let mut count = pair.0.lock().unwrap();
    while *count == 0 {
        count = pair.1.wait(count).unwrap(); // waits for one
    }
    *count -= 1;
}

#[test]
fn whoever_waits_in_a_loop_is_woken_by_either_notification() {
    for notify in [(|c| c.notify_one()) as fn(&Condvar), |c| c.notify_all()] {
        check(move || {
            let pair = pair();
            let others = Arc::clone(&pair);
            let other = thread::spawn(move || take_one(&others));
            add_one(&pair, notify);
            other.join().unwrap();
            assert_eq!(*pair.0.lock().unwrap(), 0);
        });
    }
}

#[test]
fn notify_all_wakes_all() {
    few_preemptions(2).run(|| {
        let pair = pair();
        let others = [Arc::clone(&pair), Arc::clone(&pair)];
        let others = others.map(|pair| thread::spawn(move || drop(pair.1.wait_while(pair.0.lock().unwrap(), |n| *n == 0))));
        add_one(&pair, |c| c.notify_all());
        for other in others {
            other.join().unwrap();
        }
    });
}

#[test]
fn notify_one_wakes_one_only() {
    fails(|| {
        let pair = pair();
        let others = [Arc::clone(&pair), Arc::clone(&pair)];
        let others = others.map(|pair| {
            thread::spawn(move || {
                drop(pair.1.wait_while(pair.0.lock().unwrap(), |n| *n == 0)); // waits
            })
        });
        add_one(&pair, |c| c.notify_one());
        for other in others {
            other.join().unwrap();
        }
    })
    .says("Deadlock")
    .says("waits for a notification")
    .says("(wakes 1 of 2)")
    .points_at("waits");
}

#[test]
fn notify_one_may_wake_either() {
    // Each of two waits for its own number: woken for the other's, it goes back to wait, and the notification is lost.
    fails(|| {
        let pair = pair();
        let other = |wanted: usize| {
            let pair = Arc::clone(&pair);
            thread::spawn(move || drop(pair.1.wait_while(pair.0.lock().unwrap(), |n| *n < wanted)))
        };
        let others = [other(1), other(2)];
        add_one(&pair, |c| c.notify_one());
        add_one(&pair, |c| c.notify_one());
        for other in others {
            other.join().unwrap();
        }
    })
    .says("Deadlock")
    .says("waits for a notification");
}

#[test]
fn who_looks_only_once_finds_that_another_was_faster() {
    let take_without_a_loop = |pair: &Pair| {
        let mut count = pair.0.lock().unwrap();
        if *count == 0 {
            count = pair.1.wait(count).unwrap();
        }
        assert!(*count > 0, "woken for nothing"); // after one look
        *count -= 1;
    };
    fails_in(few_preemptions(2), move || {
        let pair = pair();
        let others = [Arc::clone(&pair), Arc::clone(&pair)];
        let others = others.map(|pair| thread::spawn(move || take_without_a_loop(&pair)));
        add_one(&pair, |c| c.notify_all());
        add_one(&pair, |c| c.notify_all());
        for other in others {
            other.join().unwrap();
        }
    })
    .says("woken for nothing")
    .points_at("after one look");
}

#[test]
fn a_notification_outside_of_the_lock_that_it_belongs_to_is_lost() {
    // The flag is set without the lock: between the look and the wait, where nobody hears of it.
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    fails(|| {
        let pair = Arc::new((Mutex::new(()), Condvar::new(), AtomicBool::new(false)));
        let others = Arc::clone(&pair);
        let other = thread::spawn(move || {
            let mut guard = others.0.lock().unwrap();
            while !others.2.load(SeqCst) {
                guard = others.1.wait(guard).unwrap(); // waits for the flag
            }
        });
        pair.2.store(true, SeqCst);
        pair.1.notify_one();
        other.join().unwrap();
    })
    .says("Deadlock")
    .says("thread 1 waits for a notification")
    .points_at("waits for the flag");
}

#[test]
fn a_notification_after_one_for_all_is_no_more_than_that() {
    // Whoever waits after both must be woken by a third: what is left of the second must not be in its way.
    few_preemptions(2).run(|| {
        let pair = pair();
        let others = Arc::clone(&pair);
        let other = thread::spawn(move || {
            take_one(&others);
            take_one(&others);
        });
        add_one(&pair, |condvar| {
            condvar.notify_all();
            condvar.notify_one();
        });
        add_one(&pair, |c| c.notify_one());
        other.join().unwrap();
    });
}

#[test]
fn a_wait_publishes_and_sees_what_the_lock_guards() {
    few_preemptions(2).run(|| {
        // Ping-pong over one mutex.
        let pair = pair();
        let play = |pair: &Pair, mine: usize| {
            let mut turn = pair.1.wait_while(pair.0.lock().unwrap(), |turn| *turn % 2 != mine).unwrap();
            *turn += 1;
            pair.1.notify_all();
        };
        let others = Arc::clone(&pair);
        let other = thread::spawn(move || {
            play(&others, 1);
            play(&others, 1);
        });
        play(&pair, 0);
        play(&pair, 0);
        other.join().unwrap();
        assert_eq!(*pair.0.lock().unwrap(), 4);
    });
}

#[test]
fn a_mutex_poisoned_meanwhile_is_told_to_who_waited() {
    check(|| {
        let pair = pair();
        let others = Arc::clone(&pair);
        let other = thread::spawn(move || {
            let mut count = others.0.lock().unwrap();
            *count += 1;
            others.1.notify_all();
            panic!("on purpose");
        });
        let waited = match pair.0.lock() {
            Ok(mut count) => loop {
                if *count > 0 {
                    break false;
                }
                match pair.1.wait(count) {
                    Ok(again) => count = again,
                    Err(poisoned) => break **poisoned.get_ref() == 1,
                }
            },
            Err(_) => true,
        };
        assert!(waited, "whoever panicked held the lock");
        assert!(other.join().is_err());
    });
}

#[test]
fn a_channel_keeps_each_sender_s_order_and_ends_with_the_last_of_them() {
    few_preemptions(2).run(|| {
        let (sender, receiver) = channel();
        let first = sender.clone();
        let first = thread::spawn(move || {
            first.send(1).unwrap();
            first.send(2).unwrap();
        });
        let second = thread::spawn(move || sender.send(10).unwrap());
        let received: Vec<usize> = receiver.into_iter().collect();
        assert!([[1, 2, 10], [1, 10, 2], [10, 1, 2]].contains(&received.clone().try_into().unwrap()), "{received:?}");
        first.join().unwrap();
        second.join().unwrap();
    });
}

#[test]
fn whoever_asks_a_channel_without_waiting_gets_every_answer() {
    let seen = real_std::sync::Arc::new(real_std::sync::Mutex::new(real_std::collections::BTreeSet::new()));
    let all = real_std::sync::Arc::clone(&seen);
    check(move || {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || sender.send(7).unwrap());
        let answer = [receiver.try_recv(), receiver.try_recv()];
        all.lock().unwrap().insert(format!("{answer:?}"));
        other.join().unwrap();
    });
    let expected = ["[Err(Empty), Err(Empty)]", "[Err(Empty), Ok(7)]", "[Ok(7), Err(Disconnected)]", "[Ok(7), Err(Empty)]"];
    assert_eq!(seen.lock().unwrap().iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_loop_that_asks_without_waiting_comes_to_its_end() {
    check(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || sender.send(7).unwrap());
        let received = loop {
            match receiver.try_recv() {
                Ok(received) => break received,
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => unreachable!("it was sent first"),
            }
        };
        assert_eq!(received, 7);
        assert_eq!(receiver.recv(), Err(RecvError));
        other.join().unwrap();
    });
}

#[test]
fn a_channel_without_its_receiver_gives_messages_back() {
    check(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || {
            let received = receiver.try_recv();
            drop(receiver);
            received
        });
        let sent = sender.send(7);
        let received = other.join().unwrap();
        // A message that was accepted need not be received; one that was not cannot be.
        assert!(sent.is_ok() || received.is_err());
        assert_eq!(sender.send(8), Err(SendError(8)));
    });
}

#[test]
fn a_bounded_channel_makes_its_sender_wait() {
    check(|| {
        let (sender, receiver) = sync_channel(1);
        let other = thread::spawn(move || {
            for n in 0..3 {
                sender.send(n).unwrap();
            }
        });
        assert_eq!(receiver.iter().collect::<Vec<_>>(), [0, 1, 2]);
        other.join().unwrap();
    });
    fails(|| {
        let (sender, receiver) = sync_channel(1);
        let other = thread::spawn(move || {
            sender.send(1).unwrap();
            sender.send(2).unwrap(); // no room
        });
        other.join().unwrap();
        drop(receiver);
    })
    .says("Deadlock")
    .says("thread 1 waits for room in a channel that is full")
    .points_at("no room");
}

#[test]
fn a_channel_without_room_hands_over() {
    use std::cell::Cell;
    struct Shared(Cell<usize>);
    // SAFETY: whether two threads use it at once is what is checked.
    unsafe impl Sync for Shared {}
    // SAFETY: as above.
    unsafe impl Send for Shared {}
    // The sender goes on only after its message was taken: what the receiver did before is seen by it.
    check(|| {
        let (sender, receiver) = sync_channel(0);
        let shared = Arc::new(Shared(Cell::new(0)));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || {
            others.0.set(7);
            assert_eq!(receiver.recv(), Ok(1));
        });
        sender.send(1).unwrap();
        assert_eq!(shared.0.get(), 7);
        other.join().unwrap();
    });
    fails(|| {
        let (sender, receiver) = sync_channel(0);
        let other = thread::spawn(move || sender.send(1).unwrap()); // nobody takes it
        other.join().unwrap();
        drop(receiver);
    })
    .says("Deadlock")
    .points_at("nobody takes it");
}

#[test]
fn a_sender_of_a_bounded_channel_is_woken_when_the_receiver_goes() {
    for room in [0, 1] {
        check(move || {
            let (sender, receiver) = sync_channel(room);
            let other = thread::spawn(move || (0..=room).map(|n| sender.send(n)).collect::<Vec<_>>());
            drop(receiver);
            assert_eq!(other.join().unwrap().last(), Some(&Err(SendError(room))));
        });
    }
}

#[test]
fn a_bounded_channel_can_be_tried() {
    let seen = real_std::sync::Arc::new(real_std::sync::Mutex::new(real_std::collections::BTreeSet::new()));
    let all = real_std::sync::Arc::clone(&seen);
    check(move || {
        let (sender, receiver) = sync_channel(1);
        let other = thread::spawn(move || receiver.recv());
        let sent = [sender.try_send(1), sender.try_send(2)].map(|sent| match sent {
            Ok(()) => "sent",
            Err(TrySendError::Full(_)) => "full",
            Err(TrySendError::Disconnected(_)) => "gone",
        });
        all.lock().unwrap().insert(sent);
        let _ = other.join().unwrap();
    });
    let expected = [["sent", "full"], ["sent", "gone"], ["sent", "sent"]];
    assert!(seen.lock().unwrap().iter().eq(&expected), "{seen:?}");
}

#[test]
fn messages_left_in_a_channel_are_dropped_with_it() {
    check(|| {
        let message = Arc::new(());
        let (sender, receiver) = channel();
        let sent = Arc::clone(&message);
        let other = thread::spawn(move || {
            sender.send(Arc::clone(&sent)).unwrap();
            let _ = sender.send(sent);
        });
        let _ = receiver.recv();
        drop(receiver);
        other.join().unwrap();
        assert_eq!(Arc::strong_count(&message), 1, "two messages, and one was received");
    });
}

#[test]
fn an_empty_look_orders_nothing() {
    // `try_recv` that finds nothing has met nobody: what its thread did before is not published to whoever sends later.
    use std::cell::Cell;
    struct Shared(Cell<usize>);
    // SAFETY: whether two threads use it at once is what is checked.
    unsafe impl Sync for Shared {}
    // SAFETY: as above.
    unsafe impl Send for Shared {}
    if WEAK_ORDERS {
        fails(|| {
            let (sender, receiver) = channel();
            let shared = Arc::new(Shared(Cell::new(0)));
            let others = Arc::clone(&shared);
            let other = thread::spawn(move || {
                sender.send(1).unwrap();
                others.0.set(others.0.get() + 1);
            });
            shared.0.set(7);
            if receiver.try_recv().is_err() {
                assert_eq!(receiver.recv(), Ok(1));
            }
            other.join().unwrap();
        })
        .says("Data race");
    }
}

#[test]
fn what_came_before_any_unpark_is_seen_after_the_park() {
    // Two threads count down and unpark main; the one that comes second finds the token there already.
    few_preemptions(2).run(|| {
        let left = Arc::new(AtomicUsize::new(2));
        let main = thread::current();
        let others: Vec<_> = (0..2)
            .map(|_| {
                let (left, main) = (Arc::clone(&left), main.clone());
                thread::spawn(move || {
                    left.fetch_sub(1, Relaxed);
                    main.unpark();
                })
            })
            .collect();
        while left.load(Relaxed) > 0 {
            thread::park();
        }
        others.into_iter().for_each(|other| other.join().unwrap());
    });
}
