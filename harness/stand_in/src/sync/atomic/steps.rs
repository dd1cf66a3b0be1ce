//! What an operation on an atomic does, whatever its type: lets others go first, asks the engine, records the step, and looks whether
//! the thread is waiting.

use crate::engine::Change;
use crate::handle::{Handle, Raw};
use crate::model::{self, with, with_engine, with_engine_on};
use interleaving::{Action, Newer, ObjectKind, Place, Shape, Value};
use std::sync::atomic::Ordering;

#[inline(always)]
pub(super) fn object(handle: &Handle, bits: u64, width: u32, shape: Shape, at: Place) -> u32 {
    match handle.known() {
        Some(object) => object,
        None => seldom_used(handle, bits, width, shape, at),
    }
}

/// On its own, so that nothing has to be kept for it where the object is known.
#[cold]
fn seldom_used(handle: &Handle, bits: u64, width: u32, shape: Shape, at: Place) -> u32 {
    handle.object(ObjectKind::Atomic(shape), Raw::Atomic { width, bits }, at)
}

#[track_caller]
pub(super) fn load(object: u32, order: Ordering, shape: Shape, at: Place) -> u64 {
    assert!(!matches!(order, Ordering::Release | Ordering::AcqRel), "there is no such thing as a release load");
    order_before(order, at);
    let bits = with_engine_on(object, at, |engine, raw| engine.load(raw, order));
    let value = Value { bits, shape };
    let (accessed, advice) = with(|model| {
        let newer = model.missed(object, value);
        model.record(Some(object), Action::Load { order, value, newer }, at);
        (model.accessed(object, order), model.looked(object, bits, at))
    });
    accessed.act();
    model::heed(advice, at);
    bits
}

#[track_caller]
fn assert_failure_order(order: Ordering) {
    assert!(!matches!(order, Ordering::Release | Ordering::AcqRel), "there is no such thing as a release failure ordering");
}

/// An exchange that only reads.
#[track_caller]
pub(super) fn fail_spuriously(
    object: u32,
    (expected, new): (u64, u64),
    orders: (Ordering, Ordering),
    shape: Shape,
    at: Place,
) -> u64 {
    let (success, failure) = orders;
    assert_failure_order(failure);
    order_before(failure, at);
    let bits = with_engine_on(object, at, |engine, raw| engine.load(raw, failure));
    let value = |bits| Value { bits, shape };
    let (accessed, advice) = with(|model| {
        let newer = model.missed(object, value(bits));
        let (expected, new, found) = (value(expected), value(new), value(bits));
        model.record(Some(object), Action::CompareExchange { order: success, expected, new, found, exchanged: false, newer }, at);
        (model.accessed(object, failure), model.looked(object, bits, at))
    });
    accessed.act();
    model::heed(advice, at);
    bits
}

#[track_caller]
pub(super) fn store(object: u32, bits: u64, order: Ordering, shape: Shape, at: Place) {
    assert!(!matches!(order, Ordering::Acquire | Ordering::AcqRel), "there is no such thing as an acquire store");
    order_before(order, at);
    with_engine_on(object, at, |engine, raw| engine.store(raw, bits, order));
    let value = Value { bits, shape };
    let accessed = with(|model| {
        let step = model.record(Some(object), Action::Store { order, value }, at);
        model.object(object).newest = Some(Newer { value, step });
        model.changed();
        model.accessed(object, order)
    });
    accessed.act();
}

pub(super) fn change_atomic(object: u32, change: Change, order: Ordering, shape: Shape, at: Place) -> u64 {
    order_before(order, at);
    // It matters only where nothing is ever changed.
    let waiting = change.never_changes() && with(|model| model.is_waiting(at, object));
    let bits = with_engine_on(object, at, |engine, raw| engine.read_modify_write(raw, change, order, waiting));
    let (old, new) = (Value { bits, shape }, Value { bits: change.apply(bits), shape });
    let (accessed, advice) = with(|model| {
        let step = model.record(Some(object), Action::ReadModifyWrite { order, old, new }, at);
        let advice = if old == new {
            model.looked(object, bits, at)
        } else {
            model.object(object).newest = Some(Newer { value: new, step });
            model.changed_what_it_read(object, at)
        };
        (model.accessed(object, order), advice)
    });
    accessed.act();
    model::heed(advice, at);
    bits
}

#[track_caller]
pub(super) fn exchange(
    object: u32,
    expected: u64,
    new: u64,
    (success, failure): (Ordering, Ordering),
    shape: Shape,
    at: Place,
) -> Result<u64, u64> {
    assert_failure_order(failure);
    order_before(success, at);
    let exchanged = with_engine_on(object, at, |engine, raw| engine.compare_exchange(raw, expected, new, success, failure));
    let (Ok(bits) | Err(bits)) = exchanged;
    let value = |bits| Value { bits, shape };
    let (accessed, advice) = with(|model| {
        let newer = if exchanged.is_err() { model.missed(object, value(bits)) } else { None };
        let (order, found) = (success, value(bits));
        let (expected, new) = (value(expected), value(new));
        let action = Action::CompareExchange { order, expected, new, found, exchanged: exchanged.is_ok(), newer };
        let step = model.record(Some(object), action, at);
        if exchanged.is_ok() {
            model.object(object).newest = Some(Newer { value: new, step });
            let advice = if new == found { model.looked(object, bits, at) } else { model.changed_what_it_read(object, at) };
            (model.accessed(object, success), advice)
        } else {
            (model.accessed(object, failure), model.looked(object, bits, at))
        }
    });
    accessed.act();
    model::heed(advice, at);
    exchanged
}

/// Before an access: the common order of the `SeqCst` ones.
///
/// An engine that takes `SeqCst` for `AcqRel` still honours `SeqCst` fences. One between each two such accesses of a thread gives
/// the common order back: of two threads that store and then load, one sees the other's store. A fence before a thread's first
/// access, or after its last, would order more than the accesses do, and hide the data race of a broken lock.
#[inline(always)]
fn order_before(order: Ordering, at: Place) {
    if order == Ordering::SeqCst && with(|model| model.must_order()) {
        with_engine(at, |engine| engine.fence(Ordering::SeqCst));
    }
}

/// The ordering of the load in a read-modify-write.
pub(crate) fn reading_half(order: Ordering) -> Ordering {
    match order {
        Ordering::AcqRel | Ordering::Acquire => Ordering::Acquire,
        Ordering::SeqCst => Ordering::SeqCst,
        _ => Ordering::Relaxed,
    }
}
