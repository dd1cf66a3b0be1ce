//! Runs a check: the program on an OS thread of its own, the verdict back to the test.
//!
//! A failure must not unwind through an engine: loom then aborts the process, and destructors would run in a state that no
//! program is ever in. So the failing OS thread sends its report and sleeps for ever, with its stack as it is. The thread that
//! called `check` prints the report and fails the test, without a panic message of its own.

use crate::engine::{Engine, Stop};
use crate::handle::{self, Raw};
use crate::kept::{self, Kept, Spot};
use crate::model;
use crate::shelf;
use crate::spurious::{self, Occasion};
use interleaving::json_object;
use interleaving::{
    Access, Coverage, Failure, Interleaving, Look, Place, REPLAY_FOLLOWS, REPORT_FOLLOWS, Receipt, Round, Story, Verdict,
    shown_path,
};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

/// A thread that does nothing visible for so many seconds will not end.
const PATIENCE: u64 = 20;
/// So often the test's thread looks how far its program is.
const LOOK: Duration = Duration::from_millis(200);
/// The columns of a report, where the terminal does not say.
const WIDTH: usize = 80;

/// So many interleavings are run at most to make a story simpler.
const SIMPLER: usize = 200;
/// A longer story than this, in steps, stays as it is: to run it again and again would take too long.
const MOST_STEPS_TO_SIMPLIFY: usize = 500;

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
    };
}

json_object!(Features { own_locks, counted_arcs, common_order, loads_meet, ends_seen, statics, silent_reads });

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

