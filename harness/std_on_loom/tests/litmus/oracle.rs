//! What C++20 allows, by brute force: every way to read and to order the stores of a program, held against the axioms.
//!
//! The axioms are those of the C++20 standard, N4861: happens-before and coherence as in [intro.races], release sequences in
//! their C++20 form, fences as in [atomics.fences], the total order S as in [atomics.order]/3 and /4. The repaired model RC11
//! (Lahav, Vafeiadis, Kang, Hur, Dreyer: Repairing Sequential Consistency in C/C++11, PLDI 2017), without its ban on cycles of
//! program order and reads-from, stands beside it, since the two differ in places.
//!
//! No ban on values out of thin air is needed: no program here has a dependency, so every value read is one that is written.

use crate::program::{Instruction, Kind, Location, NAMES, Outcome, Program, reading_half};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

/// What may come out of a program.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// Without any axiom, save that what is read has been written.
    pub conceivable: BTreeSet<Outcome>,
    pub cpp20: BTreeSet<Outcome>,
    pub rc11: BTreeSet<Outcome>,
}

/// Judges every outcome of a program.
pub fn judge(program: &Program, last: &[Location]) -> Judged {
    let mut judged = Judged::default();
    let all = events(program);
    let exchanges: Vec<usize> = (0..all.len()).filter(|&event| matches!(all[event].kind, Kind::Exchange(..))).collect();
    for succeed in product(&vec![vec![false, true]; exchanges.len()]) {
        // An exchange that succeeds is a swap, another one a load: if it reads what it must.
        let mut events = all.clone();
        let mut expected = vec![];
        for (&event, &succeeds) in exchanges.iter().zip(&succeed) {
            let Event { kind: Kind::Exchange(current, new), order, .. } = events[event] else { unreachable!() };
            expected.push((event, current, succeeds));
            events[event].kind = if succeeds { Kind::Swap(new) } else { Kind::Load };
            events[event].order = if succeeds { order } else { reading_half(order) };
        }
        let is_wanted = |from: &[Option<usize>], values: &[u64]| {
            expected.iter().all(|&(event, current, succeeds)| (from[event].map(|from| values[from]) == Some(current)) == succeeds)
        };
        judge_events(&events, last, is_wanted, &mut judged);
    }
    judged
}

fn judge_events(events: &[Event], last: &[Location], is_wanted: impl Fn(&[Option<usize>], &[u64]) -> bool, judged: &mut Judged) {
    let reads: Vec<usize> = (0..events.len()).filter(|&event| events[event].is_read()).collect();
    let sources = |&read: &usize| {
        let writes = (0..events.len()).filter(|&write| write != read && events[write].is_write());
        writes.filter(|&write| events[write].at == events[read].at).collect()
    };
    let orders = modification_orders(events);
    for sources in product(&reads.iter().map(sources).collect::<Vec<Vec<usize>>>()) {
        let mut from = vec![None; events.len()];
        reads.iter().zip(sources).for_each(|(&read, source)| from[read] = Some(source));
        let Some(values) = values(events, &from).filter(|values| is_wanted(&from, values)) else { continue };
        for orders in &orders {
            let registers = reads.iter().map(|&read| values[from[read].expect("it reads")]);
            let last = last.iter().map(|&at| values[*orders[at].last().expect("its first value")]);
            let outcome: Outcome = registers.chain(last).collect();
            let candidate = Candidate::new(events, &from, orders);
            if candidate.is_coherent() && candidate.is_atomic() {
                if candidate.has_total_order() {
                    judged.cpp20.insert(outcome.clone());
                }
                if candidate.is_rc11() {
                    judged.rc11.insert(outcome);
                }
            }
        }
        // In the end a location might hold whatever is stored to it.
        let stores = |&at: &Location| {
            let writes = (0..events.len()).filter(|&write| events[write].is_write() && events[write].at == at);
            writes.map(|write| values[write]).collect()
        };
        let registers: Outcome = reads.iter().map(|&read| values[from[read].expect("it reads")]).collect();
        let ends = product(&last.iter().map(stores).collect::<Vec<Vec<u64>>>());
        judged.conceivable.extend(ends.into_iter().map(|end| [&registers[..], &end[..]].concat()));
    }
}

