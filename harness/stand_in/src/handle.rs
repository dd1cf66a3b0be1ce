//! What stands in a type of ours for the engine's object: a number, and where it comes from.
//!
//! A thing that is made while the program runs is made by the thread that runs the constructor, and whoever finds it without
//! synchronisation races with that. A thing that is made in a constant (a `static`, mostly) was there before everything, as on
//! real hardware: no thread made it. So it gets an engine's object that the main thread makes before the program begins. How many
//! of which kind are needed turns out while the program runs; the check then begins anew.
//!
//! What a `static` holds begins anew in each interleaving: see [`Handle::begin_anew`].

use crate::check;
use crate::engine::Engine;
use crate::heap;
use crate::model::{self, with, with_engine};
use interleaving::json::{self, Json};
use interleaving::{Newer, ObjectKind, Place, Site, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Set if the thing was made in a constant.
const CONSTANT: u64 = 1 << 31;
/// Instead of an object's number: made, and not used yet.
const UNUSED: u64 = CONSTANT - 1;

/// A reference to an object of the model, made at the first use.
///
/// Zero for a thing that was made in a constant and has never been used. Else, from the top: 32 bits for the interleaving in which
/// it was last used (0 for none), a bit that says whether it was made in a constant, 31 bits for the object's number there.
#[derive(Debug)]
pub(crate) struct Handle(AtomicU64);

/// An object of the engine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Raw {
    Atomic { width: u32, bits: u64 },
    Cell,
    Meeting { looked_at: bool },
    Lock,
}

impl Raw {
    fn make(self, engine: &dyn Engine) -> u32 {
        match self {
            Self::Atomic { width, bits } => engine.new_atomic(width, bits),
            Self::Cell => engine.new_cell(),
            Self::Meeting { looked_at } => engine.new_meeting(looked_at),
            Self::Lock => engine.new_lock(),
        }
    }

    /// Whether it matters who makes it.
    fn has_a_maker(self) -> bool {
        matches!(self, Self::Atomic { .. } | Self::Cell)
    }
}

impl Json for Raw {
    fn write(&self, out: &mut String) {
        let text = match self {
            Self::Atomic { width, bits } => format!("atomic {width} {bits}"),
            Self::Cell => "cell".to_owned(),
            Self::Meeting { looked_at } => format!("meeting {looked_at}"),
            Self::Lock => "lock".to_owned(),
        };
        text.write(out);
    }

    fn read(value: &json::Value) -> Option<Self> {
        let text = String::read(value)?;
        let words: Vec<&str> = text.split(' ').collect();
        match words.as_slice() {
            ["atomic", width, bits] => Some(Self::Atomic { width: width.parse().ok()?, bits: bits.parse().ok()? }),
            ["cell"] => Some(Self::Cell),
            ["meeting", looked_at] => Some(Self::Meeting { looked_at: looked_at.parse().ok()? }),
            ["lock"] => Some(Self::Lock),
            _ => None,
        }
    }
}

/// What the main thread makes before the program begins, for things that were made in a constant.
pub(crate) struct BeforeAll {
    /// The object, the engine's number for it, and whether it belongs to something by now.
    made: Vec<(Raw, u32, bool)>,
}

impl BeforeAll {
    pub(crate) const fn new() -> Self {
        Self { made: Vec::new() }
    }
}

thread_local! {
    /// What this check needs to have made before its program begins.
    static NEEDED: RefCell<Vec<Raw>> = const { RefCell::new(Vec::new()) };
}

/// Says what this check needs to have made before its program begins.
pub(crate) fn need(raws: Vec<Raw>) {
    NEEDED.set(raws);
}

/// What this check is known to need so far.
pub(crate) fn needed() -> Vec<Raw> {
    NEEDED.with_borrow(Vec::clone)
}

