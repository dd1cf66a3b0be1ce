//! What came of the litmus tests, as Markdown.

use crate::known::{FALSE_ALARMS, GAPS, Known};
use crate::program::{Order, Outcome, Shape, digits, short};
use crate::shapes::SHAPES;
use crate::{Tried, known};
use std::collections::{BTreeMap, BTreeSet};

const HEAD: &str = "\
# Litmus tests

What loads may see on `std_on_loom`, held against the memory model of C++20, which is Rust's. `tests/litmus.rs` makes this file:
`BLESS=1 cargo test -p std_on_loom --test litmus` writes it anew.

Each test is a small program; all locations begin as 0. Capital letters stand for orderings; choices with the same answer share a
row. An outcome is what the registers hold, then what the locations hold in the end. What is allowed is worked out by brute force
from the axioms of the standard. A *gap* is allowed and never shown, so that a flawed program may pass; a *false alarm* is
forbidden and shown, so that a correct one may fail.
";

/// The whole file.
pub fn markdown(tried: &[Tried]) -> String {
    let mut text = HEAD.to_owned();
    let count = |what: fn(&Tried) -> usize| tried.iter().map(what).sum::<usize>();
    text += &format!(
        "\n{} tests, with {} choices of orderings: {} outcomes are allowed, {} forbidden; gaps: {}, false alarms: {}.\n",
        SHAPES.len(),
        tried.len(),
        count(|tried| tried.judged.cpp20.len()),
        count(|tried| tried.judged.conceivable.len() - tried.judged.cpp20.len()),
        count(|tried| tried.gaps().len()),
        count(|tried| tried.false_alarms().len()),
    );
    text += &list("Gaps", GAPS);
    text += &list("False alarms", FALSE_ALARMS);
    text += &list("Where C++20 forbids more than RC11", known::STRONGER_THAN_RC11);
    for shape in SHAPES {
        let of_shape = tried.iter().filter(|tried| std::ptr::eq(tried.shape, shape)).collect::<Vec<_>>();
        text += &section(shape, &of_shape);
    }
    text
}

/// A list of what is known, by reason.
fn list(title: &str, known: &[Known]) -> String {
    let mut text = format!("\n## {title}\n\n");
    if known.is_empty() {
        text += "None.\n";
    }
    let mut reasons: Vec<&str> = vec![];
    known.iter().for_each(|known| {
        if !reasons.contains(&known.why) {
            reasons.push(known.why)
        }
    });
    for why in reasons {
        text += &format!("- {why}\n");
        for known in known.iter().filter(|known| known.why == why) {
            let outcomes: Vec<_> = known.outcomes.iter().map(|outcome| format!("`{}`", digits(outcome))).collect();
            text += &format!("  - {}, {}: {}\n", known.shape, code(known.orders), outcomes.join(", "));
        }
    }
    text
}

/// Orderings, where a bar would end a table's cell.
fn code(orders: &str) -> String {
    format!("`{}`", orders.replace('|', ","))
}

fn outcomes(all: &BTreeSet<Outcome>) -> String {
    all.iter().map(|outcome| format!("`{}`", digits(outcome))).collect::<Vec<_>>().join(", ")
}

fn section(shape: &Shape, tried: &[&Tried]) -> String {
    let pinned: BTreeSet<&[u64]> = shape.pins.iter().map(|pin| pin.outcome).collect();
    let mut text = format!("\n## {}\n\n`{shape}`\n\nOutcome: `{}`. Source: {}.", shape.name, shape.legend(), shape.source);
    if let Some(most) = shape.preemptions {
        text += &format!(" Only the interleavings with at most {most} preemptions were run.");
    }
    let titles: Vec<_> = pinned.iter().map(|outcome| format!("`{}`", digits(outcome))).collect();
    let letters: Vec<_> = (0..shape.slots.len()).map(|slot| char::from(b'A' + slot as u8).to_string()).collect();
    text += &format!(
        "\n\n| {} | {} | allowed | forbidden | shown | gaps | false alarms |\n|{}\n",
        letters.join(" "),
        titles.join(" | "),
        "---|".repeat(titles.len() + 6)
    );
    // Choices of orderings with the same answer share a row.
    let mut rows: BTreeMap<String, Vec<&[Order]>> = BTreeMap::new();
    let mut order: Vec<String> = vec![];
    for tried in tried {
        let judged = &tried.judged;
        let verdict = |outcome: &&[u64]| match (judged.cpp20.contains(*outcome), tried.shown.contains(*outcome)) {
            (true, true) => "allowed, shown",
            (true, false) => "allowed, **never shown**",
            (false, true) => "forbidden, **shown**",
            (false, false) => "forbidden",
        };
        let verdicts: Vec<_> = pinned.iter().map(verdict).collect();
        let (allowed, forbidden) = (judged.cpp20.len(), judged.conceivable.len() - judged.cpp20.len());
        let (gaps, alarms) = (outcomes(&tried.gaps()), outcomes(&tried.false_alarms()));
        let row = format!("{} | {allowed} | {forbidden} | {} | {gaps} | {alarms} |", verdicts.join(" | "), tried.shown.len());
        if !order.contains(&row) {
            order.push(row.clone());
        }
        rows.entry(row).or_default().push(&tried.orders);
    }
    for row in order {
        let orders: Vec<_> = patterns(shape, &rows[&row]).iter().map(|pattern| code(pattern)).collect();
        text += &format!("| {} | {row}\n", orders.join("<br>"));
    }
    let most = tried.iter().map(|tried| tried.interleavings).max().unwrap_or_default();
    text + &format!("\nAt most {most} interleavings.\n")
}

/// Choices of orderings in short: those that differ in one slot only are merged, again and again.
fn patterns(shape: &Shape, choices: &[&[Order]]) -> Vec<String> {
    let single = |orders: &&[Order]| orders.iter().map(|&order| vec![order]).collect();
    let mut all: Vec<Vec<Vec<Order>>> = choices.iter().map(single).collect();
    for slot in (0..shape.slots.len()).rev() {
        let mut merged: Vec<Vec<Vec<Order>>> = vec![];
        for one in all {
            let alike = |other: &&mut Vec<Vec<Order>>| (0..one.len()).all(|index| index == slot || other[index] == one[index]);
            match merged.iter_mut().find(alike) {
                Some(other) => other[slot].extend(&one[slot]),
                None => merged.push(one),
            }
        }
        all = merged;
    }
    let name = |pattern: &Vec<Vec<Order>>| {
        let slot = |(slot, orders): (usize, &Vec<Order>)| {
            let whole = orders.len() > 1 && orders.len() == shape.slots[slot].len();
            let names = || orders.iter().map(|&order| short(order)).collect::<Vec<_>>().join("|");
            if whole { "*".to_owned() } else { names() }
        };
        pattern.iter().enumerate().map(slot).collect::<Vec<_>>().join(" ")
    };
    all.iter().map(name).collect()
}
