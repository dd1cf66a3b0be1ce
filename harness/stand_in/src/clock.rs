//! Vector clocks (Fidge 1988, Mattern 1989): what is known to have happened before what.

/// So many threads have their moments in the clock itself: clocks are made and copied at every operation, and programs are small.
const INLINE: usize = 8;

/// For each thread, up to which of its moments everything is known to have happened before.
#[derive(Debug, Default)]
pub struct Clock {
    first: [u32; INLINE],
    /// The threads after those.
    rest: Vec<u32>,
}

impl Clone for Clock {
    #[inline]
    fn clone(&self) -> Self {
        Self { first: self.first, rest: self.rest.clone() }
    }

    #[inline]
    fn clone_from(&mut self, other: &Self) {
        self.first = other.first;
        if !self.rest.is_empty() || !other.rest.is_empty() {
            self.rest.clone_from(&other.rest);
        }
    }
}

impl Clock {
    /// Up to which moment of `thread`; its first is 1.
    #[inline]
    pub fn of(&self, thread: usize) -> u32 {
        match thread.checked_sub(INLINE) {
            None => self.first[thread],
            Some(index) => self.rest.get(index).copied().unwrap_or(0),
        }
    }

    /// Sets that.
    #[inline]
    pub fn set(&mut self, thread: usize, moment: u32) {
        let Some(index) = thread.checked_sub(INLINE) else {
            self.first[thread] = moment;
            return;
        };
        if self.rest.len() <= index {
            self.rest.resize(index + 1, 0);
        }
        self.rest[index] = moment;
    }

    /// A new moment of `thread`.
    #[inline]
    pub fn tick(&mut self, thread: usize) {
        self.set(thread, self.of(thread) + 1);
    }

    /// What `other` knows is known here too.
    #[inline]
    pub fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.first.iter_mut().zip(other.first) {
            *mine = (*mine).max(theirs);
        }
        if !other.rest.is_empty() {
            self.join_rest(other);
        }
    }

    /// What either knows is known in both.
    #[inline]
    pub fn meet(&mut self, other: &mut Self) {
        for (mine, theirs) in self.first.iter_mut().zip(&mut other.first) {
            let later = (*mine).max(*theirs);
            (*mine, *theirs) = (later, later);
        }
        if !self.rest.is_empty() || !other.rest.is_empty() {
            self.join_rest(other);
            other.rest.clone_from(&self.rest);
        }
    }

    #[cold]
    fn join_rest(&mut self, other: &Self) {
        if self.rest.len() < other.rest.len() {
            self.rest.resize(other.rest.len(), 0);
        }
        for (mine, theirs) in self.rest.iter_mut().zip(&other.rest) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// Whether everything in `self` is known in `other`.
    #[inline]
    pub fn is_before(&self, other: &Self) -> bool {
        // Without a way out early: so the compiler compares them all at once.
        let first = self.first.iter().zip(&other.first).fold(true, |all, (moment, known)| all & (moment <= known));
        first && self.rest.iter().enumerate().all(|(index, &moment)| moment <= other.of(INLINE + index))
    }

    /// Whether one of the moments in `self` is known in `other`; a moment 0 is none.
    #[inline]
    pub fn has_a_moment_in(&self, other: &Self) -> bool {
        let is_known = |moment: u32, known: u32| (moment != 0) & (moment <= known);
        let first = self.first.iter().zip(&other.first).fold(false, |any, (&moment, &known)| any | is_known(moment, known));
        first || self.rest.iter().enumerate().any(|(index, &moment)| is_known(moment, other.of(INLINE + index)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_beyond_the_first_few_are_no_different() {
        for (one, another) in [(0, 1), (INLINE - 1, INLINE), (INLINE + 3, INLINE), (2, INLINE + 5)] {
            let (mut a, mut b) = (Clock::default(), Clock::default());
            a.tick(one);
            b.tick(another);
            assert!(!a.is_before(&b) && !b.is_before(&a), "{one} and {another}");
            assert!(!a.has_a_moment_in(&b));
            b.join(&a);
            b.tick(another);
            assert_eq!((b.of(one), b.of(another)), (1, 2));
            assert!(a.is_before(&b) && a.has_a_moment_in(&b) && !b.is_before(&a));
            a.tick(one);
            a.meet(&mut b);
            assert_eq!([a.of(one), b.of(one), a.of(another), b.of(another)], [2; 4], "each knows what either knew");
        }
    }
}
