//! A scheduler with few changes of priority (PCT: Burckhardt et al., ASPLOS 2010): of the threads that can run, the one with the
//! highest priority does, and at a few random steps the running one is put last.
//!
//! Step for step shuttle's own, with its random numbers, so with its schedules. Only the priorities lie in a vector: shuttle has them
//! in a hash map, which takes a third of the time of a small interleaving.

use rand::seq::{SliceRandom, index};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use shuttle_engine::runtime::task::DEFAULT_INLINE_TASKS;
use shuttle_engine::scheduler::data::{DataSource, RandomDataSource};
use shuttle_engine::scheduler::{Schedule, Scheduler, Task, TaskId};

/// The priorities of the threads, changed at random.
#[derive(Debug)]
pub(crate) struct Pct {
    runs: usize,
    most_runs: usize,
    /// How many orderings a bug may need, to have a guaranteed chance.
    depth: usize,
    /// Each thread's, all different; the least goes first.
    priorities: Vec<usize>,
    /// A priority after all others.
    last: usize,
    /// The steps at which the running thread is put last.
    changes: Vec<usize>,
    steps: usize,
    most_steps: usize,
    random: Pcg64Mcg,
    data: RandomDataSource,
}

impl Pct {
    /// At most so many runs, with `depth - 1` changes in each. `SHUTTLE_RANDOM_SEED` goes before `seed`.
    pub(crate) fn new(seed: u64, depth: usize, most_runs: usize) -> Self {
        let seed = shuttle_engine::seed_from_env(seed);
        Self {
            runs: 0,
            most_runs,
            depth,
            priorities: (0..DEFAULT_INLINE_TASKS).collect(),
            last: DEFAULT_INLINE_TASKS,
            changes: Vec::new(),
            steps: 0,
            most_steps: 0,
            random: Pcg64Mcg::seed_from_u64(seed),
            data: RandomDataSource::initialize(seed),
        }
    }

    fn put_last(&mut self, task: usize) -> usize {
        self.last += 1;
        std::mem::replace(&mut self.priorities[task], self.last - 1)
    }
}

impl Scheduler for Pct {
    fn new_execution(&mut self) -> Option<Schedule> {
        if self.runs >= self.most_runs {
            return None;
        }
        // The first run finds out how many steps there are: threads go in the order in which they were started.
        if self.runs > 0 {
            for (task, priority) in self.priorities.iter_mut().enumerate() {
                *priority = task;
            }
            self.priorities.shuffle(&mut self.random);
            self.last = self.priorities.len();
            // Not at step 0: who goes first is random already. Where nobody ever had a choice, shuttle's own panics.
            let steps = self.most_steps.saturating_sub(1);
            self.changes.clear();
            let changes = index::sample(&mut self.random, steps, steps.min(self.depth - 1));
            self.changes.extend(changes.iter().map(|step| step + 1));
        }
        self.steps = 0;
        self.runs += 1;
        Some(Schedule::new(self.data.reinitialize()))
    }

    fn next_task(&mut self, runnable: &[&Task], current: Option<TaskId>, is_yielding: bool) -> Option<TaskId> {
        let newest = runnable.iter().map(|task| usize::from(task.id())).max()?;
        while self.priorities.len() <= newest {
            // Takes the place of a random one, or the last.
            let other = self.random.gen_range(0..self.priorities.len()) + 1;
            self.priorities.push(self.last);
            if other == self.priorities.len() - 1 {
                self.last += 1;
            } else {
                let priority = self.put_last(other);
                *self.priorities.last_mut()? = priority;
            }
        }
        if runnable.len() > 1 {
            if self.changes.contains(&self.steps) || is_yielding {
                self.put_last(usize::from(current?));
            }
            self.steps += 1;
            self.most_steps = self.most_steps.max(self.steps);
        }
        runnable.iter().map(|task| task.id()).min_by_key(|&task| self.priorities[usize::from(task)])
    }

    fn next_u64(&mut self) -> u64 {
        self.data.next_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shuttle::scheduler::PctScheduler;
    use shuttle::{Config, Runner};
    use std::sync::{Arc, Mutex};

    /// Who went when, in so many runs.
    fn order(scheduler: impl Scheduler + 'static, threads: usize) -> Vec<usize> {
        let order = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&order);
        let mut config = Config::new();
        config.silence_warnings = true;
        Runner::new(scheduler, config).run(move || {
            let others: Vec<_> = (0..threads)
                .map(|thread| {
                    let log = Arc::clone(&log);
                    shuttle::thread::spawn(move || {
                        for _ in 0..3 {
                            log.lock().unwrap().push(thread);
                            shuttle::thread::yield_now();
                            log.lock().unwrap().push(thread);
                            shuttle::thread::sleep(std::time::Duration::ZERO);
                        }
                    })
                })
                .collect();
            others.into_iter().for_each(|other| other.join().unwrap());
        });
        std::mem::take(&mut *order.lock().unwrap())
    }

    #[test]
    fn its_schedules_are_those_of_shuttles_own() {
        // The last has more threads than both make room for at first.
        for (seed, depth, threads) in [(1, 3, 2), (2, 1, 3), (3, 5, 4), (4, 3, 20)] {
            let runs = 60;
            let theirs = order(PctScheduler::new_from_seed(seed, depth, runs), threads);
            assert_eq!(order(Pct::new(seed, depth, runs), threads), theirs, "seed {seed}, depth {depth}, {threads} threads");
        }
    }
}
