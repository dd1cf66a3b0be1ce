//! The program's side of a check: one interleaving after another on an OS thread of its own, what its panics mean, and the way out.

use super::{Features, Found, Outcome};
use crate::engine::{Engine, Stop};
use crate::handle::{self, Raw};
use crate::kept::Spot;
use crate::model;
use crate::spurious::{self, Occasion};
use interleaving::{Access, Coverage, Failure, Interleaving, Place, REPLAY_FOLLOWS, Round, Verdict, shown_path};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::rc::Rc;
use std::sync::Once;
use std::sync::mpsc::Sender;

/// What the OS thread of a program knows of its check.
pub(super) struct Link {
    pub(super) sender: Sender<Outcome>,
    pub(super) features: Features,
    pub(super) engine: &'static str,
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

/// What this OS thread is to know of its check.
pub(super) fn link(link: Link) {
    LINK.set(Some(link));
}

/// So many interleavings have been before, and those to come belong to this round.
pub(super) fn go_on_after(tried: usize, round: Coverage) {
    TRIED.set(tried);
    begin_round(round);
}

/// The steps of this interleaving, counted from 1, are to be shown as they happen.
pub(super) fn show(interleaving: usize) {
    SHOWN.set(interleaving);
}

pub(super) fn send(outcome: Outcome) {
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

/// The engine panicked, which was caught before it could do harm: reports what the hook understood of it. It was asked to do something
/// with `object`, if with any.
pub(crate) fn fail_as_explained(object: Option<u32>, at: Place) -> ! {
    let stop = EXPLAINED.take().unwrap_or(Stop::Unknown("an engine panicked without a word".to_owned()));
    match object {
        Some(object) if stop == Stop::DataRace && ACCESS.get().is_none() => model::used_before_it_was_made(object, at),
        _ => explain(stop),
    }
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

/// If a thread waited in the other rounds by looking again and again: lets `run` go through the program with long waits, with so many
/// preemptions at most, and count. Threads that wait let others run soon, else; so nobody ever comes to what follows a hundred looks
/// in vain.
pub fn long_waits_rounds(settings: Settings, run: impl Fn(Settings, usize) -> usize) -> Vec<Round> {
    const MOST_PREEMPTIONS: usize = 2;
    let bounds = (0..=MOST_PREEMPTIONS).filter(|_| model::with(|model| model.waits));
    let rounds = bounds.map(|bound| {
        let coverage = Coverage::LongWaits(bound);
        begin_round(coverage);
        Round { coverage, interleavings: run(Settings { waits_are_long: true, ..settings }, bound) }
    });
    rounds.collect()
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
    /// Whether a thread that waits goes on looking for long before it lets others run.
    pub waits_are_long: bool,
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
                model::fail(Verdict::Unknown { message: "two threads use the same thing, and nothing orders the two".to_owned() })
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
