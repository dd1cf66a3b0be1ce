//! The interleaving that is running: its threads, its objects, and what has been recorded of it.
//!
//! All of it is thread-local to the OS thread on which the checked program runs. `current` is the model's thread that is running:
//! each saves it on its own stack around every call of the engine, since others run meanwhile.

mod end;
mod state;

use end::livelock;
pub(crate) use end::{
    data_race, deadlock, fail, forbid, refuse, settle, stop_if_nobody_can_move, stop_if_too_long, used_before_it_was_made,
};
pub(crate) use state::{ObjectState, OnceStage, Owned, ThreadState};

use crate::check::{self, Features, Heart, Settings};
use crate::engine::Engine;
use crate::handle::{self, BeforeAll, Handle};
use crate::heap::Heap;
use crate::reused::Reused;
use crate::spin::{Advice, Spins};
use crate::spurious::Occasions;
use crate::watch::{self, Watches};
use interleaving::{Access, Action, Interleaving, Newer, Object, ObjectKind, Place, Step, Thread, Value};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// More steps than this are not gone through.
const MOST_STEPS: usize = 50_000;

thread_local! {
    /// Never dropped, since a thread-local that is dropped has to be asked at each access whether it is still there. [`End`] clears it
    /// away instead.
    static LOCAL: ManuallyDrop<Local> = const { ManuallyDrop::new(Local::new()) };
    static END: End = const { End };
}

/// The end of an OS thread on which a checked program ran.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        LOCAL.with(|local| {
            local.run.set(0);
            drop(local.running.replace(Running { engine: None, heart: None }));
            drop(local.model.replace(Model::new()));
        });
    }
}

/// All that belongs to the interleaving that is running: in one place, since each step asks for it several times.
struct Local {
    running: RefCell<Running>,
    /// The thread that is running.
    current: Cell<usize>,
    /// The number of the interleaving.
    run: Cell<u32>,
    /// Whether an engine's function runs, whose panics are caught as soon as it returns.
    in_engine: Cell<bool>,
    /// Whether the program has asked for memory by hand.
    has_memory: Cell<bool>,
    /// Whether the running thread has just been chosen, and has done nothing yet that others may notice.
    turn_begins: Cell<bool>,
    /// The threads that have begun and not ended, a bit for each.
    living: Cell<u64>,
    /// Those of them that wait until they are woken, and have not been.
    asleep: Cell<u64>,
    model: RefCell<Model>,
}

/// What every call of the engine needs.
struct Running {
    engine: Option<Rc<dyn Engine>>,
    heart: Option<Arc<Heart>>,
}

impl Local {
    const fn new() -> Self {
        Self {
            running: RefCell::new(Running { engine: None, heart: None }),
            current: Cell::new(0),
            run: Cell::new(0),
            in_engine: Cell::new(false),
            has_memory: Cell::new(false),
            turn_begins: Cell::new(false),
            living: Cell::new(0),
            asleep: Cell::new(0),
            model: RefCell::new(Model::new()),
        }
    }

    fn with<R>(&self, f: impl FnOnce(&mut Model) -> R) -> R {
        let mut model = self.model.borrow_mut();
        model.current = self.current.get();
        f(&mut model)
    }
}

/// Interleavings are numbered through all checks of the process, so that an object of another one is recognised.
static RUNS: AtomicU32 = AtomicU32::new(1);

pub(crate) struct Model {
    /// The thread that is running.
    current: usize,
    pub(crate) log: Interleaving,
    /// Whether each step is shown as it happens.
    is_shown: bool,
    pub(crate) threads: Reused<ThreadState>,
    pub(crate) objects: Reused<ObjectState>,
    pub(crate) spins: Spins,
    pub(crate) features: Features,
    /// The memory that the program has asked for by hand.
    pub(crate) heap: Heap,
    pub(crate) watches: Watches,
    /// What may happen for no reason.
    pub(crate) occasions: Occasions,
    /// The counts of each `Arc`, by its address; followed only if a program makes them matter.
    pub(crate) arcs: BTreeMap<usize, Rc<Handle>>,
    /// How many drops of an `Arc` all threads are in.
    pub(crate) arc_drops: usize,
    /// What was made before the program began.
    pub(crate) before_all: BeforeAll,
    /// The time that has passed for the program.
    pub(crate) clock: Duration,
    /// How often each thread has looked at the clock at each place.
    pub(crate) looks_at_the_clock: BTreeMap<(usize, Place), u32>,
    /// The atomics that were accessed with `SeqCst`: the first, and whether there are others.
    pub(crate) sequentially_consistent: Option<u32>,
    /// Whether `UnsafeCell::get` counts as a read.
    pub(crate) get_is_a_read: bool,
    pub(crate) most_threads: usize,
    /// Whether the program has looked whether a thread has ended.
    saw_ends: bool,
    /// The threads that nobody has joined, a bit for each: what they did may as well have come later.
    unjoined: u64,
    /// Whether a thread that waited has let others run, in any interleaving.
    pub(crate) waits: bool,
    /// Operations on something that another thread has used as well, which has not been joined: the order of the two is a choice.
    pub(crate) choices: usize,
}

