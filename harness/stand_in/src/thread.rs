//! `std::thread`.

pub(crate) mod local;
mod scope;

use crate::model::{self, with, with_engine};
use crate::spurious::{self, Kind};
use crate::waiting::{meet_at, wait_at_most, wait_until, wake};
use interleaving::{Action, ObjectKind, Place, WaitsFor};
use std::cell::UnsafeCell;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::num::{NonZero, NonZeroU64};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use local::{AccessError, LocalKey};
pub use scope::{Scope, ScopedJoinHandle, scope};
pub use std::thread::Result;

/// As `std`'s.
///
/// # Panics
/// Never here: `std`'s does if the system has no room for another thread.
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    start(None, f, Location::caller())
}

/// As `std`'s.
#[derive(Debug, Default)]
pub struct Builder {
    name: Option<String>,
}

impl Builder {
    /// As `std`'s.
    pub fn new() -> Self {
        Self::default()
    }

    /// As `std`'s.
    ///
    /// # Panics
    /// When the thread is started, if the name holds a zero byte.
    pub fn name(mut self, name: String) -> Self {
        self.name = Some(name);
        self
    }

    /// As `std`'s; every thread of a checked program has the same stack.
    pub fn stack_size(self, _size: usize) -> Self {
        self
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// Never here: there is always room for another thread.
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Ok(start(self.checked_name(), f, Location::caller()))
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// Never here: there is always room for another thread.
    ///
    /// # Safety
    /// As `std`'s: the thread ends before anything that it borrows.
    #[track_caller]
    pub unsafe fn spawn_unchecked<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send,
        T: Send,
    {
        let at = Location::caller();
        let name = self.checked_name();
        let packet = Packet::new();
        let result = Arc::clone(&packet);
        let body: Box<dyn FnOnce() + '_> = Box::new(move || result.put(run(f)));
        // SAFETY: whoever calls this has promised that the thread ends while all that it borrows is there.
        let body = unsafe { std::mem::transmute::<Box<dyn FnOnce() + '_>, Box<dyn FnOnce()>>(body) };
        let thread = start_body(name.clone(), body, at);
        Ok(JoinHandle { thread: Thread::numbered(thread, name), packet, _not_unwind_safe: PhantomData })
    }

    fn checked_name(self) -> Option<String> {
        let has_zero = self.name.as_ref().is_some_and(|name| name.contains('\0'));
        assert!(!has_zero, "thread name may not contain interior null bytes");
        self.name
    }

    /// As `std`'s.
    ///
    /// # Errors
    /// Never here: there is always room for another thread.
    #[track_caller]
    pub fn spawn_scoped<'scope, 'env, F, T>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        f: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        Ok(scope.start(self.checked_name(), f, Location::caller()))
    }
}

/// Where a thread leaves what it returned, or the panic that ended it.
struct Packet<T>(Mutex<Option<Result<T>>>);

impl<T> Packet<T> {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(None)))
    }
    fn put(&self, result: Result<T>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    }
    fn take(&self) -> Option<Result<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn start<F, T>(name: Option<String>, f: F, at: Place) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let packet = Packet::new();
    let result = Arc::clone(&packet);
    let thread = start_body(name.clone(), move || result.put(run(f)), at);
    JoinHandle { thread: Thread::numbered(thread, name), packet, _not_unwind_safe: PhantomData }
}

/// Runs the body of a thread to its end, be it a panic.
fn run<T>(f: impl FnOnce() -> T) -> Result<T> {
    let result = catch_unwind(AssertUnwindSafe(f));
    if result.is_err() {
        let thread = model::current();
        with(|model| model.threads[thread].panicked = true);
        model::caught(false);
    }
    result
}

/// Starts a thread of the model that runs `body`. `body` must not panic.
fn start_body(name: Option<String>, body: impl FnOnce() + 'static, at: Place) -> usize {
    let child = model::add_thread(name, Some(at));
    let body = Box::new(move || {
        model::set_current(child);
        model::turn_begins();
        body();
        end(at);
    });
    with_engine(at, |engine| engine.spawn(body));
    with(|model| {
        model.record(None, Action::Spawn { child }, at);
        model.changed();
    });
    child
}