/// What happens once: an instruction of a thread, or the making of a location.
#[derive(Clone, Copy)]
struct Event {
    /// `None` for the making of a location, which comes before all else.
    thread: Option<usize>,
    kind: Kind,
    at: Location,
    order: Ordering,
}

impl Event {
    fn is_read(&self) -> bool {
        Instruction { kind: self.kind, at: self.at, order: () }.reads()
    }
    fn is_write(&self) -> bool {
        Instruction { kind: self.kind, at: self.at, order: () }.writes()
    }
    fn is_fence(&self) -> bool {
        self.kind == Kind::Fence
    }
    fn releases(&self) -> bool {
        (self.is_write() || self.is_fence()) && matches!(self.order, Release | AcqRel | SeqCst)
    }
    fn acquires(&self) -> bool {
        (self.is_read() || self.is_fence()) && matches!(self.order, Acquire | AcqRel | SeqCst)
    }
}

fn events(program: &Program) -> Vec<Event> {
    let made = |at| Event { thread: None, kind: Kind::Store(0), at, order: Relaxed };
    let threads = program.iter().enumerate().flat_map(|(thread, instructions)| {
        let event = move |one: &Instruction<_>| Event { thread: Some(thread), kind: one.kind, at: one.at, order: one.order };
        instructions.iter().map(event)
    });
    (0..NAMES.len()).map(made).chain(threads).collect()
}

/// One of each.
fn product<T: Clone>(choices: &[Vec<T>]) -> Vec<Vec<T>> {
    choices.iter().fold(vec![vec![]], |all, choice| {
        all.iter().flat_map(|chosen| choice.iter().map(|one| [&chosen[..], std::slice::from_ref(one)].concat())).collect()
    })
}

/// Every order of the stores in which those of a thread stay as they are: anything else breaks coherence anyway.
fn orders(events: &[Event], of: &[usize]) -> Vec<Vec<usize>> {
    if of.is_empty() {
        return vec![vec![]];
    }
    let is_first = |&write: &usize| !of.iter().any(|&other| other < write && events[other].thread == events[write].thread);
    let beginning = |first: usize| {
        let rest: Vec<usize> = of.iter().copied().filter(|&other| other != first).collect();
        orders(events, &rest).into_iter().map(move |rest| [&[first], &rest[..]].concat())
    };
    of.iter().copied().filter(is_first).flat_map(beginning).collect()
}

/// For each location every order of its stores, its making first.
fn modification_orders(events: &[Event]) -> Vec<Vec<Vec<usize>>> {
    let all = |at: Location| {
        let writes = (NAMES.len()..events.len()).filter(|&write| events[write].is_write() && events[write].at == at);
        orders(events, &writes.collect::<Vec<_>>()).into_iter().map(|rest| [&[at], &rest[..]].concat()).collect()
    };
    product(&(0..NAMES.len()).map(all).collect::<Vec<_>>())
}

/// What each event writes; `None` if read-modify-writes feed each other in a circle.
fn values(events: &[Event], from: &[Option<usize>]) -> Option<Vec<u64>> {
    let value = |mut event: usize| {
        let mut sum = 0;
        for _ in 0..events.len() {
            match events[event].kind {
                Kind::Store(value) | Kind::Swap(value) => return Some(sum + value),
                Kind::Add(value) => sum += value,
                Kind::Load | Kind::Fence | Kind::Exchange(..) => return Some(0),
            }
            event = from[event].expect("it reads");
        }
        None
    };
    (0..events.len()).map(value).collect()
}

/// A set of pairs of events: row `a` has bit `b` if `a` comes before `b`.
#[derive(Clone, PartialEq, Eq)]
struct Relation(Vec<u32>);

