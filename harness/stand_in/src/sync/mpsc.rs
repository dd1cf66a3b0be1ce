//! `std::sync::mpsc`: channels that end when the last sender is gone, or the receiver.

use crate::handle::Handle;
use crate::model::{self, with};
use crate::spurious::{self, Kind};
use crate::waiting::{meet, wait_at_most, wait_until, wake};
use interleaving::{Action, ObjectKind, Place, WaitsFor};
use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
pub use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

struct Channel<T> {
    handle: Handle,
    // A real one: never contended, but it makes the whole `Sync`.
    state: Mutex<State<T>>,
}

struct State<T> {
    messages: VecDeque<T>,
    /// How many messages may wait; `None` for any number.
    capacity: Option<usize>,
    senders: usize,
    receiver_is_there: bool,
    /// The thread that waits for a message.
    receiving: Option<usize>,
    /// The threads that wait for room, or for their message to be taken.
    sending: Vec<usize>,
    sent: u64,
    taken: u64,
}

impl<T> Channel<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn meet(&self, at: Place) -> u32 {
        meet(&self.handle, ObjectKind::Channel, at)
    }

    fn send(&self, value: T, may_wait: bool, at: Place) -> Result<(), TrySendError<T>> {
        let object = self.meet(at);
        let thread = model::current();
        let room = || {
            let mut state = self.state();
            // A channel without room hands over: one message may lie there, until it is taken.
            let full = state.capacity.is_some_and(|capacity| state.messages.len() >= capacity.max(1));
            let handing_over = state.capacity == Some(0) && !may_wait && state.receiving.is_none();
            let go = !state.receiver_is_there || !(full || handing_over);
            if !go && may_wait {
                state.sending.push(thread);
            }
            go.then_some(state.receiver_is_there)
        };
        let accepted = if may_wait {
            wait_until(WaitsFor::Room, Some(object), at, room)
        } else {
            match room() {
                Some(accepted) => accepted,
                None => {
                    model::looked(object, 0, at);
                    return Err(TrySendError::Full(value));
                }
            }
        };
        with(|model| model.record(Some(object), Action::Send { accepted }, at));
        if !accepted {
            return Err(TrySendError::Disconnected(value));
        }
        let (number, receiving, hands_over) = {
            let mut state = self.state();
            state.messages.push_back(value);
            state.sent += 1;
            (state.sent, state.receiving, state.capacity == Some(0) && may_wait)
        };
        wake(receiving.as_slice(), at);
        if hands_over {
            let handed_over = wait_until(WaitsFor::Taking, Some(object), at, || {
                let mut state = self.state();
                let done = state.taken >= number || !state.receiver_is_there;
                if !done {
                    state.sending.push(thread);
                }
                done.then_some(state.taken >= number)
            });
            if !handed_over {
                let value = self.state().messages.pop_back().expect("nobody has taken it");
                return Err(TrySendError::Disconnected(value));
            }
        }
        Ok(())
    }

    /// A message if there is one; `None` if there is none yet.
    fn take(&self) -> (Option<Result<T, RecvError>>, Vec<usize>) {
        let mut state = self.state();
        match state.messages.pop_front() {
            Some(message) => {
                state.taken += 1;
                (Some(Ok(message)), std::mem::take(&mut state.sending))
            }
            None if state.senders == 0 => (Some(Err(RecvError)), Vec::new()),
            None => (None, Vec::new()),
        }
    }

    fn receive(&self, at: Place) -> Result<T, RecvError> {
        self.receive_at_most(None, at).map_err(|_| RecvError)
    }

    fn receive_at_most(&self, limit: Option<Duration>, at: Place) -> Result<T, RecvTimeoutError> {
        let object = self.meet(at);
        let (mut received, mut senders) = (None, Vec::new());
        let mut take = || {
            let (received, waiting) = self.take();
            senders.extend(waiting);
            received
        };
        match limit.filter(|_| spurious::happens(Kind::Timeout)) {
            Some(limit) => with(|model| model.clock = model.clock.saturating_add(limit)),
            None => {
                self.state().receiving = Some(model::current());
                received = wait_at_most(limit, WaitsFor::Message, Some(object), at, &mut take);
                self.state().receiving = None;
            }
        }
        // Its time was up: what came before that is taken all the same.
        let received = received.or_else(take);
        match &received {
            Some(received) => with(|model| model.record(Some(object), Action::Receive { received: received.is_ok() }, at)),
            None => with(|model| model.record(Some(object), Action::TimedOut, at)),
        };
        match received {
            Some(received) => {
                wake(&senders, at);
                received.map_err(|RecvError| RecvTimeoutError::Disconnected)
            }
            None => {
                model::looked(object, 0, at);
                Err(RecvTimeoutError::Timeout)
            }
        }
    }

    fn try_receive(&self, at: Place) -> Result<T, TryRecvError> {
        let object = self.meet(at);
        let (received, senders) = self.take();
        let ok = matches!(received, Some(Ok(_)));
        with(|model| model.record(Some(object), Action::Receive { received: ok }, at));
        wake_if_any(&senders, at);
        match received {
            Some(received) => {
                with(model::Model::changed);
                received.map_err(|RecvError| TryRecvError::Disconnected)
            }
            None => {
                model::looked(object, 0, at);
                Err(TryRecvError::Empty)
            }
        }
    }

    fn add_sender(&self) {
        self.state().senders += 1;
    }

    fn drop_sender(&self, at: Place) {
        if !model::is_running() {
            return;
        }
        let object = self.meet(at);
        let receiving = {
            let mut state = self.state();
            state.senders -= 1;
            state.receiving.filter(|_| state.senders == 0)
        };
        with(|model| model.record(Some(object), Action::Hangup, at));
        wake(receiving.as_slice(), at);
    }

    fn drop_receiver(&self, at: Place) {
        if !model::is_running() {
            return;
        }
        let object = self.meet(at);
        let (left, sending) = {
            let mut state = self.state();
            state.receiver_is_there = false;
            // One that is still being handed over goes back to its sender.
            let left = if state.capacity == Some(0) { VecDeque::new() } else { std::mem::take(&mut state.messages) };
            (left, std::mem::take(&mut state.sending))
        };
        with(|model| model.record(Some(object), Action::Hangup, at));
        wake(&sending, at);
        // Outside of the state: their destructors may use the channel.
        drop(left);
    }
}

