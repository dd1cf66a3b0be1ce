//! Which store a load may have read, where loom itself is not sure.
//!
//! loom keeps the modification order of an atomic as a partial one, and sometimes lets a load read what no order of the stores can
//! explain: a store that came between what a read-modify-write read and what it wrote, or three stores that each come before the
//! next. So the order is kept here a second time: who knew of which store when, which store must come before which, and that nothing
//! comes between the two halves of a read-modify-write. A load that fits none of that reads the newest store that its thread knows of
//! instead. Nothing is lost by that: it is an interleaving that loom goes through as well, once more.
//!
//! The same for the common order of the `SeqCst` accesses, of which loom knows nothing: a load after which there would be none reads
//! the newest store instead.
//!
//! All of it errs on one side. What happened before what is known from atomics, locks, meetings, spawns and unparks, not from fences;
//! a value that several stores have written may be any of them. So a load that may be right is left alone.

use std::sync::atomic::Ordering;

/// More stores to one atomic than this are not followed.
const MOST: usize = 63;
/// More threads than loom follows; it refuses one too many only after that has its clock.
const THREADS: usize = 8;

/// A vector clock, as `stand_in`'s, for no more threads than loom can follow: copied at every operation. Its moments have a sign
/// since most processors compare several such numbers at once.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Clock([i32; THREADS]);

impl Clock {
    fn of(&self, thread: usize) -> i32 {
        self.0[thread]
    }

    fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = (*mine).max(theirs);
        }
    }
}

/// A moment of each thread, or none.
struct Moments([i32; THREADS]);

impl Moments {
    /// Instead of a moment: one that never comes.
    const NEVER: i32 = i32::MAX;

    /// None of any thread.
    const NONE: Self = Self([Self::NEVER; THREADS]);

    /// Only this one, of this thread.
    fn one(thread: usize, moment: i32) -> Self {
        let mut moments = Self::NONE;
        moments.0[thread] = moment;
        moments
    }

    /// Adds a moment of a thread that has none yet.
    fn add(&mut self, thread: usize, moment: i32) {
        if self.0[thread] == Self::NEVER {
            self.0[thread] = moment;
        }
    }

    /// Whether one of them is known there.
    fn has_one_in(&self, clock: &Clock) -> bool {
        // Without a way out early: so there is nothing to guess wrong.
        self.0.iter().zip(clock.0).fold(false, |any, (&moment, known)| any | (moment <= known))
    }
}

/// What all threads know.
#[derive(Default)]
pub(crate) struct Coherence {
    threads: [Clock; THREADS],
    histories: Vec<History>,
    meetings: Vec<Clock>,
    locks: Vec<Clock>,
    /// Whether the `SeqCst` accesses to all atomics have one common order, and those so far.
    has_common_order: bool,
    in_common_order: Vec<Access>,
    /// Histories of interleavings that are over, for their memory.
    spare: Vec<History>,
}

/// What became of a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loaded {
    /// It may have seen that.
    AsItIs,
    /// No store explains it: see [`instead`](Coherence::instead).
    Unexplained,
    /// With that, the `SeqCst` accesses would have no common order: it must have seen the newest store.
    OutOfOrder,
}

/// A `SeqCst` access, of which it is known what it read or wrote.
#[derive(Clone, Copy)]
struct Access {
    thread: usize,
    moment: i32,
    /// What its thread knew before.
    known: Clock,
    atomic: u32,
    store: usize,
    writes: bool,
}

/// The stores to an atomic, in the order in which loom ran them.
#[derive(Default)]
struct History {
    stores: Vec<Store>,
    /// No longer followed: too many stores, or loom was wrong where it cannot be asked again.
    given_up: bool,
}

struct Store {
    bits: u64,
    /// At which moment each thread first knew of it, by writing or reading it.
    known: Moments,
    /// What whoever reads it with Acquire learns.
    released: Clock,
    /// The stores that must come before it, a bit for each.
    before: u64,
    /// The store that it read, for a read-modify-write: nothing comes between.
    read: Option<usize>,
}

fn acquires(order: Ordering) -> bool {
    matches!(order, Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst)
}

