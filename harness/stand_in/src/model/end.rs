//! How an interleaving ends: with a verdict, or with nothing left to do.

use super::{LOCAL, Model, OnceStage, ThreadState, current, falls_asleep, is_running, with, with_engine};
use crate::check;
use interleaving::{Access, AccessKind, Action, Interleaving, MemoryFault, Place, Site, Step, Verdict, Wait, WaitsFor};
use std::collections::HashMap;
use std::panic::Location;

/// The interleaving is over if every thread has ended: then all memory must have been freed, and every value dropped.
pub(crate) fn settle() {
    let fault = with(|model| {
        if model.threads.iter().any(|state| !state.ended) {
            return None;
        }
        let blocks = model.heap.never_freed();
        if !blocks.is_empty() {
            return Some(MemoryFault::Leak { blocks });
        }
        let owned = model.objects.iter().filter_map(|state| state.owned);
        let lost = owned.filter(|owned| owned.dropped.is_none()).map(|owned| owned.made).next();
        lost.map(|made| MemoryFault::NeverDropped { made })
    });
    if let Some(fault) = fault {
        fail(Verdict::Memory(fault));
    }
}

/// Ends the check if every thread that has not ended is blocked. The engines notice that as well, but where they could no
/// longer be stopped without unwinding through the program.
pub(crate) fn stop_if_nobody_can_move() {
    let blocked = with(|model| {
        let mut living = model.threads.iter().filter(|state| !state.ended).peekable();
        living.peek().is_some() && living.all(|state| model.is_blocked(state))
    });
    if blocked && !let_time_pass() {
        deadlock();
    }
}

/// Where nobody can move, the wait that ends first has come to its end. Returns whether there is one.
fn let_time_pass() -> bool {
    let first = with(|model| {
        let waits = model.threads.iter().enumerate().filter(|(_, state)| !state.ended && state.parked);
        let (deadline, thread, at) = waits.filter_map(|(thread, state)| Some((state.deadline?, thread, state.waits?.2))).min()?;
        model.clock = model.clock.max(deadline);
        let state = &mut model.threads[thread];
        (state.expired, state.woken) = (true, true);
        falls_asleep(thread, false);
        Some((thread, at))
    });
    if let Some((thread, at)) = first.filter(|&(thread, _)| thread != current()) {
        with_engine(at, |engine| engine.unpark(thread));
    }
    first.is_some()
}

/// The running thread looks again and again, in vain, here: says who else does, and who waits for what.
pub(super) fn livelock(at: Place) -> ! {
    let thread = current();
    let (looks, waits) = with(|model| {
        let last_of = |thread: usize| model.log.steps.iter().rev().find(|step| step.thread == thread && step.object.is_some());
        let running = model.threads.iter().enumerate().filter(|(_, state)| !state.ended && state.waits.is_none());
        let mut looks: Vec<Site> = running
            .map(|(other, _)| other)
            .filter(|&other| other != thread)
            .filter_map(|other| last_of(other).map(|step| Site { thread: other, at: step.at }))
            .collect();
        looks.insert(0, Site { thread, at: last_of(thread).map_or(at, |step| step.at) });
        cut_circle(&mut model.log.steps);
        (looks, model.wait_list())
    });
    fail(Verdict::Livelock { thread, looks, waits })
}

/// Cuts off what only repeats, but for the first rounds: what led into the circle is the story, and the circle would bury it.
fn cut_circle(steps: &mut Vec<Step>) {
    const ROUNDS: usize = 3;
    let mut times: HashMap<(usize, Place, String), usize> = HashMap::new();
    let new = steps.iter().map(|step| {
        let times = times.entry((step.thread, step.at, format!("{:?}", step.action))).or_default();
        *times += 1;
        *times <= ROUNDS
    });
    let end = new.enumerate().filter(|(_, new)| *new).last().map_or(0, |(index, _)| index + 1);
    steps.truncate(end);
}

/// Ends the check with a verdict on the interleaving that is running. Never returns, never unwinds.
pub(crate) fn fail(verdict: Verdict) -> ! {
    let log = LOCAL.with(|local| match local.model.try_borrow_mut() {
        Ok(mut model) => std::mem::take(&mut model.log),
        Err(_) => Interleaving::default(),
    });
    check::fail(verdict, log)
}

/// Nobody can move: says who waits for what.
pub(crate) fn deadlock() -> ! {
    let (panic, waits, main_is_done) = with(|model| {
        let waits = model.wait_list();
        for wait in &waits {
            let last = model.log.steps.iter().rev().find(|step| step.thread == wait.thread);
            if !last.is_some_and(|step| matches!(step.action, Action::Block | Action::CondvarWait)) {
                model.log.steps.push(Step { thread: wait.thread, object: None, action: Action::Block, at: wait.at });
            }
        }
        (unseen_panic(model), waits, model.threads.first().is_some_and(|main| main.ended))
    });
    match panic {
        Some(panic) if main_is_done => fail(panic),
        None if main_is_done => fail(Verdict::LeftBehind { waits }),
        panic => fail(Verdict::Deadlock { waits, after: panic.map(Box::new) }),
    }
}