/// The running thread ends: whoever joins it may go on.
fn end(at: Place) {
    let thread = model::current();
    local::drop_all();
    if with(|model| model.features.ends_seen) {
        meet_end(thread, at);
    }
    let mut joiners = with(|model| {
        model.record(None, Action::End, at);
        std::mem::take(&mut model.threads[thread].joiners)
    });
    model::thread_ended();
    wake(&joiners, at);
    joiners.clear();
    with(|model| model.threads[thread].joiners = joiners);
    model::stop_if_nobody_can_move();
    model::settle();
}

fn meet_end(thread: usize, at: Place) -> u32 {
    let object = end_of(thread);
    if with(|model| model.object(object).raw == NO_MEETING) {
        let raw = with_engine(at, |engine| engine.new_meeting(false));
        with(|model| model.object(object).raw = raw);
    }
    meet_at(object, at);
    object
}

/// Instead of the engine's number for the end of a thread: it has none before somebody looks whether the thread has ended.
const NO_MEETING: u32 = u32::MAX;

/// The end of a thread, as an object; makes it if it is not there yet.
fn end_of(thread: usize) -> u32 {
    with(|model| {
        model.threads[thread].end.unwrap_or_else(|| {
            let object = model.add_object(ObjectKind::ThreadEnd, NO_MEETING);
            model.threads[thread].end = Some(object);
            object
        })
    })
}

/// Waits for the end of a thread. Whether the caller came before that end, nobody can tell: it goes on after it.
fn wait_for_end(child: usize, at: Place) {
    let (thread, object) = (model::current(), end_of(child));
    let has_ended = with(|model| model.threads[child].ended);
    if has_ended {
        with_engine(at, |engine| engine.join(child));
    } else {
        // Whoever is woken at that end comes after it.
        with(|model| model.threads[child].joiners.push(thread));
        wait_until(WaitsFor::End { of: child }, Some(object), at, || with(|model| model.threads[child].ended.then_some(())));
    }
    with(|model| {
        let panicked = model.threads[child].panicked;
        model.record(Some(object), Action::Join { child, panicked }, at);
        model.changed();
    });
    model::thread_joined(child);
    if !has_ended {
        // It was chosen to go on after that wait, and nobody else can tell that it has.
        model::turn_begins();
    }
}

/// As `std`'s.
pub struct JoinHandle<T> {
    thread: Thread,
    packet: Arc<Packet<T>>,
    _not_unwind_safe: NotUnwindSafe,
}

/// What `std`'s handles hold makes them so.
type NotUnwindSafe = PhantomData<(&'static mut (), UnsafeCell<()>)>;

// SAFETY: as for `std`'s. A handle gives its result to whoever joins; the thread promised that the result may be sent.
unsafe impl<T> Send for JoinHandle<T> {}
// SAFETY: nothing of the result can be reached through a reference.
unsafe impl<T> Sync for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    /// As `std`'s.
    ///
    /// # Errors
    /// If the thread panicked, with its panic.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        wait_for_end(self.thread.number, Location::caller());
        self.packet.take().expect("a thread that has ended left its result")
    }

    /// As `std`'s.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// As `std`'s.
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        is_finished(self.thread.number, Location::caller())
    }
}

