//! What is ordered before what in a recorded interleaving, and what each thread could still see at each step.
//!
//! The engine has decided which values a load may return and which accesses race; this is worked out again from the steps alone,
//! for the picture: which store an Acquire met, which pair of operations should have met and did not. Where the steps do not say
//! everything (a token of `park`, the inside of a `Barrier`), less is ordered here than there.

use crate::step::{Action, Interleaving, Newer, ObjectKind, Step};
use crate::value::Value;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// What one step has learned from another thread's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    /// The earlier step: an index into [`Interleaving::steps`].
    pub(crate) from: usize,
    /// The later one.
    pub(crate) to: usize,
    /// How.
    pub(crate) by: Meeting,
}

/// How one thread learns what another one did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meeting {
    /// A store with Release that a load with Acquire has read.
    Published,
    /// An unlock, and the next lock.
    Lock,
    /// A thread's start.
    Start,
    /// A thread's end, and a join.
    Join,
    /// A message.
    Message,
}

/// A store that a load has read although nothing was published by that: what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unordered {
    /// The store.
    pub(crate) store: usize,
    /// The load that read it.
    pub(crate) load: usize,
    /// Whether the store would have to be a Release.
    pub(crate) store_publishes: bool,
    /// Whether the load would have to be an Acquire.
    pub(crate) load_acquires: bool,
}

/// A value of an atomic.
#[derive(Clone, Debug)]
struct Stored {
    value: Value,
    /// By which step.
    step: usize,
    /// What whoever acquires it learns, if it publishes anything.
    publishes: Option<Clock>,
}

/// What a thread knows: up to which of its own steps each other thread has come, and the oldest value that it may still read of
/// each atomic.
#[derive(Clone, Debug, Default)]
struct Clock {
    steps: Vec<usize>,
    oldest: BTreeMap<usize, usize>,
}

impl Clock {
    fn learn(&mut self, other: &Self) {
        if self.steps.len() < other.steps.len() {
            self.steps.resize(other.steps.len(), 0);
        }
        for (mine, theirs) in self.steps.iter_mut().zip(&other.steps) {
            *mine = (*mine).max(*theirs);
        }
        for (&object, &index) in &other.oldest {
            self.at_least(object, index);
        }
    }

    fn at_least(&mut self, object: usize, index: usize) {
        let oldest = self.oldest.entry(object).or_default();
        *oldest = (*oldest).max(index);
    }
}

/// Each atomic's values that each thread could read after a step, oldest first.
pub(crate) type Visible = BTreeMap<usize, Vec<Vec<Value>>>;

/// What is known of a thing that threads share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// An atomic's newest value.
    Value(Value),
    /// A lock, and who holds it.
    HeldBy(Vec<usize>),
    /// A channel, and how many messages are on their way.
    Messages(usize),
    /// A `Condvar`, and who waits on it.
    Waiting(Vec<usize>),
    /// A cell, and who wrote it last.
    WrittenBy(usize),
}

/// The order of the steps of one interleaving.
pub(crate) struct Order {
    /// What each thread learned from others.
    pub(crate) edges: Vec<Edge>,
    /// For each step, what each thread could read after it.
    pub(crate) visible: Vec<Visible>,
    /// For each load, the step that stored what it read, if a step did.
    pub(crate) read_from: Vec<Option<usize>>,
    /// For each step, what had become of the things by then.
    pub(crate) states: Vec<BTreeMap<usize, State>>,
    /// What each thread knew at each of its steps.
    known: Vec<Clock>,
}

impl Order {
    /// Works out the order of the steps.
    pub(crate) fn of(interleaving: &Interleaving) -> Self {
        let mut walk = Walk::new(interleaving);
        for (index, step) in interleaving.steps.iter().enumerate() {
            walk.step(index, step);
        }
        Self { edges: walk.edges, visible: walk.visible, read_from: walk.read_from, states: walk.states, known: walk.known }
    }

    /// Whether `earlier` is ordered before `later`, by what the steps say.
    pub(crate) fn is_before(&self, steps: &[Step], earlier: usize, later: usize) -> bool {
        let thread = steps[earlier].thread;
        self.known[later].steps.get(thread).is_some_and(|&upto| upto > earlier)
    }

