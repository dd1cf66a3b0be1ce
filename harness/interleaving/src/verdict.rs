//! A verdict in a learner's words: what went wrong, between whom, and which step or which ordering is to blame.

use crate::failure::{Access, AccessKind, Verdict, Wait, WaitsFor, at};
use crate::memory::{MemoryFault, Site};
use crate::order::Order;
use crate::receipt::grouped;
use crate::source::Sources;
use crate::step::{Action, Interleaving, Step};
use crate::story::{Told, WaitTold};
use crate::words::name;
use std::collections::BTreeSet;
use std::fmt::Write;

/// What is to be said of a data race of which no more is known.
pub(crate) const PUBLISH: &str = "What the first one did must be published (a store with Release, an unlock, a join, …), and the second one must \
                       have seen that (a load with Acquire, a lock, …) before it may touch it.";

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
            Verdict::Panicked { .. } => told.reasons.extend(self.lost_update().or_else(|| self.check_then_act())),
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
                named.extend(self.lost_update_steps().or_else(|| self.check_then_act_steps()).into_iter().flatten());
            }
            _ => {}
        }
        named
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
                let is_used_before_it_is_made = second.kind == AccessKind::Use;
                let first = match first {
                    Some(first) => side(first),
                    None => "  another thread made it or used it earlier".to_owned(),
                };
                let second = side(second);
                let what = if is_used_before_it_is_made {
                    "a thread uses an atomic that another one has made, and nothing orders the making before the use"
                } else {
                    "two threads use the same cell, and nothing orders the one before the other"
                };
                let text = format!("Data race: {what}.\n{first}\n{second}");
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
pub(crate) fn holder(wait: &Wait) -> Option<usize> {
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
        AccessKind::Make => "makes it",
        AccessKind::Use => "uses it",
        AccessKind::Allocate => "allocates it",
        AccessKind::Free => "frees it",
    }
}

fn panic_text(name: &str, message: &str, at: Option<&str>) -> String {
    let place = at.map(|at| format!(" at {at}")).unwrap_or_default();
    format!("{name} panicked{place}:\n  {}", message.replace('\n', "\n  "))
}
