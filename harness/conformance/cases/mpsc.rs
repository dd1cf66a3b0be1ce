//! What `std::sync::mpsc` promises.
use crate::conforms;
use std::cell::Cell;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{IntoIter, Iter, Receiver, Sender, SyncSender, TryIter, channel, sync_channel};
use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};
use std::thread;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(60);

#[test]
fn messages_arrive_in_the_order_in_which_they_were_sent() {
    conforms(|| {
        let (sender, receiver) = channel();
        for n in 0..3 {
            sender.send(n).unwrap();
        }
        assert_eq!([0; 3].map(|_| receiver.recv().unwrap()), [0, 1, 2]);
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    });
}

#[test]
fn a_message_passes_to_another_thread() {
    conforms(|| {
        let (sender, receiver) = channel();
        let t = thread::spawn(move || sender.send(Box::new(5)).unwrap());
        assert_eq!(*receiver.recv().unwrap(), 5);
        t.join().unwrap();
        assert_eq!(receiver.recv(), Err(RecvError));
    });
}

#[test]
fn what_came_before_a_send_is_seen_after_its_receive() {
    conforms(|| {
        let (sender, receiver) = channel();
        let flag = Arc::new(AtomicBool::new(false));
        let other = flag.clone();
        let t = thread::spawn(move || {
            other.store(true, Ordering::Relaxed);
            sender.send(()).unwrap();
        });
        receiver.recv().unwrap();
        assert!(flag.load(Ordering::Relaxed));
        t.join().unwrap();
    });
}

#[test]
fn the_messages_of_each_of_two_senders_arrive_in_order() {
    conforms(|| {
        let (sender, receiver) = channel();
        let other = sender.clone();
        let t = thread::spawn(move || {
            other.send(1).unwrap();
            other.send(2).unwrap();
        });
        sender.send(9).unwrap();
        drop(sender);
        let all: Vec<_> = receiver.iter().collect();
        assert!([[9, 1, 2], [1, 9, 2], [1, 2, 9]].iter().any(|order| *order == *all), "{all:?}");
        t.join().unwrap();
    });
}

#[test]
fn one_sender_can_be_shared_by_two_threads() {
    conforms(|| {
        let (sender, receiver) = channel();
        thread::scope(|s| {
            s.spawn(|| sender.send(1).unwrap());
            sender.send(2).unwrap();
        });
        drop(sender);
        assert_eq!(receiver.into_iter().sum::<i32>(), 3);
    });
}

#[test]
fn what_was_sent_is_received_after_the_senders_are_gone() {
    conforms(|| {
        let (sender, receiver) = channel();
        let other = sender.clone();
        sender.send(1).unwrap();
        drop(sender);
        other.send(2).unwrap();
        drop(other);
        assert_eq!((receiver.recv(), receiver.try_recv(), receiver.recv()), (Ok(1), Ok(2), Err(RecvError)));
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
        assert_eq!(receiver.recv_timeout(LONG), Err(RecvTimeoutError::Disconnected));
    });
}

#[test]
fn a_receive_fails_once_the_last_sender_is_dropped_by_another_thread() {
    conforms(|| {
        let (sender, receiver) = channel::<u8>();
        let t = thread::spawn(move || drop(sender));
        assert_eq!(receiver.recv(), Err(RecvError));
        t.join().unwrap();
    });
}

#[test]
fn a_sender_dropped_in_a_panic_disconnects() {
    conforms(|| {
        let (sender, receiver) = channel();
        let t = thread::spawn(move || {
            sender.send(1).unwrap();
            panic!("with the sender");
        });
        assert_eq!((receiver.recv(), receiver.recv()), (Ok(1), Err(RecvError)));
        assert!(t.join().is_err());
    });
}

#[test]
fn a_message_comes_back_in_the_error_if_the_receiver_is_gone() {
    conforms(|| {
        let (sender, receiver) = channel();
        drop(receiver);
        assert_eq!(sender.send(String::from("a")).unwrap_err().0, "a");
        for bound in [0, 1] {
            let (sender, receiver) = sync_channel(bound);
            drop(receiver);
            assert_eq!(sender.send(1), Err(SendError(1)));
            assert_eq!(sender.try_send(2), Err(TrySendError::Disconnected(2)));
        }
    });
}

