//! Uses that must compile, and misuses that must not. Nothing here ever runs: the compiler is asked, and that is all.

use crate::solution::count_matching;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What `matches` uses may be shared.
fn may_share_what_threads_may_share() {
    let looks = AtomicUsize::new(0);
    count_matching(vec![1, 2], 2, move |item| looks.fetch_add(*item, Ordering::Relaxed) > 0);
}

/// Two workers would count the owners of one `Rc` at the same time. Items need the bounds `Send` and `Sync`.
fn must_not_look_at_items_that_threads_may_not_have() {
    let item = Rc::new(1);
    count_matching(vec![Rc::clone(&item), item], 2, |item| Rc::strong_count(item) == 2);
}

/// All workers call `matches` at the same time, so they would change one `Cell` at the same time. It needs the bound `Sync`.
fn must_not_share_what_threads_may_not_share() {
    let looks = Cell::new(0);
    count_matching(vec![1, 2], 2, move |item| looks.replace(*item) > 0);
}
