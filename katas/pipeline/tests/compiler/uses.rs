//! Uses of a pipeline that must compile, and misuses that must not. Nothing here ever runs: the compiler is asked, and that is all.

use crate::solution::pipeline;
use std::mem::forget;
use std::rc::Rc;

/// Whatever is owned and may go to another thread may go through a pipeline.
fn may_own_what_it_works_with() {
    let (items, by, text) = (vec![1, 2], 3, String::from("owned"));
    for result in pipeline(items, move |n| n * by, move |n| n + text.len()) {
        drop(result);
    }
}

/// The input would count the owners of an `Rc` on a thread of its own, and others elsewhere. It needs the bound `Send`.
fn must_not_take_an_input_that_may_not_go_to_another_thread() {
    let shared = Rc::new(1);
    let input = (0..2).map(move |n| n + *shared);
    drop(pipeline(input, |n| n, |n| n));
}

/// What `first` returns goes to the thread of `second`. It needs the bound `Send`.
fn must_not_hand_on_what_may_not_go_to_another_thread() {
    drop(pipeline([1, 2], Rc::new, |n| *n));
}

/// What `second` returns goes to the consumer. It needs the bound `Send`.
fn must_not_yield_what_may_not_go_to_another_thread() {
    drop(pipeline([1, 2], |n| n, Rc::new));
}

/// Dropping the results waits for both threads. But nobody needs to drop them: then a stage would use a text that is gone.
/// Both stages need the bound `'static`.
fn must_not_lend_a_stage_what_may_be_gone() {
    let text = String::from("borrowed");
    forget(pipeline([1, 2], |n| n + text.len(), |n| n));
}
