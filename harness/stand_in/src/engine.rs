//! What an engine must be able to do. Everything else is built from this, once for both.

use std::sync::atomic::Ordering;

/// Runs the threads of a program one at a time, and decides at each operation who goes on and what a load sees.
///
/// Objects are numbered by the engine, from 0 in each interleaving; threads by the model, main first. Every method may let
/// other threads run before it returns, save where it says otherwise.
pub trait Engine {
    /// The engine's name, in lower case.
    fn name(&self) -> &'static str;
    /// The most threads that it can follow, main included.
    fn most_threads(&self) -> usize;

    /// Starts a thread that runs `body`, which never panics. The numbers of threads follow the order of these calls.
    fn spawn(&self, body: Box<dyn FnOnce()>);
    /// Blocks the calling thread until it is unparked. May return early.
    fn park(&self);
    /// Wakes `thread` if it is parked, and orders all that the caller did before all that `thread` does next. Does not let
    /// other threads run.
    fn unpark(&self, thread: usize);
    /// Orders all that `thread`, which has nothing left to do, did before what the caller does next. At most once for each thread.
    fn join(&self, thread: usize);
    /// Lets the others run first.
    fn yield_now(&self);
    /// Says that the rest of this interleaving leads nowhere new.
    fn leads_nowhere_new(&self) {}
    /// Says whether what comes next is to be tried in other orders, and with other values, too. It is at first. Does not let other
    /// threads run.
    fn offers_choices(&self, _choices: bool) {}

    /// Whether all `SeqCst` accesses have one common order without further ado.
    fn keeps_common_order(&self) -> bool {
        true
    }
    /// A fence.
    fn fence(&self, order: Ordering);
    /// A new atomic of `width` bits (8, 16, 32 or 64). Does not let other threads run.
    fn new_atomic(&self, width: u32, bits: u64) -> u32;
    /// Loads.
    fn load(&self, atomic: u32, order: Ordering) -> u64;
    /// Stores.
    fn store(&self, atomic: u32, bits: u64, order: Ordering);
    /// Reads and writes at once; returns what was read. `waiting`, for a change that never changes anything: the thread does the same
    /// again and again, until another one changes the atomic.
    fn read_modify_write(&self, atomic: u32, change: Change, order: Ordering, waiting: bool) -> u64;
    /// Exchanges if equal; returns what was read.
    fn compare_exchange(&self, atomic: u32, expected: u64, new: u64, success: Ordering, failure: Ordering) -> Result<u64, u64>;

    /// A new cell, written by the calling thread. Does not let other threads run.
    fn new_cell(&self) -> u32;
    /// The calling thread reads or writes a cell. `false` if that is a data race. Does not let other threads run.
    fn access(&self, cell: u32, write: bool) -> bool;

    /// A new meeting point. `looked_at`: whether [`look`](Self::look) is to be used, which may
    /// cost interleavings.
    fn new_meeting(&self, looked_at: bool) -> u32;
    /// Meets: other threads may go first, then all that they did before their own meetings at this point is ordered before.
    fn meet(&self, point: u32);
    /// Looks at a meeting point: other threads may go first, and nothing is ordered.
    fn look(&self, point: u32);

    /// Whether the engine's own locks are to be used, which cost fewer interleavings but cannot be tried.
    fn has_locks(&self) -> bool {
        false
    }
    /// A new lock of the engine's own. Does not let other threads run.
    fn new_lock(&self) -> u32 {
        unreachable!("this engine has no locks of its own")
    }
    /// Locks a lock of the engine's own.
    fn lock(&self, _lock: u32) {
        unreachable!("this engine has no locks of its own")
    }
    /// Unlocks it.
    fn unlock(&self, _lock: u32) {
        unreachable!("this engine has no locks of its own")
    }

    /// What a panic of the engine's own code means; `None` if the panic is not its own.
    fn explain(&self, message: &str, file: &str) -> Option<Stop>;
}

/// The thread that calls the engine. To be asked before others may run.
#[inline]
pub fn running_thread() -> usize {
    crate::model::current()
}

/// Whether it makes a difference to let others run before what the calling thread is about to do: not if no other could run, nor if
/// it has just been chosen and has done nothing since that others may notice. Then whoever would run now might as well have been
/// chosen in its place.
///
/// To be asked once before each step that others may come before, since that step ends the beginning of a turn.
#[inline]
pub fn others_may_come_first() -> bool {
    crate::model::others_may_come_first()
}

