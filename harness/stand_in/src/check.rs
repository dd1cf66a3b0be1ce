//! Runs a check: the program on an OS thread of its own, the verdict back to the test.
//!
//! A failure must not unwind through an engine: loom then aborts the process, and destructors would run in a state that no
//! program is ever in. So the failing OS thread sends its report and sleeps for ever, with its stack as it is. The thread that
//! called `check` prints the report and fails the test, without a panic message of its own.

mod inside;
mod simpler;

pub use inside::{
    Settings, begin_round, had_a_choice, install_hook, interleaving, long_waits_rounds, most_threads, note_trail, restart_with,
    spurious_round,
};
pub(crate) use inside::{fail, fail_as_explained, judging, restart_needing};

use crate::handle::{self, Raw};
use crate::kept::{self, Kept, Spot};
use crate::model;
use crate::shelf;
use inside::{Link, send};
use interleaving::json_object;
use interleaving::{Failure, Interleaving, Look, Place, REPORT_FOLLOWS, Receipt, Story, Verdict, shown_path};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A thread that does nothing visible for so many seconds will not end.
const PATIENCE: u64 = 20;
/// So often the test's thread looks how far its program is.
const LOOK: Duration = Duration::from_millis(200);
/// The columns of a report, where the terminal does not say.
const WIDTH: usize = 80;

/// Held by a check that uses statics, which all checks of a process share.
static ALONE: Mutex<()> = Mutex::new(());

/// What costs interleavings and is thus done only for a program that needs it. Found out while the program runs; the check
/// then begins anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// A `Mutex` is tried, or unlocked by a panic: then every unlock is a step that others may come before.
    pub own_locks: bool,
    /// The destructor of something in an `Arc` is noticed by others, or a count is looked at: then each drop of an `Arc` is a step.
    pub counted_arcs: bool,
    /// Several atomics are accessed with `SeqCst`: then their common order matters.
    pub common_order: bool,
    /// A thread loads an atomic and then writes it, and another one loads it: then the order of their loads matters to loom.
    pub loads_meet: bool,
    /// Somebody looks whether a thread has ended, other than by waiting for it: then the end is a step that others may come before.
    pub ends_seen: bool,
    /// Something from a constant is used, mostly a `static`: then no other check of this process may run at the same time.
    pub statics: bool,
    /// What a read-modify-write writes anew would mislead loom: then one that writes what it read is a read.
    pub silent_reads: bool,
    /// A thread that changes an atomic again and again would never see the store of another one: then each store comes last.
    pub stores_come_last: bool,
}

impl Features {
    /// None of them.
    pub const NONE: Self = Self {
        own_locks: false,
        counted_arcs: false,
        common_order: false,
        loads_meet: false,
        ends_seen: false,
        statics: false,
        silent_reads: false,
        stores_come_last: false,
    };
}

json_object!(Features { own_locks, counted_arcs, common_order, loads_meet, ends_seen, statics, silent_reads, stores_come_last });

enum Outcome {
    /// With the last interleaving, where somebody wants to see one.
    Passed(Receipt, Interleaving),
    Failed(Box<Failure>, Box<Found>),
    Restart(Features, Vec<Raw>),
    /// Came to its end without a failure, where one was expected.
    Nothing,
}

/// What is known of a failure beside what is told.
struct Found {
    spot: Spot,
    /// How the engine got there, if it knows already.
    trail: Option<String>,
    /// Inside a panic hook that must never return: the process can no longer end as it should.
    in_hook: bool,
}

/// Goes through the interleavings of a program with an engine.
pub trait Explorer: Send + Sync + 'static {
    /// The engine's name.
    fn engine(&self) -> &'static str;

    /// Goes through all that the check covers.
    fn explore(&self, features: Features) -> Receipt;

    /// Goes once more to an interleaving that has been there, along its trail if the engine has noted one, as far as the program lets
    /// it. Others may come before it.
    fn follow(&self, spot: &Spot, trail: &str);

    /// Trails that are shorter than one that leads to a failure, and may lead to it as well.
    fn shorter(&self, _trail: &str) -> Vec<String> {
        Vec::new()
    }
}

