//! What std's documentation promises of its concurrency API, one file per area.
#![allow(
    clippy::declare_interior_mutable_const,
    clippy::missing_const_for_thread_local,
    clippy::nonminimal_bool,
    clippy::type_complexity,
    reason = "the cases use std as it can be used, not always as it should be"
)]

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Whether a type implements a trait.
macro_rules! implements {
    ($type:ty: $($bound:tt)+) => {{
        #[allow(dead_code, reason = "one of the two is used")]
        trait No {
            const YES: bool = false;
        }
        #[allow(dead_code, reason = "one of the two is used")]
        struct Probe<T: ?Sized>(std::marker::PhantomData<T>);
        impl<T: ?Sized> No for Probe<T> {}
        #[allow(dead_code, reason = "one of the two is used")]
        impl<T: ?Sized + $($bound)+> Probe<T> {
            const YES: bool = true;
        }
        <Probe<$type>>::YES
    }};
}

mod alloc;
mod arc;
mod atomic;
mod barrier;
mod cell;
mod collections;
mod condvar;
mod lazy;
mod local;
mod mpsc;
mod mutex;
mod once;
mod poison;
mod rwlock;
mod scope;
mod statics;
mod thread;
mod time;

/// Runs its closure when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// What the operation panics with, if it does.
fn panic_of<R>(operation: impl FnOnce() -> R) -> Option<Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(operation)).err()
}

fn panics<R>(operation: impl FnOnce() -> R) -> bool {
    panic_of(operation).is_some()
}
