//! A story as text: for a terminal, in colour, or for a log.

use crate::story::{Row, StepTold, Story};
use std::fmt::Write;
use std::path::Path;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Narrower than this, a column holds no operation.
const NARROWEST_COLUMN: usize = 16;

/// How a text is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// At most so many columns, where words allow it.
    pub width: usize,
    /// Whether in colour. It only adds to what the words and signs say.
    pub colour: bool,
}

/// A way to stand out.
#[derive(Clone, Copy)]
enum Ink {
    Plain,
    Loud,
    Bold,
    Dim,
    Warning,
}

impl Look {
    fn paint(self, ink: Ink, text: &str) -> String {
        let code = match ink {
            _ if !self.colour || text.trim().is_empty() => return text.to_owned(),
            Ink::Plain => return text.to_owned(),
            Ink::Loud => "1;31",
            Ink::Bold => "1",
            Ink::Dim => "2",
            Ink::Warning => "33",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// How the table is laid out, in columns of the screen.
struct Lanes {
    /// For the step's number.
    number: usize,
    /// The threads that have a column.
    used: Vec<usize>,
    /// For each thread.
    column: usize,
    /// Whether the places stand beside the rows.
    beside: bool,
}

fn place_of(step: &StepTold) -> String {
    step.at.as_ref().map(ToString::to_string).unwrap_or_default()
}

impl Story {
    /// The whole story: the verdict, what led there, and how it was found.
    pub fn to_text(&self, look: Look) -> String {
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let _ = self.write_text(&mut text, look);
        text
    }

    /// Only the verdict and what explains it.
    pub fn verdict_to_text(&self, look: Look) -> String {
        let mut text = String::new();
        let _ = self.write_verdict(&mut text, look);
        text
    }

    fn write_verdict(&self, text: &mut String, look: Look) -> std::fmt::Result {
        let is_bad = self.verdict.kind != "passed";
        for line in wrapped(&self.verdict.headline, look.width).lines() {
            writeln!(text, "{}", look.paint(if is_bad { Ink::Loud } else { Ink::Bold }, line))?;
        }
        for line in &self.verdict.lines {
            writeln!(text, "{}", wrapped(line, look.width))?;
        }
        for reason in &self.verdict.reasons {
            for line in wrapped(reason, look.width).lines() {
                writeln!(text, "{}", look.paint(Ink::Bold, line))?;
            }
        }
        Ok(())
    }

    fn write_text(&self, text: &mut String, look: Look) -> std::fmt::Result {
        self.write_verdict(text, look)?;
        if self.rows.iter().any(|row| matches!(row, Row::Step(_))) {
            let how = "The steps that led there, from top to bottom, a column for each thread:";
            writeln!(text, "\n{}\n", wrapped(how, look.width))?;
            self.write_table(text, look)?;
        }
        writeln!(text, "\n{}", look.paint(Ink::Dim, &wrapped(&self.found, look.width)))?;
        if let Ok(kata) = std::env::var("CARGO_PKG_NAME") {
            let hints = format!("hints/{kata}.md");
            // Tests run in their kata's folder, two below the workspace's.
            if Path::new("../..").join(&hints).exists() {
                writeln!(text, "Stuck? The first hint is in {hints}.")?;
            }
        }
        Ok(())
    }

    fn write_table(&self, text: &mut String, look: Look) -> std::fmt::Result {
        let steps = || self.rows.iter().filter_map(|row| if let Row::Step(step) = row { Some(step) } else { None });
        let mut used: Vec<usize> = steps().map(|step| step.thread).collect();
        used.sort_unstable();
        used.dedup();
        let lanes = self.lanes(used, look.width);
        let mut line = format!("{:>number$}", "step", number = lanes.number);
        for &thread in &lanes.used {
            let _ = write!(line, "  {}", padded(&self.name(thread), lanes.column));
        }
        writeln!(text, "{}", look.paint(Ink::Bold, line.trim_end()))?;
        for row in &self.rows {
            let (ink, aside) = match row {
                Row::Step(step) => {
                    self.write_step(text, look, step, &lanes)?;
                    continue;
                }
                Row::LeftOut { why, .. } => (Ink::Dim, format!("… {why}")),
                Row::Again { from, to, times } => {
                    let times = if *times == 1 { "once".to_owned() } else { format!("{times} times") };
                    (Ink::Warning, format!("↻ the same again from step {from} on, {times} more, up to step {to}"))
                }
                Row::Interrupted { thread } => (Ink::Warning, format!("╌╌ {} is interrupted ╌╌", self.name(*thread))),
            };
            let indent = " ".repeat(lanes.number + 2);
            for line in wrapped(&format!("{indent}{aside}"), look.width).lines() {
                writeln!(text, "{}", look.paint(ink, line))?;
            }
        }
        self.write_legend(text, look)
    }

    /// What the signs of this picture mean, those that are in it.
    fn write_legend(&self, text: &mut String, look: Look) -> std::fmt::Result {
        let mut legend = Vec::new();
        let is_marked = |row: &Row| matches!(row, Row::Step(step) if step.marked);
        if self.rows.iter().any(is_marked) {
            legend.push("► a step that the verdict is about.");
        }
        if self.rows.iter().any(|row| matches!(row, Row::Step(step) if step.missed.is_some())) {
            legend.push("STALE: an old value, which a thread may read until something orders it after the newer one.");
        }
        if !legend.is_empty() {
            writeln!(text, "\n{}", look.paint(Ink::Dim, &wrapped(&legend.join(" "), look.width)))?;
        }
        Ok(())
    }

    /// The layout that takes the fewest lines: the places beside the rows, where the columns are then narrower, or below them.
    fn lanes(&self, used: Vec<usize>, width: usize) -> Lanes {
        let steps = || self.rows.iter().filter_map(|row| if let Row::Step(step) = row { Some(step) } else { None });
        let place_width = steps().map(|step| place_of(step).width()).max().unwrap_or(0);
        let number = steps().map(|step| step.number).max().unwrap_or(0).to_string().len().max(2) + 2;
        let column = |beside: usize| (width.saturating_sub(number + beside) / used.len().max(1)).saturating_sub(2);
        let (narrow, wide) = (column(place_width + 2), column(0).max(NARROWEST_COLUMN));
        let lines = |column: usize, below: usize| -> usize {
            steps().map(|step| broken(&step.text, column).len() + below * usize::from(step.at.is_some())).sum()
        };
        let beside = narrow >= NARROWEST_COLUMN && lines(narrow, 0) <= lines(wide, 1);
        Lanes { number, used, column: if beside { narrow } else { wide }, beside }
    }

    fn write_step(&self, text: &mut String, look: Look, step: &StepTold, lanes: &Lanes) -> std::fmt::Result {
        let &Lanes { number: number_width, ref used, column, beside } = lanes;
        let words = if step.times > 1 { format!("{} times: {}", step.times, step.text) } else { step.text.clone() };
        let ink = match (step.marked, step.missed) {
            (true, _) => Ink::Loud,
            (false, Some(_)) => Ink::Warning,
            (false, None) => Ink::Plain,
        };
        let lane = used.iter().position(|&thread| thread == step.thread).unwrap_or(0);
        for (index, part) in broken(&words, column).iter().enumerate() {
            let number = match (index, step.marked) {
                (0, true) => format!("► {}", step.number),
                (0, false) => step.number.to_string(),
                _ => String::new(),
            };
            let mut line = look.paint(ink, &format!("{number:>number_width$}"));
            let mut gap = String::new();
            for other in 0..used.len() {
                gap.push_str("  ");
                if other == lane {
                    let _ = write!(line, "{gap}{}", look.paint(ink, part));
                    gap = " ".repeat(column.saturating_sub(part.width()));
                } else if index == 0 {
                    let _ = write!(line, "{gap}{}", look.paint(Ink::Dim, "·"));
                    gap = " ".repeat(column.saturating_sub(1));
                } else {
                    gap.push_str(&" ".repeat(column));
                }
            }
            if index == 0 && beside && step.at.is_some() {
                let _ = write!(line, "{gap}  {}", look.paint(Ink::Dim, &place_of(step)));
            }
            writeln!(text, "{}", line.trim_end())?;
        }
        if !beside && step.at.is_some() {
            writeln!(text, "{:>number_width$}  {}", "", look.paint(Ink::Dim, &format!("at {}", place_of(step))))?;
        }
        Ok(())
    }

    fn name(&self, thread: usize) -> String {
        self.threads.get(thread).map_or_else(|| format!("thread {thread}"), |thread| thread.name.clone())
    }
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

/// Where an expression of at most `most` bytes is best cut: before a dot or a path's colons, after a bracket that opens.
fn seam(expression: &str, most: usize) -> Option<usize> {
    let before_dot = |index: usize, c: char| (c == '.' && index > 0).then_some(index);
    let after_bracket = |index: usize, c: char| (c == '(').then_some(index + 1);
    let before_colons = |index: usize| (index > 0 && expression[index..].starts_with("::")).then_some(index);
    let seams = expression
        .char_indices()
        .filter_map(|(index, c)| before_dot(index, c).or_else(|| after_bracket(index, c)).or_else(|| before_colons(index)));
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
    use crate::story::{SCHEMA, Spot, ThreadTold, Told};

    const PLAIN: Look = Look { width: 100, colour: false };

    fn step(number: usize, thread: usize, text: &str) -> StepTold {
        StepTold {
            number,
            thread,
            text: text.to_owned(),
            at: Some(Spot { file: "katas/spinlock/src/lib.rs".to_owned(), line: 7, column: 9 }),
            thing: None,
            times: 1,
            marked: false,
            missed: None,
            now: Vec::new(),
            visible: Vec::new(),
        }
    }

    fn story(threads: usize, rows: Vec<Row>) -> Story {
        let thread = |index| ThreadTold { name: format!("thread {index}"), started_at: None };
        Story {
            schema: SCHEMA,
            test: None,
            engine: "loom".to_owned(),
            verdict: Told { headline: "Deadlock: nobody can move any more.".to_owned(), ..Told::default() },
            threads: (0..threads).map(thread).collect(),
            things: Vec::new(),
            rows,
            arrows: Vec::new(),
            found: "Found by loom in interleaving 3; no thread was interrupted.".to_owned(),
            covered: Vec::new(),
            sources: std::collections::BTreeMap::new(),
        }
    }

    fn long_rows(threads: usize) -> Vec<Row> {
        let words = "self.locked.compare_exchange(false, true, Acquire, Relaxed) → Err(true) — STALE: step 1 had stored false";
        let mut rows: Vec<Row> = (0..threads).map(|thread| Row::Step(step(thread + 1, thread, words))).collect();
        rows.push(Row::Interrupted { thread: 0 });
        rows.push(Row::LeftOut { count: 7, why: "7 steps left out: there are too many".to_owned() });
        rows.push(Row::Again { from: 1, to: 9, times: 3 });
        rows
    }

    #[test]
    fn two_to_five_threads_stay_within_the_width() {
        for (threads, width) in [(2, 60), (2, 80), (3, 80), (4, 90), (5, 100), (5, 200)] {
            let text = story(threads, long_rows(threads)).to_text(Look { width, ..PLAIN });
            assert!(text.lines().all(|line| line.width() <= width), "{threads} threads in {width} columns:\n{text}");
        }
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let rows = vec![Row::Step(step(1, 0, "名前.load(Relaxed) → 0")), Row::Step(step(2, 1, "次.load(Relaxed) → 0"))];
        let text = story(2, rows).to_text(PLAIN);
        let places: Vec<usize> =
            text.lines().filter_map(|line| line.split_once("katas/")).map(|(before, _)| before.width()).collect();
        assert!(places.len() == 2 && places[0] == places[1], "{text}");
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let mut rows = long_rows(3);
        if let Row::Step(step) = &mut rows[1] {
            (step.marked, step.missed) = (true, Some(1));
        }
        let story = story(3, rows);
        let coloured = story.to_text(Look { colour: true, ..PLAIN });
        assert!(coloured.contains("\x1b[1;31m"), "{coloured}");
        let mut bare = String::new();
        let mut parts = coloured.split('\x1b');
        bare.push_str(parts.next().unwrap_or_default());
        parts.for_each(|part| bare.push_str(part.split_once('m').expect("each is a colour").1));
        assert_eq!(bare, story.to_text(PLAIN));
    }

    #[test]
    fn the_step_that_the_verdict_is_about_has_a_sign() {
        let mut marked = step(7, 0, "ends");
        marked.marked = true;
        let text = story(1, vec![Row::Step(step(6, 0, "starts")), Row::Step(marked)]).to_text(PLAIN);
        assert!(text.contains("► 7  ends") && !text.contains("► 6"), "{text}");
    }

    #[test]
    fn a_story_survives_its_file() {
        let story = story(3, long_rows(3));
        assert_eq!(Story::from_json(&story.to_json()).unwrap(), story);
        let newer = story.to_json().replace("\"schema\":1", "\"schema\":2");
        assert!(Story::from_json(&newer).unwrap_err().contains("version 2"));
        assert!(Story::from_json("{").is_err());
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
