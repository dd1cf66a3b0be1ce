//! A failed check: the verdict in a learner's words, the interleaving that led to it, and how it was found.

use crate::memory::{MemoryFault, Site};
use crate::receipt::Coverage;
use crate::source::{Place, is_of_the_program, shown_path};
use crate::step::Interleaving;
use crate::story::Story;
use crate::text::Look;

/// What went wrong.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// A thread panicked, and the test did not expect it: most often the test's own assertion.
    Panicked {
        /// Which: an index into [`Interleaving::threads`].
        thread: usize,
        /// What it said.
        message: String,
        /// Where: `file:line:column`, if known.
        at: Option<String>,
    },
    /// Two threads used the same cell, at least one of them wrote, and nothing orders the two. Or one thread used an atomic that the
    /// other one has made.
    DataRace {
        /// The earlier one.
        first: Option<Access>,
        /// The later one.
        second: Access,
    },
    /// A mistake with memory that is managed by hand, or with the value in it.
    Memory(MemoryFault),
    /// Every thread that is left waits for another one.
    Deadlock {
        /// Who waits for what.
        waits: Vec<Wait>,
        /// The panic of a thread that came before, and that nobody has caught or seen: it may be the reason.
        after: Option<Box<Verdict>>,
    },
    /// The test is over, but a thread that it led to is still waiting and can never end.
    LeftBehind {
        /// Who waits for what.
        waits: Vec<Wait>,
    },
    /// Threads repeat themselves, and nobody changes what they wait for.
    Livelock {
        /// Who goes round in circles: an index into [`Interleaving::threads`].
        thread: usize,
        /// Where each thread that is still running looked last, and that was all that it did.
        looks: Vec<Site>,
        /// Who waits for what.
        waits: Vec<Wait>,
    },
    /// The run takes too many steps to be gone through.
    TooLong {
        /// How many steps were taken.
        steps: usize,
    },
    /// More threads at once than the engine can follow.
    TooManyThreads {
        /// The most that it can follow, main included.
        limit: usize,
    },
    /// Nothing was shared between threads, so there is nothing to check.
    NothingConcurrent {
        /// The most threads that were there, main included.
        threads: usize,
    },
    /// The program asked for something that a checked program may not do.
    Forbidden {
        /// What, as a sentence that names what to write instead.
        what: String,
        /// Where.
        at: Place,
    },
    /// A thread neither ended nor did anything that others could see.
    Hung {
        /// For how long, in seconds.
        seconds: u64,
    },
    /// Something that no kata should meet: the engine's own words.
    Unknown {
        /// What the engine said.
        message: String,
    },
}

/// One of the two sides of a data race.
#[derive(Clone, Copy, Debug)]
pub struct Access {
    /// Who: an index into [`Interleaving::threads`].
    pub thread: usize,
    /// What it did.
    pub kind: AccessKind,
    /// Where.
    pub at: Place,
}

impl Access {
    /// Who, and where.
    pub fn site(&self) -> Site {
        Site { thread: self.thread, at: self.at }
    }
}

/// What a thread did with a cell, or with memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessKind {
    /// Read it.
    Read,
    /// Wrote it, or took the right to.
    Write,
    /// Dropped the value in it.
    Drop,
    /// Made it.
    Make,
    /// Used it, in whatever way.
    Use,
    /// Allocated it.
    Allocate,
    /// Freed it.
    Free,
}

impl AccessKind {
    /// Whether others must not do anything with it at the same time, not even read.
    pub fn is_exclusive(self) -> bool {
        self != Self::Read
    }
}

/// A thread that waits.
#[derive(Clone, Copy, Debug)]
pub struct Wait {
    /// Who: an index into [`Interleaving::threads`].
    pub thread: usize,
    /// For what.
    pub waits_for: WaitsFor,
    /// On which thing: an index into [`Interleaving::objects`].
    pub object: Option<usize>,
    /// Where.
    pub at: Place,
}

/// What a thread waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitsFor {
    /// A mutex, and who holds it.
    Mutex {
        /// The holder, if one is known: an index into [`Interleaving::threads`].
        held_by: Option<usize>,
    },
    /// A lock that several may hold to read, and who holds it.
    RwLock {
        /// Whether it wants it alone, to write.
        write: bool,
        /// A holder, if one is known: an index into [`Interleaving::threads`].
        held_by: Option<usize>,
        /// Whether that one reads.
        reads: bool,
    },
    /// The others at a barrier.
    Barrier {
        /// How many threads it waits for in all.
        of: usize,
        /// How many are there.
        arrived: usize,
    },
    /// What another thread does once for all.
    Once {
        /// Who does it, if anybody: an index into [`Interleaving::threads`].
        run_by: Option<usize>,
    },
    /// A notification on a `Condvar`.
    Notification,
    /// A message on a channel.
    Message,
    /// Room in a channel that is full.
    Room,
    /// That its message is taken from a channel that holds none.
    Taking,
    /// The end of a thread.
    End {
        /// Which.
        of: usize,
    },
    /// The end of every thread of a scope.
    ScopeEnd,
    /// An `unpark`.
    Unpark,
}

/// A check that failed: everything that is needed to tell it.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What went wrong.
    pub verdict: Verdict,
    /// What led there.
    pub interleaving: Interleaving,
    /// The engine that found it: `loom` or `shuttle`.
    pub engine: &'static str,
    /// How many interleavings had been run, this one included, all rounds together.
    pub tried: usize,
    /// The round in which it was found.
    pub round: Coverage,
    /// How many changes of turn the interleaving had when it was found, if it has fewer now.
    pub simplified_from: Option<usize>,
}

impl Failure {
    /// The whole story as plain text, at most `width` columns wide where words allow it.
    pub fn to_text(&self, width: usize) -> String {
        Story::of_failure(self).to_text(Look { width, colour: false })
    }
}

/// ` at file:line:column`, or nothing.
pub(crate) fn at(place: Place) -> String {
    let place = self::place(place);
    if place.is_empty() { place } else { format!(" at {place}") }
}

/// `file:line:column`, as terminals and editors make it clickable; nothing for a place that is not of the program.
pub(crate) fn place(at: Place) -> String {
    if !is_of_the_program(at) {
        return String::new();
    }
    format!("{}:{}:{}", shown_path(at.file()), at.line(), at.column())
}
