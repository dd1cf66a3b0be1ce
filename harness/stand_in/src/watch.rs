//! Who writes through a pointer from `UnsafeCell::get`.
//!
//! A pointer does not tell whether its holder reads or writes. Unless the check says otherwise, `get` counts
//! as a read. So that a write is found all the same, the bytes of the cell are remembered, and looked at again when the thread next
//! calls the engine: until then nobody else runs, so if they have changed, this thread has written. A write of what was there
//! before is not seen, nor one by a pointer that is kept for longer. What lies in a lock that the thread holds, inside of the cell, does
//! not count: it may be written through the guard, and is no matter of the cell's.

use crate::model::{self, with};
use interleaving::{Access, AccessKind, Place};
use std::hash::{DefaultHasher, Hasher};
use std::ops::Range;

/// What is watched, and what is not.
pub(crate) struct Watches {
    /// The cells that the running thread has got a pointer to since its last call of the engine.
    cells: Vec<Watch>,
    /// The locks that are held, each with the thread that holds it.
    held: Vec<(usize, Range<usize>)>,
}

struct Watch {
    object: u32,
    bytes: *const u8,
    length: usize,
    /// The bytes of locks in it that its thread held, when that began.
    left_out: Vec<Range<usize>>,
    before: u64,
    at: Place,
}

impl Watch {
    fn now(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for index in 0..self.length {
            if self.left_out.iter().any(|range| range.contains(&(self.bytes.addr() + index))) {
                continue;
            }
            // SAFETY: within a cell that is still there: one that goes away is forgotten. Volatile, since a byte may be padding, of
            // which nothing is known but that it can be read.
            hasher.write_u8(unsafe { self.bytes.add(index).read_volatile() });
        }
        hasher.finish()
    }
}

impl Watches {
    pub(crate) const fn new() -> Self {
        Self { cells: Vec::new(), held: Vec::new() }
    }

    pub(crate) fn clear(&mut self) {
        self.cells.clear();
        self.held.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The cell is gone, and its bytes with it.
    pub(crate) fn forget(&mut self, object: u32) {
        self.cells.retain(|watch| watch.object != object);
    }
}

/// The running thread has got a pointer to the contents of `object`.
pub(crate) fn begin(object: u32, bytes: *const u8, length: usize, at: Place) {
    let (thread, cell) = (model::current(), bytes.addr()..bytes.addr() + length);
    let left_out = with(|model| {
        let held = model.watches.held.iter().filter(|(holder, lock)| *holder == thread && cell.contains(&lock.start));
        held.map(|(_, lock)| lock.clone()).collect()
    });
    let mut watch = Watch { object, bytes, length, left_out, before: 0, at };
    watch.before = watch.now();
    with(|model| model.watches.cells.push(watch));
}

/// Where a lock lies.
pub(crate) fn place_of<T: ?Sized>(lock: &T) -> Range<usize> {
    let start = std::ptr::from_ref(lock).addr();
    start..start + size_of_val(lock)
}

/// The running thread holds a lock, and may write what is in it.
pub(crate) fn hold(lock: Range<usize>) {
    let thread = model::current();
    with(|model| model.watches.held.push((thread, lock)));
}

/// The running thread no longer holds that lock.
pub(crate) fn let_go(lock: &Range<usize>) {
    let thread = model::current();
    with(|model| {
        let held = &mut model.watches.held;
        if let Some(index) = held.iter().rposition(|(holder, other)| *holder == thread && other == lock) {
            held.swap_remove(index);
        }
    });
}

/// The running thread is about to call the engine: what has changed, it has written.
pub(crate) fn settle() {
    let watches = with(|model| std::mem::take(&mut model.watches.cells));
    for watch in watches.iter().filter(|watch| watch.now() != watch.before) {
        model::access(watch.object, Access { thread: model::current(), kind: AccessKind::Write, at: watch.at });
    }
}
