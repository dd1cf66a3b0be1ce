//! One hint at a time: first what the red test means, then the steps of the kata, each call one more.

use crate::Exit;
use crate::climb::{self, Stop};
use crate::console::{self, bold, dim};
use crate::failure;
use crate::hints::{Hints, section};
use crate::nextest::Nextest;
use crate::test_file;
use crate::workspace::{Kata, Workspace};
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

/// Shows the next hint on a kata, on the first one that is not green if none is named; or the last one once more.
pub fn hint(workspace: &Workspace, only: Option<&str>, again: bool) -> Result<Exit> {
    let nextest = Nextest::find_or_install(workspace)?;
    let (kata, climb) = climb::first_that_is_not_green(workspace, &nextest, only)?;
    console::clear_progress();
    let Some((_, stop)) = &climb.stop else {
        console::out(format!("{} is all green: there is nothing to hint at.", kata.title));
        console::out(format!("  how others solve it  cargo kata solution {}", kata.name));
        return Ok(Exit::Green);
    };
    let file = workspace.hints(kata);
    let shown = workspace.shown(&file);
    let text =
        fs::read_to_string(&file).with_context(|| format!("{shown} cannot be read; to bring it back: git restore {shown}"))?;
    let hints = Hints::read(&text);
    let red = match stop {
        Stop::Red(test) => Some(test_file::function(&test.name)),
        Stop::NotBuilt(_) => None,
    };
    let is_unwritten = matches!(stop, Stop::Red(test) if failure::is_unwritten(test));
    let lines = in_order(&hints, red.filter(|_| !is_unwritten));
    let note = Note { file: workspace.notes().join("hints").join(&kata.name) };
    let subject = red.unwrap_or("it does not compile");
    let number = note.next(subject, lines.len(), again);
    tell(kata, &text, &lines, number, red.filter(|_| !is_unwritten));
    note.write(subject, number)?;
    Ok(Exit::Red)
}

/// The lines at which the hints begin, in the order in which they are given.
fn in_order(hints: &Hints, red: Option<&str>) -> Vec<usize> {
    let on_the_test = red.and_then(|test| hints.on(test)).map(|symptom| symptom.line);
    on_the_test.into_iter().chain(hints.steps.iter().map(|step| step.line)).collect()
}

fn tell(kata: &Kata, text: &str, lines: &[usize], number: usize, red: Option<&str>) {
    let Some((heading, body)) = lines.get(number - 1).map(|&line| section(text, line)) else {
        console::out("There are no hints.");
        return;
    };
    // The heading of a hint on tests is a list of them; only one of them is red.
    let heading = match red.filter(|_| heading.starts_with('`')) {
        Some(test) => test_file::sentence(test),
        None => heading.to_owned(),
    };
    console::out(format!(
        "{} {}",
        bold(format!("{}: {heading}", kata.title)),
        dim(format!("(hint {number} of {})", lines.len()))
    ));
    console::out("");
    let width = console::width().min(100).saturating_sub(2);
    for paragraph in paragraphs(body) {
        console::out(console::indented(&paragraph.shown(width), 2));
        console::out("");
    }
    let next = if number < lines.len() { "the next hint" } else { "that was the last one; it once more" };
    console::out(format!("  {next:<16} cargo kata hint {}{}", kata.name, if number < lines.len() { "" } else { " --again" }));
    console::out(format!("  {:<16} cargo kata {}", "try it", kata.name));
}

/// A part of a hint.
#[derive(Debug, PartialEq, Eq)]
enum Paragraph {
    Words(String),
    Code(String),
}

impl Paragraph {
    fn shown(&self, width: usize) -> String {
        match self {
            Self::Words(words) => console::wrapped(words, width, 0),
            Self::Code(code) => console::indented(code, 2),
        }
    }
}

fn paragraphs(body: &str) -> Vec<Paragraph> {
    let mut paragraphs = Vec::new();
    let mut lines = body.lines();
    let mut words = String::new();
    let flush = |words: &mut String, paragraphs: &mut Vec<Paragraph>| {
        if !words.trim().is_empty() {
            paragraphs.push(Paragraph::Words(std::mem::take(words).trim().to_owned()));
        }
        words.clear();
    };
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            flush(&mut words, &mut paragraphs);
            let code: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            paragraphs.push(Paragraph::Code(code.join("\n")));
        } else if line.trim().is_empty() {
            flush(&mut words, &mut paragraphs);
        } else {
            words.push_str(line);
            words.push(' ');
        }
    }
    flush(&mut words, &mut paragraphs);
    paragraphs
}

/// What hint was given last, and on what. If it is lost, the hints begin anew, and that is all.
struct Note {
    file: PathBuf,
}

impl Note {
    /// The number of the hint to give, from 1 on: on another test than last time, the first.
    fn next(&self, subject: &str, hints: usize, again: bool) -> usize {
        let note = fs::read_to_string(&self.file).unwrap_or_default();
        let last = note.split_once('\n').filter(|(on, _)| *on == subject).and_then(|(_, number)| number.trim().parse().ok());
        let last: usize = last.unwrap_or(0);
        let next = if again { last } else { last + 1 };
        next.clamp(1, hints.max(1))
    }

    fn write(&self, subject: &str, number: usize) -> Result<()> {
        let folder = self.file.parent().unwrap_or(&self.file);
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&self.file, format!("{subject}\n{number}\n")));
        written.with_context(|| format!("{} cannot be written", self.file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Hints\n\n## 1. What?\n\nA flag.\n\n```rust\nlet a = 1;\n```\n\nAnd\nmore.\n\n## 2. How?\n\nSo.\n\n\
                        ## When a test is red\n\n### `a_test`, `b_test`\n\nIt means this.\n";

    #[test]
    fn what_a_red_test_means_comes_first_and_then_the_steps() {
        let hints = Hints::read(TEXT);
        let headings = |red| in_order(&hints, red).into_iter().map(|line| section(TEXT, line).0).collect::<Vec<_>>();
        assert_eq!(headings(Some("b_test")), ["`a_test`, `b_test`", "1. What?", "2. How?"]);
        assert_eq!(headings(None), ["1. What?", "2. How?"]);
        assert_eq!(headings(Some("unknown")), ["1. What?", "2. How?"]);
    }

    #[test]
    fn a_hint_is_told_with_its_code() {
        let (_, body) = section(TEXT, 3);
        let words = |text: &str| Paragraph::Words(text.to_owned());
        assert_eq!(paragraphs(body), [words("A flag."), Paragraph::Code("let a = 1;".to_owned()), words("And more.")]);
    }

    #[test]
    fn each_call_gives_one_more_and_another_test_begins_anew() {
        let file = std::env::temp_dir().join(format!("hints-{}", std::process::id()));
        let note = Note { file: file.clone() };
        assert_eq!(note.next("a_test", 3, false), 1);
        assert_eq!(note.next("a_test", 3, true), 1, "again, before there was any");
        note.write("a_test", 1).unwrap();
        assert_eq!(note.next("a_test", 3, false), 2);
        assert_eq!(note.next("a_test", 3, true), 1);
        assert_eq!(note.next("b_test", 3, false), 1);
        note.write("a_test", 3).unwrap();
        assert_eq!(note.next("a_test", 3, false), 3, "there are no more");
        fs::write(&file, "rubbish").unwrap();
        assert_eq!(note.next("a_test", 3, false), 1);
        fs::remove_file(file).unwrap();
    }
}
