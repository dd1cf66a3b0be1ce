//! `std::sync::Barrier`.

use crate::handle::Handle;
use crate::model::{self, with};
use crate::spurious::{self, Kind};
use crate::waiting::{meet, wait_until, wake};
use interleaving::{Action, ObjectKind, WaitsFor};
use std::fmt;
use std::panic::Location;

/// As `std`'s.
pub struct Barrier {
    handle: Handle,
    threads: usize,
}

/// As `std`'s.
pub struct BarrierWaitResult(bool);

impl Barrier {
    /// As `std`'s.
    pub const fn new(n: usize) -> Self {
        Self { handle: Handle::new(), threads: n }
    }

    /// As `std`'s. Any of the threads may be the leader: the one that comes last, and once another one (see [`crate::spurious`]).
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        let at = Location::caller();
        let object = meet(&self.handle, ObjectKind::Barrier, at);
        let thread = model::current();
        let is_last = with(|model| {
            let barrier = model.object(object);
            barrier.arrived += 1;
            barrier.arrived >= self.threads
        });
        if is_last {
            let other_leads = spurious::happens(Kind::Leader);
            let waiting = with(|model| {
                let barrier = model.object(object);
                barrier.arrived = 0;
                barrier.openings += 1;
                let waiting = std::mem::take(&mut barrier.waiting);
                let leader = waiting.first().copied().filter(|_| other_leads).unwrap_or(thread);
                barrier.leaders.push(leader);
                waiting
            });
            wake(&waiting, at);
        } else {
            let before = with(|model| {
                let barrier = model.object(object);
                barrier.waiting.push(thread);
                barrier.openings
            });
            let waits_for = WaitsFor::Barrier { of: self.threads, arrived: 0 };
            wait_until(waits_for, Some(object), at, || with(|model| (model.object(object).openings > before).then_some(())));
        }
        let leads = with(|model| {
            let leaders = &mut model.object(object).leaders;
            leaders.iter().position(|&leader| leader == thread).map(|index| leaders.remove(index)).is_some()
        });
        let outcome = if leads { "all are here, and this one leads" } else { "all are here" };
        with(|model| model.record(Some(object), Action::Did(outcome), at));
        BarrierWaitResult(leads)
    }
}

impl BarrierWaitResult {
    /// As `std`'s.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").finish_non_exhaustive()
    }
}

impl fmt::Debug for BarrierWaitResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BarrierWaitResult").field("is_leader", &self.is_leader()).finish()
    }
}