#[test]
fn a_receiver_drops_the_messages_that_it_did_not_take() {
    conforms(|| {
        let message = Arc::new(());
        let (sender, receiver) = channel();
        sender.send(message.clone()).unwrap();
        drop(receiver);
        assert!(sender.send(message.clone()).is_err());
        drop(sender);
        assert_eq!(Arc::strong_count(&message), 1);
    });
}

#[test]
fn a_try_recv_that_races_with_a_send_is_empty_or_gives_the_message() {
    conforms(|| {
        let (sender, receiver) = channel();
        let t = thread::spawn(move || sender.send(1));
        let early = receiver.try_recv();
        assert_eq!(t.join().unwrap(), Ok(()));
        match early {
            Err(TryRecvError::Empty) => assert_eq!(receiver.try_recv(), Ok(1)),
            early => assert_eq!(early, Ok(1)),
        }
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    });
}

#[test]
fn a_send_that_races_with_the_drop_of_the_receiver_succeeds_or_gives_the_message_back() {
    conforms(|| {
        let (sender, receiver) = channel();
        let t = thread::spawn(move || drop(receiver));
        assert!(matches!(sender.send(1), Ok(()) | Err(SendError(1))));
        t.join().unwrap();
        assert_eq!(sender.send(2), Err(SendError(2)));
    });
}

#[test]
fn recv_timeout_times_out_if_nothing_is_sent() {
    conforms(|| {
        let (_sender, receiver) = channel::<u8>();
        assert_eq!(receiver.recv_timeout(SHORT), Err(RecvTimeoutError::Timeout));
        assert_eq!(receiver.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Timeout));
        let (_sender, receiver) = sync_channel::<u8>(0);
        assert_eq!(receiver.recv_timeout(SHORT), Err(RecvTimeoutError::Timeout));
    });
}

#[test]
fn recv_timeout_gives_a_message_that_is_there() {
    conforms(|| {
        let (sender, receiver) = channel();
        for time in [Duration::ZERO, SHORT, Duration::MAX] {
            sender.send(1).unwrap();
            assert_eq!(receiver.recv_timeout(time), Ok(1));
        }
    });
}

#[test]
fn recv_timeout_gives_the_message_of_another_thread_or_times_out() {
    conforms(|| {
        let (sender, receiver) = channel();
        let other = sender.clone();
        let t = thread::spawn(move || other.send(1).unwrap());
        let early = receiver.recv_timeout(LONG);
        assert!(matches!(early, Ok(1) | Err(RecvTimeoutError::Timeout)));
        t.join().unwrap();
        assert_eq!(receiver.try_recv().is_ok(), early.is_err());
        drop(sender);
    });
}

#[test]
fn an_iterator_ends_when_the_senders_are_gone() {
    conforms(|| {
        let (sender, receiver) = channel();
        let t = thread::spawn(move || {
            for n in 0..2 {
                sender.send(n).unwrap();
            }
        });
        let mut iter = receiver.iter();
        assert_eq!([iter.next(), iter.next(), iter.next(), iter.next()], [Some(0), Some(1), None, None]);
        t.join().unwrap();
        assert_eq!(IntoIterator::into_iter(&receiver).next(), None);
    });
}

#[test]
fn an_owning_iterator_ends_when_the_senders_are_gone() {
    conforms(|| {
        let (sender, receiver) = channel();
        for n in 0..2 {
            sender.send(n).unwrap();
        }
        drop(sender);
        let mut all = Vec::new();
        for n in receiver {
            all.push(n);
        }
        assert_eq!(all, [0, 1]);
    });
}

#[test]
fn a_try_iterator_takes_what_is_there_and_never_blocks() {
    conforms(|| {
        let (sender, receiver) = channel();
        assert_eq!(receiver.try_iter().next(), None);
        for n in 0..2 {
            sender.send(n).unwrap();
        }
        assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [0, 1]);
        sender.send(2).unwrap();
        drop(sender);
        assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [2]);
    });
}

#[test]
fn an_owning_iterator_that_is_dropped_disconnects() {
    conforms(|| {
        let (sender, receiver) = channel();
        sender.send(1).unwrap();
        let mut iter = receiver.into_iter();
        assert_eq!(iter.next(), Some(1));
        drop(iter);
        assert_eq!(sender.send(2), Err(SendError(2)));
    });
}

