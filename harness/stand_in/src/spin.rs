//! Threads that wait by looking again and again.
//!
//! A thread that repeats the same operation at the same place with the same result, while nobody has changed anything in
//! between, is waiting, whether it says so with `spin_loop` or not. Both engines must then let the others run, or they go round
//! for ever with it and reject a correct spin lock. Two waiting threads can even wake each other for ever: a look that follows
//! several others with no change in between leads nowhere new. And if looking goes on and on, nobody is there to end it.

use interleaving::{LONG_WAIT, Place};

/// How many hints, or equal looks, need not be a wait: a thread may look a few times and then do without.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// Where nobody changes anything in between.
    since_any: u32,
    /// Where the thread changes something itself in between, such as a count of its tries.
    since_others: u32,
    /// Where others change something as well: threads that all wait may do so for each other's sake, for ever.
    in_all: u32,
}

/// The looks cost nothing else than what any other step does, so they are few.
const SHORT: Patience = Patience { since_any: 3, since_others: 12, in_all: 40 };
/// Somebody who tries a hundred times and then does something else gets there. Others are not let in between looks that are past
/// [`SHORT`], so they cost little.
const LONG: Patience = Patience { since_any: LONG_WAIT, since_others: LONG_WAIT, in_all: 3 * LONG_WAIT };
/// After so many looks of all threads in an interleaving with long waits, those to come are short: a program may look at many things
/// in each turn of a loop, and must come to its end.
const MOST_LOOKS: u32 = 2000;
/// So many changes of the same thing at the same place need not be a wait either: a thread may count. But it may also wait for what it
/// finds there to be the right thing.
const FREE_IF_IT_CHANGES: u32 = 40;
const IF_IT_CHANGES: Patience =
    Patience { since_any: FREE_IF_IT_CHANGES, since_others: FREE_IF_IT_CHANGES, in_all: FREE_IF_IT_CHANGES };
/// So many hints or looks later, a further one leads nowhere new.
const GIVE_UP_AFTER: u32 = 2;
/// After so many looks of one thread with no change by another one in between, nothing will end its wait.
const HOPELESS: u32 = 4000;

/// What a waiting thread should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    threads: Vec<Looks>,
    changes: u64,
    /// Whether threads that wait go on looking for long before they let others run.
    waits_are_long: bool,
    /// How many looks more they can be long for.
    looks_left: u32,
}

/// What one thread has seen since others changed something.
#[derive(Debug, Default)]
struct Looks {
    own_changes: u64,
    since: Since,
    seen: Vec<Look>,
    hints: Times,
    total: u32,
    hinted: bool,
}

/// How many changes there had been, by others and by the thread itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Since {
    others: u64,
    own: u64,
}

/// How often, since the last change by anybody, since the last one by others, and in all.
#[derive(Clone, Copy, Debug, Default)]
struct Times {
    since_any: u32,
    since_others: u32,
    in_all: u32,
}

impl Times {
    fn one_more(&mut self, free: Patience) -> Advice {
        self.since_any += 1;
        self.since_others += 1;
        self.in_all += 1;
        let limits = [(self.since_any, free.since_any), (self.since_others, free.since_others), (self.in_all, free.in_all)];
        match limits.map(|(times, free)| times.saturating_sub(free)).into_iter().max().unwrap_or(0) {
            0 => Advice::GoOn,
            1..=GIVE_UP_AFTER => Advice::GiveWay,
            _ => Advice::GiveWayForGood,
        }
    }
}

impl Looks {
    fn all_times(&mut self, mut change: impl FnMut(&mut Times)) {
        change(&mut self.hints);
        self.seen.iter_mut().for_each(|look| change(&mut look.times));
    }

    fn again(&mut self, at: Place, object: u32, found: Found, patience: Patience) -> Advice {
        let same = |look: &Look| std::ptr::eq(look.at, at) && look.object == object && look.found == found;
        let index = self.seen.iter().position(same).unwrap_or_else(|| {
            self.seen.push(Look { at, object, found, times: Times::default() });
            self.seen.len() - 1
        });
        let times = &mut self.seen[index].times;
        let advice = match found {
            Found::Same(_) => times.one_more(patience),
            Found::Changed => times.one_more(IF_IT_CHANGES),
        };
        // A loop that says that it waits is not to be told so a second time.
        if std::mem::take(&mut self.hinted) { Advice::GoOn } else { advice }
    }
}

/// What an operation found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// This, and left it so; or nobody can tell.
    Same(u64),
    /// Something, and changed it.
    Changed,
}

#[derive(Debug)]
struct Look {
    at: Place,
    object: u32,
    found: Found,
    times: Times,
}

impl Spins {
    pub(crate) const fn new() -> Self {
        Self { threads: Vec::new(), changes: 0, waits_are_long: false, looks_left: 0 }
    }

    /// Forgets everything, but keeps the memory for the next interleaving.
    pub(crate) fn begin(&mut self, waits_are_long: bool) {
        self.waits_are_long = waits_are_long;
        self.looks_left = if waits_are_long { MOST_LOOKS } else { 0 };
        self.changes = 0;
        for looks in &mut self.threads {
            let mut seen = std::mem::take(&mut looks.seen);
            seen.clear();
            *looks = Looks { seen, ..Looks::default() };
        }
    }

    /// A thread changed something: whoever looks again may see it.
    #[inline]
    pub(crate) fn changed(&mut self, thread: usize) {
        // What follows from it is looked at when the thread next looks at something.
        self.make_room(thread);
        self.threads[thread].own_changes += 1;
        self.changes += 1;
    }

