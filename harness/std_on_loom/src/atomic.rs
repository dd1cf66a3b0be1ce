//! One atomic on loom: its value, what has been done to it, and how an operation that changes nothing is done as a read.

use crate::MOST_THREADS;
use loom::sync::atomic as loom_atomic;
use stand_in::check;
use stand_in::engine::{Change, ChangeKind};
use std::cell::{Cell, RefCell};
use std::sync::atomic::Ordering;

/// An atomic, and every value that it ever had.
pub(crate) struct Atomic {
    sized: Sized,
    pub(crate) values: RefCell<Vec<u64>>,
    /// To try it in vain, before a load, makes the order of two loads a choice.
    pub(crate) never_free: Option<loom::sync::Mutex<()>>,
    /// Who used it last, and who has loaded it since the last operation that may write, a bit for each.
    last: Cell<Option<usize>>,
    loaded_by: Cell<u64>,
    /// What each thread had done that others may want to know of when it last published here: see `Loom::done`.
    pub(crate) published: [Cell<u32>; MOST_THREADS],
    /// How often each thread has written here what was there, since it last wrote something else.
    pub(crate) silently: [Cell<u8>; MOST_THREADS],
    /// Who ever has, a bit for each.
    pub(crate) silent: Cell<u32>,
    /// What was stored last, and how often each thread has since changed something else here; 0 once it has changed that.
    last_store: Cell<u64>,
    passed_over: [Cell<u8>; MOST_THREADS],
    /// Who has stored here, a bit for each, and who has used an operation that never changes anything.
    pub(crate) stored_by: Cell<u32>,
    pub(crate) idled_by: Cell<u32>,
}

enum Sized {
    W8(loom_atomic::AtomicU8),
    W16(loom_atomic::AtomicU16),
    W32(loom_atomic::AtomicU32),
    W64(loom_atomic::AtomicU64),
}

/// Runs `$do` with `$atomic` bound to the atomic of the right width, and `$t` to its integer.
macro_rules! sized {
    ($sized:expr, $atomic:ident, $t:ident => $do:expr) => {
        match $sized {
            Sized::W8($atomic) => {
                type $t = u8;
                $do
            }
            Sized::W16($atomic) => {
                type $t = u16;
                $do
            }
            Sized::W32($atomic) => {
                type $t = u32;
                $do
            }
            #[allow(clippy::useless_conversion, reason = "the other widths need it")]
            Sized::W64($atomic) => {
                type $t = u64;
                $do
            }
        }
    };
}

impl Atomic {
    /// `values` is for its memory.
    pub(crate) fn new(width: u32, bits: u64, mut values: Vec<u64>, never_free: Option<loom::sync::Mutex<()>>) -> Self {
        let sized = match width {
            8 => Sized::W8(loom_atomic::AtomicU8::new(bits as u8)),
            16 => Sized::W16(loom_atomic::AtomicU16::new(bits as u16)),
            32 => Sized::W32(loom_atomic::AtomicU32::new(bits as u32)),
            _ => Sized::W64(loom_atomic::AtomicU64::new(bits)),
        };
        values.clear();
        values.push(bits);
        let (values, last, loaded_by) = (RefCell::new(values), Cell::new(None), Cell::new(0));
        let (published, silently, silent, last_store, passed_over, stored_by, idled_by) = Default::default();
        Self {
            sized,
            values,
            never_free,
            last,
            loaded_by,
            published,
            silently,
            silent,
            last_store,
            passed_over,
            stored_by,
            idled_by,
        }
    }

    pub(crate) fn load(&self, order: Ordering) -> u64 {
        sized!(&self.sized, raw, T => T::from(raw.load(order)).into())
    }

    pub(crate) fn store(&self, bits: u64, order: Ordering) {
        sized!(&self.sized, raw, T => raw.store(bits as T, order));
        self.values.borrow_mut().push(bits);
    }

    /// Stores after all that has been written so far. It reads as well, but acquires nothing.
    pub(crate) fn store_last(&self, bits: u64, order: Ordering) {
        let order = if order == Ordering::Relaxed { order } else { Ordering::Release };
        sized!(&self.sized, raw, T => _ = raw.swap(bits as T, order));
        self.values.borrow_mut().push(bits);
    }

    pub(crate) fn note_load(&self, thread: usize) {
        self.last.set(Some(thread));
        self.loaded_by.set(self.loaded_by.get() | 1 << thread);
    }

    /// `thread` has written, or might have. loom tries this before the operation that came last, if that is another thread's. If it is
    /// this thread's own load, loom looks no further, and never tries the write before the loads of the others (tokio-rs/loom#392).
    /// So the check begins anew, with an order among the loads as well.
    pub(crate) fn note_write(&self, thread: usize) {
        let hidden = self.last.get() == Some(thread) && self.loaded_by.get() & !(1 << thread) != 0;
        if hidden && self.never_free.is_none() {
            check::restart_with(|features| features.loads_meet = true);
        }
        self.last.set(Some(thread));
        self.loaded_by.set(0);
    }