#[test]
fn a_sync_channel_holds_as_many_messages_as_its_bound() {
    conforms(|| {
        for bound in [1, 2] {
            let (sender, receiver) = sync_channel(bound);
            for n in 0..bound {
                sender.send(n).unwrap();
            }
            assert_eq!(sender.try_send(9), Err(TrySendError::Full(9)));
            assert_eq!(receiver.recv(), Ok(0));
            assert_eq!(sender.try_send(9), Ok(()));
            assert_eq!(receiver.try_iter().last(), Some(9));
        }
    });
}

#[test]
fn a_sync_channel_without_a_buffer_is_full_if_nobody_receives() {
    conforms(|| {
        let (sender, receiver) = sync_channel(0);
        assert_eq!(sender.try_send(1), Err(TrySendError::Full(1)));
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    });
}

#[test]
fn a_send_without_a_buffer_waits_for_its_receive() {
    conforms(|| {
        let (sender, receiver) = sync_channel(0);
        let t = thread::spawn(move || {
            sender.send(1).unwrap();
            sender.send(2).unwrap();
        });
        assert_eq!((receiver.recv(), receiver.recv(), receiver.recv()), (Ok(1), Ok(2), Err(RecvError)));
        t.join().unwrap();
    });
}

#[test]
fn a_send_without_a_buffer_does_not_return_before_its_receive() {
    conforms(|| {
        let (sender, receiver) = sync_channel(0);
        let sent = Arc::new(AtomicBool::new(false));
        let other = sent.clone();
        let t = thread::spawn(move || {
            sender.send(1).unwrap();
            other.store(true, Ordering::SeqCst);
        });
        assert!(!sent.load(Ordering::SeqCst));
        assert_eq!(receiver.recv(), Ok(1));
        t.join().unwrap();
        assert!(sent.load(Ordering::SeqCst));
    });
}

#[test]
fn a_send_without_a_buffer_fails_when_the_receiver_goes() {
    conforms(|| {
        let (sender, receiver) = sync_channel(0);
        let t = thread::spawn(move || drop(receiver));
        assert_eq!(sender.send(1), Err(SendError(1)));
        t.join().unwrap();
    });
}