/// What the OS thread of a program knows of its check.
struct Link {
    sender: Sender<Outcome>,
    features: Features,
    engine: &'static str,
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

thread_local! {
    static LINK: RefCell<Option<Link>> = const { RefCell::new(None) };
    static TRIED: Cell<usize> = const { Cell::new(0) };
    static ROUND: Cell<Coverage> = const { Cell::new(Coverage::All) };
    /// How many interleavings of this part of the round there have been, and what happens in it for no reason.
    static IN_ROUND: Cell<(usize, Option<Occasion>)> = const { Cell::new((0, None)) };
    /// The interleaving whose steps are shown as they happen; 0 for none.
    static SHOWN: Cell<usize> = const { Cell::new(0) };
    /// How the engine got to where it is, if it notes that as it goes.
    static TRAIL: RefCell<Option<Box<dyn Fn() -> String>>> = const { RefCell::new(None) };
    /// Whether a panic hook is running that will not return.
    static IN_HOOK: Cell<bool> = const { Cell::new(false) };
    /// What the hook understood of an engine's panic.
    static EXPLAINED: RefCell<Option<Stop>> = const { RefCell::new(None) };
    /// The access that the engine is looking at, in case it panics over it.
    static ACCESS: Cell<Option<(u32, Access)>> = const { Cell::new(None) };
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
            TRIED.set(spot.tried.saturating_sub(before));
            begin_round(spot.round);
            if is_shown {
                SHOWN.set(spot.tried);
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

    /// A failure of the same kind with fewer turns, or with as many in fewer steps, if one is found near this one. What a random
    /// interleaving leads to has many turns that do not matter.
    fn simplified(&mut self, failure: Box<Failure>, found: Box<Found>) -> (Box<Failure>, Box<Found>) {
        let is_long =
            failure.interleaving.steps.len() > MOST_STEPS_TO_SIMPLIFY || matches!(failure.verdict, Verdict::TooLong { .. });
        if !matches!(failure.round, Coverage::Random | Coverage::Pct) || found.in_hook || is_long {
            return (failure, found);
        }
        let length = |failure: &Failure| (failure.interleaving.turns(), failure.interleaving.steps.len());
        let before = failure.interleaving.turns();
        // As many steps in all for a long story as for one of a hundred.
        let mut left = SIMPLER.min(SIMPLER * 100 / failure.interleaving.steps.len().max(1));
        let (mut best, mut best_found) = (failure, found);
        loop {
            let trails = best_found.trail.as_deref().map(|trail| self.explorer.shorter(trail)).unwrap_or_default();
            let shorter = trails.into_iter().find_map(|trail| {
                left = usize::checked_sub(left, 1)?;
                let spot = best_found.spot.clone();
                let outcome = self.start(move |explorer, _| {
                    TRIED.set(spot.tried - 1);
                    ROUND.set(spot.round);
                    explorer.follow(&spot, &trail);
                    send(Outcome::Nothing);
                });
                match outcome {
                    Ok(Outcome::Failed(failure, found))
                        if std::mem::discriminant(&failure.verdict) == std::mem::discriminant(&best.verdict)
                            && length(&failure) < length(&best)
                            && !found.in_hook =>
                    {
                        Some((failure, found))
                    }
                    // One that does not end is no way to a shorter story, and neither are those like it.
                    Ok(Outcome::Failed(failure, _)) if matches!(failure.verdict, Verdict::TooLong { .. }) => {
                        left = 0;
                        None
                    }
                    Err(_) => {
                        left = 0;
                        None
                    }
                    _ => None,
                }
            });
            match shorter {
                Some((failure, found)) => (best, best_found) = (failure, found),
                None => break,
            }
        }
        best.simplified_from = Some(before).filter(|&before| best.interleaving.turns() < before);
        (best, best_found)
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
            LINK.set(Some(link));
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

fn send(outcome: Outcome) {
    LINK.with(|link| {
        if let Ok(link) = link.try_borrow()
            && let Some(link) = &*link
        {
            // Nobody listens any more if the test has given up on a program that hung.
            let _ = link.sender.send(outcome);
        }
    });
}

/// Reports a failure and never comes back.
pub(crate) fn fail(verdict: Verdict, interleaving: Interleaving) -> ! {
    let engine = LINK.with_borrow(|link| link.as_ref().map_or("the checker", |link| link.engine));
    let (tried, round, (in_round, occasion)) = (TRIED.get(), ROUND.get(), IN_ROUND.get());
    let features = LINK.with_borrow(|link| link.as_ref().map(|link| link.features)).unwrap_or_default();
    let spot = Spot { features, needed: handle::needed(), round, occasion, in_round, tried };
    let trail = TRAIL.with_borrow(|trail| trail.as_ref().map(|trail| trail()));
    let failure = Box::new(Failure { verdict, interleaving, engine, tried, round, simplified_from: None });
    send(Outcome::Failed(failure, Box::new(Found { spot, trail, in_hook: IN_HOOK.get() })));
    sleep_for_ever()
}

/// The engine panicked, which was caught before it could do harm: reports what the hook understood of it.
pub(crate) fn fail_as_explained() -> ! {
    explain(EXPLAINED.take().unwrap_or(Stop::Unknown("an engine panicked without a word".to_owned())))
}

/// Begins the check anew with a further feature. To be called while an interleaving runs.
pub fn restart_with(change: impl FnOnce(&mut Features)) -> ! {
    let mut features = LINK.with_borrow(|link| link.as_ref().map(|link| link.features)).unwrap_or_default();
    change(&mut features);
    restart(features, handle::needed())
}

/// Begins the check anew, with these objects made before its program begins.
pub(crate) fn restart_needing(needed: Vec<Raw>) -> ! {
    restart(LINK.with_borrow(|link| link.as_ref().map(|link| link.features)).unwrap_or_default(), needed)
}

fn restart(features: Features, needed: Vec<Raw>) -> ! {
    send(Outcome::Restart(features, needed));
    sleep_for_ever()
}

fn sleep_for_ever() -> ! {
    loop {
        std::thread::park();
    }
}

/// Says which round the interleavings to come belong to.
pub fn begin_round(coverage: Coverage) {
    ROUND.set(coverage);
    IN_ROUND.set((0, None));
}

/// For an engine that notes its trail as it goes: says how to ask for it.
pub fn note_trail(trail: impl Fn() -> String + 'static) {
    TRAIL.set(Some(Box::new(trail)));
}

/// For each occasion on which something may happen for no reason, those that the other rounds have met and those that turn up
/// meanwhile: lets `run` go through the program with just that one, and count. Nothing if there is no occasion.
pub fn spurious_round(settings: Settings, run: impl Fn(Settings) -> usize) -> Option<Round> {
    begin_round(Coverage::Spurious);
    let (mut interleavings, mut last) = (0, None);
    while let Some(occasion) = spurious::next_occasion(last) {
        IN_ROUND.set((0, Some(occasion)));
        interleavings += run(Settings { occasion: Some(occasion), ..settings });
        last = Some(occasion);
    }
    last.map(|_| Round { coverage: Coverage::Spurious, interleavings })
}

/// The most threads that any interleaving of this check has had at once, main included.
pub fn most_threads() -> usize {
    model::with(|model| model.most_threads)
}

/// How one interleaving is to be run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// What this check needs.
    pub features: Features,
    /// Whether `UnsafeCell::get` counts as a read until something has changed, or always as a write.
    pub get_is_a_read: bool,
    /// What happens for no reason, if anything does.
    pub occasion: Option<Occasion>,
}

/// Runs the program once, as thread 0 of a new interleaving. Returns when that thread has ended; others may still run.
pub fn interleaving(engine: Rc<dyn Engine>, settings: Settings, program: &dyn Fn()) {
    TRIED.set(TRIED.get() + 1);
    IN_ROUND.set((IN_ROUND.get().0 + 1, settings.occasion));
    model::begin(engine, settings);
    let is_shown = SHOWN.get() == TRIED.get();
    if is_shown {
        println!("{REPLAY_FOLLOWS}");
    }
    model::show_steps(is_shown);
    let result = catch_unwind(AssertUnwindSafe(|| {
        program();
        crate::thread::local::drop_all();
    }));
    // Whatever the program left behind in the model goes with its thread.
    model::set_current(0);
    if result.is_err() {
        model::fail(main_panicked());
    }
    model::thread_ended();
    model::stop_if_nobody_can_move();
    model::settle();
    model::restart_if_ends_were_seen();
}

/// The verdict when the test itself panicked. An `unwrap` on a `join` only passes on what went wrong in another thread.
fn main_panicked() -> Verdict {
    model::with(|model| {
        let own = model.threads[0].panic.clone();
        let (message, at) = own.unwrap_or_else(|| ("(a payload that is no text)".to_owned(), None));
        let passed_on = ["Any {", "PoisonError", "RecvError", "SendError"];
        let passes_on = passed_on.iter().any(|error| message.contains(&format!("`Err` value: {error}")))
            || message == "a scoped thread panicked";
        let cause = model.threads.iter().enumerate().skip(1).find_map(|(thread, state)| {
            let (message, at) = state.panic.clone().filter(|_| state.panicked && passes_on)?;
            Some(Verdict::Panicked { thread, message, at })
        });
        cause.unwrap_or(Verdict::Panicked { thread: 0, message, at })
    })
}

/// Notes which access the engine is about to judge.
pub(crate) fn judging(access: Option<(u32, Access)>) {
    ACCESS.set(access);
}

/// Puts our panic hook in front of the one that is there. An engine's own hook must have been installed before.
pub fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| if model::is_running() { on_panic(info) } else { previous(info) }));
    });
}

