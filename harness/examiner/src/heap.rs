//! Real memory that is kept account of: who frees twice, with another layout, or never, is told so. It takes the place of the
//! allocator in a test binary:
//!
//! ```ignore
//! #[global_allocator]
//! static HEAP: Heap = Heap::watching(&[61]);
//!
//! let account = HEAP.account();
//! // … allocates and frees 61 bytes …
//! account.settle();
//! ```
//!
//! Only blocks of a few sizes are watched, which a test chooses so that nobody else asks for them. They are never really freed, so
//! that no mistake with them does harm, and lie where a wrong alignment shows.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};
use std::fmt;
use std::hint;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The watched blocks lie in so many bytes. A test needs a few thousand.
const ROOM: usize = 4 << 20;
/// So many blocks are watched at most.
const MOST_BLOCKS: usize = 4096;
/// So many mistakes are noted at most; the first ones tell enough.
const MOST_MISTAKES: usize = 4;
/// What fresh memory is filled with.
const FRESH: u8 = 0xa5;
/// What freed memory is filled with.
const FREED: u8 = 0xdd;

thread_local! {
    /// How often this thread has asked for memory.
    static ASKED: Cell<usize> = const { Cell::new(0) };
    /// Whether this thread gets no watched blocks.
    static REFUSED: Cell<bool> = const { Cell::new(false) };
}

/// An allocator that keeps account of blocks of some sizes.
pub struct Heap {
    sizes: &'static [usize],
    /// Where the watched blocks lie; 0 before there is one.
    start: AtomicUsize,
    locked: AtomicBool,
    books: UnsafeCell<Books>,
    /// Whoever has an account: one test at a time.
    accountant: Mutex<()>,
}

struct Books {
    used: usize,
    /// In the order of their addresses.
    blocks: [Block; MOST_BLOCKS],
    count: usize,
    mistakes: [Option<Mistake>; MOST_MISTAKES],
}

#[derive(Clone, Copy)]
struct Block {
    address: usize,
    size: usize,
    align: usize,
    freed: bool,
}

/// A mistake with watched memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    FreedTwice { size: usize },
    FreedAsAnother { size: usize, align: usize, as_size: usize, as_align: usize },
    FreedFromWithin,
    WrittenAfterFree { size: usize },
    NeverFreed { size: usize },
    NoBytes,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FreedTwice { size } => write!(f, "double free: the same {size} bytes are given back twice"),
            Self::FreedAsAnother { size, align, as_size, as_align } => write!(
                f,
                "freed with another layout: allocated as {size} bytes on a multiple of {align}, freed as {as_size} bytes on a \
                 multiple of {as_align}"
            ),
            Self::FreedFromWithin => write!(f, "freed with a pointer that `alloc` did not return"),
            Self::WrittenAfterFree { size } => write!(f, "use after free: {size} bytes were written to after they were freed"),
            Self::NeverFreed { size } => write!(f, "memory leak: {size} bytes were never freed"),
            Self::NoBytes => write!(f, "memory of no bytes: `alloc` and `dealloc` must not be called with a layout of size 0"),
        }
    }
}

// SAFETY: `books` is only reached through `with_books`, by one thread at a time.
unsafe impl Sync for Heap {}

impl Heap {
    /// An allocator that watches all blocks of these sizes, in bytes.
    pub const fn watching(sizes: &'static [usize]) -> Self {
        let none = Block { address: 0, size: 0, align: 0, freed: false };
        let books = Books { used: 0, blocks: [none; MOST_BLOCKS], count: 0, mistakes: [None; MOST_MISTAKES] };
        Self {
            sizes,
            start: AtomicUsize::new(0),
            locked: AtomicBool::new(false),
            books: UnsafeCell::new(books),
            accountant: Mutex::new(()),
        }
    }

