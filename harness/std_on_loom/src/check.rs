//! Goes through the interleavings of a program, few preemptions first, so that the first failure found is a simple one.

use crate::engine::{Loom, on_a_stack};
use interleaving::{Coverage, Receipt, Round};
use stand_in::check::{self, Explorer, Features, Settings};
use stand_in::kept::Spot;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// At most so many interleavings for each weak exchange that fails, and for each `Condvar` that wakes, for no reason.
const SPURIOUS_BUDGET: usize = 200;
/// At most so many interleavings with long waits, for each number of preemptions.
const LONG_WAITS_BUDGET: usize = 300;
/// Longer interleavings than this are not gone through, in decisions.
const MOST_DECISIONS: usize = 20_000;

/// Runs `program` in every interleaving, within the budget of [`Check::new`].
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
    bounded: bool,
    unbounded: bool,
    budget: usize,
    get_is_a_read: bool,
}

impl Default for Check {
    fn default() -> Self {
        Self::new()
    }
}

impl Check {
    /// Rounds with at most 0, 1, 2 and 3 preemptions, then one with any number, each of at most 5,000 interleavings. Then some in which
    /// things happen for no reason, and in which waits are long, if there are such things and waits.
    pub fn new() -> Self {
        Self { preemptions: 3, bounded: true, unbounded: true, budget: 5_000, get_is_a_read: true }
    }

    /// At most so many preemptions in an interleaving, and no round with any number: for a space too large to be run whole.
    #[must_use]
    pub fn at_most_preemptions(mut self, preemptions: usize) -> Self {
        (self.preemptions, self.unbounded) = (preemptions, false);
        self
    }

    /// One round, with any number of preemptions: for a program whose whole space is small, and whose failure need not be short.
    #[must_use]
    pub fn in_one_round(mut self) -> Self {
        (self.bounded, self.unbounded) = (false, true);
        self
    }

    /// At most so many interleavings in each round.
    #[must_use]
    pub fn budget(mut self, interleavings: usize) -> Self {
        self.budget = interleavings;
        self
    }

    /// `UnsafeCell::get` counts as a write: for a program in which nobody shares what is in a cell, such as that of a lock. Else it
    /// counts as a read, and as a write if the contents have changed when the thread next does something that others may see.
    #[must_use]
    pub fn exclusive_cells(mut self) -> Self {
        self.get_is_a_read = false;
        self
    }

    /// Runs `program` in every interleaving that this check covers.
    ///
    /// # Panics
    /// If one of them fails, or if nothing concurrent happens in any.
    pub fn run(self, program: impl Fn() + Send + Sync + 'static) -> Receipt {
        check::run(Rounds { check: self, program: Arc::new(program) })
    }

    /// As [`run`](Self::run), but what came of it is returned, and nothing printed.
    ///
    /// # Errors
    /// The report, if one of them fails, or if nothing concurrent happens in any.
    pub fn try_run(self, program: impl Fn() + Send + Sync + 'static) -> Result<Receipt, String> {
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
        "loom"
    }

    fn explore(&self, features: Features) -> Receipt {
        let check = &self.check;
        let settings = self.settings_with(features);
        let bounded = (0..=check.preemptions).map(Some).filter(|_| check.bounded);
        let bounds = bounded.chain(check.unbounded.then_some(None));
        let mut rounds: Vec<Round> = bounds
            .map(|bound| {
                check::begin_round(bound.map_or(Coverage::All, Coverage::UpTo));
                self.round(bound, check.budget, settings)
            })
            .collect();
        rounds.extend(check::spurious_round(settings, |settings| {
            self.round(Some(1), check.budget.min(SPURIOUS_BUDGET), settings).interleavings
        }));
        rounds.extend(check::long_waits_rounds(settings, |settings, bound| {
            self.round(Some(bound), check.budget.min(LONG_WAITS_BUDGET), settings).interleavings
        }));
        Receipt { engine: "loom", rounds, threads: check::most_threads() }
    }

    /// loom notes no trail that could be followed without serde_json, which a learner's tests must not be linked to. But a round is
    /// the same each time: so it goes through this one up to there.
    fn follow(&self, spot: &Spot, _: &str) {
        let bound = match spot.round {
            Coverage::UpTo(bound) | Coverage::PartOf(bound) | Coverage::LongWaits(bound) => Some(bound),
            Coverage::Spurious => Some(1),
            _ => None,
        };
        self.round(bound, spot.in_round - 1, self.settings(spot));
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

    fn model(&self, bound: Option<usize>) -> loom::model::Builder {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = bound;
        model.max_branches = MOST_DECISIONS;
        model
    }

    fn round(&self, bound: Option<usize>, budget: usize, settings: Settings) -> Round {
        let mut model = self.model(bound);
        // loom looks at its limit only so often, and before a run: it is let into one more than the budget, which tells a round
        // that ended from one that was cut off.
        model.checkpoint_interval = 1;
        model.max_permutations = Some(budget + 2);
        let count = Arc::new(AtomicUsize::new(0));
        self.check_in(&model, settings, &count);
        let interleavings = count.load(Ordering::Relaxed);
        let coverage = match bound {
            Some(bound) if interleavings > budget => Coverage::PartOf(bound),
            Some(bound) => Coverage::UpTo(bound),
            None if interleavings > budget => Coverage::PartOfAll,
            None => Coverage::All,
        };
        Round { coverage, interleavings }
    }

    fn check_in(&self, model: &loom::model::Builder, settings: Settings, count: &Arc<AtomicUsize>) {
        let (counted, program) = (Arc::clone(count), Arc::clone(&self.program));
        model.check(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            on_a_stack(|| check::interleaving(Loom::begin(settings.features), settings, &*program));
        });
    }
}
