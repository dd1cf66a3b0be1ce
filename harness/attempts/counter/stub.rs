//! A counter that many threads count up together, and a count that many threads share out among them.
//!
//! The brief is in `README.md`. `cargo kata` shows you the first test to make green.

/// A number that many threads count up together.
pub struct Counter {
    _your_fields_instead: (),
}

impl Counter {
    /// A counter at 0.
    pub fn new() -> Self {
        todo!("make a counter at 0")
    }

    /// Adds one and returns the new count: no two calls return the same.
    pub fn increment(&self) -> u64 {
        todo!("add one, and return the new count")
    }

    /// Adds one and returns the new count, unless the count is at `limit` or above: then adds nothing and returns `None`.
    /// It never takes the count past `limit`, not even for a moment that another thread could see.
    pub fn increment_below(&self, _limit: u64) -> Option<u64> {
        todo!("add one, unless the count is at the limit already")
    }

    /// The count.
    pub fn get(&self) -> u64 {
        todo!("return the count")
    }
}

/// How many of `items` match, counted by `workers` threads at once. Panics if `workers` is 0.
pub fn count_matching<T, F>(_items: Vec<T>, _workers: usize, _matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    todo!("share the items out among the workers, and add up what they find")
}
