//! A worker pool: a few threads that take one job after the other, for as long as there are any.
//!
//! The brief is in `README.md`. `cargo kata` shows you the first test to make green.

/// A few worker threads, and the jobs that they have still to do.
pub struct Pool {
    _your_fields_instead: (),
}

impl Pool {
    /// A pool of so many workers. Panics if `workers` is 0.
    pub fn new(_workers: usize) -> Self {
        todo!("start the workers")
    }

    /// Gives the workers a job to do. Does not wait for it.
    pub fn execute(&self, _job: impl FnOnce() + Send + 'static) {
        todo!("hand the job to a worker")
    }

    /// Blocks until every job submitted before the call has finished.
    pub fn wait(&self) {
        todo!("wait until every job has finished")
    }
}

impl Drop for Pool {
    /// Finishes what was submitted, then waits for every worker to end.
    fn drop(&mut self) {
        todo!("let the workers finish, and wait for their end")
    }
}