    /// Opens an account. Waits until no other test has one.
    pub fn account(&self) -> Account<'_> {
        let accountant = self.accountant.lock().unwrap_or_else(PoisonError::into_inner);
        self.with_books(|books| {
            if books.blocks[..books.count].iter().all(|block| block.freed) {
                (books.count, books.used) = (0, 0);
            }
            books.mistakes = [None; MOST_MISTAKES];
        });
        let before = self.with_books(|books| books.count);
        Account { heap: self, before, _accountant: accountant }
    }

    /// How often this thread asks for memory in `work`, whatever its size; and what `work` returns.
    pub fn requests_in<R>(work: impl FnOnce() -> R) -> (usize, R) {
        let before = ASKED.get();
        let result = work();
        (ASKED.get() - before, result)
    }

    /// Runs `work` on a machine without memory: this thread gets null whenever it asks for a block of a watched size.
    pub fn refusing<R>(&self, work: impl FnOnce() -> R) -> R {
        REFUSED.set(true);
        let result = work();
        REFUSED.set(false);
        result
    }

    fn with_books<R>(&self, work: impl FnOnce(&mut Books) -> R) -> R {
        // No lock of `std`: on some systems that asks for memory itself.
        while self.locked.swap(true, Ordering::Acquire) {
            hint::spin_loop();
        }
        // SAFETY: whoever has set `locked` is alone, and `work` neither allocates nor panics.
        let result = work(unsafe { &mut *self.books.get() });
        self.locked.store(false, Ordering::Release);
        result
    }

    /// The place of the watched blocks, made at the first call; `None` if there is no room for it.
    fn place(&self, _books: &mut Books) -> Option<usize> {
        let mut start = self.start.load(Ordering::Relaxed);
        if start == 0 {
            let layout = Layout::from_size_align(ROOM, 4096).ok()?;
            // SAFETY: the size is not 0.
            start = unsafe { System.alloc(layout) }.expose_provenance();
            self.start.store(start, Ordering::Relaxed);
        }
        (start != 0).then_some(start)
    }

    fn is_watched(&self, pointer: *mut u8) -> bool {
        let start = self.start.load(Ordering::Relaxed);
        start != 0 && (start..start + ROOM).contains(&pointer.addr())
    }

    fn watched_block(&self, layout: Layout) -> Option<*mut u8> {
        self.with_books(|books| {
            let start = self.place(books)?;
            let align = layout.align();
            // On an odd multiple of the alignment that was asked for: who asked for too little does not get more by luck.
            let address = (start + books.used).next_multiple_of(2 * align) + align;
            let used = address + layout.size() - start;
            if used > ROOM || books.count == MOST_BLOCKS {
                return None;
            }
            books.blocks[books.count] = Block { address, size: layout.size(), align, freed: false };
            books.count += 1;
            books.used = used;
            Some(ptr::with_exposed_provenance_mut(address))
        })
    }

    fn free_watched(&self, pointer: *mut u8, layout: Layout) {
        self.with_books(|books| {
            let Ok(index) = books.blocks[..books.count].binary_search_by_key(&pointer.addr(), |block| block.address) else {
                return books.note(Mistake::FreedFromWithin);
            };
            let Block { size, align, freed, .. } = books.blocks[index];
            if freed {
                return books.note(Mistake::FreedTwice { size });
            }
            if (size, align) != (layout.size(), layout.align()) {
                books.note(Mistake::FreedAsAnother { size, align, as_size: layout.size(), as_align: layout.align() });
            }
            books.blocks[index].freed = true;
            // SAFETY: ours, so long, and nobody may use it any more.
            unsafe { pointer.write_bytes(FREED, size) };
        });
    }
}

impl Books {
    fn note(&mut self, mistake: Mistake) {
        if let Some(place) = self.mistakes.iter_mut().find(|place| place.is_none()) {
            *place = Some(mistake);
        }
    }
}

// SAFETY: a block that is watched lies in memory of ours, apart from all others, aligned as asked for; the rest is the system's.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.set(ASKED.get() + 1);
        if layout.size() == 0 {
            self.with_books(|books| books.note(Mistake::NoBytes));
            return ptr::without_provenance_mut(layout.align());
        }
        let is_watched = self.sizes.contains(&layout.size());
        if is_watched && REFUSED.get() {
            return ptr::null_mut();
        }
        if is_watched && let Some(pointer) = self.watched_block(layout) {
            // SAFETY: just made, so long.
            unsafe { pointer.write_bytes(FRESH, layout.size()) };
            return pointer;
        }
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if self.is_watched(pointer) {
            self.free_watched(pointer, layout);
        } else if layout.size() == 0 {
            self.with_books(|books| books.note(Mistake::NoBytes));
        } else {
            // SAFETY: not ours, so the system's; the rest is as the caller promises.
            unsafe { System.dealloc(pointer, layout) }
        }
    }
}

/// What is allocated and freed while it is open. To be settled at the end of a test.
pub struct Account<'a> {
    heap: &'a Heap,
    before: usize,
    _accountant: MutexGuard<'a, ()>,
}

