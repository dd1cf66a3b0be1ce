//! Which steps are shown: all that matter, each circle once, and a word for what is left out.

use crate::failure::Verdict;
use crate::receipt::Coverage;
use crate::source::Place;
use crate::step::{Action, Interleaving, ObjectKind, Step};
use std::collections::{BTreeMap, BTreeSet};

/// More rows than this are not read by anybody.
const MOST_ROWS: usize = 60;
/// Of those, so many are shown from the beginning.
const FIRST_ROWS: usize = 12;
/// So many steps before the first one that the verdict is about are shown, if that one explains it.
const STEPS_BEFORE: usize = 3;
/// Fewer steps than these are rather shown than left out.
const MANY_STEPS: usize = 5;
/// A circle of more steps than this is not looked for.
const LONGEST_CIRCLE: usize = 24;

/// A part of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A step, and how often it was done in a row. For a lock, the step that unlocks it, if nobody else moves until then.
    Step { index: usize, times: usize, unlocks: Option<usize> },
    /// The rows before, from this step on, happen so many times more.
    Again { from: usize, to: usize, times: usize },
    /// So many steps are left out, for this reason.
    LeftOut { count: usize, why: Why },
    /// A thread is interrupted: it could have gone on.
    Interrupted { thread: usize },
}

/// Why steps are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// They come before the first thread is started.
    Setup,
    /// They are about things that no other thread uses.
    Private,
    /// The test does them for itself, and the verdict is about memory.
    Test,
    /// They come before the first step that the verdict is about, and the verdict says why it came to that.
    Before,
    /// They come after the panic that the verdict is about.
    Afterwards,
    /// There are too many.
    TooMany,
}

/// The picture of an interleaving that led to `verdict`; `named` are the steps that the verdict is about, and `is_explained` says
/// whether they are the whole reason.
pub(crate) fn picture(
    log: &Interleaving,
    verdict: Option<&Verdict>,
    (named, is_explained): (&BTreeSet<usize>, bool),
    round: Coverage,
) -> Vec<Part> {
    let steps = &log.steps;
    let mut parts = Vec::new();
    let mut reasons = reasons(log, verdict, named);
    if is_explained {
        leave_out_what_comes_before(steps, named, &mut reasons);
    }
    let reasons = reasons;
    let unlocks = unlocks(steps);
    let told_before = |index: usize| unlocks.values().any(|&unlock| unlock == index) || is_part_of_the_last(steps, index);
    let shown: Vec<usize> = (0..steps.len()).filter(|&index| reasons[index].is_none() && !told_before(index)).collect();
    // A circle is what a livelock is about.
    let rounds = if matches!(verdict, Some(Verdict::Livelock { .. })) { 1 } else { 2 };
    let mut rows = in_circles(steps, &shown, named, rounds);
    for row in &mut rows {
        if let Part::Step { index, times: 1, unlocks: unlock } = row {
            *unlock = unlocks.get(index).copied();
        }
    }
    let rows = not_too_many(steps, rows, named);
    let may_interrupt = round != Coverage::UpTo(0);
    let mut last: Option<usize> = None;
    for part in rows {
        if let Part::Step { index, .. } = part {
            let from = last.map_or(0, |last| last + 1);
            let too_many = matches!(parts.last(), Some(Part::LeftOut { why: Why::TooMany, .. }));
            parts.extend(left_out(&reasons[from.min(index)..index]).into_iter().filter(|_| !too_many));
            if let Some(last) = last.filter(|&last| may_interrupt && !too_many && is_interrupted(log, verdict, last, index)) {
                parts.push(Part::Interrupted { thread: steps[last].thread });
            }
            last = Some(index);
        }
        if let Part::Again { to, .. } = part {
            last = last.max(Some(to));
        }
        parts.push(part);
    }
    parts.extend(left_out(&reasons[last.map_or(0, |last| last + 1).min(reasons.len())..]));
    parts
}

fn left_out(reasons: &[Option<Why>]) -> Vec<Part> {
    let parts = [Why::Setup, Why::Private, Why::Test, Why::Before, Why::Afterwards].into_iter().map(|why| {
        let count = reasons.iter().filter(|&&reason| reason == Some(why)).count();
        Part::LeftOut { count, why }
    });
    parts.filter(|part| !matches!(part, Part::LeftOut { count: 0, .. })).collect()
}

