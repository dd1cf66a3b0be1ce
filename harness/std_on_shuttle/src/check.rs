//! Runs a program under many schedules: all with 0, 1 and 2 preemptions as far as the budget goes, then random ones.

use crate::engine::Shuttle;
use crate::pct::Pct;
use crate::preemptions::FewPreemptions;
use interleaving::{Coverage, Receipt, Round};
use shuttle::scheduler::{RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};
use stand_in::check::{self, Features, Settings};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Once};

/// The same at every run, unless `SHUTTLE_RANDOM_SEED` says otherwise.
const SEED: u64 = 0x6b61_7461;
/// The stack of a thread, in bytes. shuttle's own is 60 KiB, which an unoptimised build overflows.
pub(crate) const STACK: usize = 512 * 1024;
/// Longer interleavings than this are not gone through, in scheduling decisions.
const MOST_DECISIONS: usize = 200_000;
/// At most so many schedules for each weak exchange that fails, and for each `Condvar` that wakes, for no reason.
const SPURIOUS_BUDGET: usize = 100;
/// How many changes of priority PCT spreads over a run: bugs that need up to so many orderings have a guaranteed chance.
const PCT_DEPTH: usize = 3;

/// Runs `program` under many schedules, as [`Check::new`] has them.
///
/// # Panics
/// If one of them fails, or if nothing concurrent happens in any: the test then fails, and says why on standard error.
pub fn check(program: impl Fn() + Send + Sync + 'static) -> Receipt {
    Check::new().run(program)
}

/// A check whose size or rules a test must tune.
#[derive(Clone, Debug)]
pub struct Check {
    preemptions: usize,
    budget: usize,
    random: usize,
    get_is_a_read: bool,
}

impl Default for Check {
    fn default() -> Self {
        Self::new()
    }
}

impl Check {
    /// All schedules with 0, 1 and 2 preemptions, at most 1,000 of each; then 1,000 random ones, and 500 with few changes of
    /// priority (PCT).
    pub fn new() -> Self {
        Self { preemptions: 2, budget: 1_000, random: 1_000, get_is_a_read: true }
    }

    /// At most so many schedules in each of the first rounds.
    #[must_use]
    pub fn budget(mut self, schedules: usize) -> Self {
        self.budget = schedules;
        self
    }

    /// So many random schedules, and half as many with few changes of priority.
    #[must_use]
    pub fn random(mut self, schedules: usize) -> Self {
        self.random = schedules;
        self
    }

    /// `UnsafeCell::get` counts as a write: for a program in which nobody shares what is in a cell, such as that of a lock. Else it
    /// counts as a read, and as a write if the contents have changed when the thread next does something that others may see.
    #[must_use]
    pub fn exclusive_cells(mut self) -> Self {
        self.get_is_a_read = false;
        self
    }

    /// Runs `program` under every schedule that this check covers.
    ///
    /// # Panics
    /// If one of them fails, or if nothing concurrent happens in any.
    pub fn run(self, program: impl Fn() + Send + Sync + 'static) -> Receipt {
        install_shuttles_hook();
        let program: Arc<dyn Fn() + Send + Sync> = Arc::new(program);
        check::run("shuttle", move |features| self.rounds(features, &program))
    }

    /// As [`run`](Self::run), but what came of it is returned, and nothing printed.
    ///
    /// # Errors
    /// The report, if one of them fails, or if nothing concurrent happens in any.
    pub fn try_run(self, program: impl Fn() + Send + Sync + 'static) -> Result<Receipt, String> {
        install_shuttles_hook();
        let program: Arc<dyn Fn() + Send + Sync> = Arc::new(program);
        check::try_run("shuttle", move |features| self.rounds(features, &program))
    }

    fn rounds(&self, features: Features, program: &Arc<dyn Fn() + Send + Sync>) -> Receipt {
        let settings = Settings { features, get_is_a_read: self.get_is_a_read, occasion: None };
        let mut rounds = Vec::new();
        for bound in 0..=self.preemptions {
            check::begin_round(Coverage::UpTo(bound));
            let exhausted = Arc::new(AtomicBool::new(false));
            let scheduler = FewPreemptions::new(bound, self.budget, Arc::clone(&exhausted));
            let interleavings = run(scheduler, settings, program);
            let complete = exhausted.load(Ordering::Relaxed);
            let coverage = if complete { Coverage::UpTo(bound) } else { Coverage::PartOf(bound) };
            rounds.push(Round { coverage, interleavings });
        }
        // Where nobody has a choice, one schedule is as good as a thousand.
        if check::had_a_choice() {
            check::begin_round(Coverage::Random);
            let interleavings = run(RandomScheduler::new_from_seed(SEED, self.random), settings, program);
            rounds.push(Round { coverage: Coverage::Random, interleavings });
            check::begin_round(Coverage::Pct);
            let interleavings = run(Pct::new(SEED, PCT_DEPTH, self.random / 2), settings, program);
            rounds.push(Round { coverage: Coverage::Pct, interleavings });
        }
        rounds.extend(check::spurious_round(settings, |settings| {
            let scheduler = FewPreemptions::new(1, self.budget.min(SPURIOUS_BUDGET), Arc::default());
            run(scheduler, settings, program)
        }));
        Receipt { engine: "shuttle", rounds, threads: check::most_threads() }
    }
}

fn run(scheduler: impl Scheduler + 'static, settings: Settings, program: &Arc<dyn Fn() + Send + Sync>) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let (counted, program) = (Arc::clone(&count), Arc::clone(program));
    Runner::new(scheduler, config()).run(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        check::interleaving(Shuttle::begin(), settings, &*program);
    });
    count.load(Ordering::Relaxed)
}

fn config() -> Config {
    let mut config = Config::new();
    config.stack_size = STACK;
    config.failure_persistence = FailurePersistence::None;
    config.max_steps = MaxSteps::FailAfter(MOST_DECISIONS);
    // It warns that orderings are not checked: that is what the loom rung is for.
    config.silence_warnings = true;
    config
}

/// shuttle installs a panic hook at its first run, for good. It must lie under ours.
fn install_shuttles_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        Runner::new(RandomScheduler::new_from_seed(SEED, 1), config()).run(|| {});
    });
}
