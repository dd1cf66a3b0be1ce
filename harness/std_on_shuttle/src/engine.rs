//! shuttle as an engine. shuttle decides who runs; values are plain, since every atomic is sequentially consistent.

use crate::clock::Uses;
use shuttle_engine::runtime::execution::ExecutionState;
use shuttle_engine::runtime::thread::switch;
use shuttle_engine::scheduler::TaskId;
use stand_in::clock::Clock;
use stand_in::engine::{Change, Engine, Stop, others_may_come_first, running_thread};
use std::cell::RefCell;
use std::panic::Location;
use std::rc::Rc;
use std::sync::atomic::Ordering;

/// More threads than this make nothing clearer.
const MOST_THREADS: usize = 60;
/// The stack of a thread, in bytes. shuttle's own is 60 KiB, which an unoptimised build overflows.
pub(crate) const STACK: usize = 1024 * 1024;

/// The objects of one interleaving.
#[derive(Default)]
pub(crate) struct Shuttle {
    state: RefCell<State>,
    /// shuttle's number for each of our threads, as far as they run. Two threads that start others at the same time may get them
    /// in another order from shuttle than from the model.
    tasks: RefCell<Vec<Option<TaskId>>>,
}

#[derive(Default)]
struct State {
    atomics: Vec<Atomic>,
    cells: Vec<Uses>,
    meetings: Vec<Clock>,
    /// What each thread knows.
    threads: Vec<Clock>,
    /// What fences have made known.
    fences: Clock,
}

struct Atomic {
    bits: u64,
    clock: Clock,
}

impl State {
    fn clear(&mut self) {
        self.atomics.clear();
        self.cells.clear();
        self.meetings.clear();
        self.threads.clear();
        self.fences = Clock::default();
    }

    #[inline]
    fn thread(&mut self, thread: usize) -> &mut Clock {
        if self.threads.len() <= thread {
            self.add_threads(thread);
        }
        &mut self.threads[thread]
    }

    #[cold]
    fn add_threads(&mut self, thread: usize) {
        while self.threads.len() <= thread {
            // A thread's own time begins at 1, so that what it does first is not known to others from the start.
            let mut clock = Clock::default();
            clock.tick(self.threads.len());
            self.threads.push(clock);
        }
    }

    /// `thread` uses an atomic: all that was done before earlier uses comes before what it does next.
    fn atomic(&mut self, thread: usize, atomic: u32) -> &mut Atomic {
        self.thread(thread);
        let used = &mut self.atomics[atomic as usize];
        meet(&mut self.threads[thread], &mut used.clock, thread);
        used
    }

    /// All that was done before what `thread` does now comes before what `other` does next.
    fn tell(&mut self, thread: usize, other: usize) {
        self.thread(thread.max(other));
        if let Ok([knows, learns]) = self.threads.get_disjoint_mut([thread, other]) {
            learns.join(knows);
        }
    }

    fn meet(&mut self, thread: usize, point: u32) {
        self.thread(thread);
        meet(&mut self.threads[thread], &mut self.meetings[point as usize], thread);
    }
}

/// A thread and a point learn from each other what has happened.
fn meet(thread_knows: &mut Clock, point_knows: &mut Clock, thread: usize) {
    thread_knows.meet(point_knows);
    thread_knows.tick(thread);
}

/// Lets shuttle choose who goes on, where that makes a difference.
fn let_others_run() {
    if others_may_come_first() {
        switch();
    }
}

impl Shuttle {
    /// The engine for an interleaving that begins.
    pub(crate) fn begin() -> Rc<Self> {
        thread_local!(static SHUTTLE: Rc<Shuttle> = Rc::default());
        // Always the same one, for its memory.
        let shuttle = SHUTTLE.with(Rc::clone);
        shuttle.state.borrow_mut().clear();
        shuttle.tasks.borrow_mut().clear();
        shuttle
    }

    /// Lets others run, then runs `f` for the thread that called.
    fn step<R>(&self, f: impl FnOnce(&mut State, usize) -> R) -> R {
        let thread = running_thread();
        let_others_run();
        f(&mut self.state.borrow_mut(), thread)
    }
}

