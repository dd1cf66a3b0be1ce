//! What is recorded: threads, objects, and the steps that the threads took.

use crate::source::Place;
use crate::value::{Shape, Value};
use std::sync::atomic::Ordering;

/// All that happened in one run of the program, in the order in which it happened.
#[derive(Clone, Debug, Default)]
pub struct Interleaving {
    /// The threads, the main one first, then in the order in which they were started.
    pub threads: Vec<Thread>,
    /// The things that threads share, in the order in which they were first used.
    pub objects: Vec<Object>,
    /// The steps.
    pub steps: Vec<Step>,
}

impl Interleaving {
    /// How often another thread goes on than the one before.
    pub fn turns(&self) -> usize {
        self.steps.windows(2).filter(|pair| pair[0].thread != pair[1].thread).count()
    }

    /// Nothing has happened yet.
    pub const fn new() -> Self {
        Self { threads: Vec::new(), objects: Vec::new(), steps: Vec::new() }
    }

    /// Adds a step that was not recorded when it was taken, before the one that has this index now.
    pub fn insert(&mut self, index: usize, step: Step) {
        self.steps.insert(index, step);
        for step in &mut self.steps {
            if let Action::Load { newer: Some(newer), .. } | Action::CompareExchange { newer: Some(newer), .. } = &mut step.action
                && newer.step >= index
            {
                newer.step = newer.step.saturating_add(1);
            }
        }
    }

    /// Forgets everything, but keeps the memory for the next run.
    pub fn clear(&mut self) {
        self.threads.clear();
        self.objects.clear();
        self.steps.clear();
    }
}

/// A thread of the program.
#[derive(Clone, Debug)]
pub struct Thread {
    /// The name given to it, or `main`, or none.
    pub name: Option<String>,
    /// Where it was started; none for the main thread.
    pub started_at: Option<Place>,
}

/// Something that threads share.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
}

/// The kinds of things that threads share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// An atomic, with the shape of its values.
    Atomic(Shape),
    /// An `UnsafeCell`, or a cell built on one.
    Cell,
    /// A `Mutex`.
    Mutex,
    /// A `RwLock`.
    RwLock,
    /// A `Condvar`.
    Condvar,
    /// A `Barrier`.
    Barrier,
    /// A `Once`, or what is built on one.
    Once,
    /// A channel.
    Channel,
    /// The end of a thread, for which others may wait.
    ThreadEnd,
    /// The count of an `Arc`.
    Arc,
    /// Memory that the program asked for.
    Block,
}

/// One operation of one thread.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Which thread: an index into [`Interleaving::threads`].
    pub thread: usize,
    /// On what: an index into [`Interleaving::objects`].
    pub object: Option<usize>,
    /// What it did, and what came of it.
    pub action: Action,
    /// Where in the source.
    pub at: Place,
}

/// A store that a load did not see, although it came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newer {
    /// What was stored.
    pub value: Value,
    /// By which step: an index into [`Interleaving::steps`].
    pub step: usize,
}

/// What a step did, and what came of it.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// Read an atomic.
    Load {
        /// The ordering asked for.
        order: Ordering,
        /// What was read.
        value: Value,
        /// Set if the load was stale: the newest store, which it did not see.
        newer: Option<Newer>,
    },
    /// Wrote an atomic.
    Store {
        /// The ordering asked for.
        order: Ordering,
        /// What was written.
        value: Value,
    },
    /// Read an atomic and wrote it, with no gap between.
    ReadModifyWrite {
        /// The ordering asked for.
        order: Ordering,
        /// What was read.
        old: Value,
        /// What was written.
        new: Value,
    },
    /// Compared, and exchanged if equal.
    CompareExchange {
        /// The ordering asked for, for success.
        order: Ordering,
        /// What was hoped for.
        expected: Value,
        /// What was to be written.
        new: Value,
        /// What was found.
        found: Value,
        /// Whether it was exchanged.
        exchanged: bool,
        /// Set if what was found was stale.
        newer: Option<Newer>,
    },
    /// A fence.
    Fence {
        /// The ordering asked for.
        order: Ordering,
    },
    /// Read what a cell holds.
    CellRead,
    /// Wrote what a cell holds, or took the right to.
    CellWrite,
    /// Dropped the value that a cell holds.
    CellDrop,
    /// Asked for memory.
    Allocate {
        /// How much, in bytes.
        bytes: usize,
    },
    /// Made it. Recorded only if somebody then uses what nothing orders after that.
    Make,
    /// Used what it must not use: memory that was freed, or an atomic that is not known to have been made.
    Use,
    /// Gave memory back.
    Free {
        /// How much, in bytes.
        bytes: usize,
    },
    /// Locked, after a wait or not.
    Lock {
        /// Whether the thread had to wait.
        waited: bool,
    },
    /// Tried to lock.
    TryLock {
        /// Whether it is locked now.
        locked: bool,
    },
    /// Unlocked.
    Unlock,
    /// Started a thread.
    Spawn {
        /// Which: an index into [`Interleaving::threads`].
        child: usize,
    },
    /// Waited for the end of a thread.
    Join {
        /// Which.
        child: usize,
        /// Whether it had ended in a panic.
        panicked: bool,
    },
    /// Ended.
    End,
    /// Told the scheduler that it waits: `spin_loop`, `yield_now`, or a loop that did not get on.
    GiveWay,
    /// Began to wait for something.
    Block,
    /// Began to wait on a `Condvar`, its mutex unlocked.
    CondvarWait,
    /// Came back from waiting on a `Condvar`.
    CondvarWoken {
        /// Whether it woke for no reason.
        spurious: bool,
    },
    /// Came back from a wait since its time was up.
    TimedOut,
    /// Did something else, with this outcome.
    Did(&'static str),
    /// Notified.
    Notify {
        /// How many threads were waiting.
        waiting: usize,
        /// Whether all were notified.
        all: bool,
    },
    /// Sent a message.
    Send {
        /// Whether somebody can still receive it.
        accepted: bool,
    },
    /// Received a message, or learned that none will come.
    Receive {
        /// Whether there was one.
        received: bool,
    },
    /// Dropped the end of a channel.
    Hangup,
    /// Panicked.
    Panic,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::Location;

    #[test]
    fn a_step_that_comes_in_later_leaves_the_others_pointing_at_what_they_did() {
        let at = Location::caller();
        let value = |bits| Value { bits, shape: Shape::Unsigned };
        let step = |action| Step { thread: 0, object: Some(0), action, at };
        let store = |bits| step(Action::Store { order: Ordering::Relaxed, value: value(bits) });
        let misses = |index| {
            let newer = Some(Newer { value: value(2), step: index });
            step(Action::Load { order: Ordering::Relaxed, value: value(0), newer })
        };
        let mut log =
            Interleaving { steps: vec![store(1), misses(0), store(2), misses(2), misses(usize::MAX)], ..Interleaving::new() };
        log.insert(1, step(Action::Make));
        let newer = |step: &Step| if let Action::Load { newer, .. } = step.action { newer.map(|newer| newer.step) } else { None };
        assert_eq!(log.steps.iter().filter_map(newer).collect::<Vec<_>>(), [0, 3, usize::MAX]);
        assert!(matches!(log.steps[1].action, Action::Make));
    }
}
