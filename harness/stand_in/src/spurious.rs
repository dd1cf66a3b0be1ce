//! What may happen for no reason: a `compare_exchange_weak` that fails although the value is the expected one, a `Condvar` or a
//! parked thread that wakes although nobody has called it, a time that runs out at once. Correct programs bear all of that, anywhere.
//!
//! Neither engine does such a thing by itself. So a check notes each [`Occasion`] on which it might have, and afterwards goes
//! through the program's interleavings once more for each of them, with just that one taking place.

use crate::model::{self, with};
use interleaving::json::{self, Json};
use interleaving::json_object;
use std::collections::BTreeSet;

/// So many times in an interleaving a thread gives an occasion of one kind; later ones are like those before.
const TIMES: usize = 2;
/// So many threads are looked at.
const THREADS: usize = 4;

/// A moment at which something may happen for no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occasion {
    kind: Kind,
    thread: usize,
    /// The thread's first, second, … of that kind, from 0.
    nth: usize,
}

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A `compare_exchange_weak` fails.
    Failure,
    /// A `Condvar` or a parked thread wakes.
    Wakeup,
    /// The time of a wait is up before what it waits for comes.
    Timeout,
    /// Between two looks at the clock, an hour passes.
    Leap,
    /// A `Barrier` chooses another leader than the thread that came last.
    Leader,
}

impl Json for Kind {
    fn write(&self, out: &mut String) {
        (*self as usize).write(out);
    }

    fn read(value: &json::Value) -> Option<Self> {
        let kinds = [Self::Failure, Self::Wakeup, Self::Timeout, Self::Leap, Self::Leader];
        kinds.get(usize::read(value)?).copied()
    }
}

json_object!(Occasion { kind, thread, nth });

/// How many kinds there are.
const KINDS: usize = 5;

/// The occasions of a check so far, and the one that is taken.
pub(crate) struct Occasions {
    seen: BTreeSet<Occasion>,
    taken: Option<Occasion>,
    /// How many of each kind each thread has had in this interleaving.
    counts: Vec<[usize; KINDS]>,
}

impl Occasions {
    pub(crate) const fn new() -> Self {
        Self { seen: BTreeSet::new(), taken: None, counts: Vec::new() }
    }

    pub(crate) fn begin(&mut self, taken: Option<Occasion>) {
        self.taken = taken;
        self.counts.clear();
    }
}

/// The next occasion of a check that has not been taken yet: the least one after `last`.
pub fn next_occasion(last: Option<Occasion>) -> Option<Occasion> {
    with(|model| model.occasions.seen.iter().find(|&&occasion| last.is_none_or(|last| occasion > last)).copied())
}

/// The running thread gives an occasion. Returns whether it is taken.
pub(crate) fn happens(kind: Kind) -> bool {
    let thread = model::current();
    with(|model| {
        let Occasions { seen, taken, counts } = &mut model.occasions;
        if counts.len() <= thread {
            counts.resize(thread + 1, [0; KINDS]);
        }
        let nth = counts[thread][kind as usize];
        counts[thread][kind as usize] += 1;
        let occasion = Occasion { kind, thread, nth };
        if nth < TIMES && thread < THREADS {
            seen.insert(occasion);
        }
        *taken == Some(occasion)
    })
}