/// For each step, why it is left out, if it is.
fn reasons(log: &Interleaving, verdict: Option<&Verdict>, named: &BTreeSet<usize>) -> Vec<Option<Why>> {
    let steps = &log.steps;
    let is_of_a_test = |step: &Step| step.at.file().contains("tests/") && !step.at.file().contains("/../src/");
    let used_by_the_kata: BTreeSet<usize> =
        steps.iter().filter(|step| !is_of_a_test(step)).filter_map(|step| step.object).collect();
    let is_about_memory = matches!(verdict, Some(Verdict::Memory(fault)) if !fault.is_about_order());
    let over = match verdict {
        Some(Verdict::Panicked { .. }) => named.last().copied().filter(|&last| matches!(steps[last].action, Action::Panic)),
        _ => None,
    };
    let mut users: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for step in steps {
        if let Some(object) = step.object {
            users.entry(object).or_default().insert(step.thread);
        }
    }
    let about: BTreeSet<usize> = named.iter().filter_map(|&index| steps[index].object).collect();
    let first_start = steps.iter().position(|step| matches!(step.action, Action::Spawn { .. })).unwrap_or(0);
    let mut reasons: Vec<Option<Why>> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let matters = named.contains(&index) || step.object.is_some_and(|object| about.contains(&object));
            if index < first_start && !matters {
                return Some(Why::Setup);
            }
            if over.is_some_and(|over| index > over) {
                return Some(Why::Afterwards);
            }
            let of_the_test = step.object.is_some_and(|object| !used_by_the_kata.contains(&object));
            if is_about_memory && of_the_test && !matters && is_quiet(step.action) {
                return Some(Why::Test);
            }
            let private = step.object.is_some_and(|object| {
                users[&object].len() == 1 && log.objects.get(object).is_some_and(|object| object.kind != ObjectKind::ThreadEnd)
            });
            (private && !matters && is_quiet(step.action)).then_some(Why::Private)
        })
        .collect();
    // A line that says that one step is left out is as long as that step.
    let mut begin = 0;
    while begin < reasons.len() {
        let why = reasons[begin];
        let end = (begin..reasons.len()).find(|&index| reasons[index] != why).unwrap_or(reasons.len());
        if end - begin < 2 {
            reasons[begin..end].fill(None);
        }
        begin = end;
    }
    reasons
}

/// Leaves out what comes before the first step that is named, save the starts of threads and the last few steps, if that is much.
fn leave_out_what_comes_before(steps: &[Step], named: &BTreeSet<usize>, reasons: &mut [Option<Why>]) {
    let Some(&first) = named.first() else { return };
    let shown = |index: &usize| reasons[*index].is_none() && !matches!(steps[*index].action, Action::Spawn { .. });
    let before: Vec<usize> = (0..first).filter(shown).collect();
    let left_out = before.len().saturating_sub(STEPS_BEFORE);
    if left_out >= MANY_STEPS {
        before[..left_out].iter().for_each(|&index| reasons[index] = Some(Why::Before));
    }
}

/// Whether an action says nothing about other threads by itself.
fn is_quiet(action: Action) -> bool {
    matches!(
        action,
        Action::Load { .. }
            | Action::Store { .. }
            | Action::ReadModifyWrite { .. }
            | Action::CompareExchange { .. }
            | Action::CellRead
            | Action::CellWrite
            | Action::Lock { waited: false }
            | Action::TryLock { locked: true }
            | Action::Unlock
            | Action::Allocate { .. }
            | Action::Free { .. }
            | Action::CellDrop
            | Action::Did(_)
    )
}

/// Whether a step only goes on with what the thread's last one has said: it gives way while it waits, or waits while it waits.
fn is_part_of_the_last(steps: &[Step], index: usize) -> bool {
    let step = &steps[index];
    let Some(before) = index.checked_sub(1).map(|before| &steps[before]) else { return false };
    let goes_on = before.thread == step.thread;
    match step.action {
        Action::GiveWay => goes_on,
        Action::Block => goes_on && matches!(before.action, Action::CondvarWait) && before.at == step.at,
        _ => false,
    }
}

