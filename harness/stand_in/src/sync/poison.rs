//! Whether a thread panicked while it held a lock.

use crate::handle::Handle;
use crate::model::{self, with};
use crate::waiting::look;
use interleaving::{Action, ObjectKind, Place};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{LockResult, PoisonError};

/// For whoever holds the lock or owns it, a plain flag; for all others, to look at it is a step, which orders nothing.
pub(crate) struct Poison(AtomicBool);

impl Poison {
    pub(crate) const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Its holder panics.
    pub(crate) fn set(&self) {
        self.0.store(true, Relaxed);
    }

    /// What the lock gives to its holder, or to its owner.
    pub(crate) fn result<T>(&self, value: T) -> LockResult<T> {
        if self.0.load(Relaxed) { Err(PoisonError::new(value)) } else { Ok(value) }
    }

    /// Somebody looks, who need not hold the lock.
    pub(crate) fn is_seen(&self, handle: &Handle, kind: ObjectKind, at: Place) -> bool {
        if !model::is_running() {
            return self.0.load(Relaxed);
        }
        let object = look(handle, kind, at);
        let poisoned = self.0.load(Relaxed);
        with(|model| model.record(Some(object), Action::Did(if poisoned { "poisoned" } else { "not poisoned" }), at));
        model::looked(object, poisoned.into(), at);
        poisoned
    }

    /// Somebody forgets it, who need not hold the lock.
    pub(crate) fn is_cleared(&self, handle: &Handle, kind: ObjectKind, at: Place) {
        if !model::is_running() {
            return self.0.store(false, Relaxed);
        }
        let object = look(handle, kind, at);
        self.0.store(false, Relaxed);
        with(|model| {
            model.record(Some(object), Action::Did("no longer poisoned"), at);
            model.changed();
        });
    }
}