fn is_finished(thread: usize, at: Place) -> bool {
    model::ends_are_seen();
    let object = meet_end(thread, at);
    let ended = with(|model| {
        let ended = model.threads[thread].ended;
        model.record(None, Action::Did(if ended { "it has ended" } else { "it has not ended yet" }), at);
        ended
    });
    model::looked(object, ended.into(), at);
    ended
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

/// As `std`'s.
#[derive(Clone)]
pub struct Thread {
    number: usize,
    name: Option<Arc<str>>,
}

impl Thread {
    fn numbered(number: usize, name: Option<String>) -> Self {
        Self { number, name: name.map(Arc::from) }
    }

    /// As `std`'s.
    pub fn id(&self) -> ThreadId {
        ThreadId(NonZeroU64::MIN.saturating_add(self.number as u64))
    }

    /// As `std`'s.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// As `std`'s.
    #[track_caller]
    pub fn unpark(&self) {
        let at = Location::caller();
        let object = meet_token(self.number, at);
        let was_set = with(|model| {
            model.record(Some(object), Action::Notify { waiting: 1, all: false }, at);
            std::mem::replace(&mut model.threads[self.number].unpark_token, true)
        });
        if was_set {
            // It is there for the next `park` already: nothing changes.
            model::looked(object, 1, at);
        } else {
            wake(&[self.number], at);
        }
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread").field("id", &self.id()).field("name", &self.name()).finish_non_exhaustive()
    }
}

/// As `std`'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThreadId(NonZeroU64);

/// As `std`'s.
pub fn current() -> Thread {
    let number = model::current();
    Thread::numbered(number, with(|model| model.log.threads.get(number).and_then(|thread| thread.name.clone())))
}

/// As `std`'s.
#[track_caller]
pub fn yield_now() {
    model::hinted(Location::caller());
}

/// As `std`'s: the program's clock goes on by `dur`, and any thread may go first or be overtaken, as at every step.
#[track_caller]
pub fn sleep(dur: Duration) {
    let at = Location::caller();
    if model::is_running() {
        with(|model| {
            model.clock = model.clock.saturating_add(dur);
            model.record(None, Action::GiveWay, at)
        });
    }
}

/// As `std`'s; `ms` is in milliseconds.
#[track_caller]
#[deprecated(since = "1.6.0", note = "replaced by `std::thread::sleep`")]
pub fn sleep_ms(ms: u32) {
    sleep(Duration::from_millis(ms.into()));
}

fn meet_token(thread: usize, at: Place) -> u32 {
    let made = with(|model| model.threads[thread].token);
    let object = made.unwrap_or_else(|| {
        let raw = with_engine(at, |engine| engine.new_meeting(false));
        with(|model| {
            let object = model.add_object(ObjectKind::Condvar, raw);
            model.threads[thread].token = Some(object);
            object
        })
    });
    meet_at(object, at);
    object
}

/// As `std`'s: it may also return for no reason, and a checker tries that.
#[track_caller]
pub fn park() {
    park_at_most(None, Location::caller());
}

fn park_at_most(limit: Option<Duration>, at: Place) {
    let thread = model::current();
    let object = meet_token(thread, at);
    let take = || with(|model| std::mem::take(&mut model.threads[thread].unpark_token).then_some(()));
    // With a limit, that the time is up at once is the same.
    if limit.is_none() && spurious::happens(Kind::Wakeup) {
        // Who wakes for no reason takes no token.
        with(|model| model.record(Some(object), Action::CondvarWoken { spurious: true }, at));
        return;
    }
    let unparked = match limit.filter(|_| spurious::happens(Kind::Timeout)) {
        Some(limit) => {
            with(|model| model.clock = model.clock.saturating_add(limit));
            take()
        }
        None => wait_at_most(limit, WaitsFor::Unpark, Some(object), at, take),
    };
    // Meets once more: all that came before *any* earlier `unpark` comes before what follows, not only before the one that woke it.
    meet_token(thread, at);
    let action = if unparked.is_some() { Action::CondvarWoken { spurious: false } } else { Action::TimedOut };
    with(|model| model.record(Some(object), action, at));
    if unparked.is_none() {
        model::looked(object, 0, at);
    }
}

/// As `std`'s. The time may be up at any moment, and is up when nobody else can move.
#[track_caller]
pub fn park_timeout(dur: Duration) {
    park_at_most(Some(dur), Location::caller());
}

/// As `std`'s; `ms` is in milliseconds.
#[track_caller]
#[deprecated(since = "1.6.0", note = "replaced by `std::thread::park_timeout`")]
pub fn park_timeout_ms(ms: u32) {
    park_at_most(Some(Duration::from_millis(ms.into())), Location::caller());
}

/// As `std`'s.
pub fn panicking() -> bool {
    model::is_panicking()
}

/// As `std`'s: always 2, so that a check is the same on every machine.
///
/// # Errors
/// Never.
pub fn available_parallelism() -> io::Result<NonZero<usize>> {
    Ok(NonZero::<usize>::MIN.saturating_add(1))
}
