//! A litmus test as data: threads of instructions, some of whose orderings are left open, and what is known of the outcomes.

use std::fmt::{self, Write};
use std::sync::atomic::Ordering;

/// A location: an index into [`NAMES`].
pub type Location = usize;
pub const X: Location = 0;
pub const Y: Location = 1;
pub const Z: Location = 2;
pub const W: Location = 3;
/// The names of the locations.
pub const NAMES: [char; 4] = ['x', 'y', 'z', 'w'];

/// An ordering, or the absence of a fence.
pub type Order = Option<Ordering>;
pub const NONE: Order = None;
pub const RLX: Order = Some(Ordering::Relaxed);
pub const ACQ: Order = Some(Ordering::Acquire);
pub const REL: Order = Some(Ordering::Release);
pub const AR: Order = Some(Ordering::AcqRel);
pub const SC: Order = Some(Ordering::SeqCst);

/// The orderings that a store, a load, a read-modify-write or a fence can have.
pub const STORE: &[Order] = &[RLX, REL, SC];
pub const LOAD: &[Order] = &[RLX, ACQ, SC];
pub const CHANGE: &[Order] = &[RLX, ACQ, REL, AR, SC];
pub const FENCE: &[Order] = &[NONE, ACQ, REL, AR, SC];

/// The short name of an ordering.
pub fn short(order: Order) -> &'static str {
    match order {
        NONE => "none",
        RLX => "rlx",
        ACQ => "acq",
        REL => "rel",
        AR => "a/r",
        _ => "sc",
    }
}

/// An ordering as a test states it: fixed, or one of those that the test lists for a slot.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// Always this one.
    Is(Order),
    /// The slot with this number.
    Slot(usize),
}
pub const A: Mode = Mode::Slot(0);
pub const B: Mode = Mode::Slot(1);
pub const C: Mode = Mode::Slot(2);
pub const D: Mode = Mode::Slot(3);
pub const RELAXED: Mode = Mode::Is(RLX);
pub const ACQUIRE: Mode = Mode::Is(ACQ);
pub const RELEASE: Mode = Mode::Is(REL);
pub const SEQ_CST: Mode = Mode::Is(SC);

/// What an instruction does. Loads and read-modify-writes each write a register of their own, numbered through all threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Load,
    Store(u64),
    Swap(u64),
    Add(u64),
    /// A `compare_exchange` of the first for the second. It fails with the reading half of its ordering.
    Exchange(u64, u64),
    Fence,
}

/// An instruction whose ordering is given as `M`. A fence has a location as well, which means nothing.
#[derive(Clone, Copy, Debug)]
pub struct Instruction<M> {
    pub kind: Kind,
    pub at: Location,
    pub order: M,
}

pub const fn load(at: Location, order: Mode) -> Instruction<Mode> {
    Instruction { kind: Kind::Load, at, order }
}
pub const fn store(at: Location, value: u64, order: Mode) -> Instruction<Mode> {
    Instruction { kind: Kind::Store(value), at, order }
}
pub const fn swap(at: Location, value: u64, order: Mode) -> Instruction<Mode> {
    Instruction { kind: Kind::Swap(value), at, order }
}
pub const fn add(at: Location, value: u64, order: Mode) -> Instruction<Mode> {
    Instruction { kind: Kind::Add(value), at, order }
}
pub const fn exchange(at: Location, current: u64, new: u64, order: Mode) -> Instruction<Mode> {
    Instruction { kind: Kind::Exchange(current, new), at, order }
}
pub const fn fence(order: Mode) -> Instruction<Mode> {
    Instruction { kind: Kind::Fence, at: X, order }
}

impl<M> Instruction<M> {
    pub fn reads(&self) -> bool {
        matches!(self.kind, Kind::Load | Kind::Swap(_) | Kind::Add(_) | Kind::Exchange(..))
    }
    pub fn writes(&self) -> bool {
        matches!(self.kind, Kind::Store(_) | Kind::Swap(_) | Kind::Add(_))
    }
}

/// Threads of instructions with their orderings.
pub type Program = Vec<Vec<Instruction<Ordering>>>;

/// The registers in their order, then the last values of the locations that the test asks for.
pub type Outcome = Vec<u64>;