/// The first panic of a thread that nobody has caught or seen: it explains most of what comes after it.
fn unseen_panic(model: &mut Model) -> Option<Verdict> {
    let (thread, state) = model
        .threads
        .iter()
        .enumerate()
        .find(|(_, state)| state.panic.is_some() && !state.panic_was_seen && (state.panicked || state.panicking))?;
    let (message, at) = state.panic.clone()?;
    Some(Verdict::Panicked { thread, message, at })
}

/// Two accesses to a cell with nothing to order them.
pub(crate) fn data_race(cell: u32, second: Access) -> ! {
    let conflict =
        |access: &&Access| access.thread != second.thread && (access.kind.is_exclusive() || second.kind.is_exclusive());
    let first = with(|model| {
        let accesses = &model.object(cell).accesses;
        accesses.iter().rev().find(conflict).copied()
    });
    if let (Some(first), AccessKind::Free) = (first, second.kind) {
        let (user, freed) = (first.site(), second.site());
        let block = with(|model| model.heap.block_of(cell));
        fail(Verdict::Memory(MemoryFault::FreedWhileUsed { block, user, freed }));
    }
    fail(Verdict::DataRace { first: first.or_else(|| making_of(cell)), second })
}

/// The running thread uses an atomic that another one has made, with nothing to order the two.
pub(crate) fn used_before_it_was_made(object: u32, at: Place) -> ! {
    let second = with(|model| {
        model.record(Some(object), Action::Use, at);
        Access { thread: model.current, kind: AccessKind::Use, at }
    });
    fail(Verdict::DataRace { first: making_of(object), second })
}

/// How an object was made: a step as well, once it matters.
fn making_of(object: u32) -> Option<Access> {
    with(|model| {
        let (maker, index) = model.object(object).made?;
        let step = Step { thread: maker.thread, object: Some(object as usize), action: Action::Make, at: maker.at };
        model.log.insert(index, step);
        Some(Access { thread: maker.thread, kind: AccessKind::Make, at: maker.at })
    })
}

/// Ends the check if the interleaving has become too long.
pub(crate) fn stop_if_too_long() {
    if with(|model| model.is_too_long()) {
        too_long();
    }
}

#[cold]
fn too_long() -> ! {
    let steps = with(|model| {
        let steps = model.log.steps.len();
        model.log.steps.drain(..steps - 200);
        steps
    });
    fail(Verdict::TooLong { steps })
}

/// Ends the check: the program does something that a checker cannot follow.
pub(crate) fn forbid(what: &str, at: Place) -> ! {
    if !is_running() {
        panic!("{what}");
    }
    fail(Verdict::Forbidden { what: what.to_owned(), at })
}

/// As [`forbid`], in a `const fn`; in a constant, it does not compile.
#[track_caller]
pub(crate) const fn refuse<R>(what: &'static str) -> R {
    const fn in_a_constant<R>(what: &'static str, _: Place) -> R {
        panic!("{}", what)
    }
    fn now<R>(what: &'static str, at: Place) -> R {
        forbid(what, at)
    }
    std::intrinsics::const_eval_select((what, Location::caller()), in_a_constant::<R>, now::<R>)
}

impl Model {
    fn is_blocked(&self, state: &ThreadState) -> bool {
        let locked_out = match state.waits {
            Some((WaitsFor::Mutex { .. }, Some(mutex), _)) if !state.parked => self.objects[mutex as usize].held_by.is_some(),
            _ => false,
        };
        locked_out || state.parked && !state.woken
    }

    fn wait_list(&self) -> Vec<Wait> {
        let waits = self.threads.iter().enumerate().filter_map(|(thread, state)| {
            let (waits_for, object, at) = state.waits?;
            let waits_for = match (waits_for, object) {
                (WaitsFor::Mutex { .. }, Some(mutex)) => WaitsFor::Mutex { held_by: self.objects[mutex as usize].held_by },
                (WaitsFor::RwLock { write, .. }, Some(lock)) => {
                    let lock = &self.objects[lock as usize];
                    let held_by = lock.held_by.or(lock.read_by.iter().find(|&&reader| reader == thread).copied());
                    let held_by = held_by.or(lock.read_by.first().copied());
                    WaitsFor::RwLock { write, held_by, reads: lock.held_by.is_none() }
                }
                (WaitsFor::Once { .. }, Some(once)) => match self.objects[once as usize].once {
                    OnceStage::RunBy(runner) => WaitsFor::Once { run_by: Some(runner) },
                    _ => WaitsFor::Once { run_by: None },
                },
                (WaitsFor::Barrier { of, .. }, Some(barrier)) => {
                    WaitsFor::Barrier { of, arrived: self.objects[barrier as usize].arrived }
                }
                (waits_for, _) => waits_for,
            };
            Some(Wait { thread, waits_for, object: object.map(|object| object as usize), at })
        });
        waits.collect()
    }
}
