//! Who writes through a pointer from `UnsafeCell::get`.
//!
//! A pointer does not tell whether its holder reads or writes. Unless the check says otherwise, `get` counts
//! as a read. So that a write is found all the same, the bytes of the cell are remembered, and looked at again when the thread next
//! calls the engine: until then nobody else runs, so if they have changed, this thread has written. A write of what was there
//! before is not seen, nor one by a pointer that is kept for longer.

use crate::model::{self, with};
use interleaving::{Access, AccessKind, Place};
use std::hash::{DefaultHasher, Hasher};

/// The cells that the running thread has got a pointer to since its last call of the engine.
pub(crate) struct Watches(Vec<Watch>);

struct Watch {
    object: u32,
    bytes: *const u8,
    length: usize,
    before: u64,
    at: Place,
}

impl Watch {
    fn now(&self) -> u64 {
        fingerprint(self.bytes, self.length)
    }
}

impl Watches {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The cell is gone, and its bytes with it.
    pub(crate) fn forget(&mut self, object: u32) {
        self.0.retain(|watch| watch.object != object);
    }
}

/// The running thread has got a pointer to the contents of `object`.
pub(crate) fn begin(object: u32, bytes: *const u8, length: usize, at: Place) {
    let watch = Watch { object, bytes, length, before: fingerprint(bytes, length), at };
    with(|model| model.watches.0.push(watch));
}

/// The running thread is about to call the engine: what has changed, it has written.
pub(crate) fn settle() {
    let watches = with(|model| std::mem::take(&mut model.watches.0));
    for watch in watches.iter().filter(|watch| watch.now() != watch.before) {
        model::access(watch.object, Access { thread: model::current(), kind: AccessKind::Write, at: watch.at });
    }
}

fn fingerprint(bytes: *const u8, length: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    for index in 0..length {
        // SAFETY: within a cell that is still there: one that goes away is forgotten. Volatile, since a byte may be padding, of
        // which nothing is known but that it can be read.
        hasher.write_u8(unsafe { bytes.add(index).read_volatile() });
    }
    hasher.finish()
}