/// For each lock that its thread unlocks before anybody else moves, the step that does.
fn unlocks(steps: &[Step]) -> BTreeMap<usize, usize> {
    let mut unlocks = BTreeMap::new();
    for (lock, step) in steps.iter().enumerate() {
        if !matches!(step.action, Action::Lock { .. } | Action::TryLock { locked: true }) {
            continue;
        }
        let own = steps[lock..].iter().take_while(|next| next.thread == step.thread);
        let unlock = own.clone().position(|next| next.object == step.object && matches!(next.action, Action::Unlock));
        unlocks.extend(unlock.map(|after| (lock, lock + after)));
    }
    unlocks
}

/// What makes two steps the same one, done again.
fn key(step: &Step) -> (usize, Option<usize>, Place, String) {
    (step.thread, step.object, step.at, format!("{:?}", step.action))
}

/// The steps, with circles shown once. A circle is what is done at least so many times more.
fn in_circles(steps: &[Step], shown: &[usize], named: &BTreeSet<usize>, least: usize) -> Vec<Part> {
    let keys: Vec<_> = shown.iter().map(|&index| key(&steps[index])).collect();
    let mut parts = Vec::new();
    let mut at = 0;
    while at < shown.len() {
        // How often the next `period` steps are done again right after.
        let again = |period: usize| {
            let rounds = (1..).take_while(|round| {
                let next = at + round * period;
                next + period <= keys.len()
                    && keys[at..at + period] == keys[next..next + period]
                    // Of what is done several times, the last one is shown; of a circle, the first round.
                    && match period {
                        1 => !named.contains(&shown[next - 1]),
                        _ => (next..next + period).all(|position| !named.contains(&shown[position])),
                    }
            });
            rounds.count()
        };
        let longest = LONGEST_CIRCLE.min((shown.len() - at) / 2).max(1);
        let best = (1..=longest)
            .map(|period| (period, again(period)))
            .filter(|&(period, times)| times >= if period == 1 { 1 } else { least });
        // The most steps, in the shortest circle.
        match best.max_by_key(|&(period, times)| (period * (times + 1), std::cmp::Reverse(period))) {
            Some((1, times)) => {
                parts.push(Part::Step { index: shown[at + times], times: times + 1, unlocks: None });
                at += times + 1;
            }
            Some((period, times)) => {
                let round = &shown[at..at + period];
                parts.extend(round.iter().map(|&index| Part::Step { index, times: 1, unlocks: None }));
                let end = at + period * (times + 1);
                parts.push(Part::Again { from: round[0], to: shown[end - 1], times });
                at = end;
            }
            None => {
                parts.push(Part::Step { index: shown[at], times: 1, unlocks: None });
                at += 1;
            }
        }
    }
    parts
}

/// At most so many rows: the first ones, the last ones, the last one of each thread, and those that the verdict is about.
fn not_too_many(steps: &[Step], parts: Vec<Part>, named: &BTreeSet<usize>) -> Vec<Part> {
    if parts.len() <= MOST_ROWS {
        return parts;
    }
    let last_begins = parts.len() - (MOST_ROWS - FIRST_ROWS);
    let mut last_of_thread = BTreeMap::new();
    for (row, part) in parts.iter().enumerate() {
        if let Part::Step { index, .. } = part {
            last_of_thread.insert(steps[*index].thread, row);
        }
    }
    let matters = |row: usize, part: &Part| {
        let is_named = matches!(part, Part::Step { index, .. } if named.contains(index));
        row < FIRST_ROWS || row >= last_begins || is_named || last_of_thread.values().any(|&last| last == row)
    };
    let mut kept = Vec::new();
    for (row, part) in parts.into_iter().enumerate() {
        if matters(row, &part) {
            kept.push(part);
            continue;
        }
        let count = match part {
            Part::Step { times, .. } => times,
            Part::Again { .. } | Part::Interrupted { .. } => 0,
            Part::LeftOut { count, .. } => count,
        };
        match kept.last_mut() {
            Some(Part::LeftOut { count: so_far, why: Why::TooMany }) => *so_far += count,
            _ => kept.push(Part::LeftOut { count, why: Why::TooMany }),
        }
    }
    kept
}

