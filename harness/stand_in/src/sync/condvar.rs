//! `std::sync::Condvar`.
//!
//! `notify_one` may wake any of those who wait: it wakes them all, and whoever comes first takes the notification; the others
//! wait on. A thread that begins to wait after a notification cannot take it.

use crate::handle::Handle;
use crate::model::{self, with};
use crate::spurious::{self, Kind};
use crate::sync::mutex::MutexGuard;
use crate::waiting::{meet, wait_at_most, wake};
use interleaving::{Action, ObjectKind, Place, WaitsFor};
use std::cell::RefCell;
use std::panic::Location;
use std::sync::{LockResult, Mutex, PoisonError};
use std::time::Duration;

/// As `std`'s.
#[derive(Debug, Default)]
pub struct Condvar {
    handle: Handle,
    // A real one: never contended, but it makes the whole `Sync`.
    queue: Mutex<RefCell<Queue>>,
}

/// As `std`'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// As `std`'s.
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

/// Who waits, and what was notified and not yet taken.
#[derive(Debug, Default)]
struct Queue {
    tickets: u64,
    /// Each who waits: the thread, and its ticket.
    waiting: Vec<(usize, u64)>,
    /// For each notification of one thread that nobody has taken yet: the first ticket that is too late for it.
    notified: Vec<u64>,
    /// The first ticket that is too late for the latest notification of all.
    all_before: u64,
}

impl Queue {
    /// Notes a notification, if somebody waits who has none yet.
    fn notify_one(&mut self) {
        let without: Vec<u64> =
            self.waiting.iter().map(|&(_, ticket)| ticket).filter(|&ticket| ticket >= self.all_before).collect();
        self.notified.retain(|&too_late| without.iter().any(|&ticket| ticket < too_late));
        if without.len() > self.notified.len() {
            self.notified.push(self.tickets + 1);
        }
    }

    /// Whether the one with `ticket` may go on; takes the notification.
    fn take(&mut self, ticket: u64) -> bool {
        if ticket < self.all_before {
            return true;
        }
        let Some(index) = self.notified.iter().position(|&too_late| ticket < too_late) else { return false };
        self.notified.remove(index);
        true
    }
}

impl Condvar {
    /// As `std`'s.
    pub const fn new() -> Self {
        let queue = Queue { tickets: 0, waiting: Vec::new(), notified: Vec::new(), all_before: 0 };
        Self { handle: Handle::new(), queue: Mutex::new(RefCell::new(queue)) }
    }

    fn meet(&self, at: Place) -> u32 {
        self.handle.begin_anew(at, |_| self.queue(|queue| *queue = Queue::default()));
        meet(&self.handle, ObjectKind::Condvar, at)
    }