fn releases(order: Ordering) -> bool {
    matches!(order, Ordering::Release | Ordering::AcqRel | Ordering::SeqCst)
}

fn bit(store: usize) -> u64 {
    1 << store
}

impl Coherence {
    /// Forgets everything, but keeps the memory for the next interleaving.
    pub(crate) fn clear(&mut self, has_common_order: bool) {
        self.has_common_order = has_common_order;
        self.in_common_order.clear();
        self.threads = Default::default();
        self.meetings.clear();
        self.locks.clear();
        self.spare.append(&mut self.histories);
    }

    /// A moment of `thread`; returns what it knows.
    fn now(&mut self, thread: usize) -> &mut Clock {
        let clock = &mut self.threads[thread];
        clock.0[thread] += 1;
        clock
    }

    pub(crate) fn spawned(&mut self, parent: usize, child: usize) {
        let known = *self.now(parent);
        self.now(child).join(&known);
    }

    pub(crate) fn unparked(&mut self, by: usize, thread: usize) {
        let known = *self.now(by);
        self.now(thread).join(&known);
    }

    pub(crate) fn joined(&mut self, by: usize, thread: usize) {
        let known = self.threads[thread];
        self.now(by).join(&known);
    }

    pub(crate) fn new_meeting(&mut self) {
        self.meetings.push(Clock::default());
    }

    pub(crate) fn met(&mut self, thread: usize, meeting: u32) {
        self.now(thread);
        let (clock, point) = (&mut self.threads[thread], &mut self.meetings[meeting as usize]);
        clock.join(point);
        point.join(clock);
    }

    pub(crate) fn new_lock(&mut self) {
        self.locks.push(Clock::default());
    }

    pub(crate) fn locked(&mut self, thread: usize, lock: u32) {
        self.now(thread);
        self.threads[thread].join(&self.locks[lock as usize]);
    }

    pub(crate) fn unlocked(&mut self, thread: usize, lock: u32) {
        self.now(thread);
        self.locks[lock as usize].join(&self.threads[thread]);
    }

    pub(crate) fn new_atomic(&mut self, thread: usize, bits: u64) {
        let mut history = self.spare.pop().unwrap_or_default();
        history.clear();
        self.histories.push(history);
        self.stored(thread, (self.histories.len() - 1) as u32, bits, Ordering::Release);
    }

    /// `thread` has stored.
    pub(crate) fn stored(&mut self, thread: usize, atomic: u32, bits: u64, order: Ordering) {
        let now = *self.now(thread);
        let history = &mut self.histories[atomic as usize];
        let released = if releases(order) { now } else { Clock::default() };
        let before = history.known_to(&now);
        let known = Moments::one(thread, now.of(thread));
        history.push(Store { bits, known, released, before, read: None });
        self.note_access(thread, &now, atomic, None, order);
    }

    /// `thread` has loaded `bits`.
    pub(crate) fn loaded(&mut self, thread: usize, atomic: u32, bits: u64, order: Ordering) -> Loaded {
        self.read(thread, atomic, bits, None, order)
    }

    /// `thread` has read `old` and written `new`, with nothing between. `false` if no store explains that.
    pub(crate) fn changed(&mut self, thread: usize, atomic: u32, old: u64, new: u64, order: Ordering) -> bool {
        let is_explained = self.read(thread, atomic, old, Some(new), order) != Loaded::Unexplained;
        if !is_explained {
            // It has written already.
            self.histories[atomic as usize].given_up = true;
        }
        is_explained
    }

    /// What `thread` may have read instead: the newest store that it knows of, by all that is known.
    pub(crate) fn instead(&mut self, thread: usize, atomic: u32) -> Option<u64> {
        let now = *self.now(thread);
        let history = &mut self.histories[atomic as usize];
        let known = history.known_to(&now);
        let mut newest_first = (0..history.stores.len()).rev().filter(|&store| known & bit(store) != 0);
        let store = newest_first.find(|&store| history.may_read(store, known, false))?;
        history.note_read(store, known, thread, &now);
        Some(history.stores[store].bits)
    }