    /// Between `first` and `second`, steps of two threads that nothing orders: the last operation with which the second thread
    /// read what the first one had stored in between, had that only published what came before.
    pub(crate) fn missing(&self, steps: &[Step], first: usize, second: usize) -> Option<Unordered> {
        let (writer, reader) = (steps[first].thread, steps[second].thread);
        let found = (0..second).rev().filter(|&load| steps[load].thread == reader).find_map(|load| {
            let store = self.read_from[load]?;
            (steps[store].thread == writer && store > first).then_some((store, load))
        });
        let (store, load) = found?;
        let fence = |from: usize, to: usize, thread: usize, fits: fn(Ordering) -> bool| {
            let steps = steps.get(from..to).unwrap_or_default().iter();
            steps.filter(|step| step.thread == thread).any(|step| matches!(step.action, Action::Fence { order } if fits(order)))
        };
        let store_publishes = order_of(&steps[store]).is_some_and(releases) || fence(first, store, writer, releases);
        let load_acquires = order_of(&steps[load]).is_some_and(acquires) || fence(load, second, reader, acquires);
        (!store_publishes || !load_acquires).then_some(Unordered { store, load, store_publishes, load_acquires })
    }
}

/// The ordering that an operation on an atomic was done with; for a failed exchange, nothing that we know.
pub(crate) fn order_of(step: &Step) -> Option<Ordering> {
    match step.action {
        Action::Load { order, .. } | Action::Store { order, .. } | Action::ReadModifyWrite { order, .. } => Some(order),
        Action::CompareExchange { order, exchanged: true, .. } => Some(order),
        _ => None,
    }
}

fn releases(order: Ordering) -> bool {
    matches!(order, Ordering::Release | Ordering::AcqRel | Ordering::SeqCst)
}

fn acquires(order: Ordering) -> bool {
    matches!(order, Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst)
}

#[derive(Default)]
struct ThreadOrder {
    knows: Clock,
    /// What it would know if it now did an Acquire fence.
    has_read: Clock,
    /// What it knew at its last Release fence.
    fenced: Option<Clock>,
    /// The locks that it holds, the latest last.
    holds: Vec<usize>,
    /// The lock that it will have again when it wakes from a `Condvar`.
    waits_with: Option<usize>,
}

struct Walk<'a> {
    interleaving: &'a Interleaving,
    threads: Vec<ThreadOrder>,
    values: BTreeMap<usize, Vec<Stored>>,
    /// What was known at a lock's last unlock, and which step that was.
    unlocked: BTreeMap<usize, (Clock, usize)>,
    /// The messages that are on their way in each channel.
    messages: BTreeMap<usize, Vec<(Clock, usize)>>,
    ended: BTreeMap<usize, (Clock, usize)>,
    edges: Vec<Edge>,
    visible: Vec<Visible>,
    read_from: Vec<Option<usize>>,
    state: BTreeMap<usize, State>,
    states: Vec<BTreeMap<usize, State>>,
    known: Vec<Clock>,
}

impl<'a> Walk<'a> {
    fn new(interleaving: &'a Interleaving) -> Self {
        Self {
            interleaving,
            threads: interleaving.threads.iter().map(|_| ThreadOrder::default()).collect(),
            values: BTreeMap::new(),
            unlocked: BTreeMap::new(),
            messages: BTreeMap::new(),
            ended: BTreeMap::new(),
            edges: Vec::new(),
            visible: Vec::new(),
            read_from: Vec::new(),
            state: BTreeMap::new(),
            states: Vec::new(),
            known: Vec::new(),
        }
    }

    fn learn(&mut self, thread: usize, (clock, from): &(Clock, usize), to: usize, by: Meeting) {
        self.threads[thread].knows.learn(clock);
        if self.interleaving.steps[*from].thread != thread {
            self.edges.push(Edge { from: *from, to, by });
        }
    }

