//! Runs a program under many schedules: all with 0, 1 and 2 preemptions as far as the budget goes, then random ones.

use crate::engine::{STACK, Shuttle};
use crate::preemptions::FewPreemptions;
use crate::trail::{self, Along, Noted};
use interleaving::{Coverage, Receipt, Round};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};
use stand_in::check::{self, Explorer, Features, Settings};
use stand_in::kept::Spot;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Once};

/// The same at every run, unless `SHUTTLE_RANDOM_SEED` says otherwise.
const SEED: u64 = 0x6b61_7461;
/// Longer interleavings than this are not gone through, in scheduling decisions.
const MOST_DECISIONS: usize = 200_000;
/// At most so many schedules for each weak exchange that fails, and for each `Condvar` that wakes, for no reason.
const SPURIOUS_BUDGET: usize = 100;
/// At most so many schedules with long waits, for each number of preemptions.
const LONG_WAITS_BUDGET: usize = 300;
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
    /// priority (PCT). Then some in which things happen for no reason, and in which waits are long, if there are such things and waits.
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
        check::run(Rounds { check: self, program: Arc::new(program) })
    }

    /// As [`run`](Self::run), but what came of it is returned, and nothing printed.
    ///
    /// # Errors
    /// The report, if one of them fails, or if nothing concurrent happens in any.
    pub fn try_run(self, program: impl Fn() + Send + Sync + 'static) -> Result<Receipt, String> {
        install_shuttles_hook();
        check::try_run(Rounds { check: self, program: Arc::new(program) })
    }
}

/// A check with its program.
struct Rounds {
    check: Check,
    program: Arc<dyn Fn() + Send + Sync>,
}

impl Explorer for Rounds {
    fn engine(&self) -> &'static str {
        "shuttle"
    }

    fn explore(&self, features: Features) -> Receipt {
        let check = &self.check;
        let settings = self.settings_with(features);
        let mut rounds = Vec::new();
        for bound in 0..=check.preemptions {
            check::begin_round(Coverage::UpTo(bound));
            let exhausted = Arc::new(AtomicBool::new(false));
            let scheduler = FewPreemptions::new(bound, check.budget, Arc::clone(&exhausted));
            let interleavings = self.run(scheduler, settings);
            let complete = exhausted.load(Ordering::Relaxed);
            let coverage = if complete { Coverage::UpTo(bound) } else { Coverage::PartOf(bound) };
            rounds.push(Round { coverage, interleavings });
        }
        if check::had_a_choice() {
            check::begin_round(Coverage::Random);
            let scheduler = Noted::new(RandomScheduler::new_from_seed(SEED, check.random));
            let had_a_choice = scheduler.had_a_choice();
            let interleavings = self.run_noted(scheduler, settings);
            rounds.push(Round { coverage: Coverage::Random, interleavings });
            // PCT counts on a choice, and panics where there is none: threads may share something and yet wait for each other.
            if had_a_choice.get() {
                check::begin_round(Coverage::Pct);
                let interleavings = self.run(PctScheduler::new_from_seed(SEED, PCT_DEPTH, check.random / 2), settings);
                rounds.push(Round { coverage: Coverage::Pct, interleavings });
            }
        }
        rounds.extend(check::spurious_round(settings, |settings| {
            self.run(FewPreemptions::new(1, check.budget.min(SPURIOUS_BUDGET), Arc::default()), settings)
        }));
        rounds.extend(check::long_waits_rounds(settings, |settings, bound| {
            self.run(FewPreemptions::new(bound, check.budget.min(LONG_WAITS_BUDGET), Arc::default()), settings)
        }));
        Receipt { engine: "shuttle", rounds, threads: check::most_threads() }
    }

    fn follow(&self, spot: &Spot, trail: &str) {
        self.run(Along::new(trail), self.settings(spot));
    }

    fn shorter(&self, trail: &str) -> Vec<String> {
        trail::shorter(trail)
    }
}

impl Rounds {
    fn settings_with(&self, features: Features) -> Settings {
        Settings { features, get_is_a_read: self.check.get_is_a_read, ..Settings::default() }
    }

    fn settings(&self, spot: &Spot) -> Settings {
        let waits_are_long = matches!(spot.round, Coverage::LongWaits(_));
        Settings { occasion: spot.occasion, waits_are_long, ..self.settings_with(spot.features) }
    }

    fn run(&self, scheduler: impl Scheduler + 'static, settings: Settings) -> usize {
        self.run_noted(Noted::new(scheduler), settings)
    }

    fn run_noted(&self, scheduler: Noted<impl Scheduler + 'static>, settings: Settings) -> usize {
        let count = Arc::new(AtomicUsize::new(0));
        let (counted, program) = (Arc::clone(&count), Arc::clone(&self.program));
        let trail = scheduler.trail();
        check::note_trail(move || trail::written(&trail));
        Runner::new(scheduler, config()).run(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            check::interleaving(Shuttle::begin(), settings, &*program);
        });
        count.load(Ordering::Relaxed)
    }
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
