//! A meeting that only threads at work at the same time can hold, on OS threads.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How long whoever has come waits for the others, who need a few milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// Comes about when so many threads are there at once; gives up after 2 seconds, so that a test can say what was missing.
#[derive(Debug)]
pub struct Meeting {
    expected: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    here: usize,
    given_up: bool,
}

impl Meeting {
    /// A meeting of `expected` threads.
    pub fn of(expected: usize) -> Self {
        Self { expected, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Comes, and waits until all are there or the meeting is given up. Whoever comes later than that need not wait.
    pub fn attend(&self) {
        self.attend_for(PATIENCE);
    }

    fn attend_for(&self, patience: Duration) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.given_up || state.here == self.expected {
            return;
        }
        state.here += 1;
        self.changed.notify_all();
        let missing = |state: &mut State| !state.given_up && state.here < self.expected;
        let waited = self.changed.wait_timeout_while(state, patience, missing).unwrap_or_else(PoisonError::into_inner);
        let (mut state, result) = waited;
        if result.timed_out() {
            state.given_up = true;
            self.changed.notify_all();
        }
    }

    /// How many threads were there at once, of those expected.
    pub fn most_at_once(&self) -> usize {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).here
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn threads_at_work_at_once_meet() {
        let meeting = Meeting::of(3);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| meeting.attend());
            }
        });
        meeting.attend();
        assert_eq!(meeting.most_at_once(), 3);
    }

    #[test]
    fn one_after_the_other_never_meet() {
        let meeting = Meeting::of(3);
        for _ in 0..3 {
            meeting.attend_for(Duration::from_millis(10));
        }
        assert_eq!(meeting.most_at_once(), 1);
    }
}
