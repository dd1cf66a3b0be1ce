//! `std::sync::Condvar`.
//!
//! `notify_one` may wake any of those who wait: it wakes them all, and whoever comes first takes the notification; the others
//! wait on. A thread that begins to wait after a notification cannot take it.

use crate::model::{self, Handle, with};
use crate::not_modelled::TimeoutIsModelled;
use crate::spurious::{self, Kind};
use crate::sync::mutex::MutexGuard;
use crate::waiting::{meet, wait_until, wake};
use interleaving::{Action, ObjectKind, Place, WaitsFor};
use std::cell::RefCell;
use std::panic::Location;
use std::sync::{LockResult, Mutex, WaitTimeoutResult};
use std::time::Duration;

/// As `std`'s.
#[derive(Debug, Default)]
pub struct Condvar {
    handle: Handle,
    // A real one: never contended, but it makes the whole `Sync`.
    queue: Mutex<RefCell<Queue>>,
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
        Self { handle: Handle::unset(), queue: Mutex::new(RefCell::new(queue)) }
    }

    fn queue<R>(&self, f: impl FnOnce(&mut Queue) -> R) -> R {
        let queue = self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        f(&mut queue.borrow_mut())
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// If a thread panicked while it held the lock.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let at = Location::caller();
        let object = meet(&self.handle, ObjectKind::Condvar, at);
        let thread = model::current();
        let ticket = self.queue(|queue| {
            queue.tickets += 1;
            queue.waiting.push((thread, queue.tickets));
            queue.tickets
        });
        with(|model| model.record(Some(object), Action::CondvarWait, at));
        let spurious = spurious::happens(Kind::Wakeup);
        let guard = guard.unlocked_during(at, || {
            // Who wakes for no reason takes no notification.
            if !spurious {
                self.take_notification(ticket, object, at);
            }
            self.queue(|queue| queue.waiting.retain(|&(_, other)| other != ticket));
        });
        with(|model| model.record(Some(object), Action::CondvarWoken { spurious }, at));
        guard
    }

    /// Waits until there is a notification that `ticket` is not too late for, and takes it.
    fn take_notification(&self, ticket: u64, object: u32, at: Place) {
        loop {
            // Any notification wakes everybody who could take it. The order in which they come is the engine's choice.
            let awake = |queue: &mut Queue| ticket < queue.all_before || queue.notified.iter().any(|&too_late| ticket < too_late);
            wait_until(WaitsFor::Notification, Some(object), at, || self.queue(|queue| awake(queue).then_some(())));
            meet(&self.handle, ObjectKind::Condvar, at);
            if self.queue(|queue| queue.take(ticket)) {
                return;
            }
        }
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

    /// `std`'s is not modelled yet: does not compile.
    pub fn wait_timeout<'a, T>(
        &self,
        _guard: MutexGuard<'a, T>,
        _duration: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        T: TimeoutIsModelled,
    {
        unreachable!("no type implements the bound")
    }

    /// `std`'s is not modelled yet: does not compile.
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        _guard: MutexGuard<'a, T>,
        _duration: Duration,
        _condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        T: TimeoutIsModelled,
        F: FnMut(&mut T) -> bool,
    {
        unreachable!("no type implements the bound")
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
        let object = meet(&self.handle, ObjectKind::Condvar, at);
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
