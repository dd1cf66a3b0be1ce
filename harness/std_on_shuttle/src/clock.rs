//! Vector clocks: which accesses to a cell come after which.

/// For each thread, up to which of its moments everything is known to have happened before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock(Vec<u32>);

impl Clock {
    pub(crate) fn of(&self, thread: usize) -> u32 {
        self.0.get(thread).copied().unwrap_or(0)
    }

    pub(crate) fn set(&mut self, thread: usize, moment: u32) {
        if self.0.len() <= thread {
            self.0.resize(thread + 1, 0);
        }
        self.0[thread] = moment;
    }

    /// A new moment of `thread`.
    pub(crate) fn tick(&mut self, thread: usize) {
        self.set(thread, self.of(thread) + 1);
    }

    /// What `other` knows is known here too.
    pub(crate) fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// Whether everything in `self` is known in `other`.
    pub(crate) fn is_before(&self, other: &Self) -> bool {
        self.0.iter().enumerate().all(|(thread, &moment)| moment <= other.of(thread))
    }
}

/// Who has used a cell, and when.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    written: Clock,
    read: Clock,
}

impl Uses {
    /// `thread`, whose clock is `now`, reads or writes. `false` if an earlier use that conflicts is not known to come before.
    pub(crate) fn access(&mut self, thread: usize, now: &Clock, write: bool) -> bool {
        let ordered = self.written.is_before(now) && (!write || self.read.is_before(now));
        let uses = if write { &mut self.written } else { &mut self.read };
        uses.set(thread, now.of(thread));
        ordered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> [Clock; 2] {
        let mut clocks = [Clock::default(), Clock::default()];
        clocks[0].tick(0);
        clocks[1].tick(1);
        clocks
    }

    #[test]
    fn two_reads_never_race_and_a_write_races_with_both() {
        let [a, b] = two();
        let mut uses = Uses::default();
        assert!(uses.access(0, &a, false));
        assert!(uses.access(1, &b, false));
        assert!(!uses.access(1, &b, true));
    }

    #[test]
    fn a_write_that_is_known_does_not_race() {
        let [a, mut b] = two();
        let mut uses = Uses::default();
        assert!(uses.access(0, &a, true));
        assert!(!uses.access(1, &b, false));
        b.join(&a);
        assert!(uses.access(1, &b, true));
    }
}
