//! A scheduler that goes through all schedules with at most so many preemptions (iterative context bounding, Musuvathi and
//! Qadeer, PLDI 2007). Most bugs need very few, and a failure with few is the one to look at.

use shuttle_engine::scheduler::{Schedule, Scheduler, Task, TaskId};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A moment at which several threads could go on.
struct Decision {
    options: Vec<Choice>,
    chosen: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Choice {
    task: TaskId,
    /// Whether another thread is interrupted for it.
    preempts: bool,
}

/// Depth first; at each decision the thread that is running goes on first.
pub(crate) struct FewPreemptions {
    bound: usize,
    budget: usize,
    path: Vec<Decision>,
    depth: usize,
    preemptions: usize,
    runs: usize,
    /// When each task ran last, so that a waiting thread makes way for the one that has waited longest.
    ran_at: Vec<u64>,
    now: u64,
    random: u64,
    exhausted: Arc<AtomicBool>,
    /// Whether the program has always done the same along the same path.
    is_deterministic: bool,
}

impl FewPreemptions {
    /// At most `bound` preemptions, at most `budget` runs. Sets `exhausted` if there are no more runs than that, as far as anybody
    /// can tell.
    pub(crate) fn new(bound: usize, budget: usize, exhausted: Arc<AtomicBool>) -> Self {
        Self {
            bound,
            budget,
            path: Vec::new(),
            depth: 0,
            preemptions: 0,
            runs: 0,
            ran_at: Vec::new(),
            now: 0,
            random: 0,
            exhausted,
            is_deterministic: true,
        }
    }

    /// Moves on to the next path. `false` if there is none.
    fn advance(&mut self) -> bool {
        while let Some(last) = self.path.last_mut() {
            last.chosen += 1;
            if last.chosen < last.options.len() {
                return true;
            }
            self.path.pop();
        }
        false
    }

    fn options(&self, runnable: &[&Task], current: Option<TaskId>, is_yielding: bool) -> Vec<Choice> {
        let goes_on = current.filter(|current| runnable.iter().any(|task| task.id() == *current));
        let mut others: Vec<TaskId> = runnable.iter().map(|task| task.id()).filter(|task| Some(*task) != current).collect();
        others.sort_by_key(|&task| (self.ran_at.get(usize::from(task)).copied().unwrap_or(0), usize::from(task)));
        let choice = |preempts| move |&task: &TaskId| Choice { task, preempts };
        match goes_on {
            // It waits: whoever has not run for longest goes on. Which of them comes first is up to the other rounds.
            Some(_) if is_yielding && !others.is_empty() => others.iter().take(1).map(choice(false)).collect(),
            Some(current) => {
                let may_preempt = !is_yielding && self.preemptions < self.bound;
                let others = others.iter().filter(|_| may_preempt).map(choice(true));
                std::iter::once(Choice { task: current, preempts: false }).chain(others).collect()
            }
            None => others.iter().map(choice(false)).collect(),
        }
    }
}

impl Scheduler for FewPreemptions {
    fn new_execution(&mut self) -> Option<Schedule> {
        if self.runs > 0 && !self.advance() {
            self.exhausted.store(self.is_deterministic, Ordering::Relaxed);
            return None;
        }
        if self.runs >= self.budget {
            return None;
        }
        self.runs += 1;
        (self.depth, self.preemptions, self.now, self.random) = (0, 0, 0, 0);
        self.ran_at.clear();
        Some(Schedule::new(0))
    }

    fn next_task(&mut self, runnable: &[&Task], current: Option<TaskId>, is_yielding: bool) -> Option<TaskId> {
        let mut options = self.options(runnable, current, is_yielding);
        let choice = if options.len() == 1 {
            options.remove(0)
        } else {
            // A program that leaves something to chance, such as the order in a `HashMap`, may come to other choices than before. Then
            // the old ones below this point mean nothing, and nobody can say that these were all.
            if self.path.get(self.depth).is_some_and(|decision| decision.options != options) {
                self.path.truncate(self.depth);
                self.is_deterministic = false;
            }
            if self.depth == self.path.len() {
                self.path.push(Decision { options, chosen: 0 });
            }
            let decision = &self.path[self.depth];
            self.depth += 1;
            decision.options[decision.chosen]
        };
        self.preemptions += usize::from(choice.preempts);
        self.now += 1;
        let index = usize::from(choice.task);
        if self.ran_at.len() <= index {
            self.ran_at.resize(index + 1, 0);
        }
        self.ran_at[index] = self.now;
        Some(choice.task)
    }

    fn next_u64(&mut self) -> u64 {
        // Any sequence will do, as long as it is the same in each run.
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random
    }
}