/// What an access to an atomic may lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Accessed {
    /// Nothing.
    GoOn,
    /// The common order of the `SeqCst` accesses matters.
    NeedsCommonOrder,
    /// The interleaving is too long.
    TooLong,
}

impl Accessed {
    /// Does what must be done.
    #[inline(always)]
    pub(crate) fn act(self) {
        if self != Self::GoOn {
            self.act_now();
        }
    }

    #[cold]
    fn act_now(self) {
        if self == Self::NeedsCommonOrder && engine().is_some_and(|engine| !engine.keeps_common_order()) {
            check::restart_with(|features| features.common_order = true);
        }
        stop_if_too_long();
    }
}

/// A thread's bit; threads past the 64th share one, which only blurs a count.
fn bit(thread: usize) -> u64 {
    1 << thread.min(63)
}

impl Model {
    const fn new() -> Self {
        Self {
            current: 0,
            log: Interleaving::new(),
            is_shown: false,
            threads: Reused::new(),
            objects: Reused::new(),
            spins: Spins::new(),
            features: Features::NONE,
            heap: Heap::new(),
            watches: Watches::new(),
            occasions: Occasions::new(),
            arcs: BTreeMap::new(),
            arc_drops: 0,
            before_all: BeforeAll::new(),
            clock: Duration::ZERO,
            looks_at_the_clock: BTreeMap::new(),
            sequentially_consistent: None,
            get_is_a_read: false,
            most_threads: 0,
            saw_ends: false,
            unjoined: 0,
            waits: false,
            choices: 0,
        }
    }

    pub(crate) fn add_object(&mut self, kind: ObjectKind, raw: u32) -> u32 {
        self.log.objects.push(Object { kind });
        let state = self.objects.add();
        (state.raw, state.is_end) = (raw, kind == ObjectKind::ThreadEnd);
        (self.objects.len() - 1) as u32
    }

    /// The number for a new thread that is in the log already.
    fn add_thread(&mut self) -> usize {
        self.threads.add();
        let thread = self.threads.len() - 1;
        self.unjoined |= bit(thread);
        let living = LOCAL.with(|local| {
            local.living.set(local.living.get() | bit(thread));
            local.living.get()
        });
        self.most_threads = self.most_threads.max(living.count_ones() as usize);
        thread
    }

    pub(crate) fn object(&mut self, object: u32) -> &mut ObjectState {
        &mut self.objects[object as usize]
    }

    /// Adds a step of the running thread; returns its number.
    // Into the caller: it writes the step's fields one by one, and to copy them as a whole at once would wait for each of them.
    #[inline(always)]
    pub(crate) fn record(&mut self, object: Option<u32>, action: Action, at: Place) -> usize {
        noticed();
        let step = Step { thread: self.current, object: object.map(|object| object as usize), action, at };
        self.log.steps.push(step);
        if self.is_shown {
            self.show_last_step();
        }
        if let Some(object) = object
            && !matches!(
                action,
                Action::CellRead
                    | Action::CellWrite
                    | Action::CellDrop
                    | Action::Allocate { .. }
                    | Action::Use
                    | Action::Free { .. }
            )
        {
            self.used(object);
        }
        self.log.steps.len() - 1
    }

    #[cold]
    fn show_last_step(&self) {
        println!("{}", interleaving::last_step(&self.log));
    }

    /// The running thread uses an object: a choice, if another one has used it that might as well have come later.
    pub(crate) fn used(&mut self, object: u32) {
        let mine = bit(self.current);
        let state = &mut self.objects[object as usize];
        if !state.is_end && state.users & self.unjoined & !mine != 0 {
            self.choices += 1;
        }
        state.users |= mine;
    }

    /// Whether there may be something to look at before a thread calls the engine. Seldom.
    fn must_settle(&self) -> bool {
        !self.watches.is_empty() || self.arc_drops != 0 || self.spins.waits_are_long()
    }

    fn is_too_long(&self) -> bool {
        self.log.steps.len() > MOST_STEPS
    }

