//! The same program on each engine, raw and through the stand-in, by turns in one run: interleavings a second, and their ratio.
//!
//! The program: three threads announce themselves, count, and look. Its text is the same for all; only the crate that it names
//! differs. (No lock: raw loom rejects a correct spin lock as soon as two threads wait for it.)

use std::hint::black_box;
use std::sync::Arc as StdArc;
use std::sync::atomic::{AtomicUsize as StdAtomicUsize, Ordering as StdOrdering};
use std::time::{Duration, Instant};

/// How often each pair is measured; the figure is the median.
const TURNS: usize = 7;
/// How long one measurement takes at least.
const AT_LEAST: Duration = Duration::from_millis(300);

macro_rules! program {
    ($name:ident, $($std:ident)::+) => {
        fn $name() {
            use $($std)::+::sync::Arc;
            use $($std)::+::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
            use $($std)::+::thread;

            let shared = Arc::new((AtomicBool::new(false), AtomicUsize::new(0)));
            let work = |shared: &(AtomicBool, AtomicUsize)| {
                let (begun, count) = shared;
                begun.store(true, Release);
                count.fetch_add(1, AcqRel);
                count.load(Acquire)
            };
            let others = [Arc::clone(&shared), Arc::clone(&shared)].map(|shared| thread::spawn(move || work(&shared)));
            assert!(work(&shared) > 0);
            for other in others {
                assert!(other.join().unwrap() > 0);
            }
            assert_eq!(shared.1.load(Acquire), 3);
        }
    };
}

program!(on_loom, loom);
program!(on_shuttle, shuttle);
program!(on_std_on_loom, std_on_loom);
program!(on_std_on_shuttle, std_on_shuttle);

fn main() {
    println!("{:8} {:>14} {:>14} {:>7}", "", "raw", "stand-in", "ratio");
    let loom = || {
        let count = StdArc::new(StdAtomicUsize::new(0));
        let counted = StdArc::clone(&count);
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(2);
        model.check(move || {
            counted.fetch_add(1, StdOrdering::Relaxed);
            on_loom();
        });
        count.load(StdOrdering::Relaxed)
    };
    compare("loom", loom, || {
        let check = std_on_loom::Check::new().at_most_preemptions(2);
        check.try_run(on_std_on_loom).expect("nothing is wrong with it").interleavings()
    });
    let shuttle = || {
        let mut config = shuttle::Config::new();
        config.silence_warnings = true; // of orderings, which are loom's matter
        shuttle::Runner::new(shuttle::scheduler::RandomScheduler::new(1_000), config).run(on_shuttle)
    };
    compare("shuttle", shuttle, || {
        let check = std_on_shuttle::Check::new();
        check.try_run(on_std_on_shuttle).expect("nothing is wrong with it").interleavings()
    });
}

fn compare(engine: &str, raw: impl Fn() -> usize, stand_in: impl Fn() -> usize) {
    let mut rates: Vec<(f64, f64)> = (0..TURNS).map(|_| (rate(&raw), rate(&stand_in))).collect();
    rates.sort_by(|(raw, stand_in), (other_raw, other_stand_in)| (raw / stand_in).total_cmp(&(other_raw / other_stand_in)));
    let (raw, stand_in) = rates[TURNS / 2];
    println!("{engine:8} {raw:>12.0}/s {stand_in:>12.0}/s {:>7.2}", raw / stand_in);
}

/// Interleavings a second.
fn rate(run: impl Fn() -> usize) -> f64 {
    let start = Instant::now();
    let mut interleavings = 0;
    while start.elapsed() < AT_LEAST {
        interleavings += black_box(run());
    }
    interleavings as f64 / start.elapsed().as_secs_f64()
}
