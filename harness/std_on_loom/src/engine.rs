//! loom as an engine: what each of its limits asks for stands here, and nowhere else.

use crate::MOST_THREADS;
use crate::atomic::Atomic;
use crate::coherence::{Coherence, Loaded};
use corosensei::on_stack;
use corosensei::stack::DefaultStack;
use loom::sync::atomic as loom_atomic;
use stand_in::check::{self, Features};
use stand_in::engine::{Change, Engine, Stop, running_thread};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::Ordering;

/// A thread that has so often written to an atomic what was there, by a read-modify-write, waits for it to change.
const SILENT_WRITES: u8 = 3;
/// A thread that has so often changed an atomic without seeing a store that was there already would do so for ever.
const PASSED_OVER: u8 = 3;
/// What loom means by an "unexpected exploration state".
const NOT_DETERMINISTIC: &str = "the program did something else than before, although all threads went on in the same order. This checker needs \
    programs that leave nothing to chance: no random numbers of their own making, no addresses taken for numbers";
/// The stack of a thread, in bytes. loom's own is 32 KiB, which an unoptimised build overflows with one `format!` too many.
const STACK: usize = 1024 * 1024;

/// Runs `f` on a stack that threads of earlier interleavings have used: to ask the system for a new one, and to touch its pages for the
/// first time, takes as long as many steps.
pub(crate) fn on_a_stack(f: impl FnOnce()) {
    thread_local!(static SPARE: RefCell<Vec<DefaultStack>> = const { RefCell::new(Vec::new()) });
    let spare = SPARE.with_borrow_mut(Vec::pop);
    let mut stack = spare.unwrap_or_else(|| DefaultStack::new(STACK).expect("the system has room for another stack"));
    on_stack(&mut stack, f);
    SPARE.with_borrow_mut(|spare| spare.push(stack));
}

/// The objects of one interleaving.
#[derive(Default)]
pub(crate) struct Loom {
    /// Those that this program has started and not joined, and the main one once it has parked: loom allocates to name it.
    threads: RefCell<Vec<Option<Thread>>>,
    atomics: RefCell<List<Atomic>>,
    cells: RefCell<List<loom::cell::UnsafeCell<()>>>,
    meetings: RefCell<List<Meeting>>,
    locks: RefCell<List<Lock>>,
    coherence: RefCell<Coherence>,
    /// The values of atomics of interleavings that are over, for their memory.
    spare_values: RefCell<Vec<Vec<u64>>>,
    /// How many things each thread has done that others may want to know of: writes, mostly.
    done: [Cell<u32>; MOST_THREADS],
    loads_meet: Cell<bool>,
    silent_reads: Cell<bool>,
    stores_come_last: Cell<bool>,
    /// Whether loom is to try what comes next in other orders as well.
    offers_choices: Cell<bool>,
}

/// A thread of loom's.
enum Thread {
    Main(loom::thread::Thread),
    Started(loom::thread::JoinHandle<()>),
}

/// Mutexes of loom's, not atomics: loom would have an atomic's making ordered before each use, and whoever comes first makes it.
struct Meeting {
    /// To try it in vain is a step like any other, and orders nothing.
    never_free: Option<loom::sync::Mutex<()>>,
    /// To lock and unlock it orders.
    order: loom::sync::Mutex<()>,
}

impl Meeting {
    fn look(&self) {
        if let Some(never_free) = &self.never_free {
            try_in_vain(never_free);
        }
    }
}

fn never_free() -> loom::sync::Mutex<()> {
    let mutex = loom::sync::Mutex::new(());
    std::mem::forget(mutex.lock().expect("nobody else has it yet"));
    mutex
}

fn try_in_vain(never_free: &loom::sync::Mutex<()>) {
    let in_vain = never_free.try_lock().is_err();
    debug_assert!(in_vain, "whoever made it holds it for ever");
}

/// A mutex of loom's, with the guard of whoever holds it.
struct Lock {
    guard: Cell<Option<loom::sync::MutexGuard<'static, ()>>>,
    mutex: loom::sync::Mutex<()>,
}

