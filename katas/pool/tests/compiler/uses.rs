//! Uses of a pool that must compile, and misuses that must not. Nothing here ever runs: the compiler is asked, and that is all.

use crate::solution::Pool;
use std::mem::forget;
use std::rc::Rc;

/// A job may own whatever may go to another thread.
fn may_take_a_job_that_owns_what_it_uses() {
    let text = String::from("owned");
    Pool::new(1).execute(move || drop(text));
}

/// The worker would count the owners of an `Rc` at the same time as others. A job needs the bound `Send`.
fn must_not_take_a_job_that_may_not_go_to_another_thread() {
    let text = Rc::new(1);
    Pool::new(1).execute(move || drop(text));
}

/// Dropping the pool waits for its jobs. But nobody needs to drop it: then the job would use a text that is gone. A job needs
/// the bound `'static`.
fn must_not_take_a_job_that_borrows() {
    let text = String::from("borrowed");
    let pool = Pool::new(1);
    pool.execute(|| drop(text.as_str()));
    forget(pool);
}