#[test]
fn a_send_into_a_full_buffer_waits_for_a_receive() {
    conforms(|| {
        let (sender, receiver) = sync_channel(1);
        sender.send(1).unwrap();
        let t = thread::spawn(move || sender.send(2));
        assert_eq!((receiver.recv(), receiver.recv()), (Ok(1), Ok(2)));
        assert_eq!(t.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_send_into_a_full_buffer_fails_when_the_receiver_goes() {
    conforms(|| {
        let (sender, receiver) = sync_channel(1);
        sender.send(1).unwrap();
        let t = thread::spawn(move || drop(receiver));
        assert_eq!(sender.send(2), Err(SendError(2)));
        t.join().unwrap();
    });
}

#[test]
fn a_try_send_without_a_buffer_that_races_with_a_receive_is_full_or_received() {
    conforms(|| {
        let (sender, receiver) = sync_channel(0);
        let t = thread::spawn(move || receiver.recv());
        let sent = sender.try_send(1);
        assert!(matches!(sent, Ok(()) | Err(TrySendError::Full(1))));
        drop(sender);
        assert_eq!(t.join().unwrap().is_ok(), sent.is_ok());
    });
}

#[test]
fn the_receiver_can_move_to_another_thread() {
    conforms(|| {
        let (sender, receiver) = sync_channel(2);
        let t = thread::spawn(move || receiver.iter().sum::<i32>());
        let other = sender.clone();
        sender.send(1).unwrap();
        other.send(2).unwrap();
        drop((sender, other));
        assert_eq!(t.join().unwrap(), 3);
    });
}

#[test]
fn a_channel_can_carry_its_own_replies() {
    conforms(|| {
        let (requests, inbox) = channel::<(i32, Sender<i32>)>();
        let t = thread::spawn(move || {
            for (n, reply) in inbox {
                reply.send(n * 2).unwrap();
            }
        });
        let (reply, answer) = channel();
        requests.send((4, reply)).unwrap();
        assert_eq!((answer.recv(), answer.recv()), (Ok(8), Err(RecvError)));
        drop(requests);
        t.join().unwrap();
    });
}

#[test]
fn the_errors_of_a_channel_are_shown_without_their_message() {
    struct Opaque;
    conforms(|| {
        let shown: [&dyn Display; 7] = [
            &SendError(Opaque),
            &TrySendError::Full(Opaque),
            &TrySendError::Disconnected(Opaque),
            &RecvError,
            &TryRecvError::Empty,
            &TryRecvError::Disconnected,
            &RecvTimeoutError::Timeout,
        ];
        let texts = [
            "sending on a closed channel",
            "sending on a full channel",
            "sending on a closed channel",
            "receiving on a closed channel",
            "receiving on an empty channel",
            "receiving on a closed channel",
            "timed out waiting on channel",
        ];
        assert_eq!(shown.map(ToString::to_string), texts);
        assert_eq!(RecvTimeoutError::Disconnected.to_string(), "channel is empty and sending half is closed");
        assert!(format!("{:?} {:?}", SendError(Opaque), TrySendError::Full(Opaque)).contains("Full"));
    });
}

#[test]
fn the_errors_of_a_channel_convert() {
    conforms(|| {
        assert_eq!(TrySendError::from(SendError(1)), TrySendError::Disconnected(1));
        assert_eq!(TryRecvError::from(RecvError), TryRecvError::Disconnected);
        assert_eq!(RecvTimeoutError::from(RecvError), RecvTimeoutError::Disconnected);
    });
}

#[test]
fn a_channel_has_its_signatures_and_traits() {
    conforms(|| {
        let _: fn() -> (Sender<u8>, Receiver<u8>) = channel;
        let _: fn(usize) -> (SyncSender<u8>, Receiver<u8>) = sync_channel;
        let _: fn(&Sender<u8>, u8) -> Result<(), SendError<u8>> = Sender::send;
        let _: fn(&SyncSender<u8>, u8) -> Result<(), SendError<u8>> = SyncSender::send;
        let _: fn(&SyncSender<u8>, u8) -> Result<(), TrySendError<u8>> = SyncSender::try_send;
        let _: fn(&Receiver<u8>) -> Result<u8, RecvError> = Receiver::recv;
        let _: fn(&Receiver<u8>) -> Result<u8, TryRecvError> = Receiver::try_recv;
        let _: fn(&Receiver<u8>, Duration) -> Result<u8, RecvTimeoutError> = Receiver::recv_timeout;
        let _: fn(&Receiver<u8>) -> Iter<'_, u8> = Receiver::iter;
        let _: fn(&Receiver<u8>) -> TryIter<'_, u8> = Receiver::try_iter;
        let _: fn(Receiver<u8>) -> IntoIter<u8> = Receiver::into_iter;
        assert!(implements!(Sender<Cell<u8>>: Send + Sync + Clone + Debug + Unpin));
        assert!(implements!(SyncSender<Cell<u8>>: Send + Sync + Clone + Debug + Unpin));
        assert!(implements!(Receiver<Cell<u8>>: Send + Debug + Unpin + IntoIterator<Item = Cell<u8>>));
        assert!(implements!(Sender<u8>: UnwindSafe + RefUnwindSafe) && implements!(Receiver<u8>: UnwindSafe + RefUnwindSafe));
        assert!(!implements!(Receiver<u8>: Sync) && !implements!(Receiver<u8>: Clone));
        assert!(!implements!(Sender<*const u8>: Send) && !implements!(Receiver<*const u8>: Send));
        assert!(implements!(Iter<'static, u8>: Iterator<Item = u8> + Debug));
        assert!(implements!(TryIter<'static, u8>: Iterator<Item = u8> + Debug));
        assert!(implements!(IntoIter<u8>: Iterator<Item = u8> + Debug + Send));
        assert!(implements!(SendError<u8>: Copy + Eq + Error) && implements!(TrySendError<u8>: Copy + Eq + Error));
        assert!(implements!(RecvError: Copy + Eq + Error) && implements!(TryRecvError: Copy + Eq + Error));
        assert!(implements!(RecvTimeoutError: Copy + Eq + Error));
    });
}