    fn step(&mut self, index: usize, step: &Step) {
        let thread = step.thread;
        let knows = &mut self.threads[thread].knows;
        knows.steps.resize(knows.steps.len().max(thread + 1), 0);
        knows.steps[thread] = index + 1;
        self.read_from.push(None);
        match (step.action, step.object) {
            (Action::Load { order, value, newer }, Some(object)) => self.load(index, thread, object, order, value, newer),
            (Action::Store { order, value }, Some(object)) => self.store(index, thread, object, order, value, false),
            (Action::ReadModifyWrite { order, old, new }, Some(object)) => {
                self.load(index, thread, object, order, old, None);
                self.store(index, thread, object, order, new, true);
            }
            (Action::CompareExchange { order, new, found, exchanged, newer, .. }, Some(object)) => {
                // What a failed exchange was to acquire is not recorded: nothing, then.
                self.load(index, thread, object, if exchanged { order } else { Ordering::Relaxed }, found, newer);
                if exchanged {
                    self.store(index, thread, object, order, new, true);
                }
            }
            (Action::Fence { order }, _) => self.fence(thread, order),
            (Action::Lock { .. } | Action::TryLock { locked: true }, Some(lock)) => self.lock(index, thread, lock),
            (Action::Unlock, Some(lock)) => self.unlock(index, thread, lock),
            (Action::CondvarWait, _) => {
                if let Some(lock) = self.threads[thread].holds.last().copied() {
                    self.threads[thread].waits_with = Some(lock);
                    self.unlock(index, thread, lock);
                }
            }
            (Action::CondvarWoken { .. } | Action::TimedOut, _) => {
                if let Some(lock) = self.threads[thread].waits_with.take() {
                    self.lock(index, thread, lock);
                }
            }
            (Action::Spawn { child }, _) => {
                let clock = self.threads[thread].knows.clone();
                if let Some(child) = self.threads.get_mut(child) {
                    child.knows.learn(&clock);
                }
            }
            (Action::End, _) => {
                self.ended.insert(thread, (self.threads[thread].knows.clone(), index));
            }
            (Action::Join { child, .. }, _) => {
                if let Some(ended) = self.ended.get(&child).cloned() {
                    self.learn(thread, &ended, index, Meeting::Join);
                }
            }
            (Action::Send { accepted: true }, Some(channel)) => {
                let message = (self.threads[thread].knows.clone(), index);
                self.messages.entry(channel).or_default().push(message);
            }
            (Action::Receive { received: true }, Some(channel)) => {
                let waiting = self.messages.entry(channel).or_default();
                if !waiting.is_empty() {
                    let message = waiting.remove(0);
                    self.learn(thread, &message, index, Meeting::Message);
                }
            }
            _ => {}
        }
        if let Action::Spawn { child } = step.action
            && let Some(first) = self.interleaving.steps.iter().position(|step| step.thread == child)
        {
            self.edges.push(Edge { from: index, to: first, by: Meeting::Start });
        }
        self.note_state(step);
        self.known.push(self.threads[thread].knows.clone());
        self.visible.push(self.visible_now());
        self.states.push(self.state.clone());
    }

    fn note_state(&mut self, step: &Step) {
        let Some(object) = step.object else { return };
        let state = match step.action {
            Action::Load { .. } | Action::Store { .. } | Action::ReadModifyWrite { .. } | Action::CompareExchange { .. } => {
                let newest = self.values.get(&object).and_then(|values| values.last());
                newest.map(|newest| State::Value(newest.value))
            }
            Action::CellWrite => Some(State::WrittenBy(step.thread)),
            Action::Send { .. } | Action::Receive { .. } => Some(State::Messages(self.messages.get(&object).map_or(0, Vec::len))),
            Action::CondvarWait => Some(self.waiting(object, |waiting| waiting.push(step.thread))),
            Action::CondvarWoken { .. } | Action::TimedOut => {
                Some(self.waiting(object, |waiting| waiting.retain(|&thread| thread != step.thread)))
            }
            _ => None,
        };
        self.state.extend(state.map(|state| (object, state)));
    }

