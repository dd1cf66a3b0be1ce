//! `std`'s items beside the stand-in's, and the table of it.

use crate::items::{Item, Items, Key, Member};
use crate::signature::Signature;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How the stand-in has an item of `std`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It has its own, which the checkers follow.
    Modelled,
    /// It has `std`'s.
    PassedThrough,
    /// It does not have it.
    Missing,
}

impl State {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Modelled => "modelled",
            Self::PassedThrough => "passed through",
            Self::Missing => "missing",
        }
    }
}

/// An item of `std`.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its module.
    pub module: String,
    /// The item of the module that it is, or belongs to.
    pub item: String,
    /// What of that item; none for the item itself.
    pub member: Option<(Kind, String)>,
    /// How the stand-in has it.
    pub state: State,
    /// How the stand-in's differs.
    pub difference: String,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Something behind `::`.
    Inside,
    /// The implementation of a trait.
    Impl,
}

impl Row {
    /// The full name of the module's item.
    pub fn item_path(&self) -> String {
        format!("{}::{}", self.module, self.item)
    }

    /// The full name: `std::sync::Mutex::lock`, or `std::sync::Mutex: Debug`.
    pub fn path(&self) -> String {
        let item = self.item_path();
        match &self.member {
            None => item,
            Some((Kind::Inside, name)) if name.contains("::") => format!("{}::{name}", self.module),
            Some((Kind::Inside, name)) => format!("{item}::{name}"),
            Some((Kind::Impl, name)) => format!("{item}: {name}"),
        }
    }
}

/// Compares a module of `std` with the stand-in's.
pub fn compare(module: &str, std: &Items, ours: &Items) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, item) in std {
        let own = ours.get(name);
        let state = own.map_or(State::Missing, |own| if is_std(own) { State::PassedThrough } else { State::Modelled });
        let modelled = own.filter(|_| state == State::Modelled);
        let own_difference = modelled.map(|own| difference((&item.signature, &item.text), (&own.signature, &own.text)));
        let row = |member, state, difference| Row { module: module.to_owned(), item: name.clone(), member, state, difference };
        rows.push(row(None, state, own_difference.unwrap_or_default()));
        for (key, member) in &item.members {
            let kind = if matches!(key, Key::Impl(_)) { Kind::Impl } else { Kind::Inside };
            let named = Some((kind, member.shown.clone()));
            rows.push(match modelled.map(|own| find(item, own, key)) {
                Some(Some(own)) => {
                    row(named, State::Modelled, difference((&member.signature, &member.text), (&own.signature, &own.text)))
                }
                Some(None) => row(named, State::Missing, String::new()),
                None => row(named, state, String::new()),
            });
        }
    }
    rows
}

/// Whether an item of the stand-in is `std`'s own.
fn is_std(item: &Item) -> bool {
    !item.source.contains("src/stand_in/")
}

/// The stand-in's member that is in the place of that of `std`.
fn find<'a>(std: &Item, ours: &'a Item, key: &Key) -> Option<&'a Member> {
    ours.members.get(key).or_else(|| {
        // It may be there for another type than `std`'s, which is a difference and not a lack.
        let Key::Own(_, name) = key else { return None };
        let instead = |other: &Key| matches!(other, Key::Own(_, own) if own == name) && !std.members.contains_key(other);
        ours.members.iter().find(|(other, _)| instead(other)).map(|(_, member)| member)
    })
}

/// What a reader of `std`'s declaration would not expect.
fn difference((std, std_text): (&Option<Signature>, &str), (ours, our_text): (&Option<Signature>, &str)) -> String {
    let (Some(std), Some(ours)) = (std, ours) else { return String::new() };
    let mut all = Vec::new();
    match (std.is_const, ours.is_const) {
        (true, false) => all.push("not `const`".to_owned()),
        (false, true) => all.push("`const`, unlike `std`'s".to_owned()),
        _ => {}
    }
    if std.head != ours.head {
        all.push(format!("`{}`; `std`'s: `{}`", shorten(our_text), shorten(std_text)));
        return all.join("; ");
    }
    let only = |one: &Signature, other: &Signature| -> Vec<String> {
        let bounds = one.bounds.iter().filter(|(bound, _)| !other.bounds.contains_key(*bound));
        bounds.map(|(_, shown)| format!("`{shown}`")).collect()
    };
    let (missing, more) = (only(std, ours), only(ours, std));
    // `?Sized` is no demand, but the lack of one.
    let is_demand = |bound: &&String| !bound.contains("?Sized");
    for (words, bounds, demands) in [
        ("asks for", &more, true),
        ("does not ask for", &missing, true),
        ("does not allow", &missing, false),
        ("also allows", &more, false),
    ] {
        let bounds: Vec<&str> = bounds.iter().filter(|bound| is_demand(bound) == demands).map(String::as_str).collect();
        if !bounds.is_empty() {
            all.push(format!("{words} {}", bounds.join(", ")));
        }
    }
    all.join("; ")
}

fn shorten(text: &str) -> String {
    text.trim_start_matches("pub ").trim_end_matches(',').replace(", )", ")").replace("( ", "(")
}

