//! An interleaving as a story: owned, complete, and ready to be told anywhere. It is what is written to a file as JSON.

use crate::failure::{Failure, Verdict};
use crate::json::Json;
use crate::order::Order;
use crate::picture::{Part, picture};
use crate::receipt::{Coverage, Receipt, grouped};
use crate::source::{Place, Sources, is_of_the_program, shown_path};
use crate::step::{Action, Interleaving};
use crate::telling::{by, found, left_out, step_told};
use crate::verdict::{PUBLISH, Teller};
use crate::words::name;
use crate::{json, json_object, names};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the schema. It grows by one whenever a reader of the one before would misread a file.
pub const SCHEMA: u32 = 1;

/// One interleaving, told: of a check that failed, or of one that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The version of the schema: [`SCHEMA`].
    pub schema: u32,
    /// The test, if it has a name.
    pub test: Option<String>,
    /// The engine that went through the interleavings: `loom` or `shuttle`.
    pub engine: String,
    /// What went wrong, or that nothing did.
    pub verdict: Told,
    /// The threads. The first one is the test itself.
    pub threads: Vec<ThreadTold>,
    /// What the threads share.
    pub things: Vec<ThingTold>,
    /// What happened, from top to bottom.
    pub rows: Vec<Row>,
    /// What one thread learned of another one.
    pub arrows: Vec<Arrow>,
    /// How it was found, as a sentence.
    pub found: String,
    /// What the check has gone through, a sentence for each round; only if it passed.
    pub covered: Vec<String>,
    /// The text of each file that a row names.
    pub sources: BTreeMap<String, String>,
}

/// The verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// A word or two for programs: `passed`, `data race`, `deadlock`, `lost wakeup`, `left behind`, `livelock`, `panic`, `leak`,
    /// `double free`, `use after free`, `wrong layout`, `no value`, `no end`, `hung`, `not followed`, `nothing concurrent`,
    /// `too many threads`, `unknown`.
    pub kind: String,
    /// What happened, in a sentence.
    pub headline: String,
    /// The parts of it. Those that begin with blanks belong to the one before.
    pub lines: Vec<String>,
    /// What explains it: the pair of operations that should have synchronised, the notification that came too early, and so on.
    pub reasons: Vec<String>,
    /// Who waits for what, if somebody does.
    pub waits: Vec<WaitTold>,
    /// The numbers of the steps that it is about.
    pub steps: Vec<usize>,
}

/// A thread that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitTold {
    /// Who: an index into [`Story::threads`].
    pub thread: usize,
    /// For what, as the end of a sentence that begins with its name.
    pub why: String,
    /// Who must move first, if that is one thread.
    pub on: Option<usize>,
    /// The thing that it waits at, if it has a name.
    pub thing: Option<String>,
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadTold {
    /// What it is called.
    pub name: String,
    /// Where it was started.
    pub started_at: Option<Spot>,
}

/// Something that threads share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThingTold {
    /// What the source calls it.
    pub name: String,
    /// What it is: `atomic`, `Mutex`, `cell`, and so on.
    pub kind: String,
}

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The file, from the workspace's folder on.
    pub file: String,
    /// The line, from 1 on.
    pub line: u32,
    /// The column, from 1 on.
    pub column: u32,
}

impl Spot {
    pub(crate) fn of(place: Place) -> Option<Self> {
        let spot = || Self { file: shown_path(place.file()), line: place.line(), column: place.column() };
        is_of_the_program(place).then(spot)
    }
}

impl std::fmt::Display for Spot {
    /// `file:line:column`, as terminals and editors make it clickable.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A row of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A step.
    Step(StepTold),
    /// The steps `from` to `to` are the ones just shown, so many times more.
    Again {
        /// The number of the first step of the circle.
        from: usize,
        /// The number of its last one, the last time.
        to: usize,
        /// How many times more.
        times: usize,
    },
    /// Steps that are left out, and why.
    LeftOut {
        /// How many.
        count: usize,
        /// Why, as a sentence.
        why: String,
    },
    /// A thread is interrupted here: it could have gone on.
    Interrupted {
        /// Which: an index into [`Story::threads`].
        thread: usize,
    },
}

/// One step of one thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepTold {
    /// Its number, from 1 on, all steps counted.
    pub number: usize,
    /// Whose: an index into [`Story::threads`].
    pub thread: usize,
    /// What it did and what came of it, in the words of the source.
    pub text: String,
    /// Where.
    pub at: Option<Spot>,
    /// On what: an index into [`Story::things`].
    pub thing: Option<usize>,
    /// How often it did that in a row.
    pub times: usize,
    /// Whether the verdict is about it.
    pub marked: bool,
    /// The step whose value it did not see, although that was newer.
    pub missed: Option<usize>,
    /// What has become of the things after it: indices into [`Story::things`], and words. Only what has changed since the row before.
    pub now: Vec<(usize, String)>,
    /// What each thread could still read of the atomics after it, oldest first: the thing, and for each thread its values. Only what
    /// has changed since the row before.
    pub visible: Vec<(usize, Vec<Vec<String>>)>,
}

