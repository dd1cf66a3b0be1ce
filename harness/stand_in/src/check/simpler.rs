//! A simpler way to the same failure.

use super::inside::{go_on_after, send};
use super::{Check, Explorer, Found, Outcome};
use interleaving::{Coverage, Failure, Verdict};

/// So many interleavings are run at most to make a story simpler.
const SIMPLER: usize = 200;
/// A longer story than this, in steps, stays as it is: to run it again and again would take too long.
const MOST_STEPS_TO_SIMPLIFY: usize = 500;

impl<E: Explorer> Check<E> {
    /// A failure of the same kind with fewer turns, or with as many in fewer steps, if one is found near this one. What a random
    /// interleaving leads to has many turns that do not matter.
    pub(super) fn simplified(&mut self, failure: Box<Failure>, found: Box<Found>) -> (Box<Failure>, Box<Found>) {
        let is_long =
            failure.interleaving.steps.len() > MOST_STEPS_TO_SIMPLIFY || matches!(failure.verdict, Verdict::TooLong { .. });
        if !matches!(failure.round, Coverage::Random | Coverage::Pct) || found.in_hook || is_long {
            return (failure, found);
        }
        let length = |failure: &Failure| (failure.interleaving.turns(), failure.interleaving.steps.len());
        let before = failure.interleaving.turns();
        // As many steps in all for a long story as for one of a hundred.
        let mut left = SIMPLER.min(SIMPLER * 100 / failure.interleaving.steps.len().max(1));
        let (mut best, mut best_found) = (failure, found);
        loop {
            let trails = best_found.trail.as_deref().map(|trail| self.explorer.shorter(trail)).unwrap_or_default();
            let shorter = trails.into_iter().find_map(|trail| {
                left = usize::checked_sub(left, 1)?;
                let spot = best_found.spot.clone();
                let outcome = self.start(move |explorer, _| {
                    go_on_after(spot.tried - 1, spot.round);
                    explorer.follow(&spot, &trail);
                    send(Outcome::Nothing);
                });
                match outcome {
                    Ok(Outcome::Failed(failure, found))
                        if std::mem::discriminant(&failure.verdict) == std::mem::discriminant(&best.verdict)
                            && length(&failure) < length(&best)
                            && !found.in_hook =>
                    {
                        Some((failure, found))
                    }
                    // One that does not end is no way to a shorter story, and neither are those like it.
                    Ok(Outcome::Failed(failure, _)) if matches!(failure.verdict, Verdict::TooLong { .. }) => {
                        left = 0;
                        None
                    }
                    Err(_) => {
                        left = 0;
                        None
                    }
                    _ => None,
                }
            });
            match shorter {
                Some((failure, found)) => (best, best_found) = (failure, found),
                None => break,
            }
        }
        best.simplified_from = Some(before).filter(|&before| best.interleaving.turns() < before);
        (best, best_found)
    }
}
