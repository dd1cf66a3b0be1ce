//! A verdict in a learner's words: what went wrong, between whom, and which step or which ordering is to blame.

use crate::failure::{Access, AccessKind, Verdict, Wait, WaitsFor, at};
use crate::memory::{MemoryFault, Site};
use crate::order::{Order, order_of};
use crate::receipt::grouped;
use crate::source::Sources;
use crate::step::{Action, Interleaving, Step};
use crate::story::{Told, WaitTold};
use crate::words::{self, name};
use std::collections::BTreeSet;
use std::fmt::Write;

/// What is to be said of a data race of which no more is known.
pub(crate) const PUBLISH: &str = "What the first one did must be published (a store with Release, an unlock, a join, …), and the second one must \
                       have seen that (a load with Acquire, a lock, …) before it may touch the cell.";

/// What the words are made of.
pub(crate) struct Teller<'a> {
    pub(crate) log: &'a Interleaving,
    pub(crate) order: &'a Order,
    pub(crate) names: &'a [String],
    pub(crate) sources: &'a mut Sources,
}

impl Teller<'_> {
    /// The verdict, told.
    pub(crate) fn tell(&mut self, verdict: &Verdict) -> Told {
        let (kind, text) = self.kind_and_text(verdict);
        let mut lines = text.lines().map(str::to_owned);
        let headline = lines.next().unwrap_or_default();
        let lines: Vec<String> = lines.collect();
        let waits = self.waits_told(waits_of(verdict));
        let mut told = Told { kind: kind.to_owned(), headline, lines, reasons: Vec::new(), waits, steps: Vec::new() };
        told.steps = self.named(verdict).into_iter().map(|index| index + 1).collect();
        match verdict {
            Verdict::DataRace { second, first } => {
                told.reasons.extend(first.as_ref().and_then(|first| self.missing(first.site(), second.site())));
                if told.reasons.is_empty() {
                    told.reasons.push(PUBLISH.to_owned());
                }
            }
            Verdict::Memory(MemoryFault::FreedWhileUsed { user, freed, .. }) => told.reasons.extend(self.missing(*user, *freed)),
            Verdict::Deadlock { .. } | Verdict::LeftBehind { .. } => {
                if let Some(reason) = self.circle(waits_of(verdict)) {
                    told.reasons.push(reason);
                }
                // Who waits for somebody who waits has often been notified in vain as well. The last notification is the one.
                let lost = waits_of(verdict).iter().max_by_key(|wait| self.lost_wakeup_steps(wait).map(|[_, notify, _]| notify));
                if let Some(lost) = lost.and_then(|wait| self.lost_wakeup(wait)) {
                    if told.reasons.is_empty() {
                        "lost wakeup".clone_into(&mut told.kind);
                    }
                    told.reasons.push(lost);
                }
            }
            Verdict::Panicked { .. } => told.reasons.extend(self.lost_update()),
            Verdict::Livelock { looks, .. } => told.reasons.extend(looks.first().and_then(|look| self.stays(*look))),
            _ => {}
        }
        told
    }

    /// The steps that the verdict is about.
    pub(crate) fn named(&self, verdict: &Verdict) -> BTreeSet<usize> {
        let steps = &self.log.steps;
        let last_at = |site: Site| steps.iter().rposition(|step| step.thread == site.thread && step.at == site.at);
        let last_of = |thread: usize| steps.iter().rposition(|step| step.thread == thread);
        let mut named = BTreeSet::new();
        match verdict {
            Verdict::DataRace { first, second } => {
                named.extend(last_at(second.site()));
                let before = named.first().copied().unwrap_or(steps.len());
                named.extend(first.as_ref().and_then(|first| self.step_at(first.site(), before)));
                named.extend(first.as_ref().map(|first| self.unordered(first.site(), second.site())).into_iter().flatten());
            }
            Verdict::Memory(fault) => {
                named.extend(fault.sites().into_iter().filter_map(last_at));
                if let MemoryFault::FreedWhileUsed { user, freed, .. } = fault {
                    named.extend(self.unordered(*user, *freed));
                }
            }
            Verdict::Deadlock { waits, .. } | Verdict::LeftBehind { waits } => {
                named.extend(waits.iter().filter_map(|wait| last_of(wait.thread)));
                named.extend(waits.iter().filter_map(|wait| self.locked_by_holder(wait)));
                let lost = waits.iter().filter_map(|wait| self.lost_wakeup_steps(wait)).max_by_key(|[_, notify, _]| *notify);
                named.extend(lost.into_iter().flatten());
            }
            Verdict::Livelock { waits, looks, .. } => {
                named.extend(looks.first().and_then(|look| self.tried_in_vain(*look)));
                named.extend(waits.iter().filter_map(|wait| last_of(wait.thread)));
            }
            Verdict::Panicked { thread, .. } => {
                let panic = |step: &Step| step.thread == *thread && matches!(step.action, Action::Panic);
                named.extend(steps.iter().rposition(panic));
                named.extend(self.lost_update_steps().into_iter().flatten());
            }
            _ => {}
        }
        named
    }

    /// What a thread did somewhere, the last time before another step.
    fn step_at(&self, site: Site, before: usize) -> Option<usize> {
        let steps = &self.log.steps[..before];
        steps.iter().rposition(|step| step.thread == site.thread && step.at == site.at)
    }

    /// `step 7, `self.locked.store(false, Relaxed)` of thread 1`.
    fn step_of(&mut self, index: usize) -> String {
        let step = &self.log.steps[index];
        let expression = self.sources.expression(step.at).map(|text| format!(" `{text}`")).unwrap_or_default();
        format!("{}'s{expression} (step {})", name(self.log, step.thread), index + 1)
    }

    /// The pair of operations that should have ordered what two threads did.
    fn unordered(&self, first: Site, second: Site) -> Vec<usize> {
        let Some(later) = self.step_at(second, self.log.steps.len()) else { return Vec::new() };
        let pair = self.step_at(first, later).and_then(|first| self.order.missing(&self.log.steps, first, later));
        pair.map(|pair| vec![pair.store, pair.load]).unwrap_or_default()
    }

    /// Which pair of operations should have ordered two accesses.
    fn missing(&mut self, first: Site, second: Site) -> Option<String> {
        let steps = &self.log.steps;
        let later = steps.iter().rposition(|step| step.thread == second.thread && step.at == second.at);
        let later = later.unwrap_or_else(|| steps.len().saturating_sub(1));
        let first = self.step_at(first, later)?;
        if self.order.is_before(steps, first, later) {
            return None;
        }
        let Some(unordered) = self.order.missing(steps, first, later) else {
            let (one, other) = (name(self.log, steps[first].thread), name(self.log, second.thread));
            if self.is_started_before(second.thread, steps[first].thread, first) {
                return Some(format!(
                    "{one} went on to step {} without having waited for {other}'s end. A join would order the two.",
                    first + 1
                ));
            }
            return Some(format!(
                "Between step {} and step {}, {other} has looked at nothing that {one} did since. So nothing tells {other} how far \
                 {one} is: a lock that both take, a message, a join, or a Release that an Acquire reads would.",
                first + 1,
                later + 1
            ));
        };
        let ordering = |index: usize| order_of(&steps[index]).map(|order| format!("{order:?}")).unwrap_or_default();
        let (store_order, load_order) = (ordering(unordered.store), ordering(unordered.load));
        let (store, load) = (self.step_of(unordered.store), self.step_of(unordered.load));
        let why = match (unordered.store_publishes, unordered.load_acquires) {
            (false, true) => format!("a store with {store_order} publishes nothing of what came before it. Release would"),
            (true, false) => format!("a load with {load_order} learns nothing of what came before the store. Acquire would"),
            _ => format!(
                "a store with {store_order} publishes nothing, and a load with {load_order} learns nothing. It takes both: Release \
                 on the one side, Acquire on the other"
            ),
        };
        Some(format!("The pair that should order them: {load} did read what {store} had stored, but {why}."))
    }

    /// Whether `child` was started before a step, by `parent` or by a thread that it has started, and not joined by then.
    fn is_started_before(&self, child: usize, parent: usize, step: usize) -> bool {
        let before = &self.log.steps[..step];
        let is_start = |step: &&Step| matches!(step.action, Action::Spawn { child: started } if started == child);
        let started = before.iter().find(is_start).is_some_and(|step| step.thread == parent);
        started && !before.iter().any(|step| matches!(step.action, Action::Join { child: joined, .. } if joined == child))
    }

    /// Since when what a thread looks at again and again has been as it is.
    fn stays(&mut self, look: Site) -> Option<String> {
        let steps = &self.log.steps;
        let last = steps.iter().rfind(|step| step.thread == look.thread && step.at == look.at)?;
        let object = last.object?;
        let value = match last.action {
            Action::Load { value, .. } => value,
            Action::CompareExchange { found, .. } => found,
            Action::ReadModifyWrite { old, .. } => old,
            _ => return None,
        };
        let changes = |step: &Step| match step.action {
            Action::Store { value: new, .. } => new == value,
            Action::ReadModifyWrite { old, new, .. } => new == value && old != new,
            Action::CompareExchange { new, exchanged, .. } => exchanged && new == value,
            _ => false,
        };
        let name = &self.names[object];
        let change = steps.iter().rposition(|step| step.object == Some(object) && changes(step));
        let in_vain = self.tried_in_vain(look);
        let mut told = match change {
            Some(change) => format!("`{name}` is {value} since {}", self.step_of(change)),
            None => format!("`{name}` is {value} from the beginning"),
        };
        match in_vain {
            Some(step) => {
                let step = self.step_of(step);
                let _ = write!(told, ". {step} has tried to change that, and failed; nobody tries any more.");
            }
            None => told.push_str(", and nobody changes that any more."),
        }
        Some(told)
    }

    /// The last exchange, of a thread that no longer runs, on what another one looks at again and again: it failed.
    fn tried_in_vain(&self, look: Site) -> Option<usize> {
        let steps = &self.log.steps;
        let object = steps.iter().rfind(|step| step.thread == look.thread && step.at == look.at)?.object?;
        let in_vain = |step: &Step| {
            step.object == Some(object)
                && step.at != look.at
                && step.thread != look.thread
                && matches!(step.action, Action::CompareExchange { exchanged: false, .. })
        };
        steps.iter().rposition(in_vain)
    }

    /// Threads that wait for each other in a circle.
    fn circle(&mut self, waits: &[Wait]) -> Option<String> {
        let edge = |thread: usize| waits.iter().find(|wait| wait.thread == thread).and_then(holder);
        let circle = waits.iter().find_map(|wait| {
            let mut path = vec![wait.thread];
            loop {
                let next = edge(*path.last()?)?;
                if let Some(begin) = path.iter().position(|&thread| thread == next) {
                    return Some(path.split_off(begin));
                }
                path.push(next);
            }
        })?;
        if circle.len() < 2 {
            return None;
        }
        let mut names: Vec<String> = circle.iter().map(|&thread| name(self.log, thread)).collect();
        names.push(names[0].clone());
        Some(format!(
            "They wait in a circle: {}. If all took their locks in the same order, there would be no such circle.",
            names.join(" → ")
        ))
    }

    /// What is known of a notification that came before somebody waited for it.
    fn lost_wakeup(&mut self, wait: &Wait) -> Option<String> {
        let [look, notify, began] = self.lost_wakeup_steps(wait)?;
        let notify = self.step_of(notify);
        let waiter = name(self.log, wait.thread);
        Some(format!(
            "Lost wakeup: {waiter} looked in step {}, and began to wait in step {}. In between came {notify}, and found nobody \
             waiting. A notification is not kept for later. So look and wait under the same lock, without letting go of it in \
             between; and under that lock, too, change what is looked at.",
            look + 1,
            began + 1
        ))
    }

    /// Three steps of a wakeup that is lost: a thread looks, another one notifies nobody, and the first one begins to wait, without
    /// having looked at anything new or done anything else.
    fn lost_wakeup_steps(&self, wait: &Wait) -> Option<[usize; 3]> {
        let steps = &self.log.steps;
        let waits = |step: &Step| step.thread == wait.thread && matches!(step.action, Action::CondvarWait);
        let began = steps.iter().rposition(waits).filter(|_| wait.waits_for == WaitsFor::Notification)?;
        let notifies = |step: &Step| {
            step.object == steps[began].object && step.thread != wait.thread && matches!(step.action, Action::Notify { .. })
        };
        let notify = steps.iter().rposition(notifies).filter(|&last| last < began)?;
        if !matches!(steps[notify].action, Action::Notify { waiting: 0, .. }) {
            return None;
        }
        let is_own = |index: &usize| steps[*index].thread == wait.thread;
        let is_look = |index: usize| matches!(steps[index].action, Action::Load { .. } | Action::Lock { .. } | Action::CellRead);
        let look = (0..notify).rev().filter(is_own).find(|&index| is_look(index))?;
        let idle = |index: usize| is_look(index) || matches!(steps[index].action, Action::Unlock);
        (look..began).filter(is_own).all(idle).then_some([look, notify, began])
    }

    /// Three steps of an update that is lost: one thread loads, another one's write is not in what it read, and the first one
    /// stores over that.
    fn lost_update_steps(&self) -> Option<[usize; 3]> {
        let steps = &self.log.steps;
        (0..steps.len()).rev().find_map(|store| {
            let Action::Store { .. } = steps[store].action else { return None };
            let (thread, object) = (steps[store].thread, steps[store].object?);
            let on_it = |step: &Step| step.object == Some(object);
            let load = steps[..store].iter().rposition(|step| on_it(step) && step.thread == thread)?;
            let Action::Load { .. } = steps[load].action else { return None };
            let missed_from = self.order.read_from[load].map_or(0, |read| read + 1);
            let over = (missed_from..store).rev().find(|&index| {
                let writes = matches!(
                    steps[index].action,
                    Action::Store { .. } | Action::ReadModifyWrite { .. } | Action::CompareExchange { exchanged: true, .. }
                );
                on_it(&steps[index]) && writes && steps[index].thread != thread
            })?;
            Some([load, over, store])
        })
    }

    fn lost_update(&mut self) -> Option<String> {
        let [load, over, store] = self.lost_update_steps()?;
        let steps = &self.log.steps;
        let name = self.names.get(steps[store].object?)?;
        let (Action::Load { value: read, .. }, Action::Store { value: stored, .. }) = (steps[load].action, steps[store].action)
        else {
            return None;
        };
        let (one, other) = (words::name(self.log, steps[load].thread), words::name(self.log, steps[over].thread));
        let same = matches!(steps[over].action, Action::Store { value, .. } if value == stored);
        Some(if same {
            format!(
                "{one} read {read} from `{name}` in step {} and stored {stored} in step {}; in between, in step {}, {other} had stored \
                 {stored} as well. So both found what only one may find. To look and to write must be one step here, such as `swap` or \
                 `compare_exchange`.",
                load + 1,
                store + 1,
                over + 1
            )
        } else {
            format!(
                "An update of `{name}` is lost: {one} read {read} in step {}, {other} wrote in step {}, and in step {} {one} stored \
                 {stored} over that, from the old {read}. To read and to write must be one step here, such as `fetch_add`.",
                load + 1,
                over + 1,
                store + 1
            )
        })
    }

    /// The step in which whoever holds what a thread waits for has locked it.
    fn locked_by_holder(&self, wait: &Wait) -> Option<usize> {
        let (object, holder) = (wait.object?, holder(wait)?);
        let locks = |step: &Step| {
            step.object == Some(object)
                && step.thread == holder
                && matches!(step.action, Action::Lock { .. } | Action::TryLock { locked: true } | Action::CondvarWoken { .. })
        };
        self.log.steps.iter().rposition(locks)
    }

    fn waits_told(&self, waits: &[Wait]) -> Vec<WaitTold> {
        let told = |wait: &Wait| WaitTold {
            thread: wait.thread,
            why: self.wait_text(wait),
            on: holder(wait),
            thing: wait.object.and_then(|object| self.names.get(object).cloned()),
        };
        waits.iter().map(told).collect()
    }

    fn kind_and_text(&mut self, verdict: &Verdict) -> (&'static str, String) {
        let log = self.log;
        let name = |thread: usize| name(log, thread);
        match verdict {
            Verdict::Panicked { thread, message, at } => {
                ("panic", format!("In this interleaving, {}", panic_text(&name(*thread), message, at.as_deref())))
            }
            Verdict::DataRace { first, second } => {
                let mut side = |access: &Access| {
                    let what = verb(access.kind);
                    let expression = self.sources.expression(access.at).map(|text| format!(" by `{text}`")).unwrap_or_default();
                    format!("  {} {what}{expression}{}", name(access.thread), at(access.at))
                };
                let first = match first {
                    Some(first) => side(first),
                    None => "  another thread made it or used it earlier".to_owned(),
                };
                let second = side(second);
                let text = format!(
                    "Data race: two threads use the same cell, and nothing orders the one before the other.\n{first}\n{second}"
                );
                ("data race", text)
            }
            Verdict::Memory(fault) => (fault.kind(), fault.text(log, self.sources)),
            Verdict::Deadlock { waits, after } => {
                let before = match after.as_deref() {
                    Some(Verdict::Panicked { thread, message, at }) => {
                        format!("Before that, {}", panic_text(&name(*thread), message, at.as_deref()))
                    }
                    _ => String::new(),
                };
                ("deadlock", format!("Deadlock: nobody can move any more.\n{}{before}", self.waits_text(waits)))
            }
            Verdict::LeftBehind { waits } => {
                let text = format!(
                    "A thread is left behind: the test is over, but this thread can never end.\n{}",
                    self.waits_text(waits)
                );
                ("left behind", text)
            }
            Verdict::Livelock { thread, looks, waits } => {
                let mut text = format!(
                    "Livelock: {} goes round in circles. It waits for a change that no other thread will make.\n",
                    name(*thread)
                );
                for look in looks {
                    let expression = self.sources.expression(look.at).map(|text| format!(" `{text}`")).unwrap_or_default();
                    let _ = writeln!(text, "  {} does{expression} again and again{}", name(look.thread), at(look.at));
                }
                ("livelock", text + &self.waits_text(waits))
            }
            Verdict::TooLong { steps } => {
                let text = format!("This does not come to an end: {} steps, and the threads are still running.", grouped(*steps));
                ("no end", text)
            }
            Verdict::TooManyThreads { limit } => {
                let text = format!("Too many threads: this checker follows at most {limit} in all, the main one included.");
                ("too many threads", text)
            }
            Verdict::NothingConcurrent { threads: 1 } => {
                let text = "Nothing concurrent happened: no thread was started, so there was no order of steps to choose.";
                ("nothing concurrent", text.to_owned())
            }
            Verdict::NothingConcurrent { threads } => {
                let text = format!(
                    "Nothing concurrent happened: {threads} threads ran, but they shared nothing that the checker can see (an \
                     atomic, a Mutex, a channel, …), so there was no order of steps to choose."
                );
                ("nothing concurrent", text)
            }
            Verdict::Forbidden { what, at } => ("not followed", format!("{what}\n {}", crate::failure::at(at))),
            Verdict::Hung { seconds } => {
                let text = format!(
                    "A thread runs for ever without doing anything that another thread could see (for {seconds} seconds now): look \
                     for a loop that never ends."
                );
                ("hung", text)
            }
            Verdict::Unknown { message } => ("unknown", format!("The checker could not go on:\n  {message}")),
        }
    }

    fn waits_text(&self, waits: &[Wait]) -> String {
        let mut text = String::new();
        for wait in waits {
            let _ = writeln!(text, "  {} {}{}", name(self.log, wait.thread), self.wait_text(wait), at(wait.at));
        }
        text
    }

    fn wait_text(&self, wait: &Wait) -> String {
        let name = |thread| name(self.log, thread);
        let text = match wait.waits_for {
            WaitsFor::Mutex { held_by: Some(holder) } if holder == wait.thread => {
                "waits for a Mutex that it holds itself".to_owned()
            }
            WaitsFor::Mutex { held_by: Some(holder) } => format!("waits for a Mutex that {} holds", name(holder)),
            WaitsFor::Mutex { held_by: None } => "waits for a Mutex".to_owned(),
            WaitsFor::RwLock { write, held_by, reads } => {
                let wants = if write { "write" } else { "read" };
                let how = if reads { "to read" } else { "to write" };
                match held_by {
                    Some(holder) if holder == wait.thread => {
                        format!("waits to {wants} what it has locked itself, {how}")
                    }
                    Some(holder) if !write && reads => {
                        format!("waits to read: {} reads, and a thread that waits to write comes first", name(holder))
                    }
                    Some(holder) => format!("waits to {wants} what {} has locked {how}", name(holder)),
                    None => format!("waits to {wants} behind a RwLock"),
                }
            }
            WaitsFor::Barrier { of, arrived } => format!("waits at a Barrier for {of} threads, of which {arrived} are there"),
            WaitsFor::Once { run_by: Some(runner) } if runner == wait.thread => {
                "waits for what it is itself about to do once".to_owned()
            }
            WaitsFor::Once { run_by: Some(runner) } => format!("waits for what {} does once for all", name(runner)),
            WaitsFor::Once { run_by: None } => "waits for what nobody has begun to do once for all".to_owned(),
            WaitsFor::Notification => "waits for a notification".to_owned(),
            WaitsFor::Message => "waits for a message, and a sender is still there".to_owned(),
            WaitsFor::Room => "waits for room in a channel that is full".to_owned(),
            WaitsFor::Taking => "waits until its message is taken".to_owned(),
            WaitsFor::End { of } => format!("waits for the end of {}", name(of)),
            WaitsFor::ScopeEnd => "waits for the end of the threads in its scope".to_owned(),
            WaitsFor::Unpark => "waits for an unpark".to_owned(),
        };
        match self.locked_by_holder(wait).zip(wait.object) {
            Some((step, object)) => format!("{text} (`{}`, locked in step {})", self.names[object], step + 1),
            None => text,
        }
    }
}

/// Who must do something before a thread can go on, if that is one thread.
fn holder(wait: &Wait) -> Option<usize> {
    match wait.waits_for {
        WaitsFor::Mutex { held_by } | WaitsFor::RwLock { held_by, .. } => held_by,
        WaitsFor::Once { run_by } => run_by,
        WaitsFor::End { of } => Some(of),
        _ => None,
    }
}

fn waits_of(verdict: &Verdict) -> &[Wait] {
    match verdict {
        Verdict::Deadlock { waits, .. } | Verdict::LeftBehind { waits } | Verdict::Livelock { waits, .. } => waits,
        _ => &[],
    }
}

fn verb(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::Read => "reads",
        AccessKind::Write => "writes",
        AccessKind::Drop => "drops it",
        AccessKind::Allocate => "allocates it",
        AccessKind::Free => "frees it",
    }
}

fn panic_text(name: &str, message: &str, at: Option<&str>) -> String {
    let place = at.map(|at| format!(" at {at}")).unwrap_or_default();
    format!("{name} panicked{place}:\n  {}", message.replace('\n', "\n  "))
}
