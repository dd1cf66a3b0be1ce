//! The memory that a program asks for by hand: who allocated it, who uses it, who freed it.
//!
//! Freed memory stays what it was until the interleaving is over, so that a use after the free is found and told, and not made.
//! A use is known if what is used is known: an atomic, a mutex, a cell, a [`Witness`](crate::witness::Witness) in that memory.
//! A plain number behind a raw pointer is not.

use crate::model::{self, with, with_engine};
use interleaving::{Access, AccessKind, Action, Block, MemoryFault, ObjectKind, Place, Site, Verdict};
use std::alloc::Layout;
use std::collections::BTreeMap;

/// What fresh memory is filled with, so that nobody takes it for a value.
const FRESH: u8 = 0xa5;
/// What freed memory is filled with.
const FREED: u8 = 0xdd;

/// All memory of the interleaving that is running, by its address.
pub(crate) struct Heap(BTreeMap<usize, Kept>);

struct Kept {
    pointer: *mut u8,
    layout: Layout,
    /// The object whose accesses are its allocation, its uses and its free.
    object: u32,
    block: Block,
}

impl Heap {
    pub(crate) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The memory that `address` lies in, freed or not.
    fn around(&self, address: usize) -> Option<&Kept> {
        let (start, kept) = self.0.range(..=address).next_back()?;
        (address - start < kept.layout.size()).then_some(kept)
    }

    /// The memory whose accesses `object` has.
    pub(crate) fn block_of(&self, object: u32) -> Block {
        self.0.values().find(|kept| kept.object == object).expect("an object of that kind belongs to a block").block
    }

    pub(crate) fn never_freed(&self) -> Vec<Block> {
        self.0.values().map(|kept| kept.block).filter(|block| block.freed.is_none()).collect()
    }

    /// The layout of the memory in which `address` lies, if that has not been freed.
    pub(crate) fn layout_around(&self, address: usize) -> Option<Layout> {
        self.around(address).filter(|kept| kept.block.freed.is_none()).map(|kept| kept.layout)
    }

    /// Gives all memory back for good: the interleaving is over.
    pub(crate) fn release(&mut self) {
        if self.0.is_empty() {
            return;
        }
        for kept in std::mem::take(&mut self.0).into_values() {
            // SAFETY: allocated by `allocate` with this very layout, and kept from being freed until now.
            unsafe { std::alloc::dealloc(kept.pointer, kept.layout) };
        }
    }
}

/// Allocates for the running thread; ends the check if no byte is asked for.
pub(crate) fn allocate(layout: Layout, zeroed: bool, at: Place) -> *mut u8 {
    let site = Site { thread: model::current(), at };
    if layout.size() == 0 {
        fail(MemoryFault::NoBytes { asked: site });
    }
    model::memory_is_used();
    // SAFETY: the size is not 0.
    let pointer = unsafe { std::alloc::alloc(layout) };
    if pointer.is_null() {
        return pointer;
    }
    // SAFETY: just allocated, so many bytes.
    unsafe { pointer.write_bytes(if zeroed { 0 } else { FRESH }, layout.size()) };
    let raw = with_engine(at, |engine| engine.new_cell());
    with(|model| {
        let object = model.add_object(ObjectKind::Block, raw);
        model.object(object).accesses.push(Access { thread: site.thread, kind: AccessKind::Allocate, at });
        model.record(Some(object), Action::Allocate { bytes: layout.size() }, at);
        let block = Block { size: layout.size(), align: layout.align(), allocated: site, freed: None };
        model.heap.0.insert(pointer.addr(), Kept { pointer, layout, object, block });
    });
    pointer
}

/// Frees for the running thread; ends the check if that is a mistake.
pub(crate) fn free(pointer: *mut u8, layout: Layout, at: Place) {
    let site = Site { thread: model::current(), at };
    let found = with(|model| {
        let object = model.heap.0.get(&pointer.addr()).map(|kept| kept.object);
        model.record(object, Action::Free { bytes: layout.size() }, at);
        let kept = model.heap.0.get(&pointer.addr());
        let fault = match kept {
            None => Some(MemoryFault::NotAllocated { freed: site }),
            Some(Kept { block, .. }) if block.freed.is_some() => Some(MemoryFault::FreedTwice { block: *block, again: site }),
            Some(Kept { block, layout: own, .. }) if *own != layout => {
                let (size, align) = (layout.size(), layout.align());
                Some(MemoryFault::FreedAsAnother { block: *block, size, align, freed: site })
            }
            Some(_) => None,
        };
        fault.map_or_else(|| Ok(kept.expect("or it was never allocated").object), Err)
    });
    let object = found.unwrap_or_else(|fault| fail(fault));
    access(object, AccessKind::Free, at);
    with(|model| {
        let kept = model.heap.0.get_mut(&pointer.addr()).expect("nothing is taken out before the end");
        kept.block.freed = Some(site);
        // SAFETY: ours, of that size, and nobody may use it any more.
        unsafe { kept.pointer.write_bytes(FREED, layout.size()) };
    });
}

/// The running thread uses what lies at `address`: ends the check if that has been freed.
#[cold]
pub(crate) fn used(address: usize, at: Place) {
    let found = with(|model| model.heap.around(address).map(|kept| (kept.object, kept.block)));
    let Some((object, block)) = found else { return };
    if block.freed.is_some() {
        let user = Site { thread: model::current(), at };
        with(|model| model.record(Some(object), Action::Use, at));
        fail(MemoryFault::UsedAfterFree { block, user });
    }
    access(object, AccessKind::Read, at);
}

/// An access to memory as a whole, in which a use is a read and the free a write. Ends the check if that is a data race.
fn access(object: u32, kind: AccessKind, at: Place) {
    model::access(object, Access { thread: model::current(), kind, at });
}

fn fail(fault: MemoryFault) -> ! {
    model::fail(Verdict::Memory(fault))
}