    /// The running thread has accessed an atomic: what may have to be done about it.
    ///
    /// With a single atomic that is accessed with `SeqCst` there is nothing that the order of its own stores does not say already.
    pub(crate) fn accessed(&mut self, object: u32, order: Ordering) -> Accessed {
        if order == Ordering::SeqCst {
            self.threads[self.current].used_seq_cst = true;
            let first = *self.sequentially_consistent.get_or_insert(object);
            if first != object && !self.features.common_order {
                return Accessed::NeedsCommonOrder;
            }
        }
        if self.is_too_long() { Accessed::TooLong } else { Accessed::GoOn }
    }

    /// Whether a fence must stand before the next `SeqCst` access of the running thread.
    pub(crate) fn must_order(&self) -> bool {
        self.features.common_order && self.threads[self.current].used_seq_cst
    }

    /// Whether the running thread has looked there before, and nobody has changed anything since.
    pub(crate) fn is_waiting(&mut self, at: Place, object: u32) -> bool {
        self.spins.is_waiting(self.current, at, object)
    }

    /// The running thread changed something that others may wait for.
    #[inline]
    pub(crate) fn changed(&mut self) {
        self.spins.changed(self.current);
    }

    /// The running thread read something and changed it.
    pub(crate) fn changed_what_it_read(&mut self, object: u32, at: Place) -> Advice {
        self.spins.changed_what_it_read(self.current, at, object)
    }

    /// The running thread looked at something and changed nothing.
    pub(crate) fn looked(&mut self, object: u32, result: u64, at: Place) -> Advice {
        self.spins.looked(self.current, at, object, result)
    }

    /// What a load should say if it did not see the newest value.
    pub(crate) fn missed(&mut self, object: u32, seen: Value) -> Option<Newer> {
        self.object(object).newest.filter(|newest| newest.value != seen)
    }
}

/// Runs `f` on the model. Must not call the engine.
#[inline]
pub(crate) fn with<R>(f: impl FnOnce(&mut Model) -> R) -> R {
    LOCAL.with(|local| local.with(f))
}

/// The number of the interleaving that is running, or of the last one that was; 0 if there has been none on this OS thread.
#[inline]
pub(crate) fn run() -> u32 {
    LOCAL.with(|local| local.run.get())
}

/// As [`run`], and whether the program has asked for memory by hand.
#[inline]
pub(crate) fn run_and_memory() -> (u32, bool) {
    LOCAL.with(|local| (local.run.get(), local.has_memory.get()))
}

/// The program asks for memory by hand.
pub(crate) fn memory_is_used() {
    LOCAL.with(|local| local.has_memory.set(true));
}

/// Sets what is to beat whenever the program gets on.
pub(crate) fn set_heart(heart: Arc<Heart>) {
    END.with(|_| LOCAL.with(|local| local.running.borrow_mut().heart = Some(heart)));
}

/// Says whether each step is to be shown as it happens.
pub(crate) fn show_steps(are_shown: bool) {
    with(|model| model.is_shown = are_shown);
}

/// The thread that is running.
#[inline]
pub(crate) fn current() -> usize {
    LOCAL.with(|local| local.current.get())
}

/// The running thread has just been chosen, and has done nothing yet that others may notice.
pub(crate) fn turn_begins() {
    LOCAL.with(|local| local.turn_begins.set(true));
}

/// The running thread has done something that others may notice.
#[inline]
pub(crate) fn noticed() {
    LOCAL.with(|local| local.turn_begins.set(false));
}

/// Whether it makes a difference to let others run before what the running thread is about to do.
#[inline]
pub(crate) fn others_may_come_first() -> bool {
    LOCAL.with(|local| !local.turn_begins.replace(false) & !(local.living.get() & !local.asleep.get()).is_power_of_two())
}

/// A thread waits from now on until it is woken, or no longer does.
pub(crate) fn falls_asleep(thread: usize, asleep: bool) {
    // Threads that share a bit count as awake.
    if thread < 63 {
        LOCAL.with(|local| {
            let others = local.asleep.get() & !bit(thread);
            local.asleep.set(others | u64::from(asleep) << thread);
        });
    }
}

/// A thread begins to run.
pub(crate) fn set_current(thread: usize) {
    LOCAL.with(|local| {
        local.current.set(thread);
        local.in_engine.set(false);
    });
}

/// Whether a checked program is running on this OS thread.
pub(crate) fn is_running() -> bool {
    LOCAL.with(|local| local.running.borrow().engine.is_some())
}

/// The engine, for what it knows rather than what it does.
pub(crate) fn engine() -> Option<Rc<dyn Engine>> {
    LOCAL.with(|local| local.running.borrow().engine.clone())
}