    /// A thread says that it waits.
    pub(crate) fn hinted(&mut self, thread: usize) -> Advice {
        let patience = self.patience();
        let looks = self.looks(thread);
        looks.hinted = true;
        looks.total += 1;
        if looks.total >= HOPELESS { Advice::Hopeless } else { looks.hints.one_more(patience) }
    }

    /// A thread looked and changed nothing.
    pub(crate) fn looked(&mut self, thread: usize, at: Place, object: u32, result: u64) -> Advice {
        let patience = self.patience();
        let looks = self.looks(thread);
        looks.total += 1;
        if looks.total >= HOPELESS {
            return Advice::Hopeless;
        }
        looks.again(at, object, Found::Same(result), patience)
    }

    /// A thread did something that may have changed nothing: if it does so again and again, that is a wait.
    pub(crate) fn turned(&mut self, thread: usize, at: Place, object: u32) -> Advice {
        let patience = self.patience();
        self.looks(thread).again(at, object, Found::Same(0), patience)
    }

    /// A thread has read something and changed it: if it does so again and again, it may be waiting to find something else there.
    pub(crate) fn changed_what_it_read(&mut self, thread: usize, at: Place, object: u32) -> Advice {
        self.changed(thread);
        self.looks(thread).again(at, object, Found::Changed, IF_IT_CHANGES)
    }

    /// How patient the next look is.
    fn patience(&mut self) -> Patience {
        if self.looks_left == 0 {
            return SHORT;
        }
        self.looks_left -= 1;
        LONG
    }

    /// Whether a thread that looks there once more would be waiting by now if waits were short.
    pub(crate) fn goes_on_waiting(&mut self, thread: usize, at: Place, object: u32) -> bool {
        let is_long = self.looks_left > 0;
        let mut seen = self.looks(thread).seen.iter();
        is_long && seen.any(|look| look.times.since_any >= SHORT.since_any && std::ptr::eq(look.at, at) && look.object == object)
    }

    pub(crate) fn waits_are_long(&self) -> bool {
        self.waits_are_long
    }

    /// Whether a thread has looked there before since the last change by others: then it may be waiting.
    pub(crate) fn is_waiting(&mut self, thread: usize, at: Place, object: u32) -> bool {
        let mut seen = self.looks(thread).seen.iter();
        seen.any(|look| look.times.since_others > 0 && std::ptr::eq(look.at, at) && look.object == object)
    }

    #[inline]
    fn make_room(&mut self, thread: usize) {
        if self.threads.len() <= thread {
            self.make_more_room(thread);
        }
    }

    #[cold]
    fn make_more_room(&mut self, thread: usize) {
        self.threads.resize_with(thread + 1, Looks::default);
    }

    fn looks(&mut self, thread: usize) -> &mut Looks {
        self.make_room(thread);
        let looks = &mut self.threads[thread];
        let now = Since { others: self.changes - looks.own_changes.min(self.changes), own: looks.own_changes };
        if looks.since.others != now.others {
            looks.all_times(|times| (times.since_any, times.since_others) = (0, 0));
            (looks.total, looks.hinted) = (0, false);
        } else if looks.since.own != now.own {
            looks.all_times(|times| times.since_any = 0);
        }
        looks.since = now;
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
        for _ in 0..SHORT.since_any {
            assert_eq!(spins.looked(1, at, 0, 7), Advice::GoOn);
        }
        assert_eq!(spins.looked(1, at, 0, 7), Advice::GiveWay);
        spins.changed(0);
        assert_eq!(spins.looked(1, at, 0, 7), Advice::GoOn);
    }

    #[test]
    fn who_changes_something_itself_waits_as_well_but_is_told_so_later() {
        let (mut spins, at) = (Spins::default(), Location::caller());
        let mut advice = || {
            spins.changed(1);
            spins.looked(1, at, 0, 7)
        };
        assert_eq!((0..SHORT.since_any + 1).map(|_| advice()).max(), Some(Advice::GoOn));
        assert_eq!((0..SHORT.since_others).map(|_| advice()).max(), Some(Advice::GiveWayForGood));
    }

    #[test]
    fn who_changes_what_it_reads_may_count_for_a_while_and_then_waits() {
        let (mut spins, at) = (Spins::default(), Location::caller());
        let mut advice = || spins.changed_what_it_read(1, at, 0);
        assert_eq!((0..FREE_IF_IT_CHANGES).map(|_| advice()).max(), Some(Advice::GoOn));
        assert_eq!(advice(), Advice::GiveWay);
    }

    #[test]
    fn a_long_wait_ends_as_well_and_is_no_choice_where_a_short_one_would_be_over() {
        let (mut spins, at) = (Spins::default(), Location::caller());
        spins.begin(true);
        let mut looks = || (spins.goes_on_waiting(1, at, 0), spins.looked(1, at, 0, 7));
        assert!((0..SHORT.since_any).all(|_| looks() == (false, Advice::GoOn)));
        assert!((SHORT.since_any..LONG_WAIT).all(|_| looks() == (true, Advice::GoOn)));
        assert_eq!(looks().1, Advice::GiveWay);
        spins.changed(0);
        assert!(!spins.goes_on_waiting(1, at, 0), "now there may be something else to see");
    }

    #[test]
    fn not_all_waits_of_an_interleaving_can_be_long() {
        let (mut spins, at) = (Spins::default(), Location::caller());
        spins.begin(true);
        // In each turn of its loop, the thread looks at a hundred things.
        let turns = (0..).take_while(|_| (0..100).all(|object| spins.looked(1, at, object, 7) == Advice::GoOn));
        assert_eq!(turns.count() as u32, MOST_LOOKS / 100);
        assert!(!spins.goes_on_waiting(1, at, 0), "from now on it lets others run, at once");
        spins.begin(true);
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