/// Why an engine cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Nobody can run.
    Deadlock,
    /// An access that was just reported is a data race.
    DataRace,
    /// The interleaving is too long.
    TooLong,
    /// There are too many threads.
    TooManyThreads,
    /// Anything else, in the engine's words.
    Unknown(String),
}

/// How a read-modify-write changes what it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The operation.
    pub kind: ChangeKind,
    /// Its right-hand side.
    pub operand: u64,
    /// The width of the atomic in bits.
    pub width: u32,
}

/// The operations that read and write at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the `fetch_` method of its name")]
pub enum ChangeKind {
    Swap,
    Add,
    Sub,
    And,
    Nand,
    Or,
    Xor,
    MaxUnsigned,
    MinUnsigned,
    MaxSigned,
    MinSigned,
}

impl Change {
    /// Whether it writes something else than it read, whatever that was.
    pub fn always_changes(self) -> bool {
        matches!(self.kind, ChangeKind::Add | ChangeKind::Sub | ChangeKind::Xor) && self.apply(0) != 0
    }

    /// Whether it writes what it read, whatever that was: such an operation is there for its ordering.
    pub fn never_changes(self) -> bool {
        let all = u64::MAX >> (64 - self.width);
        let least_signed = 1 << (self.width - 1);
        // If there is a value that it changes, it changes this one.
        let most_likely = match self.kind {
            ChangeKind::Swap | ChangeKind::Nand => return false,
            ChangeKind::Add | ChangeKind::Sub | ChangeKind::Xor | ChangeKind::Or | ChangeKind::MaxUnsigned => 0,
            ChangeKind::And | ChangeKind::MinUnsigned => all,
            ChangeKind::MaxSigned => least_signed,
            ChangeKind::MinSigned => all ^ least_signed,
        };
        self.apply(most_likely) == most_likely
    }

    /// What is written where `old` was read.
    pub fn apply(self, old: u64) -> u64 {
        let mask = u64::MAX >> (64 - self.width);
        let signed = |bits: u64| ((bits << (64 - self.width)) as i64) >> (64 - self.width);
        let (old, operand) = (old & mask, self.operand & mask);
        let new = match self.kind {
            ChangeKind::Swap => operand,
            ChangeKind::Add => old.wrapping_add(operand),
            ChangeKind::Sub => old.wrapping_sub(operand),
            ChangeKind::And => old & operand,
            ChangeKind::Nand => !(old & operand),
            ChangeKind::Or => old | operand,
            ChangeKind::Xor => old ^ operand,
            ChangeKind::MaxUnsigned => old.max(operand),
            ChangeKind::MinUnsigned => old.min(operand),
            ChangeKind::MaxSigned => signed(old).max(signed(operand)) as u64,
            ChangeKind::MinSigned => signed(old).min(signed(operand)) as u64,
        };
        new & mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_the_one_that_std_makes() {
        use ChangeKind::*;
        let bytes = [0_u8, 1, 2, 127, 128, 200, 255];
        for old in bytes {
            for operand in bytes {
                let apply = |kind| Change { kind, operand: operand.into(), width: 8 }.apply(old.into()) as u8;
                assert_eq!(apply(Swap), operand);
                assert_eq!(apply(Add), old.wrapping_add(operand));
                assert_eq!(apply(Sub), old.wrapping_sub(operand));
                assert_eq!(apply(And), old & operand);
                assert_eq!(apply(Nand), !(old & operand));
                assert_eq!(apply(Or), old | operand);
                assert_eq!(apply(Xor), old ^ operand);
                assert_eq!(apply(MaxUnsigned), old.max(operand));
                assert_eq!(apply(MinUnsigned), old.min(operand));
                assert_eq!(apply(MaxSigned), (old as i8).max(operand as i8) as u8);
                assert_eq!(apply(MinSigned), (old as i8).min(operand as i8) as u8);
            }
        }
    }

    #[test]
    fn a_change_that_never_changes_anything_is_one_that_changes_no_value() {
        use ChangeKind::*;
        for kind in [Swap, Add, Sub, And, Nand, Or, Xor, MaxUnsigned, MinUnsigned, MaxSigned, MinSigned] {
            for operand in 0..=255 {
                let change = Change { kind, operand, width: 8 };
                let changes_nothing = (0..=255).all(|old| change.apply(old) == old);
                assert_eq!(change.never_changes(), changes_nothing, "{change:?}");
            }
        }
    }
}
