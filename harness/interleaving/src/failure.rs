//! A failed check: the verdict in a learner's words, the interleaving that led to it, and how it was found.

use crate::memory::{MemoryFault, Site};
use crate::receipt::{Coverage, grouped};
use crate::source::{Place, Sources, is_of_the_program, shown_path};
use crate::step::Interleaving;
use crate::table;
use std::fmt::Write;
use std::path::Path;

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
    /// Two threads used the same cell, at least one of them wrote, and nothing orders the two.
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

    fn verb(self) -> &'static str {
        match self {
            Self::Read => "reads",
            Self::Write => "writes",
            Self::Drop => "drops it",
            Self::Allocate => "allocates it",
            Self::Free => "frees it",
        }
    }
}

/// A thread that waits.
#[derive(Clone, Copy, Debug)]
pub struct Wait {
    /// Who: an index into [`Interleaving::threads`].
    pub thread: usize,
    /// For what.
    pub waits_for: WaitsFor,
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
}

impl Failure {
    /// The whole story as plain text, at most `width` columns wide where words allow it.
    pub fn to_text(&self, width: usize) -> String {
        let mut text = String::new();
        let mut sources = Sources::default();
        // Writing to a `String` cannot fail.
        let _ = self.write_text(&mut text, &mut sources, width);
        text
    }

    fn write_text(&self, text: &mut String, sources: &mut Sources, width: usize) -> std::fmt::Result {
        for line in self.verdict_text(sources).lines() {
            writeln!(text, "{}", table::wrapped(line, width))?;
        }
        if !self.interleaving.steps.is_empty() {
            writeln!(text, "\nThe steps that led there, from top to bottom, a column for each thread:\n")?;
            text.push_str(&table::table(&self.interleaving, sources, width));
        }
        writeln!(text, "\n{}", table::wrapped(&self.found(), width))?;
        if let Ok(kata) = std::env::var("CARGO_PKG_NAME") {
            let hints = format!("hints/{kata}.md");
            // Tests run in their kata's folder, two below the workspace's.
            if Path::new("../..").join(&hints).exists() {
                writeln!(text, "Stuck? The first hint is in {hints}.")?;
            }
        }
        Ok(())
    }

    fn found(&self) -> String {
        let n = grouped(self.tried);
        if let Verdict::NothingConcurrent { .. } = self.verdict {
            return format!("{} ran {n} interleavings and met no choice in any.", self.engine);
        }
        let how = match self.round {
            Coverage::UpTo(0) | Coverage::PartOf(0) => "no thread was interrupted".to_owned(),
            Coverage::UpTo(1) | Coverage::PartOf(1) => "at most one interruption of a running thread was needed".to_owned(),
            Coverage::UpTo(bound) | Coverage::PartOf(bound) => {
                let fewer = if bound == 2 { "1 was".to_owned() } else { format!("{} were", bound - 1) };
                format!("at most {bound} interruptions of a running thread were needed; {fewer} not enough")
            }
            Coverage::All | Coverage::PartOfAll => "with any number of interruptions".to_owned(),
            Coverage::Spurious => {
                "once, something happened that may happen at any time: a weak exchange failed, a Condvar woke, or a time ran out"
                    .to_owned()
            }
            Coverage::Random | Coverage::Pct => "in a random one, the same at every run".to_owned(),
        };
        format!("Found by {} in interleaving {n}; {how}.", self.engine)
    }

    fn verdict_text(&self, sources: &mut Sources) -> String {
        let name = |thread: usize| name(&self.interleaving, thread);
        match &self.verdict {
            Verdict::Panicked { thread, message, at } => {
                format!("In this interleaving, {}", panic_text(&name(*thread), message, at.as_deref()))
            }
            Verdict::DataRace { first, second } => {
                let mut side = |access: &Access| {
                    let what = access.kind.verb();
                    let expression = sources.expression(access.at).map(|text| format!(" by `{text}`")).unwrap_or_default();
                    format!("  {} {what}{expression}{}", name(access.thread), at(access.at))
                };
                let first = match first {
                    Some(first) => side(first),
                    None => "  another thread made it or used it earlier".to_owned(),
                };
                let second = side(second);
                format!(
                    "Data race: two threads use the same cell, and nothing orders the one before the other.\n{first}\n{second}\n\
                     What the first one did must be published (a store with Release, an unlock, a join, …), and the second one \
                     must have seen that (a load with Acquire, a lock, …) before it may touch the cell."
                )
            }
            Verdict::Memory(fault) => fault.text(&self.interleaving, sources),
            Verdict::Deadlock { waits, after } => {
                let before = match after.as_deref() {
                    Some(Verdict::Panicked { thread, message, at }) => {
                        format!("Before that, {}", panic_text(&name(*thread), message, at.as_deref()))
                    }
                    _ => String::new(),
                };
                format!("Deadlock: nobody can move any more.\n{}{before}", self.waits_text(waits))
            }
            Verdict::LeftBehind { waits } => {
                format!("A thread is left behind: the test is over, but this thread can never end.\n{}", self.waits_text(waits))
            }
            Verdict::Livelock { thread, looks, waits } => {
                let mut text = format!(
                    "Livelock: {} goes round in circles. It waits for a change that no other thread will make.\n",
                    name(*thread)
                );
                for look in looks {
                    let expression = sources.expression(look.at).map(|text| format!(" `{text}`")).unwrap_or_default();
                    let _ = writeln!(text, "  {} does{expression} again and again{}", name(look.thread), at(look.at));
                }
                text + &self.waits_text(waits)
            }
            Verdict::TooLong { steps } => {
                format!("This does not come to an end: {} steps, and the threads are still running.", grouped(*steps))
            }
            Verdict::TooManyThreads { limit } => {
                format!("Too many threads: this checker follows at most {limit} in all, the main one included.")
            }
            Verdict::NothingConcurrent { threads: 1 } => {
                "Nothing concurrent happened: no thread was started, so there was no order of steps to choose.".to_owned()
            }
            Verdict::NothingConcurrent { threads } => format!(
                "Nothing concurrent happened: {threads} threads ran, but they shared nothing that the checker can see (an atomic, \
                 a Mutex, a channel, …), so there was no order of steps to choose."
            ),
            Verdict::Forbidden { what, at } => format!("{what}\n {}", self::at(at)),
            Verdict::Hung { seconds } => format!(
                "A thread runs for ever without doing anything that another thread could see (for {seconds} seconds now): look \
                 for a loop that never ends."
            ),
            Verdict::Unknown { message } => format!("The checker could not go on:\n  {message}"),
        }
    }

