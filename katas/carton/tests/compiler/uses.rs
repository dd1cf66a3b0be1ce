//! Uses of a carton that must compile, and misuses that must not. Nothing here ever runs: the compiler is asked, and that is all.

use crate::solution::Carton;
use std::ptr::NonNull;
use std::thread;

/// `Carton<T>` is `Send` exactly if `T` is, also if `T` is borrowed: a thread that ends in time may have it.
fn may_send_what_is_borrowed() {
    let text = String::from("borrowed");
    let carton = Carton::new(text.as_str());
    thread::scope(|scope| {
        scope.spawn(move || drop(carton));
    });
}

/// `Carton<T>` is `Sync` exactly if `T` is, also if `T` is borrowed.
fn may_share_what_is_borrowed() {
    let text = String::from("borrowed");
    let carton = Carton::new(text.as_str());
    thread::scope(|scope| {
        scope.spawn(|| carton.len());
        carton.len();
    });
}

/// Whatever the pointer is, this would own it. Nobody but the caller can know that it comes from `into_raw`: so it is an
/// `unsafe fn`, and says in its documentation what the caller promises.
fn must_not_trust_a_pointer_without_a_promise(pointer: NonNull<i32>) -> Carton<i32> {
    Carton::from_raw(pointer)
}

/// What is in the carton is borrowed, and may be gone before the carton is. A field `PhantomData<T>` or `NonNull<T>` has it
/// right; `PhantomData<fn(T)>` has it the wrong way round.
fn must_not_take_something_short_lived_for_long_lived<'s>(carton: Carton<&'s str>) -> Carton<&'static str> {
    carton
}