/// Shows the test's thread that the program is getting on.
#[derive(Default)]
pub(crate) struct Heart {
    beats: AtomicU64,
    /// Interleavings so far.
    tried: AtomicU64,
    last: AtomicPtr<std::panic::Location<'static>>,
}

impl Heart {
    /// The program did something.
    pub(crate) fn beat(&self, at: Place) {
        // Nobody else writes here.
        self.beats.store(self.beats.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        self.last.store(std::ptr::from_ref(at).cast_mut(), Ordering::Relaxed);
    }

    /// Another interleaving begins.
    pub(crate) fn begin(&self) {
        self.tried.store(self.tried.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

/// As [`try_run`], for a test: prints the receipt, or fails.
///
/// # Panics
/// If the check fails; the report has then been printed to standard error.
pub fn run(explorer: impl Explorer) -> Receipt {
    match try_run(explorer) {
        Ok(receipt) => {
            // In a replay, what passes is not run.
            if !receipt.rounds.is_empty() {
                println!("{receipt}");
            }
            receipt
        }
        Err(report) => fail_the_test(&report),
    }
}

/// Lets `explorer` go through a program on an OS thread of its own, as often as new features are found to be needed, and returns its
/// receipt.
///
/// # Errors
/// The report, if the check fails.
pub fn try_run(explorer: impl Explorer) -> Result<Receipt, String> {
    install_hook();
    let file = kept::file();
    let mut check = Check { explorer: Arc::new(explorer), features: Features::default(), needed: Vec::new(), alone: None };
    if let Some(kept) = file.as_deref().and_then(kept::read)
        && let Some(report) = check.follow(kept)
    {
        return Err(report);
    }
    if kept::is_replay() {
        // Of the other checks of a test nothing is kept, since they pass.
        return Ok(Receipt { engine: check.explorer.engine(), rounds: Vec::new(), threads: 0 });
    }
    loop {
        match check.explore() {
            Ok(Outcome::Passed(receipt, example)) => {
                if shelf::is_there() {
                    shelf::put(Story::of_receipt(&receipt, &example));
                }
                if let Some(file) = file {
                    let _ = std::fs::remove_file(file);
                }
                return Ok(receipt);
            }
            Ok(Outcome::Restart(features, needed)) => (check.features, check.needed) = (features, needed),
            Ok(Outcome::Failed(failure, found)) => {
                let (failure, found) = check.simplified(failure, found);
                if let Some(file) = file {
                    check.keep(&file, &failure, &found);
                }
                return Err(told(&failure, &found));
            }
            Ok(Outcome::Nothing) => {}
            Err(report) => return Err(report),
        }
    }
}

/// A check, as its test's thread knows it.
struct Check<E> {
    explorer: Arc<E>,
    features: Features,
    needed: Vec<Raw>,
    /// Held if statics are used, which all checks of a process share.
    alone: Option<MutexGuard<'static, ()>>,
}

impl<E: Explorer> Check<E> {
    fn explore(&mut self) -> Result<Outcome, String> {
        self.start(|explorer, features| {
            let receipt = explorer.explore(features);
            if !had_a_choice() {
                let threads = receipt.threads;
                fail(Verdict::NothingConcurrent { threads }, Interleaving::default());
            }
            let example = if shelf::is_there() { model::last_interleaving() } else { Interleaving::default() };
            send(Outcome::Passed(receipt, example));
        })
    }

    /// Runs what is kept. The report, if it is what it was, or if the program now hangs there.
    fn follow(&mut self, kept: Kept) -> Option<String> {
        let before = (self.features, std::mem::take(&mut self.needed));
        (self.features, self.needed) = (kept.spot.features, kept.spot.needed.clone());
        let (spot, trail) = (kept.spot.clone(), kept.trail.clone());
        let is_shown = kept::is_replay();
        let outcome = self.start(move |explorer, _| {
            // With a trail, it is the next one; without, those before it in its round come first.
            let before = if trail.is_empty() { spot.in_round } else { 1 };
            inside::go_on_after(spot.tried.saturating_sub(before), spot.round);
            if is_shown {
                inside::show(spot.tried);
            }
            explorer.follow(&spot, &trail);
            send(Outcome::Nothing);
        });
        (self.features, self.needed) = before;
        match outcome {
            Ok(Outcome::Failed(failure, found)) if kept.is(&failure) => Some(told(&failure, &found)),
            Err(report) => Some(report),
            Ok(_) => None,
        }
    }

    /// Keeps the interleaving of a failure.
    fn keep(&self, file: &Path, failure: &Failure, found: &Found) {
        let trail = found.trail.clone().unwrap_or_default();
        kept::write(file, &Kept::new(found.spot.clone(), trail, failure));
    }

    /// Lets `work` run on an OS thread of its own, until it has something to say.
    fn start(&mut self, work: impl FnOnce(&E, Features) + Send + 'static) -> Result<Outcome, String> {
        if self.features.statics && self.alone.is_none() {
            self.alone = Some(ALONE.lock().unwrap_or_else(PoisonError::into_inner));
        }
        let (sender, receiver) = channel();
        let heart = Arc::new(Heart::default());
        let engine = self.explorer.engine();
        let link = Link { sender, features: self.features, engine };
        let beating = Arc::clone(&heart);
        let (explorer, features, needed) = (Arc::clone(&self.explorer), self.features, self.needed.clone());
        let run = move || {
            inside::link(link);
            model::set_heart(beating);
            handle::need(needed);
            work(&explorer, features);
        };
        let name = std::thread::current().name().unwrap_or("check").to_owned();
        std::thread::Builder::new().name(name).spawn(run).expect("the system has room for one more thread");
        outcome(&receiver, &heart)
    }
}

/// The failure as text, for standard error; as a story it goes on the shelf. Ends the process if there is no other way out.
fn told(failure: &Failure, found: &Found) -> String {
    let story = Story::of_failure(failure);
    let text = story.to_text(Look { width: width(), colour: false });
    shelf::put(story);
    if found.in_hook {
        fail_the_process(&text);
    }
    text
}

/// The columns to use: the terminal's, if it says so.
fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.filter(|columns| (40..=400).contains(columns)).unwrap_or(WIDTH)
}

fn fail_the_test(report: &str) -> ! {
    eprintln!("\n{REPORT_FOLLOWS}\n\n{report}");
    // Not `panic!`: the report is the message, and a backtrace of the harness would bury it.
    resume_unwind(Box::new("the check failed; the report stands above"))
}

/// The way out where unwinding has begun that would end in an abort: the hook is locked, and libtest would wait for it.
fn fail_the_process(report: &str) -> ! {
    eprintln!("\n{REPORT_FOLLOWS}\n\n{report}");
    std::process::exit(101)
}

/// Waits for the outcome as long as the program gets on, and tells meanwhile how far it is.
fn outcome(receiver: &Receiver<Outcome>, heart: &Heart) -> Result<Outcome, String> {
    let (mut beats, mut since) = (0, Instant::now());
    loop {
        match receiver.recv_timeout(LOOK) {
            Ok(outcome) => return Ok(outcome),
            Err(RecvTimeoutError::Disconnected) => return Err("The checker's own thread ended without a verdict.".to_owned()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        shelf::say_how_far(heart.tried.load(Ordering::Relaxed));
        let now = heart.beats.load(Ordering::Relaxed);
        if now != beats {
            (beats, since) = (now, Instant::now());
        } else if since.elapsed().as_secs() >= PATIENCE {
            return Err(hung(heart));
        }
    }
}

fn hung(heart: &Heart) -> String {
    let last = heart.last.load(Ordering::Relaxed);
    // SAFETY: only `beat` stores there, and only `&'static` places.
    let last = unsafe { last.as_ref() };
    let after = last.map(|at| format!(" The last step that others could see was at {}:{}.", shown_path(at.file()), at.line()));
    format!(
        "Hung: for {PATIENCE} seconds now a thread has been running without doing anything that another thread could see.{}\n\
         Look for a loop that never ends.",
        after.unwrap_or_default()
    )
}
