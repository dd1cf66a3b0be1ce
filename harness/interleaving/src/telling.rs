//! The parts of a story in words: a step with what it changed, what is left out, by what a thread learned, how it was found.

use crate::failure::{Failure, Verdict};
use crate::names;
use crate::order::{Meeting, Order, State};
use crate::picture::Why;
use crate::receipt::{Coverage, grouped};
use crate::source::Sources;
use crate::step::{Action, Interleaving, ObjectKind};
use crate::story::{Spot, StepTold};
use crate::words::{name, told};

pub(crate) fn step_told(
    log: &Interleaving,
    order: &Order,
    names: &[String],
    sources: &mut Sources,
    index: usize,
    before: Option<usize>,
) -> StepTold {
    let step = &log.steps[index];
    let earlier = before.map(|before| (&order.states[before], &order.visible[before]));
    let now = order.states[index]
        .iter()
        .filter(|(object, state)| earlier.is_none_or(|(states, _)| states.get(object) != Some(state)))
        .map(|(&object, state)| (object, in_words(log, object, state)));
    let visible = order.visible[index]
        .iter()
        .filter(|(object, values)| earlier.is_none_or(|(_, visible)| visible.get(object) != Some(values)))
        .map(|(&object, of_threads)| {
            let words = of_threads.iter().map(|values| values.iter().map(ToString::to_string).collect());
            (object, words.collect())
        });
    let missed = match step.action {
        Action::Load { newer: Some(newer), .. } | Action::CompareExchange { newer: Some(newer), .. } => Some(newer.step + 1),
        _ => None,
    };
    StepTold {
        number: index + 1,
        thread: step.thread,
        text: names::with_name(told(step, log, sources), log, names, step.object),
        // A panic's own place is told with its message; the step knows only what its thread did last.
        at: Spot::of(step.at).filter(|_| !matches!(step.action, Action::Panic)),
        thing: step.object,
        times: 1,
        marked: false,
        missed,
        now: now.collect(),
        visible: visible.collect(),
    }
}

fn in_words(log: &Interleaving, object: usize, state: &State) -> String {
    let names = |threads: &[usize]| threads.iter().map(|&thread| name(log, thread)).collect::<Vec<_>>().join(", ");
    match state {
        State::Value(value) => value.to_string(),
        State::HeldBy(threads) if threads.is_empty() => "free".to_owned(),
        State::HeldBy(threads) if log.objects[object].kind == ObjectKind::RwLock => format!("locked by {}", names(threads)),
        State::HeldBy(threads) => format!("held by {}", names(threads)),
        State::Messages(1) => "1 message".to_owned(),
        State::Messages(n) => format!("{n} messages"),
        State::Waiting(threads) if threads.is_empty() => "nobody waits".to_owned(),
        State::Waiting(threads) => format!("{} waits", names(threads)),
        State::WrittenBy(thread) => format!("last written by {}", name(log, *thread)),
    }
}

pub(crate) fn left_out(count: usize, why: Why) -> String {
    let steps = if count == 1 { "1 step".to_owned() } else { format!("{} steps", grouped(count)) };
    match why {
        Why::Setup => format!("{steps} of setup, before the first thread is started"),
        Why::Private => format!("{steps} left out: nobody else uses what they are about"),
        Why::Test => format!("{steps} left out: the test does them for itself"),
        Why::Before => format!("{steps} left out: they come before what the verdict is about"),
        Why::Afterwards => format!("{steps} left out: they come after that"),
        Why::TooMany => format!("{steps} left out: there are too many"),
    }
}

pub(crate) fn by(meeting: Meeting) -> &'static str {
    match meeting {
        Meeting::Published => "published",
        Meeting::Lock => "unlock",
        Meeting::Start => "start",
        Meeting::Join => "join",
        Meeting::Message => "message",
    }
}

/// Where a failure is found that comes after many looks in vain.
const LONG_WAITS: &str = "threads that wait went on looking for long, before they let others run";

pub(crate) fn found(failure: &Failure) -> String {
    let n = grouped(failure.tried);
    if let Verdict::NothingConcurrent { .. } = failure.verdict {
        return format!("{} ran {n} interleavings and met no choice in any.", failure.engine);
    }
    let how = match failure.round {
        Coverage::UpTo(0) | Coverage::PartOf(0) => "no thread was interrupted".to_owned(),
        Coverage::UpTo(1) | Coverage::PartOf(1) => "it takes one interruption of a running thread".to_owned(),
        Coverage::UpTo(bound) | Coverage::PartOf(bound) => {
            format!("it takes {bound} interruptions of a running thread: with fewer, none was found")
        }
        Coverage::All | Coverage::PartOfAll => "with any number of interruptions".to_owned(),
        Coverage::Spurious => spurious(&failure.interleaving),
        Coverage::LongWaits(0) => format!("{LONG_WAITS}, and none was interrupted"),
        Coverage::LongWaits(1) => format!("{LONG_WAITS}, and one running thread was interrupted"),
        Coverage::LongWaits(bound) => format!("{LONG_WAITS}, and there were up to {bound} interruptions of a running thread"),
        Coverage::Random | Coverage::Pct => match failure.simplified_from {
            Some(before) => {
                let now = failure.interleaving.turns();
                format!("a random one, made simpler: {now} changes of turn instead of {before}")
            }
            None => "a random one, the same at every run".to_owned(),
        },
    };
    format!("Found by {} in interleaving {n}; {how}.", failure.engine)
}

/// What happened in an interleaving that may happen at any time.
fn spurious(log: &Interleaving) -> String {
    let what = |action: Action| match action {
        Action::CompareExchange { expected, found, exchanged: false, .. } if expected == found => Some("a weak exchange failed"),
        Action::CondvarWoken { spurious: true } => Some("a sleeping thread woke"),
        Action::TimedOut => Some("a time ran out"),
        _ => None,
    };
    match log.steps.iter().enumerate().find_map(|(index, step)| Some((index, what(step.action)?))) {
        Some((index, what)) => format!("{what} in step {} for no reason, as may happen at any time", index + 1),
        None => "once, something happened that may happen at any time: a time passed, or a look came late".to_owned(),
    }
}