/// Calls the engine for the running thread. Others may run before it returns.
pub(crate) fn with_engine<R>(at: Place, call: impl FnOnce(&dyn Engine) -> R) -> R {
    with_engine_on(None, at, |engine, _| call(engine))
}

/// As [`with_engine`], with the engine's number for an object.
pub(crate) fn with_engine_on<R>(object: impl Into<Option<u32>>, at: Place, call: impl FnOnce(&dyn Engine, u32) -> R) -> R {
    let object = object.into();
    LOCAL.with(|local| {
        let running = local.running.borrow();
        let Some(engine) = running.engine.clone() else { outside(at) };
        if let Some(heart) = &running.heart {
            heart.beat(at);
        }
        drop(running);
        let thread = local.current.get();
        let (raw, must_settle) = local.with(|model| {
            let raw = object.map_or(u32::MAX, |object| model.object(object).raw);
            (raw, model.must_settle())
        });
        if must_settle {
            settle_before(thread);
            go_on_waiting(&*engine, object, at);
        }
        local.in_engine.set(true);
        let result = catch_unwind(AssertUnwindSafe(|| call(&*engine, raw)));
        local.current.set(thread);
        local.in_engine.set(false);
        result.unwrap_or_else(|_| check::fail_as_explained(object, at))
    })
}

/// There is no engine.
#[cold]
fn outside(at: Place) -> ! {
    panic!(
        "{}:{}: this belongs inside `check(|| …)`: in a checker's test, what threads share is made and used there",
        at.file(),
        at.line()
    )
}

/// What must be looked at before `thread` calls the engine.
#[cold]
fn settle_before(thread: usize) {
    watch::settle();
    note_destructors(thread);
}

/// A thread that waits for long looks once more: nobody comes first, since they could come first as well before it began to wait.
fn go_on_waiting(engine: &dyn Engine, object: Option<u32>, at: Place) {
    let waits = with(|model| {
        let thread = model.current;
        model.spins.waits_are_long().then(|| object.is_some_and(|object| model.spins.goes_on_waiting(thread, at, object)))
    });
    if let Some(waits) = waits {
        engine.offers_choices(!waits);
        if waits {
            turn_begins();
        }
    }
}

/// A destructor that an `Arc` runs does something that others notice: then the order of the drops matters.
fn note_destructors(thread: usize) {
    let in_drop = with(|model| model.threads.get(thread).is_some_and(|state| state.arc_drops.contains(&true)));
    if in_drop && !with(|model| model.features.counted_arcs) {
        check::restart_with(|features| features.counted_arcs = true);
    }
}

/// The program looks whether a thread has ended: then the end of a thread must be a step.
pub(crate) fn ends_are_seen() {
    with(|model| model.saw_ends = true);
}

/// Begins the check anew if the program has looked at what was no step. Not at once: the test may have locked something of `std`'s
/// own to note down what it sees.
pub(crate) fn restart_if_ends_were_seen() {
    if with(|model| model.saw_ends && !model.features.ends_seen) {
        check::restart_with(|features| features.ends_seen = true);
    }
}

/// Begins an interleaving. The main thread is thread 0.
pub(crate) fn begin(engine: Rc<dyn Engine>, settings: Settings) {
    LOCAL.with(|local| {
        local.running.borrow_mut().engine = Some(Rc::clone(&engine));
        local.current.set(0);
        local.run.set(RUNS.fetch_add(1, Ordering::Relaxed));
        local.has_memory.set(false);
        local.turn_begins.set(false);
        local.living.set(0);
        local.asleep.set(0);
        if let Some(heart) = &local.running.borrow().heart {
            heart.begin();
        }
    });
    with(|model| {
        // The main thread is the same in all of them.
        let main = model.log.threads.drain(..).next();
        let main = main.unwrap_or_else(|| Thread { name: Some("main".to_owned()), started_at: None });
        model.log.clear();
        model.log.threads.push(main);
        model.threads.clear();
        model.objects.clear();
        model.heap.release();
        model.watches.clear();
        if !model.arcs.is_empty() {
            model.arcs.clear();
        }
        model.arc_drops = 0;
        model.spins.begin(settings.waits_are_long);
        model.features = settings.features;
        model.get_is_a_read = settings.get_is_a_read;
        model.occasions.begin(settings.occasion);
        model.sequentially_consistent = None;
        model.clock = Duration::ZERO;
        if !model.looks_at_the_clock.is_empty() {
            model.looks_at_the_clock.clear();
        }
        model.unjoined = 0;
        model.add_thread();
    });
    handle::make_before_all(&*engine);
}

/// The number for a new thread.
pub(crate) fn add_thread(name: Option<String>, started_at: Option<Place>) -> usize {
    with(|model| {
        model.log.threads.push(Thread { name, started_at });
        model.add_thread()
    })
}

