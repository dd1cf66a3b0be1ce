//! The same program on each engine, raw and through the stand-in, by turns in one run: interleavings a second, and their ratio. And
//! how many interleavings loom goes through for each of a few programs, raw and through the stand-in.
//!
//! The timed program: three threads announce themselves, count, and look. Its text is the same for all; only the crate that it
//! names differs. (No lock: raw loom rejects a correct spin lock as soon as two threads wait for it.)

use std::hint::black_box;
use std::sync::Arc as StdArc;
use std::sync::atomic::{AtomicUsize as StdAtomicUsize, Ordering as StdOrdering};
use std::time::{Duration, Instant};

/// How often each pair is measured; the figure is the median. Often and shortly rather than seldom and long: a machine that others
/// use as well goes now faster, now slower, for seconds at a time.
const TURNS: usize = 31;
/// How long one measurement takes at least.
const AT_LEAST: Duration = Duration::from_millis(100);

/// Random schedules in one check of shuttle's, so many that beginning a check does not count.
const SCHEDULES: usize = 10_000;

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

macro_rules! programs {
    ($($name:ident($std:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "each program uses some of it")]
            pub fn on_loom() {
                use loom as $std;
                $body
            }
            #[allow(unused_imports, reason = "each program uses some of it")]
            pub fn on_std_on_loom() {
                use std_on_loom as $std;
                $body
            }
        }
    )*};
}

programs! {
    mutex(engine) {
        use engine::sync::{Arc, Mutex};
        let shared = Arc::new(Mutex::new(0));
        let twice = |shared: &Mutex<usize>| (0..2).for_each(|_| *shared.lock().unwrap() += 1);
        let others = Arc::clone(&shared);
        let other = engine::thread::spawn(move || twice(&others));
        twice(&shared);
        other.join().unwrap();
        assert_eq!(*shared.lock().unwrap(), 4);
    }
    owners(engine) {
        use engine::sync::{Arc, atomic::{AtomicUsize, Ordering::*}};
        let shared = Arc::new(AtomicUsize::new(0));
        let three = [(); 3].map(|()| Arc::clone(&shared));
        let other = engine::thread::spawn(move || three.into_iter().for_each(|one| { one.fetch_add(1, Relaxed); }));
        let three = [(); 3].map(|()| Arc::clone(&shared));
        shared.fetch_add(1, Relaxed);
        drop(three);
        other.join().unwrap();
        assert_eq!(shared.load(Relaxed), 4);
    }
    silent(engine) {
        use engine::sync::{Arc, atomic::{AtomicBool, Ordering::*}};
        let shared = Arc::new(AtomicBool::new(false));
        let thrice = |shared: &AtomicBool| (0..3).for_each(|_| { shared.swap(true, AcqRel); });
        let others = Arc::clone(&shared);
        let other = engine::thread::spawn(move || thrice(&others));
        thrice(&shared);
        other.join().unwrap();
    }
    spin(engine) {
        use engine::sync::{Arc, atomic::{AtomicBool, Ordering::*}};
        let shared = Arc::new(AtomicBool::new(false));
        let once = |shared: &AtomicBool| {
            while shared.compare_exchange(false, true, Acquire, Relaxed).is_err() {
                engine::hint::spin_loop();
            }
            shared.store(false, Release);
        };
        let others = Arc::clone(&shared);
        let other = engine::thread::spawn(move || once(&others));
        once(&shared);
        other.join().unwrap();
    }
}

fn main() {
    // First: once shuttle has run, its panic hook speaks up whenever loom clears away a thread.
    println!("{:44} {:>9} {:>9}", "interleavings on loom", "raw", "stand-in");
    count("three count, without a lock", on_loom, on_std_on_loom);
    count("two take a Mutex twice", mutex::on_loom, mutex::on_std_on_loom);
    count("two drop Arcs, three each", owners::on_loom, owners::on_std_on_loom);
    count("two swap what may be there already", silent::on_loom, silent::on_std_on_loom);
    count("two take a spin lock, with a hint", spin::on_loom, spin::on_std_on_loom);
    println!();

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
        let random = shuttle::Runner::new(shuttle::scheduler::RandomScheduler::new(SCHEDULES), config.clone()).run(on_shuttle);
        random + shuttle::Runner::new(shuttle::scheduler::PctScheduler::new(3, SCHEDULES / 2), config).run(on_shuttle)
    };
    compare("shuttle", shuttle, || {
        // The same two schedulers: those with few preemptions are the stand-in's own.
        let check = std_on_shuttle::Check::new().budget(1).random(SCHEDULES);
        check.try_run(on_std_on_shuttle).expect("nothing is wrong with it").interleavings()
    });
}

/// Says how many interleavings each goes through, with at most 2 preemptions; nothing for what it rejects.
fn count(name: &str, raw: fn(), stand_in: fn()) {
    let counted = StdArc::new(StdAtomicUsize::new(0));
    let counts = StdArc::clone(&counted);
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(move || {
        counts.fetch_add(1, StdOrdering::Relaxed);
        raw();
    });
    let check = std_on_loom::Check::new().at_most_preemptions(2);
    let receipt = check.try_run(stand_in).expect("nothing is wrong with it");
    let last = receipt.rounds.iter().rev().find(|round| round.coverage == interleaving::Coverage::UpTo(2));
    let own = last.expect("it is not cut off").interleavings;
    println!("{name:44} {:>9} {own:>9}", counted.load(StdOrdering::Relaxed));
}

fn compare(engine: &str, raw: impl Fn() -> usize, stand_in: impl Fn() -> usize) {
    let pair = |turn| {
        // Now the one first, now the other.
        if turn % 2 == 0 { (rate(&raw), rate(&stand_in)) } else { swapped((rate(&stand_in), rate(&raw))) }
    };
    let mut rates: Vec<(f64, f64)> = (0..TURNS).map(pair).collect();
    rates.sort_by(|(raw, stand_in), (other_raw, other_stand_in)| (raw / stand_in).total_cmp(&(other_raw / other_stand_in)));
    let (raw, stand_in) = rates[TURNS / 2];
    println!("{engine:8} {raw:>12.0}/s {stand_in:>12.0}/s {:>7.2}", raw / stand_in);
}

fn swapped<A, B>((a, b): (A, B)) -> (B, A) {
    (b, a)
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