/// The program is about to begin: makes what things from constants will need.
pub(crate) fn make_before_all(engine: &dyn Engine) {
    let made: Vec<_> = NEEDED.with_borrow(|needed| needed.iter().map(|&raw| (raw, raw.make(engine), false)).collect());
    with(|model| model.before_all.made = made);
}

/// Takes an object that was made before the program began; begins the check anew with more of them if there is none left.
fn claim(raw: Raw) -> u32 {
    let claimed = with(|model| {
        let free = model.before_all.made.iter_mut().find(|(other, _, taken)| *other == raw && !taken)?;
        free.2 = true;
        Some(free.1)
    });
    claimed.unwrap_or_else(|| {
        let mut needed = NEEDED.take();
        // As many again: an array of a thousand is then found out in ten steps.
        let more = needed.iter().filter(|&&other| other == raw).count().max(1);
        needed.extend(std::iter::repeat_n(raw, more));
        check::restart_needing(needed)
    })
}

impl Handle {
    /// Of a thing that is being made: in a constant, or by the running thread.
    pub(crate) const fn new() -> Self {
        const fn in_a_constant() -> Handle {
            Handle(AtomicU64::new(0))
        }
        std::intrinsics::const_eval_select((), in_a_constant, Self::made_now)
    }

    /// Of a thing that the running thread makes.
    pub(crate) fn made_now() -> Self {
        Self(AtomicU64::new(u64::from(model::run()) << 32 | UNUSED))
    }

    /// As [`new`](Self::new), with the engine's object made at once if the program is running: it matters who makes it.
    pub(crate) const fn with_maker(kind: ObjectKind, raw: Raw, at: Place) -> Self {
        const fn in_a_constant(_: ObjectKind, _: Raw, _: Place) -> Handle {
            Handle(AtomicU64::new(0))
        }
        std::intrinsics::const_eval_select((kind, raw, at), in_a_constant, Self::made_with_maker)
    }

    /// What [`with_maker`](Self::with_maker) does while a program runs.
    pub(crate) fn made_with_maker(kind: ObjectKind, raw: Raw, at: Place) -> Self {
        let handle = Self::made_now();
        if model::is_running() {
            handle.object(kind, raw, at);
        }
        handle
    }

