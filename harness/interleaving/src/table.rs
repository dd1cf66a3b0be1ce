//! The interleaving as a table: a column for each thread, a row for each step.

use crate::failure::{name, place};
use crate::source::Sources;
use crate::step::{Action, Interleaving, Newer, Step};
use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Narrower than this, a column holds no operation.
const NARROWEST_COLUMN: usize = 16;
/// Where columns would be narrower than this, the places in the source stand below the rows instead of beside them.
const NARROW_COLUMN: usize = 24;
/// Longer than this, an expression is told by its operation's name alone.
const LONGEST_EXPRESSION: usize = 72;
/// More rows than this are not read by anybody: only the last ones are shown.
const MOST_ROWS: usize = 60;

/// A step, or several equal ones in a row.
struct Row<'a> {
    number: usize,
    step: &'a Step,
    times: usize,
}

/// Draws the steps.
pub(crate) fn table(interleaving: &Interleaving, sources: &mut Sources, width: usize) -> String {
    let mut used: Vec<usize> = interleaving.steps.iter().map(|step| step.thread).collect();
    used.sort_unstable();
    used.dedup();
    let rows = folded(&interleaving.steps);
    let hidden = rows.len().saturating_sub(MOST_ROWS);
    let where_width = rows.iter().map(|row| shown_place(row.step).width()).max().unwrap_or(0);
    let number_width = interleaving.steps.len().to_string().len().max(4);
    let column_beside =
        |beside: usize| (width.saturating_sub(number_width + beside) / used.len().max(1)).saturating_sub(2).max(NARROWEST_COLUMN);
    let beside = column_beside(where_width + 2) >= NARROW_COLUMN;
    let column = column_beside(if beside { where_width + 2 } else { 0 });

    let mut text = String::new();
    let mut line = format!("{:>number_width$}", "step");
    for &thread in &used {
        let _ = write!(line, "  {}", padded(&name(interleaving, thread), column));
    }
    let _ = writeln!(text, "{}", line.trim_end());
    if hidden > 0 {
        let _ = writeln!(text, "{:>number_width$}  ({hidden} earlier rows are left out)", "…");
    }
    for row in &rows[hidden..] {
        let mut told = told(row.step, interleaving, sources);
        if row.times > 1 {
            let _ = write!(told, " ({} times)", row.times);
        }
        let lane = used.iter().position(|&thread| thread == row.step.thread).unwrap_or(0);
        for (index, part) in broken(&told, column).iter().enumerate() {
            let number = if index == 0 { row.number.to_string() } else { String::new() };
            let mut line = format!("{number:>number_width$}");
            for other in 0..used.len() {
                let cell = if other == lane { part.as_str() } else { "·" };
                let cell = if other != lane && index > 0 { "" } else { cell };
                let _ = write!(line, "  {}", padded(cell, column));
            }
            if index == 0 && beside {
                let _ = write!(line, "  {}", shown_place(row.step));
            }
            let _ = writeln!(text, "{}", line.trim_end());
        }
        if !beside && !shown_place(row.step).is_empty() {
            let _ = writeln!(text, "{:>number_width$}  at {}", "", shown_place(row.step));
        }
    }
    text
}

/// Where a step stands. A panic's own place is told with its message; the step knows only what its thread did last.
fn shown_place(step: &Step) -> String {
    if matches!(step.action, Action::Panic) { String::new() } else { place(step.at) }
}

/// Equal steps of one thread that follow each other become one row; giving way in between is part of waiting.
fn folded(steps: &[Step]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        if let Some(last) = rows.last_mut().filter(|last| last.step.thread == step.thread) {
            if matches!(step.action, Action::GiveWay) {
                continue;
            }
            if last.step.at == step.at && format!("{:?}", last.step.action) == format!("{:?}", step.action) {
                last.times += 1;
                continue;
            }
        }
        rows.push(Row { number: index + 1, step, times: 1 });
    }
    rows
}

/// A step in words: the expression as it was written, and what came of it.
fn told(step: &Step, interleaving: &Interleaving, sources: &mut Sources) -> String {
    let name = |thread| name(interleaving, thread);
    let written = sources.expression(step.at).filter(|text| text.width() <= LONGEST_EXPRESSION);
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
        Action::Use => format!("{} (uses that memory)", expression("a use")),
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

fn stale(newer: Option<Newer>) -> String {
    newer.map(|newer| format!(" — STALE: step {} had stored {}", newer.step + 1, newer.value)).unwrap_or_default()
}

fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}