impl Relation {
    fn new(size: usize, holds: impl Fn(usize, usize) -> bool) -> Self {
        let row = |a| (0..size).filter(|&b| holds(a, b)).map(|b| 1 << b).sum();
        Self((0..size).map(row).collect())
    }
    fn has(&self, a: usize, b: usize) -> bool {
        self.0[a] >> b & 1 == 1
    }
    fn or(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a | b).collect())
    }
    /// First this one, then the other.
    fn then(&self, other: &Self) -> Self {
        let row = |&row: &u32| (0..other.0.len()).filter(|&b| row >> b & 1 == 1).fold(0, |all, b| all | other.0[b]);
        Self(self.0.iter().map(row).collect())
    }
    /// This one or nothing at all.
    fn maybe(&self) -> Self {
        Self(self.0.iter().enumerate().map(|(a, row)| row | 1 << a).collect())
    }
    /// Any number of times, but at least once.
    fn closed(&self) -> Self {
        let mut rows = self.0.clone();
        for middle in 0..rows.len() {
            for a in 0..rows.len() {
                if rows[a] >> middle & 1 == 1 {
                    rows[a] |= rows[middle];
                }
            }
        }
        Self(rows)
    }
    fn is_irreflexive(&self) -> bool {
        (0..self.0.len()).all(|a| !self.has(a, a))
    }
    fn filter(&self, holds: impl Fn(usize, usize) -> bool) -> Self {
        Self::new(self.0.len(), |a, b| self.has(a, b) && holds(a, b))
    }
}

/// An execution that may or may not be one.
struct Candidate<'a> {
    events: &'a [Event],
    from: &'a [Option<usize>],
    /// In the order of a thread.
    sequenced: Relation,
    /// From a store to whoever reads it.
    read_by: Relation,
    /// The order of the stores to each location.
    modified: Relation,
    /// From a read to every store after the one that it reads.
    overwritten: Relation,
    synchronizes: Relation,
    happens_before: Relation,
}

impl<'a> Candidate<'a> {
    fn new(events: &'a [Event], from: &'a [Option<usize>], orders: &[Vec<usize>]) -> Self {
        let size = events.len();
        let sequenced = Relation::new(size, |a, b| match (events[a].thread, events[b].thread) {
            (None, Some(_)) => true,
            (one, other) => one.is_some() && one == other && a < b,
        });
        let read_by = Relation::new(size, |a, b| from[b] == Some(a));
        let mut place = vec![None; size];
        for order in orders {
            order.iter().enumerate().for_each(|(index, &write)| place[write] = Some(index));
        }
        let modified = Relation::new(size, |a, b| {
            events[a].at == events[b].at && place[a].zip(place[b]).is_some_and(|(first, second)| first < second)
        });
        // The same read-modify-write is no store after the one that it reads.
        let overwritten = Relation::new(size, |a, b| a != b && from[a].is_some_and(|source| modified.has(source, b)));
        let synchronizes = synchronizes(events, from, &sequenced);
        let happens_before = sequenced.or(&synchronizes).closed();
        Self { events, from, sequenced, read_by, modified, overwritten, synchronizes, happens_before }
    }

    /// Coherence-ordered before ([atomics.order]/3); the extended coherence order of RC11.
    fn coherence_ordered(&self) -> Relation {
        self.read_by.or(&self.modified).or(&self.overwritten).closed()
    }

    /// [intro.races]: the four coherences, and that nothing happens before itself.
    fn is_coherent(&self) -> bool {
        let ordered = self.coherence_ordered();
        self.happens_before.is_irreflexive() && ordered.is_irreflexive() && self.happens_before.then(&ordered).is_irreflexive()
    }

    /// [atomics.order]/10: a read-modify-write reads the store just before its own.
    fn is_atomic(&self) -> bool {
        let between = self.overwritten.then(&self.modified);
        (0..self.events.len())
            .all(|event| self.from[event].is_none() || !self.events[event].is_write() || !between.has(event, event))
    }

    fn is_sc(&self, event: usize) -> bool {
        self.events[event].order == SeqCst
    }

