//! Runs a litmus test on the checker.

use crate::program::{Instruction, Kind, NAMES, Outcome, Program, Shape, reading_half};
use interleaving::Coverage;
use real_std::sync::{Arc as RealArc, Mutex as RealMutex};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::thread;
use std_on_loom::Check;

/// No test here has so many interleavings.
const BUDGET: usize = 40_000;

#[derive(Default)]
struct Memory([AtomicU64; NAMES.len()]);

impl Memory {
    /// Runs a thread; returns its registers.
    fn run(&self, thread: &[Instruction<Ordering>]) -> Outcome {
        thread.iter().filter_map(|one| self.step(one)).collect()
    }

    fn step(&self, &Instruction { kind, at, order }: &Instruction<Ordering>) -> Option<u64> {
        let at = &self.0[at];
        match kind {
            Kind::Load => return Some(at.load(order)),
            Kind::Swap(value) => return Some(at.swap(value, order)),
            Kind::Add(value) => return Some(at.fetch_add(value, order)),
            Kind::Exchange(current, new) => {
                let (Ok(found) | Err(found)) = at.compare_exchange(current, new, order, reading_half(order));
                return Some(found);
            }
            Kind::Store(value) => at.store(value, order),
            Kind::Fence => fence(order),
        }
        None
    }
}

/// All outcomes that the checker shows, and in how many interleavings. Main runs the last thread.
pub fn shown(shape: &'static Shape, program: &Program) -> (BTreeSet<Outcome>, usize) {
    let seen = RealArc::new(RealMutex::new(BTreeSet::new()));
    let all = RealArc::clone(&seen);
    let program = RealArc::new(program.clone());
    let check = Check::new().budget(BUDGET);
    let check = if let Some(most) = shape.preemptions { check.at_most_preemptions(most) } else { check.in_one_round() };
    let checked = check.try_run(move || {
        let memory = Arc::new(Memory::default());
        let mains = program.len() - 1;
        let start = |thread: usize| {
            let (memory, program) = (Arc::clone(&memory), RealArc::clone(&program));
            thread::spawn(move || memory.run(&program[thread]))
        };
        let others: Vec<_> = (0..mains).map(start).collect();
        let mine = memory.run(&program[mains]);
        let mut outcome: Outcome = others.into_iter().flat_map(|other| other.join().unwrap()).collect();
        outcome.extend(mine);
        outcome.extend(shape.last.iter().map(|&at| memory.0[at].load(Ordering::Relaxed)));
        all.lock().unwrap().insert(outcome);
    });
    let receipt = checked.unwrap_or_else(|report| panic!("{}: {report}", shape.name));
    let wanted = shape.preemptions.map_or(Coverage::All, Coverage::UpTo);
    let whole = receipt.rounds.iter().find(|round| round.coverage == wanted);
    let interleavings = whole.unwrap_or_else(|| panic!("{} was cut off: {receipt}", shape.name)).interleavings;
    let seen = real_std::mem::take(&mut *seen.lock().unwrap());
    (seen, interleavings)
}