/// A thread has been joined: all that it did comes before what follows.
pub(crate) fn thread_joined(thread: usize) {
    with(|model| model.unjoined &= !bit(thread));
}

/// A scope has ended, and with it every thread of it.
pub(crate) fn ended_threads_joined() {
    let living = LOCAL.with(|local| local.living.get());
    with(|model| model.unjoined &= living);
}

/// The running thread has ended.
pub(crate) fn thread_ended() {
    watch::settle();
    with(|model| {
        let thread = model.current;
        LOCAL.with(|local| local.living.set(local.living.get() & !bit(thread)));
        model.threads[thread].ended = true;
    });
}

/// Acts on what the spin tracker advises for a look that changed nothing.
#[inline(always)]
pub(crate) fn heed(advice: Advice, at: Place) {
    if advice != Advice::GoOn {
        heed_now(advice, at);
    }
}

#[cold]
fn heed_now(advice: Advice, at: Place) {
    match advice {
        Advice::GoOn => {}
        Advice::GiveWay => give_way(at, false),
        Advice::GiveWayForGood => give_way(at, true),
        Advice::Hopeless => livelock(at),
    }
}

fn give_way(at: Place, for_good: bool) {
    with(|model| {
        model.waits = true;
        model.record(None, Action::GiveWay, at)
    });
    with_engine(at, |engine| {
        if for_good {
            engine.leads_nowhere_new();
        }
        engine.yield_now();
    });
    turn_begins();
}

/// The running thread looked at something and changed nothing: if it did so before, it waits.
pub(crate) fn looked(object: u32, result: u64, at: Place) {
    heed(with(|model| model.looked(object, result, at)), at);
}

/// The running thread did something that others may wait for, or wrote what was there before: nobody can tell.
pub(crate) fn turned(object: u32, at: Place) {
    let thread = current();
    let advice = with(|model| {
        model.changed();
        model.spins.turned(thread, at, object)
    });
    heed(advice, at);
}

/// The running thread says that it waits.
pub(crate) fn hinted(at: Place) {
    if !is_running() {
        return;
    }
    let thread = current();
    let advice = with(|model| model.spins.hinted(thread));
    heed(advice, at);
}

/// What has been recorded of the interleaving that ran last.
pub(crate) fn last_interleaving() -> Interleaving {
    with(|model| std::mem::take(&mut model.log))
}

/// The running thread uses a cell, or memory. Ends the check if that is a data race.
pub(crate) fn access(object: u32, access: Access) {
    check::judging(Some((object, access)));
    let ordered = with_engine_on(object, access.at, |engine, raw| engine.access(raw, access.kind.is_exclusive()));
    check::judging(None);
    if !ordered {
        data_race(object, access);
    }
    with(|model| model.object(object).accesses.push(access));
}

/// A number that the running thread has not had yet, the same in every interleaving.
pub(crate) fn next_seed() -> u64 {
    if !is_running() {
        return 0;
    }
    with(|model| {
        let thread = model.current;
        let states = &mut model.threads[thread].random_states;
        *states += 1;
        (thread as u64) << 32 | *states
    })
}

/// The running thread panics; somebody may yet catch it.
pub(crate) fn panicked(message: String, at: Option<String>) {
    let thread = current();
    LOCAL.with(|local| {
        if let Ok(mut model) = local.model.try_borrow_mut() {
            model.current = thread;
            let place = model.log.steps.iter().rev().find(|step| step.thread == thread).map(|step| step.at);
            if let Some(place) = place {
                model.record(None, Action::Panic, place);
            }
            let state = &mut model.threads[thread];
            state.panicking = true;
            state.panic_was_seen = false;
            state.panic = Some((message, at));
        }
    });
}

/// The running thread no longer panics: its panic was caught. With `seen`, by the program itself.
pub(crate) fn caught(seen: bool) {
    let thread = current();
    with(|model| {
        model.threads[thread].panicking = false;
        model.threads[thread].panic_was_seen |= seen;
    });
}

/// Whether the running thread is unwinding: set aside while its panic is held up, or while a destructor tries something.
pub(crate) fn set_panicking(panicking: bool) {
    let thread = current();
    with(|model| model.threads[thread].panicking = panicking);
}

/// Whether an engine's function runs. Callable from a panic hook.
pub(crate) fn is_in_engine() -> bool {
    LOCAL.with(|local| local.in_engine.get())
}

/// Whether the running thread is panicking.
pub(crate) fn is_panicking() -> bool {
    is_running() && with(|model| model.threads[model.current].panicking)
}