/// What one thread learned of another one: all that came before `from` in the one comes before all after `to` in the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// The number of the earlier step.
    pub from: usize,
    /// The number of the later one.
    pub to: usize,
    /// How: `published`, `unlock`, `start`, `join` or `message`.
    pub by: String,
}

impl Story {
    /// The story of a check that failed.
    pub fn of_failure(failure: &Failure) -> Self {
        let mut sources = Sources::default();
        let order = Order::of(&failure.interleaving);
        let names = names::names(&failure.interleaving, &mut sources);
        let mut teller = Teller { log: &failure.interleaving, order: &order, names: &names, sources: &mut sources };
        let verdict = teller.tell(&failure.verdict);
        let named = teller.named(&failure.verdict);
        let is_explained = verdict.reasons.iter().any(|reason| reason != PUBLISH);
        let parts = picture(&failure.interleaving, Some(&failure.verdict), (&named, is_explained), failure.round);
        let panic = match &failure.verdict {
            Verdict::Panicked { thread, message, .. } => Some((*thread, message.lines().next().unwrap_or_default())),
            _ => None,
        };
        let found = found(failure);
        Self {
            verdict,
            found,
            ..Self::of(&failure.interleaving, failure.engine, &parts, &named, panic, (&order, &names, &mut sources))
        }
    }

    /// The story of a check that passed, with one of its interleavings as an example.
    pub fn of_receipt(receipt: &Receipt, example: &Interleaving) -> Self {
        let mut sources = Sources::default();
        let order = Order::of(example);
        let names = names::names(example, &mut sources);
        let parts = picture(example, None, (&BTreeSet::new(), false), Coverage::All);
        let covered: Vec<String> = receipt.merged_rounds().map(|round| format!("{round}.")).collect();
        let verdict = Told {
            kind: "passed".to_owned(),
            headline: match receipt.all().filter(|_| receipt.is_complete()) {
                Some(round) => {
                    let n = grouped(round.interleavings);
                    format!("Right in all {n} interleavings that {} can tell apart.", receipt.engine)
                }
                None => format!("Right in all {} interleavings that {} ran.", grouped(receipt.interleavings()), receipt.engine),
            },
            lines: Vec::new(),
            reasons: Vec::new(),
            waits: Vec::new(),
            steps: Vec::new(),
        };
        let found = format!("{receipt}. The one shown is the last of them, as an example.");
        let story = Self::of(example, receipt.engine, &parts, &BTreeSet::new(), None, (&order, &names, &mut sources));
        Self { verdict, found, covered, ..story }
    }

    fn of(
        log: &Interleaving,
        engine: &str,
        parts: &[Part],
        named: &BTreeSet<usize>,
        panic: Option<(usize, &str)>,
        (order, names, sources): (&Order, &[String], &mut Sources),
    ) -> Self {
        let threads = log
            .threads
            .iter()
            .enumerate()
            .map(|(index, thread)| ThreadTold { name: name(log, index), started_at: thread.started_at.and_then(Spot::of) });
        let things = log
            .objects
            .iter()
            .zip(names)
            .map(|(object, name)| ThingTold { name: name.clone(), kind: names::kind(object.kind).to_owned() });
        let mut before: Option<usize> = None;
        let rows: Vec<Row> = parts
            .iter()
            .map(|part| match *part {
                Part::Step { index, times, unlocks } => {
                    let marked = named.contains(&index);
                    let mut step = step_told(log, order, names, sources, index, before);
                    (step.times, step.marked) = (times, marked);
                    if let Some((_, message)) = panic.filter(|(thread, _)| marked && *thread == step.thread)
                        && matches!(log.steps[index].action, Action::Panic)
                    {
                        step.text = format!("panics: {message}");
                    }
                    if let Some(unlock) = unlocks {
                        step.text = format!("{}, until step {}", step.text, unlock + 1);
                    }
                    before = Some(index);
                    Row::Step(step)
                }
                Part::Again { from, to, times } => Row::Again { from: from + 1, to: to + 1, times },
                Part::LeftOut { count, why } => Row::LeftOut { count, why: left_out(count, why) },
                Part::Interrupted { thread } => Row::Interrupted { thread },
            })
            .collect();
        let shown: BTreeSet<usize> =
            parts.iter().filter_map(|part| if let Part::Step { index, .. } = part { Some(*index) } else { None }).collect();
        let arrows = order.edges.iter().filter(|edge| shown.contains(&edge.from) && shown.contains(&edge.to)).map(|edge| Arrow {
            from: edge.from + 1,
            to: edge.to + 1,
            by: by(edge.by).to_owned(),
        });
        Self {
            schema: SCHEMA,
            test: None,
            engine: engine.to_owned(),
            verdict: Told::default(),
            threads: threads.collect(),
            things: things.collect(),
            rows,
            arrows: arrows.collect(),
            found: String::new(),
            covered: Vec::new(),
            sources: sources.texts(log.steps.iter().map(|step| step.at)),
        }
    }