fn wake_if_any(threads: &[usize], at: Place) {
    if !threads.is_empty() {
        wake(threads, at);
    }
}

fn make<T>(capacity: Option<usize>) -> Arc<Channel<T>> {
    let state = State {
        messages: VecDeque::new(),
        capacity,
        senders: 1,
        receiver_is_there: true,
        receiving: None,
        sending: Vec::new(),
        sent: 0,
        taken: 0,
    };
    Arc::new(Channel { handle: Handle::new(), state: Mutex::new(state) })
}

/// As `std`'s.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let channel = make(None);
    (Sender(Arc::clone(&channel)), Receiver { channel, _not_sync: PhantomData })
}

/// As `std`'s.
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let channel = make(Some(bound));
    (SyncSender(Arc::clone(&channel)), Receiver { channel, _not_sync: PhantomData })
}

/// As `std`'s.
pub struct Sender<T>(Arc<Channel<T>>);

/// As `std`'s.
pub struct SyncSender<T>(Arc<Channel<T>>);

/// As `std`'s.
pub struct Receiver<T> {
    channel: Arc<Channel<T>>,
    _not_sync: PhantomData<std::cell::Cell<()>>,
}

impl<T> std::panic::RefUnwindSafe for Receiver<T> {}

impl<T> Sender<T> {
    /// As `std`'s.
    ///
    /// # Errors
    /// If the receiver is gone.
    #[track_caller]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.0.send(value, true, Location::caller()).map_err(returned)
    }
}

impl<T> SyncSender<T> {
    /// As `std`'s.
    ///
    /// # Errors
    /// If the receiver is gone.
    #[track_caller]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.0.send(value, true, Location::caller()).map_err(returned)
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If there is no room, or the receiver is gone.
    #[track_caller]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.0.send(value, false, Location::caller())
    }
}

/// A message that comes back to its sender.
fn returned<T>(error: TrySendError<T>) -> SendError<T> {
    let (TrySendError::Full(value) | TrySendError::Disconnected(value)) = error;
    SendError(value)
}

impl<T> Receiver<T> {
    /// As `std`'s. The time may be up at any moment, and is up when nobody else can move.
    ///
    /// # Errors
    /// If there is no message in time, or none and every sender is gone.
    #[track_caller]
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        self.channel.receive_at_most(Some(timeout), Location::caller())
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If there is no message and every sender is gone.
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        self.channel.receive(Location::caller())
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If there is no message now.
    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.channel.try_receive(Location::caller())
    }

    /// As `std`'s.
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { receiver: self, at: Location::caller() }
    }

    /// As `std`'s.
    #[track_caller]
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter { receiver: self, at: Location::caller() }
    }
}

/// As `std`'s.
#[derive(Debug)]
pub struct Iter<'a, T> {
    receiver: &'a Receiver<T>,
    at: Place,
}

/// As `std`'s.
#[derive(Debug)]
pub struct TryIter<'a, T> {
    receiver: &'a Receiver<T>,
    at: Place,
}

/// As `std`'s.
#[derive(Debug)]
pub struct IntoIter<T> {
    receiver: Receiver<T>,
    at: Place,
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;
    fn next(&mut self) -> Option<T> {
        self.receiver.channel.receive(self.at).ok()
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;
    fn next(&mut self) -> Option<T> {
        self.receiver.channel.try_receive(self.at).ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;
    fn next(&mut self) -> Option<T> {
        self.receiver.channel.receive(self.at).ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;
    #[track_caller]
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;
    #[track_caller]
    fn into_iter(self) -> IntoIter<T> {
        IntoIter { receiver: self, at: Location::caller() }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.add_sender();
        Self(Arc::clone(&self.0))
    }
}

impl<T> Clone for SyncSender<T> {
    fn clone(&self) -> Self {
        self.0.add_sender();
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    #[track_caller]
    fn drop(&mut self) {
        self.0.drop_sender(Location::caller());
    }
}

impl<T> Drop for SyncSender<T> {
    #[track_caller]
    fn drop(&mut self) {
        self.0.drop_sender(Location::caller());
    }
}

impl<T> Drop for Receiver<T> {
    #[track_caller]
    fn drop(&mut self) {
        self.channel.drop_receiver(Location::caller());
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for SyncSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncSender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
