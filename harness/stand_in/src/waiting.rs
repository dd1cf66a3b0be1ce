//! Blocking and waking, for everything that blocks: a meeting point that makes each operation one step in a fixed order, and
//! parking. What is waited for is plain state of ours, looked at again after each waking, so an early waking does no harm.

use crate::handle::{Handle, Raw};
use crate::model::{self, with, with_engine, with_engine_on};
use interleaving::{Action, ObjectKind, Place, WaitsFor};
use std::time::Duration;

/// Makes the next operation of the running thread on `handle`'s object one step: others may go first, and what they did there
/// is ordered before. Returns the object.
pub(crate) fn meet(handle: &Handle, kind: ObjectKind, at: Place) -> u32 {
    let object = point(handle, kind, at);
    meet_at(object, at);
    object
}

/// As [`meet`], where the object is there.
pub(crate) fn meet_at(object: u32, at: Place) {
    with_engine_on(object, at, |engine, raw| engine.meet(raw));
    model::stop_if_too_long();
}

/// As [`meet`], but what others did there is not ordered before: for an operation that finds out something, and no more.
pub(crate) fn look(handle: &Handle, kind: ObjectKind, at: Place) -> u32 {
    let object = point(handle, kind, at);
    with_engine_on(object, at, |engine, raw| engine.look(raw));
    model::stop_if_too_long();
    object
}

fn point(handle: &Handle, kind: ObjectKind, at: Place) -> u32 {
    let looked_at = matches!(kind, ObjectKind::Mutex | ObjectKind::RwLock | ObjectKind::Arc);
    handle.object(kind, Raw::Meeting { looked_at }, at)
}

/// Blocks the running thread until `ready` gives something. The first look must follow a meeting.
pub(crate) fn wait_until<R>(waits_for: WaitsFor, object: Option<u32>, at: Place, ready: impl FnMut() -> Option<R>) -> R {
    wait_at_most(None, waits_for, object, at, ready).expect("a wait without a limit has no other end")
}

/// As [`wait_until`], but if nobody can move, the time may pass, and `None` is returned. With no `limit`, it never is.
pub(crate) fn wait_at_most<R>(
    limit: Option<Duration>,
    waits_for: WaitsFor,
    object: Option<u32>,
    at: Place,
    mut ready: impl FnMut() -> Option<R>,
) -> Option<R> {
    if let Some(result) = ready() {
        return Some(result);
    }
    let thread = model::current();
    with(|model| {
        model.record(object, Action::Block, at);
        let state = &mut model.threads[thread];
        (state.waits, state.parked) = (Some((waits_for, object, at)), true);
        (state.deadline, state.expired) = (limit.map(|limit| model.clock.saturating_add(limit)), false);
    });
    loop {
        with(|model| model.threads[thread].woken = false);
        model::stop_if_nobody_can_move();
        if !with(|model| model.threads[thread].expired) {
            model::falls_asleep(thread, true);
            with_engine(at, |engine| engine.park());
            model::falls_asleep(thread, false);
        }
        let result = ready();
        let expired = with(|model| {
            let state = &mut model.threads[thread];
            let expired = state.expired && result.is_none();
            if expired || result.is_some() {
                (state.waits, state.parked) = (None, false);
                (state.deadline, state.expired) = (None, false);
            }
            expired
        });
        if expired || result.is_some() {
            return result;
        }
    }
}

/// Wakes those of `threads` that wait in [`wait_until`]; what the caller did is ordered before what they do next.
pub(crate) fn wake(threads: &[usize], at: Place) {
    with(model::Model::changed);
    for &thread in threads.iter().filter(|&&thread| with(|model| model.threads[thread].parked)) {
        with(|model| model.threads[thread].woken = true);
        model::falls_asleep(thread, false);
        with_engine(at, |engine| engine.unpark(thread));
    }
}
