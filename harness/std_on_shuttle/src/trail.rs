//! The way to a schedule: which thread ran, at each decision. Noted while a scheduler goes, and gone along later.

use shuttle_engine::scheduler::{Schedule, Scheduler, Task, TaskId};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The threads that ran, by number.
pub(crate) type Trail = Rc<RefCell<Vec<usize>>>;

/// A trail as text.
pub(crate) fn written(trail: &Trail) -> String {
    trail.borrow().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// A scheduler that notes its trail.
pub(crate) struct Noted<S> {
    scheduler: S,
    trail: Trail,
    had_a_choice: Rc<Cell<bool>>,
}

impl<S> Noted<S> {
    pub(crate) fn new(scheduler: S) -> Self {
        Self { scheduler, trail: Trail::default(), had_a_choice: Rc::default() }
    }

    /// The trail of the schedule that is running.
    pub(crate) fn trail(&self) -> Trail {
        Rc::clone(&self.trail)
    }

    /// Whether several threads could go on at any decision.
    pub(crate) fn had_a_choice(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.had_a_choice)
    }
}

impl<S: Scheduler> Scheduler for Noted<S> {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.trail.borrow_mut().clear();
        self.scheduler.new_execution()
    }

    fn next_task(&mut self, runnable: &[&Task], current: Option<TaskId>, is_yielding: bool) -> Option<TaskId> {
        if runnable.len() > 1 {
            self.had_a_choice.set(true);
        }
        let next = self.scheduler.next_task(runnable, current, is_yielding)?;
        self.trail.borrow_mut().push(usize::from(next));
        Some(next)
    }

    fn next_u64(&mut self) -> u64 {
        self.scheduler.next_u64()
    }
}

/// What is no number ends the trail.
fn read(trail: &str) -> Vec<usize> {
    trail.split_whitespace().map_while(|task| task.parse().ok()).collect()
}

/// A thread, and how many decisions in a row it is chosen at.
type Turn = (usize, usize);

fn turns(tasks: &[usize]) -> Vec<Turn> {
    let turns = tasks.chunk_by(|a, b| a == b);
    turns.map(|turn| (turn[0], turn.len())).collect()
}

/// Trails with fewer turns than this one: only its first turns, the fewest first; then with one turn put off until the next one of
/// that thread, a late one first; then without one.
pub(crate) fn shorter(trail: &str) -> Vec<String> {
    let turns = turns(&read(trail));
    let written = |turns: &[Turn]| {
        let tasks = turns.iter().flat_map(|&(task, times)| std::iter::repeat_n(task.to_string(), times));
        tasks.collect::<Vec<_>>().join(" ")
    };
    let beginnings = (0..turns.len()).map(|end| written(&turns[..end]));
    // What the thread then does not do yet, it does in its next turn.
    let later = (0..turns.len()).rev().map(|put_off| {
        let mut turns = turns.clone();
        let (task, times) = turns.remove(put_off);
        if let Some(next) = turns[put_off..].iter_mut().find(|(other, _)| *other == task) {
            next.1 += times;
        }
        written(&turns)
    });
    let without_one = (0..turns.len()).rev().map(|left_out| {
        let mut turns = turns.clone();
        turns.remove(left_out);
        written(&turns)
    });
    beginnings.chain(later).chain(without_one).collect()
}

/// Goes along a trail as far as that is possible: a turn of a thread that cannot go on is left out, and after the last turn each
/// thread goes on until it waits. Never stops in the middle: shuttle would then clear the threads away, and their destructors would
/// run in a state that no program is ever in.
pub(crate) struct Along {
    turns: Vec<Turn>,
    next: usize,
    has_begun: bool,
    /// When each thread ran last.
    ran_at: Vec<usize>,
    now: usize,
}

impl Along {
    pub(crate) fn new(trail: &str) -> Self {
        Self { turns: turns(&read(trail)), next: 0, has_begun: false, ran_at: Vec::new(), now: 0 }
    }

    /// The thread whose turn it is, if it can go on.
    fn turn(&mut self, runnable: &[&Task]) -> Option<TaskId> {
        while let Some((wanted, times)) = self.turns.get_mut(self.next) {
            let task = runnable.iter().map(|task| task.id()).find(|&task| usize::from(task) == *wanted);
            if *times > 0 && task.is_some() {
                *times -= 1;
                return task;
            }
            self.next += 1;
        }
        None
    }
}

impl Scheduler for Along {
    fn new_execution(&mut self) -> Option<Schedule> {
        let begins = !self.has_begun;
        self.has_begun = true;
        begins.then(|| Schedule::new(0))
    }

    fn next_task(&mut self, runnable: &[&Task], current: Option<TaskId>, is_yielding: bool) -> Option<TaskId> {
        let goes_on = |task: &TaskId| runnable.iter().any(|other| other.id() == *task);
        let task = self.turn(runnable).or_else(|| current.filter(goes_on).filter(|_| !is_yielding)).or_else(|| {
            // Whoever has not run for longest.
            let ran_at = |task: &TaskId| self.ran_at.get(usize::from(*task)).copied().unwrap_or(0);
            runnable.iter().map(|task| task.id()).min_by_key(|task| (ran_at(task), usize::from(*task)))
        })?;
        self.now += 1;
        let index = usize::from(task);
        self.ran_at.resize(self.ran_at.len().max(index + 1), 0);
        self.ran_at[index] = self.now;
        Some(task)
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shorter_trails_are_beginnings_and_those_with_a_turn_put_off_or_left_out() {
        let shorter = shorter("0 0 1 2 0");
        let (beginnings, rest) = shorter.split_at(4);
        assert_eq!(beginnings, ["", "0 0", "0 0 1", "0 0 1 2"]);
        assert_eq!(rest[..4], ["0 0 1 2", "0 0 1 0", "0 0 2 0", "1 2 0 0 0"], "put off");
        assert_eq!(rest[4..], ["0 0 1 2", "0 0 1 0", "0 0 2 0", "1 2 0"], "left out");
    }
}
