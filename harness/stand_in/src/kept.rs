//! The interleaving in which a check failed, kept for the next run: tried first, it shows the same failure at once.
//!
//! What is kept says how the engine gets there: its trail. Code that has changed may go another way, and loom, led along a trail of
//! other code, may even do what no program can. So what happens there counts only if every step is what it was: then it is the same
//! interleaving, which the engine had found by itself. Otherwise nothing is said of it, and the check begins as if there were none.

use crate::check::Features;
use crate::handle::Raw;
use crate::shelf;
use crate::spurious::Occasion;
use interleaving::{Coverage, Failure, Interleaving};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

/// Set by whoever wants failures kept, to the folder that they are kept in.
const KEPT: &str = "KATA_KEPT";
/// Set by whoever wants to see just the interleaving that is kept, as it happens.
const REPLAY: &str = "KATA_REPLAY";

/// Where an interleaving stands among those of its check.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spot {
    /// What the check had found out that it needs.
    pub features: Features,
    /// What it had made before its program began.
    pub(crate) needed: Vec<Raw>,
    /// The round.
    pub round: Coverage,
    /// What happened for no reason in that part of the round.
    pub occasion: Option<Occasion>,
    /// Its number there, from 1 on.
    pub in_round: usize,
    /// Its number among all.
    pub(crate) tried: usize,
}

/// What a file holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) spot: Spot,
    /// How the engine gets there, in its own words.
    pub(crate) trail: String,
    /// What happened there.
    steps: u64,
}

impl Kept {
    pub(crate) fn new(spot: Spot, trail: String, failure: &Failure) -> Self {
        Self { spot, trail, steps: fingerprint(&failure.interleaving) }
    }

    /// Whether `failure` is what was kept.
    pub(crate) fn is(&self, failure: &Failure) -> bool {
        self.steps == fingerprint(&failure.interleaving)
    }
}

/// All steps, save where they stand in the source: the same program may have moved.
fn fingerprint(log: &Interleaving) -> u64 {
    let mut hasher = DefaultHasher::new();
    for step in &log.steps {
        (step.thread, step.object, format!("{:?}", step.action)).hash(&mut hasher);
    }
    hasher.finish()
}

thread_local!(static CHECKS: Cell<usize> = const { Cell::new(0) });

/// The file for a check that begins, if failures are to be kept: its test may have several.
pub(crate) fn file() -> Option<PathBuf> {
    CHECKS.set(CHECKS.get() + 1);
    let folder = PathBuf::from(env::var_os(KEPT)?);
    Some(folder.join(format!("{}.{}.json", shelf::test_name(), CHECKS.get())))
}

/// Whether only what is kept is to be run, and shown as it happens.
pub(crate) fn is_replay() -> bool {
    env::var_os(REPLAY).is_some()
}

/// Reads what is kept. A file that makes no sense is as good as none.
pub(crate) fn read(file: &PathBuf) -> Option<Kept> {
    serde_json::from_str(&fs::read_to_string(file).ok()?).ok()
}

/// Keeps an interleaving. If that does not work, the next run takes longer, and that is all.
pub(crate) fn write(file: &PathBuf, kept: &Kept) {
    let Some(folder) = file.parent() else { return };
    let Ok(text) = serde_json::to_string(kept) else { return };
    let _ = fs::create_dir_all(folder).and_then(|()| fs::write(file, text));
}