/// A panic inside a checked program: the engine's verdict, or the program's own, which may yet be caught.
fn on_panic(info: &PanicHookInfo<'_>) {
    let file = info.location().map_or("", |at| at.file());
    if info.payload_as_str().is_none() && model::engine().is_some_and(|engine| engine.explain("", file).is_some()) {
        // So an engine clears away a thread that it no longer needs: each in each interleaving, so without further ado.
        return;
    }
    let message = info.payload_as_str().unwrap_or("(a payload that is no text)").to_owned();
    let stop = model::engine().and_then(|engine| engine.explain(&message, file));
    match stop {
        Some(stop) if model::is_in_engine() => EXPLAINED.set(Some(stop)),
        Some(stop) => {
            IN_HOOK.set(true);
            explain(stop)
        }
        None if model::is_panicking() => {
            // A destructor panics while its thread unwinds: the process would abort.
            IN_HOOK.set(true);
            model::fail(Verdict::Panicked { thread: model::current(), message, at: place(info) })
        }
        None => model::panicked(message, place(info)),
    }
}

fn place(info: &PanicHookInfo<'_>) -> Option<String> {
    info.location().map(|at| format!("{}:{}:{}", shown_path(at.file()), at.line(), at.column()))
}

fn explain(stop: Stop) -> ! {
    match stop {
        Stop::Deadlock => model::deadlock(),
        Stop::DataRace => match ACCESS.get() {
            Some((cell, access)) => model::data_race(cell, access),
            None => {
                let made = "one thread uses an atomic that another one made or freed, and nothing orders the two: what leads to it \
                            was not published with Release, or not read with Acquire";
                model::fail(Verdict::Unknown { message: made.to_owned() })
            }
        },
        Stop::TooLong => {
            let steps = model::with(|model| model.log.steps.len());
            model::fail(Verdict::TooLong { steps })
        }
        Stop::TooManyThreads => {
            let limit = model::engine().map_or(0, |engine| engine.most_threads());
            model::fail(Verdict::TooManyThreads { limit })
        }
        Stop::Unknown(message) => model::fail(Verdict::Unknown { message }),
    }
}

/// Whether some interleaving of this check so far had a choice: two threads that were there at once and used the same thing.
pub fn had_a_choice() -> bool {
    model::with(|model| model.choices > 0)
}
