//! Which accesses to a cell come after which, by vector clocks.

use stand_in::clock::Clock;

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