impl Lock {
    /// The interleaving is over.
    fn is_over(&mut self) {
        // Still locked: the program forgot a guard. loom must not hear of an unlock.
        std::mem::forget(self.guard.take());
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.is_over();
    }
}

/// Objects of one kind. Each can be held while others run, who may make more of them.
struct List<T> {
    items: Vec<Rc<T>>,
    /// Those of interleavings that are over, for their memory.
    spare: Vec<Rc<T>>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { items: Vec::new(), spare: Vec::new() }
    }
}

impl<T> List<T> {
    /// Forgets everything. `over` is told what each was that nobody holds any more.
    fn clear(&mut self, mut over: impl FnMut(&mut T)) {
        self.spare.extend(self.items.drain(..).filter_map(|mut item| {
            over(Rc::get_mut(&mut item)?);
            Some(item)
        }));
    }
}

fn nth<T>(list: &RefCell<List<T>>, index: u32) -> Rc<T> {
    Rc::clone(&list.borrow().items[index as usize])
}

fn push<T>(list: &RefCell<List<T>>, item: T) -> u32 {
    let list = &mut *list.borrow_mut();
    let item = match list.spare.pop() {
        Some(mut spare) => {
            *Rc::get_mut(&mut spare).expect("nobody holds what is spare") = item;
            spare
        }
        None => Rc::new(item),
    };
    list.items.push(item);
    (list.items.len() - 1) as u32
}

impl Loom {
    /// The engine for an interleaving that the calling thread of loom begins.
    pub(crate) fn begin(features: Features) -> Rc<Self> {
        thread_local!(static LOOM: Rc<Loom> = Rc::default());
        // Always the same one, for its memory.
        let loom = LOOM.with(Rc::clone);
        loom.threads.borrow_mut().clear();
        let mut spare_values = loom.spare_values.borrow_mut();
        loom.atomics.borrow_mut().clear(|atomic| spare_values.push(atomic.values.take()));
        drop(spare_values);
        loom.cells.borrow_mut().clear(|_| ());
        loom.meetings.borrow_mut().clear(|_| ());
        loom.locks.borrow_mut().clear(Lock::is_over);
        loom.coherence.borrow_mut().clear(features.common_order);
        loom.done.iter().for_each(|done| done.set(0));
        loom.loads_meet.set(features.loads_meet);
        loom.silent_reads.set(features.silent_reads);
        loom.stores_come_last.set(features.stores_come_last);
        loom.offers_choices.set(true);
        loom.threads.borrow_mut().push(None);
        loom
    }

    /// A thread has done something that others may want to know of.
    fn did(&self, thread: usize) {
        self.done[thread].set(self.done[thread].get() + 1);
    }

    /// A thread has written an atomic: there is news for whoever reads another one, and none any more for whoever reads this one.
    /// It is `silent` if it wrote what was there.
    fn wrote(&self, atomic: &Atomic, thread: usize, silent: bool) {
        self.did(thread);
        atomic.published[thread].set(self.done[thread].get());
        if silent || atomic.silent.get() != 0 {
            atomic.silent.set(atomic.silent.get() | u32::from(silent) << thread);
            let before = &atomic.silently[thread];
            before.set(if silent { before.get().saturating_add(1) } else { 0 });
        }
    }

    /// Whether a thread has done something since it last wrote an atomic.
    fn has_news(&self, atomic: &Atomic, thread: usize) -> bool {
        self.done[thread].get() != atomic.published[thread].get()
    }

    /// A thread has stored. To loom, that may come before what another one has written silently already, though what stood
    /// there then was the newest: whoever looks next might find that again. So nobody writes silently in such a program.
    fn stop_if_silent(&self, atomic: &Atomic, thread: usize) {
        if atomic.silent.get() & !(1 << thread) != 0 {
            check::restart_with(|features| features.silent_reads = true);
        }
    }