    fn waits_text(&self, waits: &[Wait]) -> String {
        let mut text = String::new();
        for wait in waits {
            let name = |thread| name(&self.interleaving, thread);
            let what = match wait.waits_for {
                WaitsFor::Mutex { held_by: Some(holder) } if holder == wait.thread => {
                    "waits for a Mutex that it holds itself".to_owned()
                }
                WaitsFor::Mutex { held_by: Some(holder) } => format!("waits for a Mutex that {} holds", name(holder)),
                WaitsFor::Mutex { held_by: None } => "waits for a Mutex".to_owned(),
                WaitsFor::RwLock { write, held_by, reads } => {
                    let wants = if write { "write" } else { "read" };
                    let how = if reads { "to read" } else { "to write" };
                    match held_by {
                        Some(holder) if holder == wait.thread => {
                            format!("waits to {wants} what it has locked itself, {how}")
                        }
                        Some(holder) if !write && reads => {
                            format!("waits to read: {} reads, and a thread that waits to write comes first", name(holder))
                        }
                        Some(holder) => format!("waits to {wants} what {} has locked {how}", name(holder)),
                        None => format!("waits to {wants} behind a RwLock"),
                    }
                }
                WaitsFor::Barrier { of, arrived } => format!("waits at a Barrier for {of} threads, of which {arrived} are there"),
                WaitsFor::Once { run_by: Some(runner) } if runner == wait.thread => {
                    "waits for what it is itself about to do once".to_owned()
                }
                WaitsFor::Once { run_by: Some(runner) } => format!("waits for what {} does once for all", name(runner)),
                WaitsFor::Once { run_by: None } => "waits for what nobody has begun to do once for all".to_owned(),
                WaitsFor::Notification => "waits for a notification".to_owned(),
                WaitsFor::Message => "waits for a message, and a sender is still there".to_owned(),
                WaitsFor::Room => "waits for room in a channel that is full".to_owned(),
                WaitsFor::Taking => "waits until its message is taken".to_owned(),
                WaitsFor::End { of } => format!("waits for the end of {}", name(of)),
                WaitsFor::ScopeEnd => "waits for the end of the threads in its scope".to_owned(),
                WaitsFor::Unpark => "waits for an unpark".to_owned(),
            };
            let _ = writeln!(text, "  {} {what}{}", name(wait.thread), at(wait.at));
        }
        text
    }
}

fn panic_text(name: &str, message: &str, at: Option<&str>) -> String {
    let place = at.map(|at| format!(" at {at}")).unwrap_or_default();
    format!("{name} panicked{place}:\n  {}", message.replace('\n', "\n  "))
}

/// ` at file:line:column`, or nothing.
pub(crate) fn at(place: Place) -> String {
    let place = self::place(place);
    if place.is_empty() { place } else { format!(" at {place}") }
}

/// How a thread is called: by its name, or by its number.
pub(crate) fn name(interleaving: &Interleaving, thread: usize) -> String {
    match interleaving.threads.get(thread).and_then(|thread| thread.name.as_ref()) {
        Some(name) => name.clone(),
        None => format!("thread {thread}"),
    }
}

/// `file:line:column`, as terminals and editors make it clickable; nothing for a place that is not of the program.
pub(crate) fn place(at: Place) -> String {
    if !is_of_the_program(at) {
        return String::new();
    }
    format!("{}:{}:{}", shown_path(at.file()), at.line(), at.column())
}
