//! The way to a schedule: which thread ran, at each decision. Noted while a scheduler goes, and followed later.

use shuttle_engine::scheduler::{Schedule, Scheduler, Task, TaskId};
use std::sync::{Arc, Mutex, PoisonError};

/// The threads that ran, by number.
pub(crate) type Trail = Arc<Mutex<Vec<usize>>>;

/// A trail as text.
pub(crate) fn written(trail: &Trail) -> String {
    let tasks = trail.lock().unwrap_or_else(PoisonError::into_inner);
    tasks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// A scheduler that notes its trail.
pub(crate) struct Noted<S> {
    scheduler: S,
    trail: Trail,
}

impl<S> Noted<S> {
    pub(crate) fn new(scheduler: S) -> Self {
        Self { scheduler, trail: Trail::default() }
    }

    /// The trail of the schedule that is running.
    pub(crate) fn trail(&self) -> Trail {
        Arc::clone(&self.trail)
    }
}

impl<S: Scheduler> Scheduler for Noted<S> {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.scheduler.new_execution()
    }

    fn next_task(&mut self, runnable: &[&Task], current: Option<TaskId>, is_yielding: bool) -> Option<TaskId> {
        let next = self.scheduler.next_task(runnable, current, is_yielding)?;
        self.trail.lock().unwrap_or_else(PoisonError::into_inner).push(usize::from(next));
        Some(next)
    }

    fn next_u64(&mut self) -> u64 {
        self.scheduler.next_u64()
    }
}

/// Follows a trail, once. Where it leads nowhere, it stops: the program is then another one.
pub(crate) struct Follow {
    tasks: Vec<usize>,
    next: usize,
    has_begun: bool,
}

impl Follow {
    pub(crate) fn new(trail: &str) -> Self {
        // What is no number ends the trail.
        let tasks = trail.split_whitespace().map_while(|task| task.parse().ok()).collect();
        Self { tasks, next: 0, has_begun: false }
    }
}

impl Scheduler for Follow {
    fn new_execution(&mut self) -> Option<Schedule> {
        let begins = !self.has_begun;
        self.has_begun = true;
        begins.then(|| Schedule::new(0))
    }

    fn next_task(&mut self, runnable: &[&Task], _: Option<TaskId>, _: bool) -> Option<TaskId> {
        let wanted = *self.tasks.get(self.next)?;
        self.next += 1;
        runnable.iter().map(|task| task.id()).find(|&task| usize::from(task) == wanted)
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}