/// What the literature says of an outcome: it holds the oracle true.
pub struct Pin {
    /// For these orderings: for each slot `*`, or some of them with `|` between.
    pub orders: &'static str,
    pub outcome: &'static [u64],
    pub allowed: bool,
    pub source: &'static str,
}

pub const fn allowed(orders: &'static str, outcome: &'static [u64], source: &'static str) -> Pin {
    Pin { orders, outcome, allowed: true, source }
}
pub const fn forbidden(orders: &'static str, outcome: &'static [u64], source: &'static str) -> Pin {
    Pin { orders, outcome, allowed: false, source }
}

/// A litmus test.
pub struct Shape {
    pub name: &'static str,
    pub source: &'static str,
    pub threads: &'static [&'static [Instruction<Mode>]],
    /// For each slot the orderings to try.
    pub slots: &'static [&'static [Order]],
    /// The locations whose last value belongs to the outcome.
    pub last: &'static [Location],
    pub pins: &'static [Pin],
    /// At most so many preemptions, if there are too many interleavings to run them all.
    pub preemptions: Option<usize>,
}

impl Shape {
    /// Every choice of orderings for the slots.
    pub fn combinations(&self) -> Vec<Vec<Order>> {
        self.slots.iter().fold(vec![vec![]], |all, slot| {
            let with = |chosen: &Vec<Order>| slot.iter().map(|&order| [&chosen[..], &[order]].concat()).collect::<Vec<_>>();
            all.iter().flat_map(with).collect()
        })
    }

    /// The program with these orderings.
    pub fn program(&self, orders: &[Order]) -> Program {
        let one = |&Instruction { kind, at, order }: &Instruction<Mode>| {
            let order = match order {
                Mode::Is(order) => order,
                Mode::Slot(slot) => orders[slot],
            };
            order.map(|order| Instruction { kind, at, order })
        };
        self.threads.iter().map(|thread| thread.iter().filter_map(one).collect()).collect()
    }

    /// What an outcome is to be read as: `r0 r1 x`.
    pub fn legend(&self) -> String {
        let registers = self.threads.iter().flat_map(|thread| thread.iter()).filter(|one| one.reads()).count();
        let registers = (0..registers).map(|register| format!("r{register}"));
        registers.chain(self.last.iter().map(|&at| NAMES[at].to_string())).collect::<Vec<_>>().join(" ")
    }
}

/// The program in one line: `x = 1 rlx; y = 1 A ‖ r0 = y B; r1 = x rlx`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut register = 0;
        for (index, thread) in self.threads.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { " ‖ " })?;
            for (index, one) in thread.iter().enumerate() {
                f.write_str(if index == 0 { "" } else { "; " })?;
                if one.reads() {
                    write!(f, "r{register} = ")?;
                    register += 1;
                }
                let at = NAMES[one.at];
                match one.kind {
                    Kind::Load => write!(f, "{at}"),
                    Kind::Store(value) => write!(f, "{at} = {value}"),
                    Kind::Swap(value) => write!(f, "{at}.swap({value})"),
                    Kind::Add(value) => write!(f, "{at}.add({value})"),
                    Kind::Exchange(current, new) => write!(f, "{at}.exchange({current}, {new})"),
                    Kind::Fence => f.write_str("fence"),
                }?;
                match one.order {
                    Mode::Is(order) => write!(f, " {}", short(order)),
                    Mode::Slot(slot) => {
                        f.write_char(' ')?;
                        f.write_char(char::from(b'A' + slot as u8))
                    }
                }?;
            }
        }
        Ok(())
    }
}

/// The ordering of the load in a read-modify-write.
pub fn reading_half(order: Ordering) -> Ordering {
    match order {
        Ordering::AcqRel => Ordering::Acquire,
        Ordering::Release => Ordering::Relaxed,
        order => order,
    }
}

/// Whether a choice of orderings is among those that a pattern names.
pub fn matches(pattern: &str, orders: &[Order]) -> bool {
    let slots: Vec<&str> = pattern.split_whitespace().collect();
    assert_eq!(slots.len(), orders.len(), "a pattern names every slot: {pattern}");
    slots.iter().zip(orders).all(|(slot, &order)| *slot == "*" || slot.split('|').any(|name| name == short(order)))
}

/// An outcome as digits.
pub fn digits(outcome: &[u64]) -> String {
    outcome.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")
}