    fn waiting(&self, object: usize, change: impl FnOnce(&mut Vec<usize>)) -> State {
        let mut waiting = match self.state.get(&object) {
            Some(State::Waiting(waiting)) => waiting.clone(),
            _ => Vec::new(),
        };
        change(&mut waiting);
        State::Waiting(waiting)
    }

    fn lock(&mut self, index: usize, thread: usize, lock: usize) {
        if let Some(unlocked) = self.unlocked.get(&lock).cloned() {
            self.learn(thread, &unlocked, index, Meeting::Lock);
        }
        self.threads[thread].holds.push(lock);
        self.note_holders(lock);
    }

    fn note_holders(&mut self, lock: usize) {
        let holders = self.threads.iter().enumerate().filter(|(_, thread)| thread.holds.contains(&lock));
        let holders = holders.map(|(thread, _)| thread).collect();
        self.state.insert(lock, State::HeldBy(holders));
    }

    fn unlock(&mut self, index: usize, thread: usize, lock: usize) {
        self.threads[thread].holds.retain(|&held| held != lock);
        self.unlocked.insert(lock, (self.threads[thread].knows.clone(), index));
        self.note_holders(lock);
    }

    fn fence(&mut self, thread: usize, order: Ordering) {
        let thread = &mut self.threads[thread];
        if acquires(order) {
            thread.knows.learn(&thread.has_read);
        }
        if releases(order) {
            thread.fenced = Some(thread.knows.clone());
        }
    }

    fn load(&mut self, index: usize, thread: usize, object: usize, order: Ordering, value: Value, newer: Option<Newer>) {
        let values = self.values.entry(object).or_default();
        let oldest = self.threads[thread].knows.oldest.get(&object).copied().unwrap_or(0);
        let last = values.len().checked_sub(1);
        let read = match newer {
            None => last.filter(|&last| values[last].value == value),
            Some(_) => (oldest..values.len().saturating_sub(1)).rev().find(|&index| values[index].value == value),
        };
        let Some(read) = read else {
            if values.is_empty() {
                // What it was made with: no step stored that.
                values.push(Stored { value, step: usize::MAX, publishes: None });
            }
            return;
        };
        let Stored { step, publishes, .. } = values[read].clone();
        self.threads[thread].knows.at_least(object, read);
        if step == usize::MAX {
            return;
        }
        self.read_from[index] = Some(step);
        if let Some(clock) = publishes {
            if acquires(order) {
                self.learn(thread, &(clock, step), index, Meeting::Published);
            } else {
                self.threads[thread].has_read.learn(&clock);
            }
        }
    }

    fn store(&mut self, index: usize, thread: usize, object: usize, order: Ordering, value: Value, goes_on: bool) {
        let values = self.values.entry(object).or_default();
        let state = &mut self.threads[thread];
        let mut publishes = if releases(order) { Some(state.knows.clone()) } else { state.fenced.clone() };
        if goes_on && let Some(before) = values.last().and_then(|last| last.publishes.as_ref()) {
            publishes.get_or_insert_default().learn(before);
        }
        values.push(Stored { value, step: index, publishes });
        state.knows.at_least(object, values.len() - 1);
        if let Some(publishes) = values.last_mut().and_then(|last| last.publishes.as_mut()) {
            publishes.at_least(object, 0);
        }
    }