    fn read(&mut self, thread: usize, atomic: u32, bits: u64, writes: Option<u64>, order: Ordering) -> Loaded {
        let mut now = *self.now(thread);
        let before = now;
        let history = &self.histories[atomic as usize];
        if history.given_up {
            return Loaded::AsItIs;
        }
        let mut known = history.known_to(&now);
        let fits = |store: &usize| history.stores[*store].bits == bits && history.may_read(*store, known, writes.is_some());
        let mut fitting = (0..history.stores.len()).filter(fits);
        // If it may be one of several, nothing is learnt.
        let (first, second) = (fitting.next(), fitting.next());
        let read = first.filter(|_| second.is_none());
        if first.is_none() {
            return Loaded::Unexplained;
        }
        if let Some(store) = read.filter(|_| writes.is_none() && order == Ordering::SeqCst && self.has_common_order)
            && self.breaks_common_order(Access { thread, moment: now.of(thread), known: now, atomic, store, writes: false })
        {
            return Loaded::OutOfOrder;
        }
        let history = &mut self.histories[atomic as usize];
        let mut released = Clock::default();
        if let Some(read) = read {
            history.note_read(read, known, thread, &now);
            known |= bit(read);
            released = history.stores[read].released;
            if acquires(order) {
                now.join(&released);
                if writes.is_some() && now != before {
                    known = history.known_to(&now);
                }
            }
        }
        if let Some(bits) = writes {
            // The release sequence goes on through a read-modify-write, whatever its own ordering.
            if releases(order) {
                released.join(&now);
            }
            let before = known | read.map_or(0, bit);
            history.push(Store { bits, known: Moments::one(thread, now.of(thread)), released, before, read });
        }
        self.threads[thread] = now;
        if writes.is_some() || read.is_some() {
            self.note_access(thread, &before, atomic, read.filter(|_| writes.is_none()), order);
        }
        Loaded::AsItIs
    }

    /// Notes an access for the common order: it has loaded this store, or else written the newest one.
    fn note_access(&mut self, thread: usize, known: &Clock, atomic: u32, loaded: Option<usize>, order: Ordering) {
        let history = &self.histories[atomic as usize];
        if order != Ordering::SeqCst || !self.has_common_order || history.given_up {
            return;
        }
        let store = loaded.unwrap_or(history.stores.len() - 1);
        let access = Access { thread, moment: known.of(thread), known: *known, atomic, store, writes: loaded.is_none() };
        self.in_common_order.push(access);
    }

    /// Whether an access that has just been made would have to come before itself in the common order.
    fn breaks_common_order(&self, new: Access) -> bool {
        // It can only come before an earlier one if it has not seen a store that was there.
        if self.histories[new.atomic as usize].after(new.store) == 0 {
            return false;
        }
        let mut reached: Vec<bool> = self.in_common_order.iter().map(|access| self.comes_before(&new, access)).collect();
        let mut open: Vec<usize> = (0..reached.len()).filter(|&index| reached[index]).collect();
        while let Some(index) = open.pop() {
            let access = &self.in_common_order[index];
            if self.comes_before(access, &new) {
                return true;
            }
            for (other, reached) in reached.iter_mut().enumerate().filter(|(_, reached)| !**reached) {
                if self.comes_before(access, &self.in_common_order[other]) {
                    *reached = true;
                    open.push(other);
                }
            }
        }
        false
    }

    /// Whether one access comes before another one in the common order for certain: it strongly happens before it, by its own thread
    /// or by way of something that its thread did afterwards; or the order of the stores to their atomic says so.
    /// N4861, [atomics.order]/4 and [intro.races]/12.
    fn comes_before(&self, one: &Access, other: &Access) -> bool {
        if one.thread == other.thread {
            return one.moment < other.moment;
        }
        let strongly_happens_before = other.known.of(one.thread) > one.moment;
        strongly_happens_before
            || one.atomic == other.atomic
                && (one.store == other.store && one.writes && !other.writes
                    || self.histories[one.atomic as usize].stores[other.store].before & bit(one.store) != 0)
    }
}

impl History {
    fn clear(&mut self) {
        self.stores.clear();
        self.given_up = false;
    }

    /// The stores that somebody who knows `now` knows of: whatever it reads or writes comes after them, or is one of them.
    fn known_to(&self, now: &Clock) -> u64 {
        self.stores.iter().rev().fold(0, |known, store| known << 1 | u64::from(store.known.has_one_in(now)))
    }

