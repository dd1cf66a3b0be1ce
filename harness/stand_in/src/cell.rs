//! `std::cell`: an access through `&` is one that another thread may race with.

mod unshared;

use crate::handle::{Handle, Raw};
use crate::heap;
use crate::model::{self, Owned, with};
use crate::watch;
use interleaving::{Access, AccessKind, Action, MemoryFault, ObjectKind, Place, Site, Verdict};
pub use std::cell::{BorrowError, BorrowMutError, LazyCell, OnceCell, Ref, RefMut};
use std::fmt;
use std::mem::ManuallyDrop;
use std::panic::Location;
pub use unshared::{Cell, RefCell};

/// In a `const fn`: calls the function for the cell while the program runs, and does nothing in a constant.
macro_rules! select {
    ($cell:expr, $now:ident::<$t:ident>) => {{
        const fn in_a_constant<T: ?Sized>(_: *const UnsafeCell<T>, _: Place) {}
        std::intrinsics::const_eval_select(($cell, Location::caller()), in_a_constant::<$t>, $now::<$t>)
    }};
}

/// What makes accesses to some data known to the engine.
#[derive(Debug)]
pub(crate) struct Tracked(Handle);

impl Tracked {
    /// Made now, by the running thread, or in a constant: whoever finds it without synchronisation races with its maker.
    pub(crate) const fn made(at: Place) -> Self {
        Self(Handle::with_maker(ObjectKind::Cell, Raw::Cell, at))
    }

    fn object(&self, at: Place) -> u32 {
        self.0.object(ObjectKind::Cell, Raw::Cell, at)
    }

    /// In a `static`: puts back what the cell held at first, once in each interleaving.
    fn begin_anew<T: ?Sized>(&self, contents: &T, at: Place) {
        let bytes = std::ptr::from_ref(contents).cast::<u8>().cast_mut();
        // SAFETY: all callers pass a cell of `std`'s, and nobody has used it yet in this interleaving.
        unsafe { self.0.begin_anew_bytes(bytes, size_of_val(contents), at) };
    }

    /// The running thread reads or writes. Ends the check if that is a data race, or if the value is gone.
    pub(crate) fn access(&self, write: bool, at: Place) {
        if !model::is_running() {
            return;
        }
        let object = self.object(at);
        let user = Site { thread: model::current(), at };
        let owned = with(|model| {
            model.record(Some(object), if write { Action::CellWrite } else { Action::CellRead }, at);
            model.object(object).owned
        });
        if let Some(Owned { made, dropped: Some(dropped) }) = owned {
            model::fail(Verdict::Memory(MemoryFault::UsedAfterDrop { made, dropped, user }));
        }
        let kind = if write { AccessKind::Write } else { AccessKind::Read };
        model::access(object, Access { thread: user.thread, kind, at });
    }

    /// From now on, somebody must drop what this belongs to.
    pub(crate) fn must_be_dropped(&self, at: Place) {
        let object = self.object(at);
        with(|model| model.object(object).owned = Some(Owned { made: Site { thread: model::current(), at }, dropped: None }));
    }

    /// What this belongs to is dropped. Ends the check if that has happened before, or if it is no value at all.
    pub(crate) fn dropped(&self, at: Place) {
        let user = Site { thread: model::current(), at };
        heap::used(std::ptr::from_ref(self).addr(), at);
        let Some(object) = self.0.is_made().then(|| self.object(at)) else {
            model::fail(Verdict::Memory(MemoryFault::NeverWritten { user }));
        };
        let owned = with(|model| {
            model.record(Some(object), Action::CellDrop, at);
            model.object(object).owned
        });
        match owned {
            Some(Owned { made, dropped: Some(first) }) => {
                model::fail(Verdict::Memory(MemoryFault::DroppedTwice { made, first, again: user }));
            }
            Some(Owned { made, dropped: None }) => {
                with(|model| model.object(object).owned = Some(Owned { made, dropped: Some(user) }));
            }
            None => model::fail(Verdict::Memory(MemoryFault::NeverWritten { user })),
        }
        model::access(object, Access { thread: user.thread, kind: AccessKind::Drop, at });
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        if let Some(object) = self.0.if_made() {
            with(|model| model.watches.forget(object));
        }
    }
}

/// As `std`'s. `get` counts as one access at the moment of the call: a read, and a write as well if what is in the cell has changed
/// when the thread next does something that others may notice. A check may ask that it always counts as a write.
pub struct UnsafeCell<T: ?Sized> {
    tracked: Tracked,
    value: std::cell::UnsafeCell<T>,
}

impl<T> UnsafeCell<T> {
    /// As `std`'s.
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Self { tracked: Tracked::made(Location::caller()), value: std::cell::UnsafeCell::new(value) }
    }

    /// As `std`'s.
    #[track_caller]
    pub const fn into_inner(self) -> T {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is never dropped, so the value is moved out of it exactly once; what else is in it is told to go.
        let value = unsafe { std::ptr::read(&raw const (*(&raw const this).cast::<Self>()).value) };
        select!((&raw const this).cast::<Self>(), goes::<T>);
        value.into_inner()
    }
}

/// A cell gives its value away. It need not be a place that can still be reached.
fn goes<T>(cell: *const UnsafeCell<T>, at: Place) {
    // SAFETY: only `into_inner` calls this, with a cell of its own that it does not drop.
    let tracked = unsafe { std::ptr::read(&raw const (*cell).tracked) };
    tracked.access(true, at);
}

fn got<T: ?Sized>(cell: *const UnsafeCell<T>, at: Place) {
    // SAFETY: only `get` calls this, with a reference.
    let cell = unsafe { &*cell };
    cell.tracked.begin_anew(&cell.value, at);
    let shared = with(|model| model.get_is_a_read);
    cell.tracked.access(!shared, at);
    if let Some(object) = cell.tracked.0.if_made().filter(|_| shared) {
        watch::begin(object, cell.value.get().cast(), size_of_val(&cell.value), at);
    }
}

fn written<T: ?Sized>(cell: *const UnsafeCell<T>, at: Place) {
    // SAFETY: only `get_mut` calls this, with a reference.
    unsafe { &*cell }.tracked.access(true, at);
}

impl<T: ?Sized> UnsafeCell<T> {
    /// As `std`'s.
    #[track_caller]
    pub const fn get(&self) -> *mut T {
        select!(&raw const *self, got::<T>);
        self.value.get()
    }

    /// As `std`'s.
    #[track_caller]
    pub const fn get_mut(&mut self) -> &mut T {
        select!(&raw const *self, written::<T>);
        self.value.get_mut()
    }

    /// As `std`'s: a cell where there is a plain value. A cell here is larger than that, so it ends the check.
    #[track_caller]
    pub const fn from_mut(value: &mut T) -> &mut Self {
        let _ = value;
        model::refuse::<&mut Self>(
            "`UnsafeCell::from_mut` cannot be followed by the checker: make the value a cell from the start.",
        )
    }

    /// As `std`'s. Not followed: the pointer need not point to anything yet.
    #[allow(clippy::not_unsafe_ptr_arg_deref, reason = "std's signature, and nothing is read")]
    pub const fn raw_get(this: *const Self) -> *mut T {
        // SAFETY: only computes an address; whoever calls this promises no more than `std`'s asks for.
        std::cell::UnsafeCell::raw_get(unsafe { &raw const (*this).value })
    }
}

impl<T: ?Sized> fmt::Debug for UnsafeCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsafeCell").finish_non_exhaustive()
    }
}

impl<T: Default> Default for UnsafeCell<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for UnsafeCell<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}