/// How many items are in a state.
pub fn count(rows: &[Row], state: State) -> usize {
    rows.iter().filter(|row| row.state == state).count()
}

/// The first line of a table: for which compiler it is.
pub fn first_line(version: &str) -> String {
    format!("# `std` in the checkers, on {version}")
}

/// The table as Markdown. `reason` says why an item is passed through or missing.
pub fn render(version: &str, rows: &[Row], unstable: usize, reason: &dyn Fn(&Row) -> Option<&'static str>) -> String {
    let mut text = format!("{}\n\n", first_line(version));
    let (modelled, passed, missing) =
        (count(rows, State::Modelled), count(rows, State::PassedThrough), count(rows, State::Missing));
    let _ = writeln!(
        text,
        "{} items: {modelled} modelled, {passed} passed through, {missing} missing. \
         Left out: {unstable} that only nightly compilers have.\n",
        rows.len()
    );
    text.push_str(
        "Modelled: the stand-in has its own, and the checkers follow it. Passed through: it is `std`'s own, on purpose. A \
         trait's name stands for its implementation, `!` before it for the promise that there is none. The note says how the \
         stand-in's declaration differs from `std`'s, or why it is not there. `BLESS=1 cargo test -p api` writes this file.\n",
    );
    let mut modules: Vec<&str> = Vec::new();
    for row in rows {
        if !modules.contains(&row.module.as_str()) {
            modules.push(&row.module);
        }
    }
    for module in modules {
        let _ = writeln!(text, "\n## `{module}`\n\n| item | state | note |\n| --- | --- | --- |");
        let mut items: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.module == module) {
            items.entry(&row.item).or_default().push(row);
        }
        // Items whose lines are the same but for the name share them: the atomic integers do.
        let mut groups: Vec<(Vec<&str>, Vec<Line>, Vec<Line>)> = Vec::new();
        for (name, rows) in items {
            let lines = lines(&rows, reason);
            let general: Vec<Line> = lines.iter().map(|line| line.general(name)).collect();
            match groups.iter_mut().find(|(.., other)| lines.len() > 1 && *other == general) {
                Some((names, ..)) => names.push(name),
                None => groups.push((vec![name], lines, general)),
            }
        }
        for (names, lines, general) in groups {
            let several = names.len() > 1;
            let items = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let name = if several { SEVERAL } else { names[0] };
            for Line { what, state, note } in if several { general } else { lines } {
                let item = match what {
                    What::Itself => items.clone(),
                    What::Inside(of, members) => {
                        let of = if of.is_empty() { name } else { &of };
                        if members.len() == 1 {
                            format!("`{of}::{}`", members[0])
                        } else {
                            format!("`{of}::{{{}}}`", members.join(", "))
                        }
                    }
                    What::Impls(traits) => {
                        let traits = traits.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                        format!("`{name}`: {traits}")
                    }
                };
                let _ = writeln!(text, "| {} | {} | {} |", item.replace('|', "\\|"), state.name(), note.replace('|', "\\|"));
            }
        }
    }
    text
}

/// Stands for the names in the line above.
const SEVERAL: &str = "…";

#[derive(Clone, PartialEq)]
struct Line {
    what: What,
    state: State,
    note: String,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Itself,
    /// The type, if it is a special one, and names.
    Inside(String, Vec<String>),
    Impls(Vec<String>),
}

impl Line {
    /// The same without the name of an atomic's type.
    fn general(&self, item: &str) -> Self {
        let own = format!("<{}>", item.strip_prefix("Atomic").unwrap_or(item).to_lowercase());
        let mut line = self.clone();
        if let What::Impls(traits) = &mut line.what {
            traits.iter_mut().for_each(|name| *name = name.replace(&own, &format!("<{SEVERAL}>")));
        }
        line
    }
}

/// The lines of one item: members that differ in nothing else share one.
fn lines(rows: &[&Row], reason: &dyn Fn(&Row) -> Option<&'static str>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut members: BTreeMap<(Kind, &str, State, String), Vec<String>> = BTreeMap::new();
    for row in rows {
        let note = match row.state {
            State::Modelled => row.difference.clone(),
            _ => reason(row).unwrap_or_default().to_owned(),
        };
        let Some((kind, name)) = &row.member else {
            lines.push(Line { what: What::Itself, state: row.state, note });
            continue;
        };
        let (of, name) = match kind {
            Kind::Inside => name.rsplit_once("::").unwrap_or(("", name)),
            Kind::Impl => ("", name.as_str()),
        };
        members.entry((*kind, of, row.state, note)).or_default().push(name.to_owned());
    }
    let itself = lines.first().map(|line| line.note.clone()).unwrap_or_default();
    lines.extend(members.into_iter().map(|((kind, of, state, note), mut names)| {
        names.sort();
        let what = match kind {
            Kind::Inside => What::Inside(of.to_owned(), names),
            Kind::Impl => What::Impls(names),
        };
        // Why a whole type is not modelled, its own line says.
        let note = if state != State::Modelled && note == itself { String::new() } else { note };
        Line { what, state, note }
    }));
    lines
}