    /// A thread is about to use an operation that never changes anything. loom may put it before what others have stored: again and
    /// again, if it is a wait. So it is a read there.
    fn stop_if_idle(&self, atomic: &Atomic, thread: usize) {
        let own = 1 << thread;
        if atomic.idled_by.get() & own != 0 && atomic.stored_by.get() & !own != 0 {
            check::restart_with(|features| features.silent_reads = true);
        }
        atomic.idled_by.set(atomic.idled_by.get() | own);
    }

    /// A thread has read, with an operation that might have written. The same holds if no order of the stores explains what it found,
    /// or if it waits for what it has written itself to change.
    fn stop_if_misled(&self, atomic: &Atomic, thread: usize, is_explained: bool, has_waited: impl FnOnce(u8) -> bool) {
        if atomic.silent.get() == 0 {
            return;
        }
        let silently = atomic.silently[thread].get();
        if !is_explained || silently > 0 && has_waited(silently) {
            check::restart_with(|features| features.silent_reads = true);
        }
    }

    /// A thread has changed what it read. To loom, the store of another thread may come after all such changes that are still to be,
    /// however many: then a thread that waits by changing something, as `while tries.fetch_add(1, Acquire) != 0 {}` does, would wait
    /// for ever. So a store comes last of those that are there, in this check.
    ///
    /// The same holds if no order of the stores explains what it read: loom may put a store between what it read and what it wrote.
    fn stop_if_passed_over(&self, atomic: &Atomic, thread: usize, old: u64, is_explained: bool) {
        let passed_over = atomic.passed_over(thread, old) >= PASSED_OVER;
        if (passed_over || !is_explained) && !self.stores_come_last.get() {
            check::restart_with(|features| features.stores_come_last = true);
        }
    }
}

