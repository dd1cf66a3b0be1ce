//! One hint at a time: first what the red test means, then the steps of the kata, each call one more.

use crate::Exit;
use crate::climb;
use crate::console::{self, bold, dim};
use crate::hints::{Hints, section};
use crate::list::{self, Obstacle, Progress};
use crate::run::unwritable;
use crate::tell::Speech;
use crate::test_file;
use crate::tools::Tools;
use crate::workspace::Kata;
use anyhow::{Context, Result, bail};
use std::fs;

/// Shows the next hint on a kata, on the first one that is not green if none is named; or the last one once more.
pub fn hint(tools: &Tools<'_>, only: Option<&str>, speech: Speech, again: bool) -> Result<Exit> {
    let workspace = tools.workspace;
    let at_hand = match only {
        Some(name) => workspace.named(&[name])?[0],
        None => list::current(workspace),
    };
    // Mostly it is known from the last run.
    let (kata, obstacle) = match Progress::of(workspace, at_hand).obstacle() {
        Some(obstacle) => (at_hand, Some(obstacle)),
        None => climb::first_that_is_not_green(tools, only).map(|(kata, climb)| (kata, climb.obstacle()))?,
    };
    let Some(obstacle) = obstacle else {
        console::out(format!("{} is all green: there is nothing to hint at.", kata.title));
        console::out(format!("  how others solve it  cargo kata solution {}", kata.name));
        return Ok(Exit::Green);
    };
    let file = kata.hints.clone();
    let shown = workspace.shown(&file);
    let Ok(text) = fs::read_to_string(&file) else {
        bail!("{shown} cannot be read. To bring it back as it was: git restore {shown}");
    };
    let hints = Hints::read(&text);
    let red = match &obstacle {
        Obstacle::Red(test) => Some(test.as_str()),
        Obstacle::DoesNotCompile | Obstacle::Unwritten(_) => None,
    };
    let file = workspace.notes.join("hints").join(&kata.name);
    let mut given = Given::read(&fs::read_to_string(&file).unwrap_or_default());
    let symptom = red.filter(|test| hints.on(test).is_some());
    let next = given.next(symptom, hints.steps.len(), again);
    let has_more = Given::read(&given.written()).next(symptom, hints.steps.len(), false) != next;
    tell(kata, &text, &hints, &next);
    if speech != Speech::Keys {
        let (what, flag) = if has_more { ("the next hint", "") } else { ("the last one again", " --again") };
        console::out(format!("  {what:<16} cargo kata hint {}{flag}", kata.name));
        console::out(format!("  {:<16} cargo kata {}", "try it", kata.name));
    }
    let folder = file.parent().unwrap_or(&file);
    fs::create_dir_all(folder).and_then(|()| fs::write(&file, given.written())).with_context(|| unwritable(&file))?;
    Ok(Exit::Green)
}

/// A hint.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Next {
    /// What it means that this test is red.
    Symptom(String),
    /// The step of that number, from 1; 0 where there is none.
    Step(usize),
}

/// Which hints were given: if that is lost, they begin anew, and that is all.
#[derive(Debug, Default, PartialEq, Eq)]
struct Given {
    all: Vec<Next>,
}

impl Given {
    fn read(text: &str) -> Self {
        let next = |line: &str| match line.split_once(' ')? {
            ("test", name) => Some(Next::Symptom(name.to_owned())),
            ("step", number) => Some(Next::Step(number.parse().ok()?)),
            _ => None,
        };
        Self { all: text.lines().filter_map(next).collect() }
    }

    fn written(&self) -> String {
        let line = |next: &Next| match next {
            Next::Symptom(test) => format!("test {test}\n"),
            Next::Step(number) => format!("step {number}\n"),
        };
        self.all.iter().map(line).collect()
    }

    /// The next one: first what the red test means, then the steps, each once, whatever was red meanwhile. After the last one,
    /// or `again`, the one before.
    fn next(&mut self, red: Option<&str>, steps: usize, again: bool) -> Next {
        let symptom = red.map(|test| Next::Symptom(test.to_owned())).filter(|symptom| !self.all.contains(symptom));
        let step = (1..=steps).map(Next::Step).find(|step| !self.all.contains(step));
        let next = match symptom.or(step).filter(|_| !again || self.all.is_empty()) {
            Some(next) => next,
            None => return self.all.last().cloned().unwrap_or(Next::Step(0)),
        };
        self.all.push(next.clone());
        next
    }
}

fn tell(kata: &Kata, text: &str, hints: &Hints, next: &Next) {
    let (line, which) = match next {
        Next::Symptom(test) => (hints.on(test).map(|symptom| symptom.line), "(on the test that is red)".to_owned()),
        Next::Step(number) => (
            number.checked_sub(1).and_then(|index| hints.steps.get(index)).map(|step| step.line),
            format!("(of {} steps)", hints.steps.len()),
        ),
    };
    let Some((heading, body)) = line.map(|line| section(text, line)) else {
        console::out("There are no hints.");
        return;
    };
    // The heading of a hint on tests is a list of them; only one of them is red.
    let heading = match next {
        Next::Symptom(test) => test_file::sentence(test),
        Next::Step(_) => heading.to_owned(),
    };
    console::out(format!("{} {}", bold(format!("{}: {heading}", kata.title)), dim(which)));
    console::out("");
    let width = console::width().min(100).saturating_sub(2);
    for paragraph in paragraphs(body) {
        console::out(console::indented(&paragraph.shown(width), 2));
        console::out("");
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Hints\n\n## 1. What?\n\nA flag.\n\n```rust\nlet a = 1;\n```\n\nAnd\nmore.\n\n## 2. How?\n\nSo.\n\n\
                        ## When a test is red\n\n### `a_test`, `b_test`\n\nIt means this.\n";

    #[test]
    fn a_hint_is_told_with_its_code() {
        let (_, body) = section(TEXT, 3);
        let words = |text: &str| Paragraph::Words(text.to_owned());
        assert_eq!(paragraphs(body), [words("A flag."), Paragraph::Code("let a = 1;".to_owned()), words("And more.")]);
    }

    #[test]
    fn what_a_red_test_means_comes_first_and_then_the_steps() {
        let mut given = Given::default();
        let symptom = |test: &str| Next::Symptom(test.to_owned());
        assert_eq!(given.next(Some("a_test"), 2, false), symptom("a_test"));
        assert_eq!(given.next(Some("a_test"), 2, true), symptom("a_test"), "again");
        assert_eq!(given.next(Some("a_test"), 2, false), Next::Step(1));
        assert_eq!(given.next(Some("b_test"), 2, false), symptom("b_test"), "another test has a word of its own");
        assert_eq!(given.next(Some("b_test"), 2, false), Next::Step(2), "but the steps do not begin anew");
        assert_eq!(given.next(None, 2, false), Next::Step(2), "there are no more");
    }

    #[test]
    fn code_that_does_not_compile_gets_the_steps() {
        let mut given = Given::default();
        assert_eq!(given.next(None, 2, true), Next::Step(1), "again, before there was any");
        assert_eq!(given.next(None, 2, false), Next::Step(2));
        assert_eq!(Given::default().next(None, 0, false), Next::Step(0), "there are none");
    }

    #[test]
    fn what_was_given_is_read_as_it_was_written() {
        let mut given = Given::default();
        given.next(Some("a_test"), 2, false);
        given.next(Some("a_test"), 2, false);
        assert_eq!(Given::read(&given.written()), given);
        assert_eq!(Given::read("rubbish\nstep x\n"), Given::default());
    }
}
