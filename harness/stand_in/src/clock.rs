//! Vector clocks (Fidge 1988, Mattern 1989): what is known to have happened before what.

/// For each thread, up to which of its moments everything is known to have happened before.
#[derive(Clone, Debug, Default)]
pub struct Clock(Vec<u32>);

impl Clock {
    /// Up to which moment of `thread`; its first is 1.
    pub fn of(&self, thread: usize) -> u32 {
        self.0.get(thread).copied().unwrap_or(0)
    }

    /// Sets that.
    pub fn set(&mut self, thread: usize, moment: u32) {
        if self.0.len() <= thread {
            self.0.resize(thread + 1, 0);
        }
        self.0[thread] = moment;
    }

    /// A new moment of `thread`.
    pub fn tick(&mut self, thread: usize) {
        self.set(thread, self.of(thread) + 1);
    }

    /// What `other` knows is known here too.
    pub fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// Whether everything in `self` is known in `other`.
    pub fn is_before(&self, other: &Self) -> bool {
        self.0.iter().enumerate().all(|(thread, &moment)| moment <= other.of(thread))
    }

    /// Whether one of the moments in `self` is known in `other`; a moment 0 is none.
    pub fn has_a_moment_in(&self, other: &Self) -> bool {
        self.0.iter().enumerate().any(|(thread, &moment)| moment != 0 && moment <= other.of(thread))
    }
}
