//! What a picture leaves out, for steps that stand in a test: these stand in one.

use interleaving::{
    Action, Coverage, Failure, Interleaving, MemoryFault, Object, ObjectKind, Shape, Site, Step, Thread, Value, Verdict,
};
use std::panic::Location;
use std::sync::atomic::Ordering;

const COUNT_OF_THE_TEST: usize = 0;
const VALUE: usize = 1;

fn failure(verdict: impl FnOnce(Site) -> Verdict) -> Failure {
    let at = Location::caller();
    let step = |thread, object, action| Step { thread, object: Some(object), action, at };
    let one = Value { bits: 1, shape: Shape::Unsigned };
    let count = Action::ReadModifyWrite { order: Ordering::Relaxed, old: one, new: one };
    let made = Location::caller();
    let interleaving = Interleaving {
        threads: vec![Thread { name: None, started_at: None }; 2],
        objects: vec![Object { kind: ObjectKind::Atomic(Shape::Unsigned) }, Object { kind: ObjectKind::Cell }],
        steps: vec![
            step(0, COUNT_OF_THE_TEST, count),
            step(1, COUNT_OF_THE_TEST, count),
            Step { thread: 1, object: Some(VALUE), action: Action::CellRead, at: made },
        ],
    };
    let verdict = verdict(Site { thread: 1, at: made });
    Failure { verdict, interleaving, engine: "loom", tried: 1, round: Coverage::UpTo(0), simplified_from: None }
}

#[test]
fn what_a_test_does_for_itself_is_left_out_where_memory_is_at_fault() {
    let told = failure(|made| Verdict::Memory(MemoryFault::NeverDropped { made })).to_text(100);
    assert!(told.contains("2 steps left out: the test does them for itself"), "{told}");
    assert!(told.contains("► 3"), "{told}");
}

#[test]
fn it_is_shown_where_it_may_matter() {
    let told = failure(|_| Verdict::Deadlock { waits: vec![], after: None }).to_text(100);
    assert!(!told.contains("left out"), "{told}");
}