impl Engine for Shuttle {
    fn name(&self) -> &'static str {
        "shuttle"
    }

    fn most_threads(&self) -> usize {
        MOST_THREADS
    }

    fn spawn(&self, body: Box<dyn FnOnce()>) {
        let parent = running_thread();
        let mut state = self.state.borrow_mut();
        state.thread(parent);
        let child = state.threads.len();
        state.tell(parent, child);
        state.thread(parent).tick(parent);
        drop(state);
        // Not by `shuttle::thread::spawn`: nobody joins the thread by shuttle's handle. Nor by `spawn_thread`, which lets others run
        // first: what they do does not depend on a thread that has done nothing yet, so that would be the same schedule twice. The new
        // thread does not run before this one next lets others run, so its number is known in time.
        let task = ExecutionState::spawn_main_thread(body, STACK, Location::caller());
        let mut tasks = self.tasks.borrow_mut();
        let length = tasks.len().max(child + 1);
        tasks.resize(length, None);
        tasks[child] = Some(task);
    }

    fn park(&self) {
        ExecutionState::with(|state| state.current_mut().block(false));
        switch();
    }

    fn unpark(&self, thread: usize) {
        let (mut state, by) = (self.state.borrow_mut(), running_thread());
        state.tell(by, thread);
        state.thread(by).tick(by);
        let task = self.tasks.borrow().get(thread).copied().flatten().unwrap_or(TaskId::from(thread));
        ExecutionState::with(|state| state.get_mut(task).unblock());
    }

    fn join(&self, thread: usize) {
        self.state.borrow_mut().tell(thread, running_thread());
    }

    fn yield_now(&self) {
        shuttle::thread::yield_now();
    }

    fn fence(&self, _order: Ordering) {
        self.step(|state, thread| {
            let mut fences = std::mem::take(&mut state.fences);
            meet(state.thread(thread), &mut fences, thread);
            state.fences = fences;
        });
    }

    fn new_atomic(&self, _width: u32, bits: u64) -> u32 {
        let mut state = self.state.borrow_mut();
        state.atomics.push(Atomic { bits, clock: Clock::default() });
        (state.atomics.len() - 1) as u32
    }

    fn load(&self, atomic: u32, _order: Ordering) -> u64 {
        self.step(|state, thread| state.atomic(thread, atomic).bits)
    }

    fn store(&self, atomic: u32, bits: u64, _order: Ordering) {
        self.step(|state, thread| state.atomic(thread, atomic).bits = bits);
    }

    fn read_modify_write(&self, atomic: u32, change: Change, _order: Ordering, _waiting: bool) -> u64 {
        self.step(|state, thread| {
            let atomic = state.atomic(thread, atomic);
            let new = change.apply(atomic.bits);
            std::mem::replace(&mut atomic.bits, new)
        })
    }

    fn compare_exchange(&self, atomic: u32, expected: u64, new: u64, _: Ordering, _: Ordering) -> Result<u64, u64> {
        self.step(|state, thread| {
            let atomic = state.atomic(thread, atomic);
            if atomic.bits != expected {
                return Err(atomic.bits);
            }
            atomic.bits = new;
            Ok(expected)
        })
    }

    fn new_cell(&self) -> u32 {
        let mut state = self.state.borrow_mut();
        let thread = running_thread();
        let now = state.thread(thread).clone();
        let mut uses = Uses::default();
        uses.access(thread, &now, true);
        state.cells.push(uses);
        (state.cells.len() - 1) as u32
    }

    fn access(&self, cell: u32, write: bool) -> bool {
        let state = &mut *self.state.borrow_mut();
        let thread = running_thread();
        let now = state.thread(thread).clone();
        state.cells[cell as usize].access(thread, &now, write)
    }

    fn new_meeting(&self, _looked_at: bool) -> u32 {
        let mut state = self.state.borrow_mut();
        state.meetings.push(Clock::default());
        (state.meetings.len() - 1) as u32
    }

    fn meet(&self, point: u32) {
        self.step(|state, thread| state.meet(thread, point));
    }

    fn look(&self, _point: u32) {
        let_others_run();
    }

    fn explain(&self, message: &str, file: &str) -> Option<Stop> {
        let ours = |part: &str| part == "shuttle" || part.starts_with("shuttle-") || part.starts_with("corosensei-");
        if !file.split(['/', '\\']).any(ours) {
            return None;
        }
        Some(if message.contains("deadlock!") {
            Stop::Deadlock
        } else if message.contains("exceeded max_steps") {
            Stop::TooLong
        } else {
            Stop::Unknown(message.to_owned())
        })
    }
}
