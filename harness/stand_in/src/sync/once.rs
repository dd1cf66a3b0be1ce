//! `std::sync::Once`.

use crate::handle::Handle;
use crate::model::{self, OnceStage, with};
use crate::waiting::{meet, wait_until, wake};
use interleaving::{Action, ObjectKind, Place, WaitsFor};
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

/// What the function's panic means for all who come later.
const POISONED: &str = "Once instance has previously been poisoned";

/// As `std`'s.
pub struct Once {
    pub(crate) handle: Handle,
}

/// As `std`'s.
pub struct OnceState {
    poisoned: bool,
    /// What `std`'s holds makes it so.
    _not_sync: PhantomData<Cell<()>>,
}

/// As `std`'s.
#[deprecated(since = "1.38.0", note = "the `Once::new()` function is now preferred")]
#[allow(clippy::declare_interior_mutable_const, reason = "as std's")]
pub const ONCE_INIT: Once = Once::new();

impl Once {
    /// As `std`'s.
    pub const fn new() -> Self {
        Self { handle: Handle::new() }
    }

    /// As `std`'s.
    ///
    /// # Panics
    /// If `f` does, or an earlier one did.
    #[track_caller]
    pub fn call_once<F: FnOnce()>(&self, f: F) {
        self.call(Some(POISONED), Location::caller(), |_| f());
    }

    /// As `std`'s.
    ///
    /// # Panics
    /// If `f` does.
    #[track_caller]
    pub fn call_once_force<F: FnOnce(&OnceState)>(&self, f: F) {
        self.call(None, Location::caller(), f);
    }

    /// As `std`'s.
    #[track_caller]
    pub fn is_completed(&self) -> bool {
        self.is_completed_at(Location::caller())
    }

    /// As `std`'s.
    ///
    /// # Panics
    /// If a thread panicked while it ran the function.
    #[track_caller]
    pub fn wait(&self) {
        self.wait_at(false, Location::caller());
    }

    /// As `std`'s.
    #[track_caller]
    pub fn wait_force(&self) {
        self.wait_at(true, Location::caller());
    }

    pub(crate) fn is_completed_at(&self, at: Place) -> bool {
        let object = meet(&self.handle, ObjectKind::Once, at);
        let completed = with(|model| model.object(object).once == OnceStage::Complete);
        with(|model| model.record(Some(object), Action::Did(if completed { "done" } else { "not done yet" }), at));
        model::looked(object, completed.into(), at);
        completed
    }

    pub(crate) fn wait_at(&self, ignores_poison: bool, at: Place) {
        let object = meet(&self.handle, ObjectKind::Once, at);
        let stage = wait_until(WaitsFor::Once { run_by: None }, Some(object), at, || {
            with(|model| {
                let once = model.object(object);
                match once.once {
                    OnceStage::Complete => Some(OnceStage::Complete),
                    OnceStage::Poisoned if !ignores_poison => Some(OnceStage::Poisoned),
                    _ => {
                        once.waiting.push(model::current());
                        None
                    }
                }
            })
        });
        with(|model| model.record(Some(object), Action::Did("done"), at));
        assert!(stage == OnceStage::Complete, "{POISONED}");
    }

    /// Runs `f` if nobody has before; else waits until it is done. Panics with the words of `poisoned`, if any, if an earlier run did.
    pub(crate) fn call(&self, poisoned: Option<&str>, at: Place, f: impl FnOnce(&OnceState)) {
        let object = meet(&self.handle, ObjectKind::Once, at);
        let thread = model::current();
        let found = wait_until(WaitsFor::Once { run_by: None }, Some(object), at, || {
            with(|model| {
                let once = model.object(object);
                let found = once.once;
                match found {
                    OnceStage::RunBy(_) => {
                        once.waiting.push(thread);
                        return None;
                    }
                    OnceStage::Incomplete => once.once = OnceStage::RunBy(thread),
                    OnceStage::Poisoned if poisoned.is_none() => once.once = OnceStage::RunBy(thread),
                    OnceStage::Poisoned | OnceStage::Complete => {}
                }
                Some(found)
            })
        });
        match (found, poisoned) {
            (OnceStage::Complete, _) => {
                with(|model| model.record(Some(object), Action::Did("done before"), at));
                model::looked(object, 1, at);
                return;
            }
            (OnceStage::Poisoned, Some(poisoned)) => panic!("{poisoned}"),
            _ => {}
        }
        with(|model| model.record(Some(object), Action::Did("the first: it runs"), at));
        let mut completion = Completion { once: self, stage: OnceStage::Poisoned, at };
        f(&OnceState { poisoned: found == OnceStage::Poisoned, _not_sync: PhantomData });
        completion.stage = OnceStage::Complete;
    }
}

/// Ends the run of a function, be it by a panic.
struct Completion<'a> {
    once: &'a Once,
    stage: OnceStage,
    at: Place,
}

impl Drop for Completion<'_> {
    fn drop(&mut self) {
        let object = meet(&self.once.handle, ObjectKind::Once, self.at);
        let waiting = with(|model| {
            let outcome = if self.stage == OnceStage::Complete { "has run" } else { "has panicked" };
            model.record(Some(object), Action::Did(outcome), self.at);
            model.object(object).once = self.stage;
            std::mem::take(&mut model.object(object).waiting)
        });
        wake(&waiting, self.at);
    }
}

impl OnceState {
    /// As `std`'s.
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}

impl fmt::Debug for OnceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceState").field("poisoned", &self.is_poisoned()).finish()
    }
}