    /// The story as JSON, for a file.
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    /// Reads a story.
    ///
    /// # Errors
    /// What is wrong, if it is no story, or one of another version.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let value = json::parse(text)?;
        match json::field::<u32>(&value, "schema") {
            Some(SCHEMA) => Self::read(&value).ok_or_else(|| "it is no story".to_owned()),
            Some(other) => Err(format!("it has version {other} of the schema, and this reads version {SCHEMA}")),
            None => Err("it is no story".to_owned()),
        }
    }
}

json_object!(Story { schema, test, engine, verdict, threads, things, rows, arrows, found, covered, sources });
json_object!(Told { kind, headline, lines, reasons, waits, steps });
json_object!(WaitTold { thread, why, on, thing });
json_object!(ThreadTold { name, started_at });
json_object!(ThingTold { name, kind });
json_object!(Spot { file, line, column });
json_object!(StepTold { number, thread, text, at, thing, times, marked, missed, now, visible });
json_object!(Arrow { from, to, by });

impl Json for Row {
    fn write(&self, out: &mut String) {
        let (kind, fields): (&str, &[(&str, usize)]) = match self {
            Self::Step(step) => {
                let begin = out.len();
                step.write(out);
                out.replace_range(begin..=begin, "{\"row\":\"step\",");
                return;
            }
            Self::Again { from, to, times } => ("again", &[("from", *from), ("to", *to), ("times", *times)]),
            Self::LeftOut { count, .. } => ("left_out", &[("count", *count)]),
            Self::Interrupted { thread } => ("interrupted", &[("thread", *thread)]),
        };
        out.push_str(&format!("{{\"row\":\"{kind}\""));
        for (name, value) in fields {
            out.push_str(&format!(",\"{name}\":{value}"));
        }
        if let Self::LeftOut { why, .. } = self {
            out.push_str(",\"why\":");
            why.write(out);
        }
        out.push('}');
    }

    fn read(value: &json::Value) -> Option<Self> {
        let kind: String = json::field(value, "row")?;
        let number = |name| json::field(value, name);
        Some(match kind.as_str() {
            "step" => Self::Step(StepTold::read(value)?),
            "again" => Self::Again { from: number("from")?, to: number("to")?, times: number("times")? },
            "left_out" => Self::LeftOut { count: number("count")?, why: json::field(value, "why")? },
            "interrupted" => Self::Interrupted { thread: number("thread")? },
            _ => return None,
        })
    }
}

impl Default for Told {
    fn default() -> Self {
        Self {
            kind: "unknown".to_owned(),
            headline: String::new(),
            lines: Vec::new(),
            reasons: Vec::new(),
            waits: Vec::new(),
            steps: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Value;

    fn keys(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    found.insert(key.clone());
                    keys(value, found);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
            _ => {}
        }
    }

    #[test]
    fn the_schema_names_every_field() {
        let spot = || Some(Spot { file: "src/lib.rs".to_owned(), line: 1, column: 1 });
        let step = StepTold {
            number: 1,
            thread: 0,
            text: String::new(),
            at: spot(),
            thing: None,
            times: 1,
            marked: false,
            missed: None,
            now: Vec::new(),
            visible: Vec::new(),
        };
        let story = Story {
            schema: SCHEMA,
            test: None,
            engine: String::new(),
            verdict: Told { waits: vec![WaitTold { thread: 0, why: String::new(), on: None, thing: None }], ..Told::default() },
            threads: vec![ThreadTold { name: String::new(), started_at: spot() }],
            things: vec![ThingTold { name: String::new(), kind: String::new() }],
            rows: vec![
                Row::Step(step),
                Row::Again { from: 1, to: 2, times: 1 },
                Row::LeftOut { count: 1, why: String::new() },
                Row::Interrupted { thread: 0 },
            ],
            arrows: vec![Arrow { from: 1, to: 2, by: String::new() }],
            found: String::new(),
            covered: Vec::new(),
            sources: BTreeMap::new(),
        };
        let mut found = BTreeSet::new();
        keys(&json::parse(&story.to_json()).unwrap(), &mut found);
        assert_eq!(Story::from_json(&story.to_json()).unwrap(), story);
        let schema = include_str!("../SCHEMA.md");
        for name in found.iter().map(String::as_str).chain(["step", "again", "left_out", "interrupted"]) {
            assert!(schema.contains(&format!("`{name}`")), "SCHEMA.md does not name `{name}`");
        }
        assert!(schema.starts_with(&format!("# A story as JSON, version {SCHEMA}\n")));
    }
}