/// Whether the thread of step `last` could have gone on when the one of step `next` did.
fn is_interrupted(log: &Interleaving, verdict: Option<&Verdict>, last: usize, next: usize) -> bool {
    let steps = &log.steps;
    let thread = steps[last].thread;
    if thread == steps[next].thread {
        return false;
    }
    // What it did last may be a step that is not shown.
    let Some(did) = steps[..next].iter().rposition(|step| step.thread == thread) else { return false };
    if matches!(steps[did].action, Action::End | Action::Block | Action::CondvarWait | Action::GiveWay) {
        return false;
    }
    let waits = match verdict {
        Some(Verdict::Deadlock { waits, .. } | Verdict::LeftBehind { waits } | Verdict::Livelock { waits, .. }) => {
            waits.as_slice()
        }
        _ => &[],
    };
    match steps[next..].iter().position(|step| step.thread == thread).map(|then| (next + then, &steps[next + then])) {
        None => waits.iter().all(|wait| wait.thread != thread),
        Some((then, step)) => match step.action {
            Action::Lock { waited } => !waited,
            Action::Join { child, .. } => {
                !steps[did..then].iter().any(|step| step.thread == child && matches!(step.action, Action::End))
            }
            Action::CondvarWoken { .. } | Action::TimedOut | Action::Block | Action::CondvarWait => false,
            _ => true,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::{Object, Thread};
    use crate::value::{Shape, Value};
    use std::panic::Location;
    use std::sync::atomic::Ordering;

    fn load(value: u64) -> Action {
        Action::Load { order: Ordering::Relaxed, value: Value { bits: value, shape: Shape::Unsigned }, newer: None }
    }

    fn log(steps: &[(usize, usize, Action)]) -> Interleaving {
        let at = Location::caller();
        Interleaving {
            threads: vec![Thread { name: None, started_at: None }; 3],
            objects: vec![Object { kind: ObjectKind::Atomic(Shape::Unsigned) }; 3],
            steps: steps.iter().map(|&(thread, object, action)| Step { thread, object: Some(object), action, at }).collect(),
        }
    }

    fn parts(steps: &[(usize, usize, Action)]) -> Vec<Part> {
        picture(&log(steps), None, (&BTreeSet::new(), false), Coverage::All)
    }

    #[test]
    fn equal_steps_in_a_row_are_one_row() {
        let shown = parts(&[(0, 0, load(1)), (1, 0, load(0)), (1, 0, Action::GiveWay), (1, 0, load(0))]);
        assert_eq!(shown[1..], [Part::Interrupted { thread: 0 }, Part::Step { index: 3, times: 2, unlocks: None }]);
    }

    #[test]
    fn the_same_line_on_two_things_is_two_rows() {
        let shown = parts(&[(0, 0, load(1)), (1, 0, load(0)), (1, 1, load(0)), (0, 1, load(1))]);
        let both = [1, 2].map(|index| Part::Step { index, times: 1, unlocks: None });
        assert!(both.iter().all(|step| shown.contains(step)), "{shown:?}");
    }

    #[test]
    fn a_step_that_the_verdict_names_has_its_row() {
        let spin = [(1, 0, load(1)), (0, 0, load(0)), (0, 0, load(0)), (0, 0, load(0))];
        let named = BTreeSet::from([2]);
        let shown = picture(&log(&spin), None, (&named, false), Coverage::All);
        assert!(shown.iter().any(|part| matches!(part, Part::Step { index: 2, .. })), "{shown:?}");
    }

    #[test]
    fn a_circle_is_shown_once_and_counted() {
        let round = [(0, 0, load(1)), (1, 0, load(2)), (0, 0, load(3))];
        let shown = picture(&log(&round.repeat(5)), None, (&BTreeSet::new(), false), Coverage::UpTo(0));
        assert_eq!(shown.len(), 4);
        assert_eq!(shown[3], Part::Again { from: 0, to: 14, times: 4 });
    }

    #[test]
    fn a_lock_tells_of_its_unlock_unless_somebody_else_comes_between() {
        let lock = (0, 0, Action::Lock { waited: false });
        let unlock = (0, 0, Action::Unlock);
        let alone = parts(&[lock, (0, 1, load(1)), unlock, (1, 0, lock.2), (1, 1, load(1))]);
        assert_eq!(alone[0], Part::Step { index: 0, times: 1, unlocks: Some(2) });
        assert!(!alone.iter().any(|part| matches!(part, Part::Step { index: 2, .. })), "{alone:?}");
        let between = parts(&[lock, (1, 1, load(1)), (0, 1, load(1)), unlock]);
        assert!(between.iter().any(|part| matches!(part, Part::Step { index: 3, .. })), "{between:?}");
    }

    #[test]
    fn what_comes_before_the_first_thread_is_setup() {
        let start = (0, 2, Action::Spawn { child: 1 });
        let shown = parts(&[(0, 0, load(1)), (0, 1, load(2)), start, (0, 0, load(3)), (1, 0, load(4))]);
        assert_eq!(shown[0], Part::LeftOut { count: 2, why: Why::Setup });
        assert_eq!(shown[1], Part::Step { index: 2, times: 1, unlocks: None });
    }

    #[test]
    fn steps_on_what_no_other_thread_uses_are_left_out_if_there_are_several() {
        let shared = [(0, 0, load(1)), (1, 0, load(1))];
        let one = parts(&[&shared[..], &[(1, 1, load(2)), (1, 0, load(3))]].concat());
        assert!(!one.iter().any(|part| matches!(part, Part::LeftOut { .. })), "{one:?}");
        let two = parts(&[&shared[..], &[(1, 1, load(2)), (1, 1, load(3)), (1, 0, load(4))]].concat());
        assert!(two.contains(&Part::LeftOut { count: 2, why: Why::Private }), "{two:?}");
    }

    #[test]
    fn what_comes_after_the_panic_is_left_out() {
        let verdict = Verdict::Panicked { thread: 0, message: "lost".to_owned(), at: None };
        let steps = [(1, 0, load(1)), (0, 0, Action::Panic), (1, 0, load(1)), (1, 0, load(2)), (0, 0, Action::End)];
        let shown = picture(&log(&steps), Some(&verdict), (&BTreeSet::from([1]), false), Coverage::UpTo(0));
        assert_eq!(shown.last(), Some(&Part::LeftOut { count: 3, why: Why::Afterwards }));
    }

    #[test]
    fn what_comes_before_an_explained_verdict_is_left_out_if_it_is_much() {
        let mut steps = vec![(0, 2, Action::Spawn { child: 1 })];
        steps.extend((0..20).map(|turn| (turn as usize % 2, 0, load(turn))));
        let explained = picture(&log(&steps), None, (&BTreeSet::from([15]), true), Coverage::UpTo(0));
        assert_eq!(explained[0], Part::Step { index: 0, times: 1, unlocks: None }, "a start");
        assert_eq!(explained[1], Part::LeftOut { count: 11, why: Why::Before });
        assert_eq!(explained[2], Part::Step { index: 12, times: 1, unlocks: None }, "three steps before it");
        let few = picture(&log(&steps), None, (&BTreeSet::from([5]), true), Coverage::UpTo(0));
        assert!(!few.iter().any(|part| matches!(part, Part::LeftOut { .. })), "{few:?}");
    }

    #[test]
    fn what_the_verdict_is_about_is_never_left_out() {
        let steps = [(0, 0, load(1)), (1, 0, load(1)), (1, 1, load(2)), (1, 1, load(3)), (1, 0, load(4))];
        let shown = picture(&log(&steps), None, (&BTreeSet::from([2]), false), Coverage::All);
        assert!(shown.contains(&Part::Step { index: 2, times: 1, unlocks: None }), "{shown:?}");
    }

    #[test]
    fn of_a_long_story_the_beginning_the_end_and_the_last_of_each_thread_are_shown() {
        let mut steps: Vec<_> = (0..200).map(|turn| (turn as usize % 2, 0, load(turn))).collect();
        steps.insert(40, (2, 0, load(7)));
        let shown = picture(&log(&steps), None, (&BTreeSet::new(), false), Coverage::UpTo(0));
        assert!(shown.len() <= MOST_ROWS + 4, "{}", shown.len());
        assert!(shown.contains(&Part::Step { index: 40, times: 1, unlocks: None }), "the last of the third thread");
        assert!(shown.contains(&Part::Step { index: 0, times: 1, unlocks: None }), "the beginning");
        let rows: usize = shown
            .iter()
            .map(|part| match part {
                Part::Step { times, .. } => *times,
                Part::LeftOut { count, .. } => *count,
                _ => 0,
            })
            .sum();
        assert_eq!(rows, 201, "none is lost");
    }

    #[test]
    fn who_waits_or_has_ended_is_not_interrupted() {
        for action in [Action::End, Action::Block, Action::GiveWay] {
            let shown = parts(&[(0, 0, load(1)), (0, 0, action), (1, 0, load(2)), (0, 0, load(3))]);
            assert!(!shown.contains(&Part::Interrupted { thread: 0 }), "{shown:?}");
        }
    }
}
