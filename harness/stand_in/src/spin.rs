//! Threads that wait by looking again and again.
//!
//! A thread that repeats the same operation at the same place with the same result, while nobody has changed anything in
//! between, is waiting, whether it says so with `spin_loop` or not. Both engines must then let the others run, or they go round
//! for ever with it and reject a correct spin lock. Two waiting threads can even wake each other for ever: a look that follows
//! several others with no change in between leads nowhere new. And if looking goes on and on, nobody is there to end it.

use interleaving::Place;

/// So many hints, or equal looks, need not be a wait: a thread may look a few times and then do without. They cost nothing else
/// than what any other step does.
const FREE: u32 = 3;
/// After so many hints or looks with no change in between, a further one leads nowhere new.
const ENOUGH: u32 = FREE + 2;
/// After so many looks of one thread with no change in between, nothing will end its wait.
const HOPELESS: u32 = 4000;

/// What a waiting thread should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    /// It is not waiting.
    GoOn,
    /// Let the others run.
    GiveWay,
    /// Let the others run; the rest leads nowhere new.
    GiveWayForGood,
    /// Nobody will ever end this wait.
    Hopeless,
}

/// Who looks at what, again and again.
#[derive(Debug, Default)]
pub(crate) struct Spins {
    changes: u64,
    threads: Vec<Looks>,
}

/// What one thread has seen since the last change.
#[derive(Debug, Default)]
struct Looks {
    since: u64,
    seen: Vec<Look>,
    hints: u32,
    total: u32,
    gave_way: bool,
}

#[derive(Debug)]
struct Look {
    at: Place,
    object: u32,
    result: u64,
    times: u32,
}

impl Spins {
    pub(crate) fn clear(&mut self) {
        self.changes = 0;
        self.threads.clear();
    }

    /// Something changed: whoever looks again may see it.
    pub(crate) fn changed(&mut self) {
        self.changes += 1;
    }

    /// A thread says that it waits.
    pub(crate) fn hinted(&mut self, thread: usize) -> Advice {
        let looks = self.looks(thread);
        looks.hints += 1;
        looks.total += 1;
        looks.gave_way = true;
        match looks {
            Looks { total: HOPELESS.., .. } => Advice::Hopeless,
            Looks { hints, .. } if *hints <= FREE => Advice::GoOn,
            Looks { hints, .. } if *hints <= ENOUGH => Advice::GiveWay,
            _ => Advice::GiveWayForGood,
        }
    }

    /// A thread looked and changed nothing.
    pub(crate) fn looked(&mut self, thread: usize, at: Place, object: u32, result: u64) -> Advice {
        let looks = self.looks(thread);
        looks.total += 1;
        if looks.total >= HOPELESS {
            return Advice::Hopeless;
        }
        let same = |look: &&mut Look| std::ptr::eq(look.at, at) && look.object == object && look.result == result;
        let Some(look) = looks.seen.iter_mut().find(same) else {
            looks.seen.push(Look { at, object, result, times: 1 });
            return Advice::GoOn;
        };
        look.times += 1;
        let times = look.times;
        // A loop that says that it waits is not to be told so a second time.
        if std::mem::take(&mut looks.gave_way) {
            return Advice::GoOn;
        }
        if times <= FREE {
            Advice::GoOn
        } else if times <= ENOUGH {
            Advice::GiveWay
        } else {
            Advice::GiveWayForGood
        }
    }

    /// Whether a thread has looked there before since the last change: then it may be waiting.
    pub(crate) fn is_waiting(&self, thread: usize, at: Place, object: u32) -> bool {
        let looks = self.threads.get(thread).filter(|looks| looks.since == self.changes);
        looks.is_some_and(|looks| looks.seen.iter().any(|look| std::ptr::eq(look.at, at) && look.object == object))
    }

    fn looks(&mut self, thread: usize) -> &mut Looks {
        if self.threads.len() <= thread {
            self.threads.resize_with(thread + 1, Looks::default);
        }
        let looks = &mut self.threads[thread];
        if looks.since != self.changes {
            looks.since = self.changes;
            looks.seen.clear();
            (looks.hints, looks.total, looks.gave_way) = (0, 0, false);
        }
        looks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::Location;

    #[test]
    fn equal_looks_are_a_wait_after_a_while_and_a_change_ends_it() {
        let (mut spins, at) = (Spins::default(), Location::caller());
        for _ in 0..FREE {
            assert_eq!(spins.looked(1, at, 0, 7), Advice::GoOn);
        }
        assert_eq!(spins.looked(1, at, 0, 7), Advice::GiveWay);
        spins.changed();
        assert_eq!(spins.looked(1, at, 0, 7), Advice::GoOn);
    }

    #[test]
    fn another_result_another_place_another_thread_is_no_wait() {
        let (mut spins, here, there) = (Spins::default(), Location::caller(), Location::caller());
        assert_eq!(spins.looked(0, here, 0, 7), Advice::GoOn);
        assert_eq!(spins.looked(0, here, 0, 8), Advice::GoOn);
        assert_eq!(spins.looked(0, there, 0, 7), Advice::GoOn);
        assert_eq!(spins.looked(0, here, 1, 7), Advice::GoOn);
        assert_eq!(spins.looked(1, here, 0, 7), Advice::GoOn);
    }

    #[test]
    fn a_wait_without_end_is_hopeless() {
        let (mut spins, at) = (Spins::default(), Location::caller());
        assert!((0..HOPELESS).any(|_| spins.looked(0, at, 0, 0) == Advice::Hopeless));
        let mut hinting = Spins::default();
        assert!((0..HOPELESS).any(|_| hinting.hinted(0) == Advice::Hopeless));
    }
}