    fn bits(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn was_made_in_a_constant(&self) -> bool {
        let bits = self.bits();
        bits == 0 || bits & CONSTANT != 0
    }

    /// The object's number, if it has one in the interleaving `run`.
    #[inline]
    fn number(&self, run: u32) -> Option<u32> {
        let bits = self.bits();
        let number = bits & UNUSED;
        (bits >> 32 == u64::from(run) && bits != 0 && number != UNUSED).then_some(number as u32)
    }

    fn set(&self, run: u32, number: u64) {
        let constant = if self.was_made_in_a_constant() { CONSTANT } else { 0 };
        self.0.store(u64::from(run) << 32 | constant | number, Ordering::Relaxed);
    }

    /// The next use makes a new object.
    pub(crate) fn forget(&self) {
        self.0.store(Self::made_now().bits(), Ordering::Relaxed);
    }

    /// The object's number, where there is nothing to do before it is used.
    #[inline]
    pub(crate) fn known(&self) -> Option<u32> {
        let (run, has_memory) = model::run_and_memory();
        self.number(run).filter(|_| !has_memory)
    }

    /// The object's number; makes it if there is none yet.
    pub(crate) fn object(&self, kind: ObjectKind, raw: Raw, at: Place) -> u32 {
        let (run, has_memory) = model::run_and_memory();
        if has_memory {
            heap::used(std::ptr::from_ref(self).addr(), at);
        }
        self.number(run).unwrap_or_else(|| self.new_object(kind, raw, at))
    }

    fn new_object(&self, kind: ObjectKind, raw: Raw, at: Place) -> u32 {
        let run = model::run();
        let made_in_this_run = self.bits() >> 32 == u64::from(run) && !self.was_made_in_a_constant();
        let made = if made_in_this_run || !raw.has_a_maker() { with_engine(at, |engine| raw.make(engine)) } else { claim(raw) };
        // Others may have run meanwhile, and have made it.
        self.number(run).unwrap_or_else(|| {
            let number = with(|model| {
                let number = model.add_object(kind, made);
                if made_in_this_run && raw.has_a_maker() {
                    model.object(number).made = Some((Site { thread: model::current(), at }, model.log.steps.len()));
                }
                if let (ObjectKind::Atomic(shape), Raw::Atomic { bits, .. }) = (kind, raw) {
                    model.object(number).newest = Some(Newer { value: Value { bits, shape }, step: usize::MAX });
                }
                number
            });
            self.set(run, number.into());
            number
        })
    }

    /// To be called before each use of what lies beside the handle. If that was made in a constant, `reset` puts it back to what
    /// it was at first, once in each interleaving; it is told whether this is the first use of all.
    ///
    /// Ends the check if it was made at run time, but before the program began: then nobody knows what it was at first.
    pub(crate) fn begin_anew(&self, at: Place, reset: impl FnOnce(bool)) {
        let (run, bits) = (model::run(), self.bits());
        if bits >> 32 == u64::from(run) || !model::is_running() {
            return;
        }
        if !self.was_made_in_a_constant() {
            model::forbid(
                "This was made before the check began, so it keeps what the last interleaving left in it: make it inside.",
                at,
            );
        }
        if !with(|model| model.features.statics) {
            check::restart_with(|features| features.statics = true);
        }
        reset(bits == 0);
        self.set(run, UNUSED);
    }

    /// As [`begin_anew`](Self::begin_anew), for plain bytes: the first use of all remembers them, each later interleaving puts
    /// them back. What was there is not dropped, as nothing in a `static` ever is.
    ///
    /// # Safety
    /// The bytes are inside an `UnsafeCell`, are valid for writes, and nobody else uses them during the call.
    pub(crate) unsafe fn begin_anew_bytes(&self, bytes: *mut u8, length: usize, at: Place) {
        self.begin_anew(at, |first| {
            let mut snapshots = SNAPSHOTS.lock().unwrap_or_else(PoisonError::into_inner);
            let bytes = bytes.cast::<MaybeUninit>();
            if first {
                // SAFETY: `length` bytes that are there and that nobody writes now; what is not initialised is not looked at.
                let now = unsafe { std::slice::from_raw_parts(bytes, length) };
                snapshots.insert(bytes.addr(), Snapshot(now.into()));
            } else if let Some(Snapshot(before)) = snapshots.get(&bytes.addr()).filter(|snapshot| snapshot.0.len() == length) {
                // SAFETY: as many bytes as were taken from here, of a value that was valid then and owned nothing: constants do not.
                unsafe { bytes.copy_from_nonoverlapping(before.as_ptr(), length) };
            } else {
                drop(snapshots);
                model::forbid(
                    "This has been moved since the last interleaving, or was never made: make it inside the check.",
                    at,
                );
            }
        });
    }

    /// The object's number, if it has been made in this interleaving. Callable while a thread is torn down.
    pub(crate) fn if_made(&self) -> Option<u32> {
        self.number(model::run())
    }

    /// Whether the object has been made, in this interleaving.
    pub(crate) fn is_made(&self) -> bool {
        self.number(model::run()).is_some()
    }
}

impl Default for Handle {
    fn default() -> Self {
        Self::made_now()
    }
}

type MaybeUninit = std::mem::MaybeUninit<u8>;

/// What the bytes of a thing from a constant were before its first use.
struct Snapshot(Box<[MaybeUninit]>);

// SAFETY: bytes to be copied back to where they came from, and never taken for a value on the way.
unsafe impl Send for Snapshot {}

/// By address. Checks that use statics run one at a time (see `Features::statics`).
static SNAPSHOTS: Mutex<BTreeMap<usize, Snapshot>> = Mutex::new(BTreeMap::new());