    fn visible_now(&self) -> Visible {
        let atomics = self.values.iter().filter(|(object, _)| {
            matches!(self.interleaving.objects.get(**object).map(|object| object.kind), Some(ObjectKind::Atomic(_)))
        });
        let of_thread = |thread: &ThreadOrder, object: usize, values: &[Stored]| {
            let oldest = thread.knows.oldest.get(&object).copied().unwrap_or(0);
            let mut seen: Vec<Value> = values.get(oldest..).unwrap_or_default().iter().map(|stored| stored.value).collect();
            seen.dedup();
            seen
        };
        atomics
            .map(|(&object, values)| {
                let values = &values[..];
                (object, self.threads.iter().map(|thread| of_thread(thread, object, values)).collect())
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::{Object, Thread};
    use crate::value::Shape;
    use std::panic::Location;

    const DATA: usize = 0;
    const FLAG: usize = 1;

    fn value(bits: u64) -> Value {
        Value { bits, shape: Shape::Unsigned }
    }

    fn told(steps: &[(usize, Option<usize>, Action)]) -> (Interleaving, Order) {
        let at = Location::caller();
        let threads = vec![Thread { name: None, started_at: None }; 3];
        let objects = vec![Object { kind: ObjectKind::Cell }, Object { kind: ObjectKind::Atomic(Shape::Unsigned) }];
        let steps = steps.iter().map(|&(thread, object, action)| Step { thread, object, action, at }).collect();
        let interleaving = Interleaving { threads, objects, steps };
        let order = Order::of(&interleaving);
        (interleaving, order)
    }

    fn passed_on(store: Ordering, load: Ordering) -> (Interleaving, Order) {
        told(&[
            (0, Some(DATA), Action::CellWrite),
            (0, Some(FLAG), Action::Store { order: store, value: value(1) }),
            (1, Some(FLAG), Action::Load { order: load, value: value(1), newer: None }),
            (1, Some(DATA), Action::CellRead),
        ])
    }

    #[test]
    fn a_release_that_an_acquire_has_read_orders_what_came_before() {
        let (interleaving, order) = passed_on(Ordering::Release, Ordering::Acquire);
        assert!(order.is_before(&interleaving.steps, 0, 3));
        assert_eq!(order.edges, [Edge { from: 1, to: 2, by: Meeting::Published }]);
        assert_eq!(order.missing(&interleaving.steps, 0, 3), None);
    }

    #[test]
    fn the_side_that_is_too_weak_is_named() {
        for (store, load) in [
            (Ordering::Relaxed, Ordering::Acquire),
            (Ordering::Release, Ordering::Relaxed),
            (Ordering::Relaxed, Ordering::Relaxed),
        ] {
            let (interleaving, order) = passed_on(store, load);
            assert!(!order.is_before(&interleaving.steps, 0, 3));
            let missing = order.missing(&interleaving.steps, 0, 3).expect("the flag was read");
            assert_eq!((missing.store, missing.load), (1, 2));
            assert_eq!((missing.store_publishes, missing.load_acquires), (releases(store), acquires(load)));
        }
    }

    #[test]
    fn fences_publish_and_acquire_for_relaxed_operations() {
        let (interleaving, order) = told(&[
            (0, Some(DATA), Action::CellWrite),
            (0, None, Action::Fence { order: Ordering::Release }),
            (0, Some(FLAG), Action::Store { order: Ordering::Relaxed, value: value(1) }),
            (1, Some(FLAG), Action::Load { order: Ordering::Relaxed, value: value(1), newer: None }),
            (1, None, Action::Fence { order: Ordering::Acquire }),
            (1, Some(DATA), Action::CellRead),
        ]);
        assert!(order.is_before(&interleaving.steps, 0, 5));
    }

    #[test]
    fn what_a_thread_has_seen_it_cannot_unsee_and_others_still_may() {
        let relaxed = Ordering::Relaxed;
        let (_, order) = told(&[
            (0, Some(FLAG), Action::Store { order: relaxed, value: value(0) }),
            (0, Some(FLAG), Action::Store { order: relaxed, value: value(1) }),
            (1, Some(FLAG), Action::Load { order: relaxed, value: value(1), newer: None }),
        ]);
        let after = &order.visible[2][&FLAG];
        assert_eq!(after[0], [value(1)], "its own store");
        assert_eq!(after[1], [value(1)], "it has read it");
        assert_eq!(after[2], [value(0), value(1)], "nobody told it");
    }

    #[test]
    fn an_unlock_is_ordered_before_the_next_lock_and_a_wait_unlocks() {
        let lock = Some(FLAG);
        let (interleaving, order) = told(&[
            (0, lock, Action::Lock { waited: false }),
            (0, Some(DATA), Action::CellWrite),
            (0, Some(2), Action::CondvarWait),
            (1, lock, Action::Lock { waited: false }),
            (1, Some(DATA), Action::CellRead),
        ]);
        assert!(order.is_before(&interleaving.steps, 1, 4));
    }
}