    /// The stores that must come after that one.
    fn after(&self, store: usize) -> u64 {
        self.stores.iter().rev().fold(0, |after, other| after << 1 | (other.before >> store & 1))
    }

    /// Whether somebody who knows of the stores in `known` can read that store, and write right after it if it `writes`.
    fn may_read(&self, store: usize, known: u64, writes: bool) -> bool {
        let known = known & !bit(store);
        // Mostly all that is known came before already, and nothing follows that a write could come between: that fits as it is.
        let came_before = known & !self.stores[store].before == 0;
        if came_before && !writes {
            return true;
        }
        let after = self.after(store);
        if came_before && after == 0 {
            return true;
        }
        if known & after != 0 {
            return false;
        }
        let (mut order, mut pairs) = (self.order(), self.pairs());
        order[store] |= known;
        if writes {
            order.push(known | bit(store));
            pairs.push((order.len() - 1, store));
        }
        close(&mut order, &pairs)
    }

    /// `thread`, which knows of the stores in `known`, reads it.
    fn note_read(&mut self, store: usize, known: u64, thread: usize, now: &Clock) {
        let known = known & !bit(store);
        let read = &mut self.stores[store];
        let news = known & !read.before;
        read.before |= known;
        read.known.add(thread, now.of(thread));
        if news != 0 {
            self.settle();
        }
    }

    fn push(&mut self, mut store: Store) {
        self.given_up |= self.stores.len() >= MOST;
        if self.given_up {
            return;
        }
        store.before = self.closed(store.before);
        // Nothing is known to come after a new store. So it changes what is known of the others only if it was written by a
        // read-modify-write whose other half learns from it, or has followers that now follow both.
        let settled = store.read.is_none_or(|read| {
            let new = store.before & !bit(read) & !self.stores[read].before;
            new == 0 && self.after(read) == 0
        });
        self.stores.push(store);
        if !settled {
            self.settle();
        }
    }

    /// What comes before a new store that comes after all of these.
    fn closed(&self, mut before: u64) -> u64 {
        if before == bit(self.stores.len()) - 1 {
            // Mostly that is all of them.
            return before;
        }
        loop {
            let old = before;
            for (index, store) in self.stores.iter().enumerate() {
                // Nothing comes between the halves of a read-modify-write.
                if store.read.is_some_and(|read| before & bit(read) != 0) {
                    before |= bit(index);
                }
                if before & bit(index) != 0 {
                    before |= store.before;
                }
            }
            if before == old {
                return before;
            }
        }
    }

    /// Keeps what follows from what is known.
    fn settle(&mut self) {
        let mut order = self.order();
        self.given_up |= !close(&mut order, &self.pairs());
        for (store, before) in self.stores.iter_mut().zip(order) {
            store.before = before;
        }
    }

    fn order(&self) -> Vec<u64> {
        self.stores.iter().map(|store| store.before).collect()
    }

    /// What each read-modify-write wrote, and what it read.
    fn pairs(&self) -> Vec<(usize, usize)> {
        self.stores.iter().enumerate().filter_map(|(wrote, store)| Some((wrote, store.read?))).collect()
    }
}

/// Adds what follows: before what comes before; and nothing between the halves of a read-modify-write. `false` if a store would come
/// before itself.
fn close(order: &mut [u64], pairs: &[(usize, usize)]) -> bool {
    loop {
        let old = order.to_vec();
        for store in 0..order.len() {
            let earlier = (0..order.len()).filter(|&other| old[store] & bit(other) != 0);
            order[store] |= earlier.map(|other| old[other]).fold(0, |all, before| all | before);
        }
        for &(wrote, read) in pairs {
            // Who comes before the second half comes before the first one, and who comes after the first after the second.
            order[read] |= order[wrote] & !bit(read);
            for other in (0..order.len()).filter(|&other| other != wrote) {
                if order[other] & bit(read) != 0 {
                    order[other] |= bit(wrote);
                }
            }
        }
        if order.iter().enumerate().any(|(store, before)| before & bit(store) != 0) {
            return false;
        }
        if old == order {
            return true;
        }
    }
}
