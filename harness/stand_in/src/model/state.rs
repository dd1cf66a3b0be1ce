//! What the model knows of each thread and of each object.

use crate::handle::Handle;
use crate::reused::Reuse;
use interleaving::{Access, Newer, Place, Site, WaitsFor};
use std::any::Any;
use std::rc::Rc;
use std::time::Duration;

/// What the model knows of a thread.
#[derive(Default)]
pub(crate) struct ThreadState {
    pub(crate) ended: bool,
    /// Its scope no longer waits for it, since it has nothing left to do.
    pub(crate) left_scope: bool,
    pub(crate) panicked: bool,
    pub(crate) panicking: bool,
    pub(crate) panic: Option<(String, Option<String>)>,
    pub(crate) panic_was_seen: bool,
    pub(crate) waits: Option<(WaitsFor, Option<u32>, Place)>,
    /// Where its end meets those who join it, once there is such an object.
    pub(crate) end: Option<u32>,
    /// Where `park` meets `unpark`, likewise.
    pub(crate) token: Option<u32>,
    pub(crate) joiners: Vec<usize>,
    /// Inside `wait_until`: only then may it be unparked.
    pub(crate) parked: bool,
    /// Unparked, and not yet running again.
    pub(crate) woken: bool,
    pub(crate) unpark_token: bool,
    /// Whether it has accessed an atomic with `SeqCst`.
    pub(crate) used_seq_cst: bool,
    /// The drops of an `Arc` that it is in, one inside the other: whether each is the last, and what the `Arc` holds goes.
    pub(crate) arc_drops: Vec<bool>,
    /// The counts of `Arc`s that it has read since its last fence.
    pub(crate) counts_read: Vec<Rc<Handle>>,
    /// When it stops waiting, on the program's clock.
    pub(crate) deadline: Option<Duration>,
    /// It waits no longer, since its time is up.
    pub(crate) expired: bool,
    /// How many random states it has made.
    pub(crate) random_states: u64,
    /// Its thread-locals, in the order in which they were made; without a value if that has been dropped.
    pub(crate) locals: Vec<(usize, Option<Rc<dyn Any>>)>,
}

impl Reuse for ThreadState {
    fn clear(&mut self) {
        // Field by field: to build it anew would take as long as several steps.
        let Self { ended, left_scope, panicked, panicking, panic, panic_was_seen, waits, end, token, .. } = self;
        (*ended, *left_scope, *panicked, *panicking, *panic_was_seen) = (false, false, false, false, false);
        (*panic, *waits, *end, *token) = (None, None, None, None);
        let Self {
            joiners,
            parked,
            woken,
            unpark_token,
            used_seq_cst,
            arc_drops,
            counts_read,
            deadline,
            expired,
            random_states,
            locals,
            ..
        } = self;
        (*parked, *woken, *unpark_token, *used_seq_cst, *expired) = (false, false, false, false, false);
        (*deadline, *random_states) = (None, 0);
        joiners.clear();
        arc_drops.clear();
        counts_read.clear();
        locals.clear();
    }
}

/// What the model knows of an object, beside what the engine knows.
#[derive(Default)]
pub(crate) struct ObjectState {
    /// The engine's number for it.
    pub(crate) raw: u32,
    /// Whether it is the end of a thread.
    pub(super) is_end: bool,
    /// The newest value of an atomic, and the step that stored it.
    pub(crate) newest: Option<Newer>,
    /// Who made an atomic or a cell, and how many steps had been taken by then; nobody, if it was made in a constant.
    pub(crate) made: Option<(Site, usize)>,
    /// The latest accesses to a cell.
    pub(crate) accesses: Vec<Access>,
    /// What has become of a value that somebody must drop.
    pub(crate) owned: Option<Owned>,
    /// Who holds a lock, alone.
    pub(crate) held_by: Option<usize>,
    /// Who holds a lock together with others.
    pub(crate) read_by: Vec<usize>,
    /// Who waits for it.
    pub(crate) waiting: Vec<usize>,
    /// How many of those want it alone.
    pub(crate) writers_waiting: usize,
    /// How far a `Once` is.
    pub(crate) once: OnceStage,
    /// The threads at a `Barrier`, how often it has opened, and who leads and does not know yet.
    pub(crate) arrived: usize,
    pub(crate) openings: u64,
    pub(crate) leaders: Vec<usize>,
    /// The threads that have used it, a bit for each.
    pub(super) users: u64,
}

impl Reuse for ObjectState {
    fn clear(&mut self) {
        let Self { raw, is_end, newest, made, accesses, owned, held_by, read_by, .. } = self;
        (*raw, *is_end, *newest, *made, *owned, *held_by) = (0, false, None, None, None, None);
        accesses.clear();
        read_by.clear();
        let Self { waiting, writers_waiting, once, arrived, openings, leaders, users, .. } = self;
        (*writers_waiting, *once, *arrived, *openings, *users) = (0, OnceStage::Incomplete, 0, 0, 0);
        waiting.clear();
        leaders.clear();
    }
}

/// How far a `Once` is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OnceStage {
    #[default]
    Incomplete,
    RunBy(usize),
    Poisoned,
    Complete,
}

/// A value that somebody must drop.
#[derive(Clone, Copy)]
pub(crate) struct Owned {
    pub(crate) made: Site,
    pub(crate) dropped: Option<Site>,
}