    fn is_sc_fence(&self, event: usize) -> bool {
        self.is_sc(event) && self.events[event].is_fence()
    }

    /// [atomics.order]/4: the constraints on S have no cycle, so some total order has them all.
    fn has_total_order(&self) -> bool {
        let size = self.events.len();
        // [intro.races]/12: strongly happens before.
        let both_sc = self.synchronizes.filter(|a, b| self.is_sc(a) && self.is_sc(b));
        let through = self.sequenced.then(&self.happens_before).then(&self.sequenced);
        let strongly = self.sequenced.or(&both_sc).or(&through).closed();
        let strongly = strongly.filter(|a, b| self.is_sc(a) && self.is_sc(b));
        // From an `SeqCst` operation, or a fence before an operation, to the operation; and the other way round.
        let itself = |a: usize, b: usize| a == b && self.is_sc(a) && !self.events[a].is_fence();
        let enter = Relation::new(size, |a, b| itself(a, b) || self.is_sc_fence(a) && self.happens_before.has(a, b));
        let leave = Relation::new(size, |a, b| itself(a, b) || self.is_sc_fence(b) && self.happens_before.has(a, b));
        let constraints = enter.then(&self.coherence_ordered()).then(&leave);
        strongly.or(&constraints).closed().is_irreflexive()
    }

    /// RC11, section 3.6: no cycle in psc.
    fn is_rc11(&self) -> bool {
        let size = self.events.len();
        let same = |a: usize, b: usize| {
            !self.events[a].is_fence() && !self.events[b].is_fence() && self.events[a].at == self.events[b].at
        };
        let elsewhere = self.sequenced.filter(|a, b| !same(a, b));
        let here = self.happens_before.filter(same);
        let detour = elsewhere.then(&self.happens_before).then(&elsewhere);
        let base = self.sequenced.or(&detour).or(&here).or(&self.modified).or(&self.overwritten);
        let itself = Relation::new(size, |a, b| a == b && self.is_sc(a));
        let maybe = self.happens_before.maybe();
        let enter = itself.or(&maybe.filter(|a, _| self.is_sc_fence(a)));
        let leave = itself.or(&maybe.filter(|_, b| self.is_sc_fence(b)));
        let psc_base = enter.then(&base).then(&leave);
        let around = self.happens_before.then(&self.coherence_ordered()).then(&self.happens_before);
        let psc_fence = self.happens_before.or(&around).filter(|a, b| self.is_sc_fence(a) && self.is_sc_fence(b));
        psc_base.or(&psc_fence).closed().is_irreflexive()
    }
}

/// Synchronizes-with: [atomics.order]/2 and [atomics.fences]/2 to /4.
fn synchronizes(events: &[Event], from: &[Option<usize>], sequenced: &Relation) -> Relation {
    let size = events.len();
    let mut pairs = Relation::new(size, |_, _| false);
    for read in 0..size {
        // The heads of the release sequences that the read reads from: what is read, and while that is a read-modify-write,
        // what it read. A store in between ends the sequence, whoever makes it.
        let mut head = from[read];
        for _ in 0..size {
            let Some(write) = head else { break };
            let fences = |a: usize, b: usize, side: fn(&Event) -> bool| {
                (events[a].is_fence() && side(&events[a]) && sequenced.has(a, b)).then_some(a)
            };
            let releasing =
                (0..size).filter_map(|a| fences(a, write, Event::releases)).chain(events[write].releases().then_some(write));
            let acquiring: Vec<usize> = (0..size)
                .filter(|&b| events[b].is_fence() && events[b].acquires() && sequenced.has(read, b))
                .chain(events[read].acquires().then_some(read))
                .collect();
            for a in releasing {
                acquiring.iter().for_each(|&b| pairs.0[a] |= 1 << b);
            }
            head = from[write];
        }
    }
    // Within a thread the order is there anyway.
    pairs.filter(|a, b| a != b && !(events[a].thread.is_some() && events[a].thread == events[b].thread && a < b))
}
