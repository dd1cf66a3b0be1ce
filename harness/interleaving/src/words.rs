//! A step in words: the expression as it was written, and what came of it.

use crate::failure::place;
use crate::source::Sources;
use crate::step::{Action, Interleaving, Newer, ObjectKind, Step};
use unicode_width::UnicodeWidthStr;

/// Longer than this, an expression is told without its arguments.
const LONGEST_EXPRESSION: usize = 72;

/// How a thread is called: by its name, or by its number.
pub(crate) fn name(interleaving: &Interleaving, thread: usize) -> String {
    match interleaving.threads.get(thread).and_then(|thread| thread.name.as_ref()) {
        Some(name) => name.clone(),
        None => format!("thread {thread}"),
    }
}

/// The last step, as a line of its own: who, what, and where.
pub fn last_step(interleaving: &Interleaving) -> String {
    let Some(step) = interleaving.steps.last() else { return String::new() };
    let told = told(step, interleaving, &mut Sources::default());
    // Where a panic was is known to the verdict alone: the step has the place of the one before.
    let place = if matches!(step.action, Action::Panic) { String::new() } else { place(step.at) };
    format!("{:>4}  {}: {told}  {place}", interleaving.steps.len(), name(interleaving, step.thread)).trim_end().to_owned()
}

fn is_memory(step: &Step, interleaving: &Interleaving) -> bool {
    step.object.is_some_and(|object| interleaving.objects[object].kind == ObjectKind::Block)
}

/// The step, in the words of its source and with its outcome.
pub(crate) fn told(step: &Step, interleaving: &Interleaving, sources: &mut Sources) -> String {
    let name = |thread| name(interleaving, thread);
    let written = sources.expression(step.at).and_then(short);
    let expression = |otherwise: &str| written.clone().unwrap_or_else(|| otherwise.to_owned());
    match step.action {
        Action::Load { order, value, newer } => {
            format!("{} → {value}{}", expression(&format!("load({order:?})")), stale(newer))
        }
        Action::Store { order, value } => {
            let text = expression(&format!("store({value}, {order:?})"));
            if text.contains(&value.to_string()) { text } else { format!("{text} (stores {value})") }
        }
        Action::ReadModifyWrite { order, old, new } => {
            format!("{} → {old}, now {new}", expression(&format!("read-modify-write({order:?})")))
        }
        Action::CompareExchange { order, expected, new, found, exchanged, newer } => {
            let text = expression(&format!("compare_exchange({expected}, {new}, {order:?}, …)"));
            if exchanged {
                format!("{text} → Ok({found}), now {new}")
            } else if found == expected {
                format!("{text} → Err({found}): a weak exchange may fail for no reason{}", stale(newer))
            } else {
                format!("{text} → Err({found}){}", stale(newer))
            }
        }
        Action::Fence { order } => expression(&format!("fence({order:?})")),
        Action::CellRead => format!("{} (reads the cell)", expression("cell")),
        Action::CellWrite => format!("{} (takes the cell to write)", expression("cell")),
        Action::CellDrop => "drops the value".to_owned(),
        Action::Allocate { bytes } => format!("{} → {bytes} bytes", expression("alloc(…)")),
        Action::Make => format!("{} (makes it)", expression("new(…)")),
        Action::Use if is_memory(step, interleaving) => format!("{} (uses that memory)", expression("a use")),
        Action::Use => format!("{} (uses it)", expression("a use")),
        Action::Free { bytes } => format!("{} (frees {bytes} bytes)", expression("dealloc(…)")),
        Action::Lock { waited: false } => format!("{} → locked", expression("lock()")),
        Action::Lock { waited: true } => format!("{} → locked, after waiting", expression("lock()")),
        Action::TryLock { locked: true } => format!("{} → locked", expression("try_lock()")),
        Action::TryLock { locked: false } => format!("{} → not locked: somebody holds it", expression("try_lock()")),
        Action::Unlock => "unlocks".to_owned(),
        Action::Spawn { child } => format!("starts {}", name(child)),
        Action::Join { child, panicked: false } => format!("{} → {} has ended", expression("join()"), name(child)),
        Action::Join { child, panicked: true } => format!("{} → {} had panicked", expression("join()"), name(child)),
        Action::End => "ends".to_owned(),
        Action::GiveWay => format!("{} (lets others run)", expression("waits")),
        Action::Block => format!("{} … waits", expression("blocks")),
        Action::CondvarWait => format!("{} … unlocks and waits", expression("wait()")),
        Action::CondvarWoken { spurious: false } => format!("{} → woken", expression("wait()")),
        Action::CondvarWoken { spurious: true } => format!("{} → woken for no reason, as may happen", expression("wait()")),
        Action::TimedOut => format!("{} → its time is up", expression("waits")),
        Action::Did(outcome) => format!("{} → {outcome}", expression("this")),
        Action::Notify { waiting: 0, .. } => format!("{} (nobody was waiting)", expression("notify()")),
        Action::Notify { waiting, all } => {
            let reached = if all { waiting } else { 1 };
            format!("{} (wakes {reached} of {waiting})", expression("notify()"))
        }
        Action::Send { accepted: true } => expression("send(…)"),
        Action::Send { accepted: false } => format!("{} → Err: nobody receives any more", expression("send(…)")),
        Action::Receive { received: true } => format!("{} → a message", expression("recv()")),
        Action::Receive { received: false } => format!("{} → none, and none will come", expression("recv()")),
        Action::Hangup => "drops its end of the channel".to_owned(),
        Action::Panic => "panics".to_owned(),
    }
}

/// An expression that is too long is told without its arguments: `thread::scope(…)`.
fn short(expression: String) -> Option<String> {
    if expression.width() <= LONGEST_EXPRESSION {
        return Some(expression);
    }
    let callee = expression.split_once('(')?.0;
    (callee.width() <= LONGEST_EXPRESSION).then(|| format!("{callee}(…)"))
}

fn stale(newer: Option<Newer>) -> String {
    newer.map(|newer| format!(" — STALE: step {} had stored {}", newer.step + 1, newer.value)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_expression_is_told_without_its_arguments() {
        assert_eq!(short("a.lock()".to_owned()).as_deref(), Some("a.lock()"));
        let long = format!("thread::scope(|scope| {{ {} }})", "work(); ".repeat(20));
        assert_eq!(short(long).as_deref(), Some("thread::scope(…)"));
        assert_eq!(short("a".repeat(100)), None);
    }
}