    fn queue<R>(&self, f: impl FnOnce(&mut Queue) -> R) -> R {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        f(&mut queue.borrow_mut())
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If a thread panicked while it held the lock.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        self.wait_at_most(None, guard, Location::caller()).1
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If a thread panicked while it held the lock.
    #[track_caller]
    pub fn wait_while<'a, T, F>(&self, mut guard: MutexGuard<'a, T>, mut condition: F) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// As `std`'s. The time may be up at any moment, and is up when nobody else can move.
    ///
    /// # Errors
    /// If a thread panicked while it held the lock.
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        dur: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let (timed_out, guard) = self.wait_at_most(Some(dur), guard, Location::caller());
        let result = WaitTimeoutResult(timed_out);
        match guard {
            Ok(guard) => Ok((guard, result)),
            Err(poisoned) => Err(PoisonError::new((poisoned.into_inner(), result))),
        }
    }

    /// As `std`'s; `ms` is in milliseconds.
    ///
    /// # Errors
    /// If a thread panicked while it held the lock.
    #[track_caller]
    #[deprecated(since = "1.6.0", note = "replaced by `std::sync::Condvar::wait_timeout`")]
    pub fn wait_timeout_ms<'a, T>(&self, guard: MutexGuard<'a, T>, ms: u32) -> LockResult<(MutexGuard<'a, T>, bool)> {
        let (timed_out, guard) = self.wait_at_most(Some(Duration::from_millis(ms.into())), guard, Location::caller());
        match guard {
            Ok(guard) => Ok((guard, !timed_out)),
            Err(poisoned) => Err(PoisonError::new((poisoned.into_inner(), !timed_out))),
        }
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If a thread panicked while it held the lock.
    #[track_caller]
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        dur: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        let ends = with(|model| model.clock.saturating_add(dur));
        loop {
            if !condition(&mut *guard) {
                return Ok((guard, WaitTimeoutResult(false)));
            }
            let left = ends.saturating_sub(with(|model| model.clock));
            if left.is_zero() {
                return Ok((guard, WaitTimeoutResult(true)));
            }
            guard = self.wait_timeout(guard, left)?.0;
        }
    }

    /// Returns whether the time is up, if there is a limit.
    fn wait_at_most<'a, T>(
        &self,
        limit: Option<Duration>,
        guard: MutexGuard<'a, T>,
        at: Place,
    ) -> (bool, LockResult<MutexGuard<'a, T>>) {
        let object = self.meet(at);
        let thread = model::current();
        let ticket = self.queue(|queue| {
            queue.tickets += 1;
            queue.waiting.push((thread, queue.tickets));
            queue.tickets
        });
        with(|model| model.record(Some(object), Action::CondvarWait, at));
        let spurious = spurious::happens(Kind::Wakeup);
        let mut timed_out = !spurious && limit.is_some() && spurious::happens(Kind::Timeout);
        if let Some(limit) = limit.filter(|_| timed_out) {
            with(|model| model.clock = model.clock.saturating_add(limit));
        }
        let guard = guard.unlocked_during(at, || {
            // Who wakes for no reason takes no notification.
            if !spurious && !timed_out {
                timed_out = !self.take_notification(limit, ticket, object, at);
            }
            self.queue(|queue| queue.waiting.retain(|&(_, other)| other != ticket));
        });
        let action = if timed_out { Action::TimedOut } else { Action::CondvarWoken { spurious } };
        with(|model| model.record(Some(object), action, at));
        if timed_out {
            model::looked(object, 0, at);
        }
        (timed_out, guard)
    }

    /// Waits until there is a notification that `ticket` is not too late for, and takes it. `false` if the time is up before.
    fn take_notification(&self, limit: Option<Duration>, ticket: u64, object: u32, at: Place) -> bool {
        loop {
            // Any notification wakes everybody who could take it. The order in which they come is the engine's choice.
            let awake = |queue: &mut Queue| ticket < queue.all_before || queue.notified.iter().any(|&too_late| ticket < too_late);
            let ready = || self.queue(|queue| awake(queue).then_some(()));
            if wait_at_most(limit, WaitsFor::Notification, Some(object), at, ready).is_none() {
                return false;
            }
            meet(&self.handle, ObjectKind::Condvar, at);
            if self.queue(|queue| queue.take(ticket)) {
                return true;
            }
        }
    }

    /// As `std`'s.
    #[track_caller]
    pub fn notify_one(&self) {
        self.notify(false, Location::caller());
    }

    /// As `std`'s.
    #[track_caller]
    pub fn notify_all(&self) {
        self.notify(true, Location::caller());
    }

    fn notify(&self, all: bool, at: Place) {
        let object = self.meet(at);
        let threads: Vec<usize> = self.queue(|queue| {
            if all {
                queue.all_before = queue.tickets + 1;
                queue.notified.clear();
            } else {
                queue.notify_one();
            }
            queue.waiting.iter().map(|&(thread, _)| thread).collect()
        });
        with(|model| model.record(Some(object), Action::Notify { waiting: threads.len(), all }, at));
        wake(&threads, at);
    }
}
