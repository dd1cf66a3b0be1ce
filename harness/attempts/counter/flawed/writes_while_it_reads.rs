//! `increment_below` asks for the write lock while it still holds the read lock: it waits for itself.
//!
//! caught by: examples::an_increment_that_is_refused_changes_nothing, examples::increment_below_stops_at_the_limit,
//! examples::the_count_goes_beyond_what_16_bits_hold, examples::threads_together_stop_at_the_limit,
//! examples::two_counters_know_nothing_of_each_other, properties::any_sequence_of_uses_counts_as_one_thread_would,
//! properties::whatever_threads_do_each_number_is_returned_once, shuttle::both_kinds_of_increment_share_one_count,
//! shuttle::nobody_is_refused_far_from_the_limit, shuttle::the_limit_is_not_passed_even_for_a_moment,
//! shuttle::threads_together_stop_at_the_limit, loom::both_kinds_of_increment_share_one_count,
//! loom::nobody_is_refused_far_from_the_limit, loom::nobody_is_refused_however_often_others_come_first,
//! loom::the_limit_is_not_passed_even_for_a_moment, loom::two_threads_together_stop_at_the_limit,
//! loom::whoever_is_refused_finds_the_count_at_the_limit

use std::sync::RwLock;
use std::thread;

/// A number that many threads count up together.
pub struct Counter {
    count: RwLock<u64>,
}

impl Counter {
    /// A counter at 0.
    pub const fn new() -> Self {
        Self { count: RwLock::new(0) }
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        let mut count = self.count.write().unwrap();
        *count += 1;
        *count
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let count = self.count.read().unwrap();
        if *count < limit { Some(self.increment()) } else { None }
    }

    /// The count.
    pub fn get(&self) -> u64 {
        *self.count.read().unwrap()
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "there must be at least one worker");
    let (items, matches) = (&items, &matches);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|first| scope.spawn(move || items.iter().skip(first).step_by(workers).filter(|&item| matches(item)).count()))
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("`matches` panicked")).sum()
    })
}