    /// `thread` has stored `bits`.
    pub(crate) fn note_store(&self, thread: usize, bits: u64) {
        self.stored_by.set(self.stored_by.get() | 1 << thread);
        self.last_store.set(bits);
        for (other, passed_over) in self.passed_over.iter().enumerate() {
            passed_over.set(u8::from(other != thread));
        }
    }

    /// `thread` has changed `old`, with an operation that reads as well: how often that was not what another one had stored already.
    pub(crate) fn passed_over(&self, thread: usize, old: u64) -> u8 {
        let times = &self.passed_over[thread];
        if times.get() > 0 {
            times.set(if old == self.last_store.get() { 0 } else { times.get().saturating_add(1) });
        }
        times.get().saturating_sub(1)
    }

    pub(crate) fn exchange(&self, expected: u64, new: u64, success: Ordering, failure: Ordering) -> Result<u64, u64> {
        let exchanged: Result<u64, u64> = sized!(&self.sized, raw, T => {
            let exchanged = raw.compare_exchange(expected as T, new as T, success, failure);
            exchanged.map(u64::from).map_err(u64::from)
        });
        if exchanged.is_ok() {
            self.values.borrow_mut().push(new);
        }
        exchanged
    }

    pub(crate) fn change(&self, change: Change, order: Ordering) -> u64 {
        sized!(&self.sized, raw, T => {
            let operand = change.operand as T;
            let old = match change.kind {
                ChangeKind::Swap => raw.swap(operand, order),
                ChangeKind::Add => raw.fetch_add(operand, order),
                ChangeKind::Sub => raw.fetch_sub(operand, order),
                ChangeKind::And => raw.fetch_and(operand, order),
                ChangeKind::Nand => raw.fetch_nand(operand, order),
                ChangeKind::Or => raw.fetch_or(operand, order),
                ChangeKind::Xor => raw.fetch_xor(operand, order),
                ChangeKind::MaxUnsigned => raw.fetch_max(operand, order),
                ChangeKind::MinUnsigned => raw.fetch_min(operand, order),
                ChangeKind::MaxSigned | ChangeKind::MinSigned => {
                    // loom's atomic is unsigned: exchange until nobody came between.
                    let mut old = raw.load(Ordering::Relaxed);
                    loop {
                        let new = change.apply(old.into()) as T;
                        match raw.compare_exchange(old, new, order, Ordering::Relaxed) {
                            Ok(old) => break old,
                            Err(other) => old = other,
                        }
                    }
                }
            };
            old.into()
        })
    }

    /// The change as an exchange that does not happen where it would write what it read: that is then a read, with the
    /// acquiring half of `order`. `None` if no exchange is sure to tell the two apart.
    pub(crate) fn change_or_read(&self, change: Change, order: Ordering) -> Option<u64> {
        let mut expected = self.value_that_changes(change)?;
        loop {
            match self.exchange(expected, change.apply(expected), order, reading_half(order)) {
                Ok(old) => return Some(old),
                Err(old) if change.apply(old) == old => return Some(old),
                Err(old) => expected = old,
            }
        }
    }

    /// What stands there at last, read in that order. `None` if there is no value that it never had.
    pub(crate) fn newest(&self, order: Ordering) -> Option<u64> {
        let never = self.unlikely_value()?;
        // An exchange that fails reads the newest store.
        Some(self.exchange(never, never, order, reading_half(order)).unwrap_or_else(|found| found))
    }

    /// A value that the atomic never had, to exchange in vain. loom lets others run before the exchange, and they may write what they
    /// had not yet: a small number, mostly. So this is none.
    fn unlikely_value(&self) -> Option<u64> {
        const UNLIKELY: u64 = 0x9d3b_c5a7_6e91_d2b5;
        let (values, mask) = (self.values.borrow(), sized!(&self.sized, _raw, T => u64::from(T::MAX)));
        let mut candidates = (0..=values.len() as u64).map(|more| UNLIKELY.wrapping_add(more) & mask);
        candidates.find(|value| !values.contains(value))
    }

    /// A value that the change would change: the newest such, or else one that the atomic never had.
    fn value_that_changes(&self, change: Change) -> Option<u64> {
        if change.never_changes() {
            // Then any value that is not there makes the exchange a read.
            return self.unlikely_value();
        }
        let values = self.values.borrow();
        let mask = u64::MAX >> (64 - change.width);
        let changes = |&value: &u64| change.apply(value) != value;
        let known = values.iter().rev().copied().find(changes);
        known.or_else(|| (0..=mask).take(values.len() + 1).chain((0..change.width).map(|bit| 1 << bit)).find(changes))
    }
}

fn reading_half(order: Ordering) -> Ordering {
    match order {
        Ordering::AcqRel | Ordering::Acquire => Ordering::Acquire,
        Ordering::SeqCst => Ordering::SeqCst,
        _ => Ordering::Relaxed,
    }
}
