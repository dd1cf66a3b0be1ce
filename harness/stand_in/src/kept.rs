//! The interleaving in which a check failed, kept for the next run: tried first, it shows the same failure at once.
//!
//! What is kept says where it stands among those of its check, and, if the engine notes that, how it gets there. Code that has changed
//! may go another way. So what happens there counts only if every step is what it was: then it is the same interleaving. Otherwise
//! nothing is said of it, and the check begins as if nothing were kept.

use crate::check::Features;
use crate::handle::Raw;
use crate::shelf;
use crate::spurious::Occasion;
use interleaving::json::{self, Json};
use interleaving::{Coverage, Failure, Interleaving, json_object};
use std::cell::Cell;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Set by whoever wants failures kept, to the folder that they are kept in.
const KEPT: &str = "KATA_KEPT";
/// Set by whoever wants to see just the interleaving that is kept, as it happens.
const REPLAY: &str = "KATA_REPLAY";

/// Where an interleaving stands among those of its check.
#[derive(Clone, Debug)]
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
pub(crate) struct Kept {
    pub(crate) spot: Spot,
    /// How the engine gets there, in its own words; empty if it does not say.
    pub(crate) trail: String,
    /// What happened there.
    steps: String,
}

json_object!(Spot { features, needed, round, occasion, in_round, tried });
json_object!(Kept { spot, trail, steps });

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
fn fingerprint(log: &Interleaving) -> String {
    let mut hasher = DefaultHasher::new();
    for step in &log.steps {
        (step.thread, step.object, format!("{:?}", step.action)).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
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
pub(crate) fn read(file: &Path) -> Option<Kept> {
    Kept::read(&json::parse(&fs::read_to_string(file).ok()?).ok()?)
}

/// Keeps an interleaving. If that does not work, the next run takes longer, and that is all.
pub(crate) fn write(file: &Path, kept: &Kept) {
    let Some(folder) = file.parent() else { return };
    let mut text = String::new();
    kept.write(&mut text);
    let _ = fs::create_dir_all(folder).and_then(|()| fs::write(file, text));
}
