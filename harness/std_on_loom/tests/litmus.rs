//! Holds the checker against the memory model: which outcomes of small programs it shows, and which C++20 allows.
//!
//! What C++20 allows is worked out by brute force in `oracle.rs`, and held against the literature by what is pinned in
//! `shapes.rs`. Where the checker falls short of it is listed in `known.rs`; `LITMUS.md`, which `BLESS=1` rewrites, tells all.

extern crate std as real_std;
extern crate std_on_loom as core;
extern crate std_on_loom as std;

#[path = "litmus/checker.rs"]
mod checker;
#[path = "litmus/known.rs"]
mod known;
#[path = "litmus/oracle.rs"]
mod oracle;
#[path = "litmus/program.rs"]
mod program;
#[path = "litmus/shapes.rs"]
mod shapes;
#[path = "litmus/table.rs"]
mod table;

use crate::known::{FALSE_ALARMS, GAPS, Known, STRONGER_THAN_RC11};
use crate::oracle::Judged;
use crate::program::{Order, Outcome, Shape, digits, matches, short};
use crate::shapes::SHAPES;
use real_std::sync::atomic::{AtomicUsize, Ordering};
use real_std::sync::{Mutex, OnceLock};
use real_std::{env, fs, path::Path, thread};
use std::collections::BTreeSet;

/// What came of a shape with one choice of orderings.
struct Tried {
    shape: &'static Shape,
    orders: Vec<Order>,
    judged: Judged,
    shown: BTreeSet<Outcome>,
    interleavings: usize,
}

impl Tried {
    fn new(shape: &'static Shape, orders: Vec<Order>) -> Self {
        let program = shape.program(&orders);
        let judged = oracle::judge(&program, shape.last);
        let (shown, interleavings) = checker::shown(shape, &program);
        Self { shape, orders, judged, shown, interleavings }
    }

    /// Allowed, and never shown.
    fn gaps(&self) -> BTreeSet<Outcome> {
        self.judged.cpp20.difference(&self.shown).cloned().collect()
    }

    /// Shown, and forbidden.
    fn false_alarms(&self) -> BTreeSet<Outcome> {
        self.shown.difference(&self.judged.cpp20).cloned().collect()
    }

    fn name(&self) -> String {
        let orders: Vec<_> = self.orders.iter().map(|&order| short(order)).collect();
        format!("{} ({})", self.shape.name, orders.join(" "))
    }
}

/// Every shape with every choice of orderings; tried once for all tests.
fn tried() -> &'static [Tried] {
    static TRIED: OnceLock<Vec<Tried>> = OnceLock::new();
    TRIED.get_or_init(|| {
        let jobs: Vec<_> =
            SHAPES.iter().flat_map(|shape| shape.combinations().into_iter().map(move |orders| (shape, orders))).collect();
        let (next, done) = (AtomicUsize::new(0), Mutex::new(vec![]));
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(|| {
                    while let Some((shape, orders)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let tried = Tried::new(shape, orders.clone());
                        done.lock().unwrap().push(tried);
                    }
                });
            }
        });
        let mut done = done.into_inner().unwrap();
        let place = |tried: &Tried| jobs.iter().position(|job| std::ptr::eq(job.0, tried.shape) && job.1 == tried.orders);
        done.sort_by_cached_key(place);
        done
    })
}

/// Holds what was found against what is known: neither more nor less.
fn compare(known: &[Known], found: impl Fn(&Tried) -> BTreeSet<Outcome>, new: &str, gone: &str) {
    let mut wrong = vec![];
    for tried in tried() {
        let matching = known.iter().filter(|known| known.shape == tried.shape.name && matches(known.orders, &tried.orders));
        let listed: BTreeSet<Outcome> = matching.flat_map(|known| known.outcomes).map(|outcome| outcome.to_vec()).collect();
        let found = found(tried);
        let mut tell = |outcome: &Outcome, what| wrong.push(format!("{}: {what}: {}", tried.name(), digits(outcome)));
        found.difference(&listed).for_each(|outcome| tell(outcome, new));
        listed.difference(&found).for_each(|outcome| tell(outcome, gone));
    }
    for known in known {
        let mut tried = tried().iter();
        if !tried.any(|tried| known.shape == tried.shape.name && matches(known.orders, &tried.orders)) {
            wrong.push(format!("{} ({}): listed, but there is no such test", known.shape, known.orders));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_oracle_agrees_with_the_literature() {
    for shape in SHAPES {
        let mut unused: BTreeSet<_> = shape.pins.iter().map(|pin| pin.orders).collect();
        for orders in shape.combinations() {
            let judged = oracle::judge(&shape.program(&orders), shape.last);
            for pin in shape.pins.iter().filter(|pin| matches(pin.orders, &orders)) {
                let name = format!("{} ({}): {} [{}]", shape.name, pin.orders, digits(pin.outcome), pin.source);
                assert!(judged.conceivable.contains(pin.outcome), "{name}: no such outcome");
                assert_eq!(judged.cpp20.contains(pin.outcome), pin.allowed, "{name}: whether it is allowed");
                unused.remove(pin.orders);
            }
        }
        assert!(unused.is_empty(), "{}: no choice of orderings matches {unused:?}", shape.name);
    }
}

/// Where the standard forbids more than RC11 does. Nowhere does it forbid less.
#[test]
fn the_standard_and_rc11_differ_where_it_is_known() {
    for tried in tried() {
        assert!(tried.judged.cpp20.is_subset(&tried.judged.rc11), "{}: RC11 forbids more", tried.name());
    }
    let stronger = |tried: &Tried| tried.judged.rc11.difference(&tried.judged.cpp20).cloned().collect();
    compare(STRONGER_THAN_RC11, stronger, "C++20 forbids it, RC11 does not", "listed, but the models agree: shorten the list");
}

#[test]
fn no_outcome_that_is_forbidden_is_shown() {
    let gone = "a known false alarm is no longer shown: shorten the list";
    compare(FALSE_ALARMS, Tried::false_alarms, "forbidden, and shown", gone);
}

#[test]
fn every_outcome_that_is_allowed_is_shown() {
    let gone = "a known gap is closed: shorten the list";
    compare(GAPS, Tried::gaps, "allowed, and never shown", gone);
}

#[test]
fn the_table_is_up_to_date() {
    let text = table::markdown(tried());
    println!("{text}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("LITMUS.md");
    if env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        fs::write(&path, &text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(written == text, "LITMUS.md is not what this test makes of it: run it with BLESS=1");
}