/// Breaks `text` into lines of at most `width` columns, at blanks where there are some, else within a word.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut rest = word;
        loop {
            let line = lines.last_mut().expect("one line at least");
            let gap = usize::from(!line.trim().is_empty());
            if line.width() + gap + rest.width() <= width {
                line.push_str(if gap == 1 { " " } else { "" });
                line.push_str(rest);
                break;
            }
            if gap == 1 && rest.width() + 2 <= width {
                lines.push(format!("  {rest}"));
                break;
            }
            // Too long for any line: as much as fits, then on.
            let room = width.saturating_sub(line.width() + gap);
            let mut taken = 0;
            let mut cut = 0;
            for (index, c) in rest.char_indices() {
                taken += c.width().unwrap_or(0);
                if taken > room {
                    break;
                }
                cut = index + c.len_utf8();
            }
            cut = seam(rest, cut).unwrap_or(cut);
            if cut == 0 && line.trim().is_empty() {
                line.push_str(rest); // no room at all: rather too wide than lost
                break;
            }
            if cut > 0 {
                line.push_str(if gap == 1 { " " } else { "" });
                line.push_str(&rest[..cut]);
                rest = &rest[cut..];
            }
            lines.push("  ".to_owned());
        }
    }
    lines
}

/// Where an expression of at most `most` bytes is best cut: before a dot, after a bracket that opens.
fn seam(expression: &str, most: usize) -> Option<usize> {
    let before_dot = |index: usize, c: char| (c == '.' && index > 0).then_some(index);
    let after_bracket = |index: usize, c: char| (c == '(').then_some(index + 1);
    let seams = expression.char_indices().filter_map(|(index, c)| before_dot(index, c).or(after_bracket(index, c)));
    seams.take_while(|&seam| seam <= most).last()
}

/// One paragraph, broken at blanks; what follows is indented as the first line is, and a little more.
pub(crate) fn wrapped(paragraph: &str, width: usize) -> String {
    let indent = paragraph.len() - paragraph.trim_start().len();
    let further = if indent > 0 { " ".repeat(indent + 2) } else { String::new() };
    let mut text = " ".repeat(indent);
    let mut column = indent;
    for (index, word) in paragraph.trim_start().split(' ').enumerate() {
        if index > 0 && column + 1 + word.width() > width {
            let _ = write!(text, "\n{further}");
            column = further.len();
        } else if index > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += word.width();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::Thread;
    use crate::value::{Shape, Value};
    use std::panic::Location;
    use std::sync::atomic::Ordering;

    fn two_threads() -> Interleaving {
        let at = Location::caller();
        let value = |bits| Value { bits, shape: Shape::Unsigned };
        let step = |thread, action| Step { thread, object: Some(0), action, at };
        Interleaving {
            threads: vec![
                Thread { name: Some("main".to_owned()), started_at: None },
                Thread { name: None, started_at: Some(at) },
            ],
            objects: vec![],
            steps: vec![
                step(0, Action::Store { order: Ordering::Relaxed, value: value(7) }),
                step(
                    1,
                    Action::Load { order: Ordering::Relaxed, value: value(0), newer: Some(Newer { value: value(7), step: 0 }) },
                ),
                step(1, Action::GiveWay),
                step(
                    1,
                    Action::Load { order: Ordering::Relaxed, value: value(0), newer: Some(Newer { value: value(7), step: 0 }) },
                ),
            ],
        }
    }

    #[test]
    fn a_stale_load_says_which_step_stored_the_newer_value() {
        let text = table(&two_threads(), &mut Sources::default(), 200);
        assert!(text.contains("→ 0 — STALE: step 1 had stored 7"), "{text}");
    }

    #[test]
    fn equal_steps_in_a_row_are_told_once() {
        let text = table(&two_threads(), &mut Sources::default(), 200);
        assert!(text.contains("(2 times)"), "{text}");
        assert_eq!(text.lines().count(), 3, "{text}");
    }

    #[test]
    fn no_row_is_wider_than_asked_where_words_allow_it() {
        for width in [80, 100, 140] {
            let text = table(&two_threads(), &mut Sources::default(), width);
            assert!(text.lines().all(|line| line.width() <= width), "{width}:\n{text}");
        }
    }

    #[test]
    fn a_broken_line_loses_nothing() {
        let text = "self.locked.compare_exchange(false, true, Acquire, Relaxed) → Err(true)";
        for width in 4..80 {
            let whole: String = broken(text, width).concat().split_whitespace().collect();
            assert_eq!(whole, text.split_whitespace().collect::<String>(), "width {width}");
        }
    }
}