impl Account<'_> {
    /// The layout with which the memory at `pointer` was asked for, if that is watched memory that has not been freed.
    pub fn layout_at<T>(&self, pointer: *const T) -> Option<Layout> {
        let address = pointer.addr();
        self.heap.with_books(|books| {
            let index = books.blocks[..books.count].binary_search_by_key(&address, |block| block.address).ok()?;
            let Block { size, align, freed, .. } = books.blocks[index];
            Layout::from_size_align(size, align).ok().filter(|_| !freed)
        })
    }

    /// Closes the account.
    ///
    /// # Panics
    /// If there was a mistake, or if something was not freed.
    #[track_caller]
    pub fn settle(self) {
        let mistakes = self.heap.with_books(|books| {
            for index in self.before..books.count {
                let Block { address, size, freed, .. } = books.blocks[index];
                let pointer: *const u8 = ptr::with_exposed_provenance(address);
                // SAFETY: a block of ours, all of whose bytes have been written: when it was made, and when it was freed.
                let untouched = || (0..size).all(|byte| unsafe { pointer.add(byte).read() } == FREED);
                if !freed {
                    books.note(Mistake::NeverFreed { size });
                } else if !untouched() {
                    books.note(Mistake::WrittenAfterFree { size });
                }
            }
            books.mistakes
        });
        let mistakes: Vec<String> = mistakes.iter().flatten().map(Mistake::to_string).collect();
        assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    /// The mistakes in what `work` does with a heap that watches blocks of 61 bytes.
    fn mistakes(work: impl FnOnce(&Heap)) -> Vec<Option<Mistake>> {
        // As large as a static.
        let heap = Box::new(Heap::watching(&[61]));
        let account = heap.account();
        work(&heap);
        let settled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| account.settle()));
        let mistakes: Vec<_> = heap.with_books(|books| books.mistakes).into_iter().filter(Option::is_some).collect();
        assert_eq!(settled.is_ok(), mistakes.is_empty());
        mistakes
    }

    #[test]
    fn what_is_freed_once_with_its_layout_is_no_mistake() {
        let found = mistakes(|heap| {
            // SAFETY: freed once, with its layout.
            unsafe {
                let pointer = heap.alloc(layout(61, 8));
                assert!(pointer.addr().is_multiple_of(8) && !pointer.addr().is_multiple_of(16));
                pointer.write_bytes(7, 61);
                heap.dealloc(pointer, layout(61, 8));
                let other = heap.alloc(layout(60, 8));
                heap.dealloc(other, layout(60, 8));
            }
        });
        assert_eq!(found, []);
    }

    #[test]
    fn every_mistake_is_noted() {
        let found = mistakes(|heap| {
            // SAFETY: a heap of a test's own, that survives mistakes.
            unsafe {
                let pointer = heap.alloc(layout(61, 8));
                heap.dealloc(pointer.add(1), layout(61, 8));
                heap.dealloc(pointer, layout(61, 1));
                heap.dealloc(pointer, layout(61, 8));
                heap.alloc(layout(0, 1));
            }
        });
        let another = Mistake::FreedAsAnother { size: 61, align: 8, as_size: 61, as_align: 1 };
        let expected = [Mistake::FreedFromWithin, another, Mistake::FreedTwice { size: 61 }, Mistake::NoBytes];
        assert_eq!(found, expected.map(Some));
    }

    #[test]
    fn leaks_and_late_writes_are_found_at_the_end() {
        let found = mistakes(|heap| {
            // SAFETY: a heap of a test's own, that survives mistakes.
            unsafe {
                heap.alloc(layout(61, 1));
                let pointer = heap.alloc(layout(61, 1));
                heap.dealloc(pointer, layout(61, 1));
                pointer.add(60).write(0);
            }
        });
        assert_eq!(found, [Mistake::NeverFreed { size: 61 }, Mistake::WrittenAfterFree { size: 61 }].map(Some));
    }

    #[test]
    fn a_heap_may_refuse() {
        let heap = Box::new(Heap::watching(&[61]));
        // SAFETY: nothing is done with the memory.
        heap.refusing(|| assert!(unsafe { heap.alloc(layout(61, 1)) }.is_null()));
        // SAFETY: nothing is done with the memory.
        assert!(!unsafe { heap.alloc(layout(61, 1)) }.is_null());
    }

    #[test]
    fn an_account_knows_what_lies_where() {
        let heap = Box::new(Heap::watching(&[61]));
        let account = heap.account();
        // SAFETY: freed once, with its layout.
        unsafe {
            let pointer = heap.alloc(layout(61, 2));
            assert_eq!(account.layout_at(pointer), Some(layout(61, 2)));
            heap.dealloc(pointer, layout(61, 2));
            assert_eq!(account.layout_at(pointer), None);
        }
        account.settle();
    }
}