impl Engine for Loom {
    fn name(&self) -> &'static str {
        "loom"
    }

    fn most_threads(&self) -> usize {
        MOST_THREADS
    }

    fn spawn(&self, body: Box<dyn FnOnce()>) {
        let (parent, child) = (running_thread(), self.threads.borrow().len());
        self.coherence.borrow_mut().spawned(parent, child);
        let body = OnOneOsThread(body);
        let handle = loom::thread::spawn(move || on_a_stack(|| body.call()));
        self.threads.borrow_mut().push(Some(Thread::Started(handle)));
    }

    fn park(&self) {
        self.threads.borrow_mut()[running_thread()].get_or_insert_with(|| Thread::Main(loom::thread::current()));
        loom::thread::park();
    }

    fn unpark(&self, thread: usize) {
        self.coherence.borrow_mut().unparked(running_thread(), thread);
        match &self.threads.borrow()[thread] {
            Some(Thread::Main(thread)) => thread.unpark(),
            Some(Thread::Started(handle)) => handle.thread().unpark(),
            None => unreachable!("who is unparked has parked"),
        }
    }

    fn join(&self, thread: usize) {
        let by = running_thread();
        let handle = self.threads.borrow_mut()[thread].take();
        // It may still have to tell loom that it has ended.
        if let Some(Thread::Started(handle)) = handle {
            handle.join().expect("what it runs never panics");
        }
        self.coherence.borrow_mut().joined(by, thread);
    }

    fn yield_now(&self) {
        loom::thread::yield_now();
    }

    fn leads_nowhere_new(&self) {
        loom::skip_branch();
    }

    fn offers_choices(&self, choices: bool) {
        if self.offers_choices.replace(choices) != choices {
            if choices { loom::explore() } else { loom::stop_exploring() }
        }
    }

    /// loom takes `SeqCst` accesses for `AcqRel` ones (tokio-rs/loom#180), but honours `SeqCst` fences.
    fn keeps_common_order(&self) -> bool {
        false
    }

    fn fence(&self, order: Ordering) {
        loom_atomic::fence(order);
    }

    fn new_atomic(&self, width: u32, bits: u64) -> u32 {
        self.coherence.borrow_mut().new_atomic(running_thread(), bits);
        let never_free = self.loads_meet.get().then(never_free);
        let values = self.spare_values.borrow_mut().pop().unwrap_or_default();
        let atomic = Atomic::new(width, bits, values, never_free);
        push(&self.atomics, atomic)
    }

    fn load(&self, atomic: u32, order: Ordering) -> u64 {
        let (raw, thread) = (nth(&self.atomics, atomic), running_thread());
        if let Some(never_free) = &raw.never_free {
            try_in_vain(never_free);
        }
        let bits = raw.load(order);
        raw.note_load(thread);
        let mut coherence = self.coherence.borrow_mut();
        match coherence.loaded(thread, atomic, bits, order) {
            Loaded::AsItIs => bits,
            Loaded::Unexplained => coherence.instead(thread, atomic).unwrap_or(bits),
            Loaded::OutOfOrder => {
                drop(coherence);
                let Some(newest) = raw.newest(order) else { return bits };
                self.coherence.borrow_mut().loaded(thread, atomic, newest, order);
                newest
            }
        }
    }

    fn store(&self, atomic: u32, bits: u64, order: Ordering) {
        let (raw, thread) = (nth(&self.atomics, atomic), running_thread());
        if self.stores_come_last.get() {
            raw.store_last(bits, order);
        } else {
            raw.store(bits, order);
        }
        self.stop_if_silent(&raw, thread);
        raw.note_store(thread, bits);
        raw.note_write(thread);
        self.wrote(&raw, thread, false);
        self.coherence.borrow_mut().stored(thread, atomic, bits, order);
    }

    /// A read-modify-write that happens to write what it read is done as a read, if its thread has nothing new to publish with it. loom
    /// would take it for a store like any other: one that it may put before later stores, again and again, so that a correct lock never
    /// sees itself unlocked. One that never changes anything, such as `fetch_add(0, AcqRel)`, is there for its ordering, and done as it
    /// stands. Where loom would be misled by that, they are all reads, in this check.
    fn read_modify_write(&self, atomic: u32, change: Change, order: Ordering, waiting: bool) -> u64 {
        let (raw, thread) = (nth(&self.atomics, atomic), running_thread());
        let has_news = self.has_news(&raw, thread);
        let publishes = releases(order) && has_news && !waiting && !self.silent_reads.get();
        let idles = change.never_changes() && !waiting && !self.silent_reads.get();
        if idles {
            self.stop_if_idle(&raw, thread);
        }
        let as_it_stands = change.always_changes() || idles || publishes;
        let read = if as_it_stands { None } else { raw.change_or_read(change, order) };
        let old = read.unwrap_or_else(|| {
            let old = raw.change(change, order);
            raw.values.borrow_mut().push(change.apply(old));
            old
        });
        raw.note_write(thread);
        let new = change.apply(old);
        let is_explained = if read.is_none() || new != old {
            self.coherence.borrow_mut().changed(thread, atomic, old, new, order)
        } else {
            self.coherence.borrow_mut().loaded(thread, atomic, old, order) != Loaded::Unexplained
        };
        self.stop_if_misled(&raw, thread, is_explained, |silently| new == old && (!has_news || silently >= SILENT_WRITES));
        if new != old {
            self.stop_if_passed_over(&raw, thread, old, is_explained);
        }
        if read.is_none() || new != old {
            self.wrote(&raw, thread, publishes && new == old);
        }
        old
    }

    fn compare_exchange(&self, atomic: u32, expected: u64, new: u64, success: Ordering, failure: Ordering) -> Result<u64, u64> {
        let thread = running_thread();
        let raw = nth(&self.atomics, atomic);
        let exchanged = raw.exchange(expected, new, success, failure);
        raw.note_write(thread);
        let is_explained = match exchanged {
            Ok(old) => self.coherence.borrow_mut().changed(thread, atomic, old, new, success),
            Err(found) => self.coherence.borrow_mut().loaded(thread, atomic, found, failure) != Loaded::Unexplained,
        };
        self.stop_if_misled(&raw, thread, is_explained, |_| exchanged.is_err());
        if exchanged.is_ok() {
            self.stop_if_passed_over(&raw, thread, expected, is_explained);
            self.wrote(&raw, thread, false);
        }
        exchanged
    }

    fn new_cell(&self) -> u32 {
        push(&self.cells, loom::cell::UnsafeCell::new(()))
    }

    fn access(&self, cell: u32, write: bool) -> bool {
        // loom panics over a data race; the panic hook makes a verdict of that.
        let cell = nth(&self.cells, cell);
        if write {
            self.did(running_thread());
            cell.with_mut(|_| ())
        } else {
            cell.with(|_| ())
        }
        true
    }

    fn new_meeting(&self, looked_at: bool) -> u32 {
        let never_free = looked_at.then(|| {
            let mutex = loom::sync::Mutex::new(());
            std::mem::forget(mutex.lock().expect("nobody else has it yet"));
            mutex
        });
        self.coherence.borrow_mut().new_meeting();
        push(&self.meetings, Meeting { never_free, order: loom::sync::Mutex::new(()) })
    }

    fn meet(&self, point: u32) {
        let (meeting, thread) = (nth(&self.meetings, point), running_thread());
        meeting.look();
        drop(meeting.order.lock().expect("nothing panics while it holds this lock"));
        self.coherence.borrow_mut().met(thread, point);
    }

    fn look(&self, point: u32) {
        nth(&self.meetings, point).look();
    }

    fn has_locks(&self) -> bool {
        true
    }

    fn new_lock(&self) -> u32 {
        self.coherence.borrow_mut().new_lock();
        push(&self.locks, Lock { guard: Cell::new(None), mutex: loom::sync::Mutex::new(()) })
    }

    fn lock(&self, lock: u32) {
        let (number, thread) = (lock, running_thread());
        let lock = nth(&self.locks, lock);
        let guard = lock.mutex.lock().expect("nothing panics while it holds this lock");
        // SAFETY: the guard lies beside its mutex in an `Rc` that never moves its contents, and `Lock` never drops it after the mutex.
        let guard = unsafe { std::mem::transmute::<loom::sync::MutexGuard<'_, ()>, loom::sync::MutexGuard<'static, ()>>(guard) };
        lock.guard.set(Some(guard));
        self.coherence.borrow_mut().locked(thread, number);
    }

    fn unlock(&self, lock: u32) {
        self.coherence.borrow_mut().unlocked(running_thread(), lock);
        drop(nth(&self.locks, lock).guard.take());
    }

    fn explain(&self, message: &str, file: &str) -> Option<Stop> {
        if !is_engine(file) {
            return None;
        }
        Some(if message.contains("deadlock") {
            Stop::Deadlock
        } else if message.contains("Causality violation") {
            Stop::DataRace
        } else if message.contains("exceeded maximum number of branches") {
            Stop::TooLong
        } else if message.contains("self.max()") || message.contains("MAX_THREADS") {
            Stop::TooManyThreads
        } else if message.contains("fully deterministic") {
            Stop::Unknown(NOT_DETERMINISTIC.to_owned())
        } else {
            Stop::Unknown(message.to_owned())
        })
    }
}

/// Whether a file belongs to loom or to what it runs on.
fn is_engine(file: &str) -> bool {
    let ours = |part: &str| part == "loom" || part.starts_with("loom-") || part.starts_with("generator-");
    file.split(['/', '\\']).any(ours)
}

/// loom asks for `Send`, as `std` does. The model has asked the learner for it already; what it adds itself is not `Send`.
struct OnOneOsThread(Box<dyn FnOnce()>);

// SAFETY: loom runs all threads of a program on the OS thread that made them.
unsafe impl Send for OnOneOsThread {}

impl OnOneOsThread {
    fn call(self) {
        (self.0)();
    }
}

fn releases(order: Ordering) -> bool {
    matches!(order, Ordering::Release | Ordering::AcqRel | Ordering::SeqCst)
}
