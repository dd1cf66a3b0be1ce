//! Runs a check: the program on an OS thread of its own, the verdict back to the test.
//!
//! A failure must not unwind through an engine: loom then aborts the process, and destructors would run in a state that no
//! program is ever in. So the failing OS thread sends its report and sleeps for ever, with its stack as it is. The thread that
//! called `check` prints the report and fails the test, without a panic message of its own.

use crate::engine::{Engine, Stop};
use crate::handle::{self, Raw};
use crate::model;
use crate::spurious::{self, Occasion};
use interleaving::{Access, Coverage, Failure, Interleaving, Place, REPORT_FOLLOWS, Receipt, Round, Verdict, shown_path};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;

/// A thread that does nothing visible for so many seconds will not end.
const PATIENCE: u64 = 20;
/// The columns of a report, where the terminal does not say.
const WIDTH: usize = 110;

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
}

impl Features {
    /// None of them.
    pub const NONE: Self =
        Self { own_locks: false, counted_arcs: false, common_order: false, loads_meet: false, ends_seen: false, statics: false };
}

enum Outcome {
    Passed(Receipt),
    Failed(Box<Failure>),
    /// Failed inside a panic hook that must never return: the process can no longer end as it should.
    FailedInHook(Box<Failure>),
    Restart(Features, Vec<Raw>),
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
    last: AtomicPtr<std::panic::Location<'static>>,
}

impl Heart {
    /// The program did something.
    pub(crate) fn beat(&self, at: Place) {
        // Nobody else writes here.
        self.beats.store(self.beats.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        self.last.store(std::ptr::from_ref(at).cast_mut(), Ordering::Relaxed);
    }
}

thread_local! {
    static LINK: RefCell<Option<Link>> = const { RefCell::new(None) };
    static TRIED: Cell<usize> = const { Cell::new(0) };
    static ROUND: Cell<Coverage> = const { Cell::new(Coverage::All) };
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
pub fn run(engine: &'static str, rounds: impl Fn(Features) -> Receipt + Send + Sync + 'static) -> Receipt {
    match try_run(engine, rounds) {
        Ok(receipt) => {
            println!("{receipt}");
            receipt
        }
        Err(report) => fail_the_test(&report),
    }
}

/// Runs `rounds` on an OS thread of its own, as often as new features are found to be needed, and returns its receipt.
///
/// # Errors
/// The report, if the check fails.
pub fn try_run(engine: &'static str, rounds: impl Fn(Features) -> Receipt + Send + Sync + 'static) -> Result<Receipt, String> {
    install_hook();
    let rounds = Arc::new(rounds);
    let (mut features, mut needed) = (Features::default(), Vec::new());
    let mut alone = None;
    loop {
        if features.statics && alone.is_none() {
            alone = Some(ALONE.lock().unwrap_or_else(PoisonError::into_inner));
        }
        let (sender, receiver) = channel();
        let heart = Arc::new(Heart::default());
        let link = Link { sender, features, engine };
        let beating = Arc::clone(&heart);
        let rounds = Arc::clone(&rounds);
        let needs = needed.clone();
        let run = move || {
            LINK.set(Some(link));
            model::set_heart(beating);
            handle::need(needs);
            let receipt = rounds(features);
            if !had_a_choice() {
                let threads = receipt.threads;
                fail(Verdict::NothingConcurrent { threads }, Interleaving::default());
            }
            send(Outcome::Passed(receipt));
        };
        let name = std::thread::current().name().unwrap_or("check").to_owned();
        std::thread::Builder::new().name(name).spawn(run).expect("the system has room for one more thread");
        match outcome(&receiver, &heart) {
            Ok(Outcome::Passed(receipt)) => return Ok(receipt),
            Ok(Outcome::Restart(new_features, new_needed)) => (features, needed) = (new_features, new_needed),
            Ok(Outcome::Failed(failure)) => return Err(failure.to_text(width())),
            Ok(Outcome::FailedInHook(failure)) => fail_the_process(&failure.to_text(width())),
            Err(report) => return Err(report),
        }
    }
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

/// Waits for the outcome as long as the program gets on.
fn outcome(receiver: &Receiver<Outcome>, heart: &Heart) -> Result<Outcome, String> {
    let mut beats = 0;
    loop {
        match receiver.recv_timeout(Duration::from_secs(PATIENCE)) {
            Ok(outcome) => return Ok(outcome),
            Err(RecvTimeoutError::Disconnected) => return Err("The checker's own thread ended without a verdict.".to_owned()),
            Err(RecvTimeoutError::Timeout) => {
                let now = heart.beats.load(Ordering::Relaxed);
                if now == beats {
                    return Err(hung(heart));
                }
                beats = now;
            }
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
    let failure = Box::new(Failure { verdict, interleaving, engine, tried: TRIED.get(), round: ROUND.get() });
    send(if IN_HOOK.get() { Outcome::FailedInHook(failure) } else { Outcome::Failed(failure) });
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
}

/// For each occasion on which something may happen for no reason, those that the other rounds have met and those that turn up
/// meanwhile: lets `run` go through the program with just that one, and count. Nothing if there is no occasion.
pub fn spurious_round(settings: Settings, run: impl Fn(Settings) -> usize) -> Option<Round> {
    begin_round(Coverage::Spurious);
    let (mut interleavings, mut last) = (0, None);
    while let Some(occasion) = spurious::next_occasion(last) {
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
    model::begin(engine, settings);
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
