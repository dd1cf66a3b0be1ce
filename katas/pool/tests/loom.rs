//! The fourth rung: does it hold in every interleaving of a few jobs, and with every memory order that it permits?

#[allow(unused_imports, reason = "for a solution with thread-locals of its own")]
#[macro_use(thread_local)]
extern crate std_on_loom as std;
extern crate std_on_loom as core;

#[path = "../src/lib.rs"]
#[allow(dead_code, reason = "no test here uses all of it")]
mod pool;

use examiner::Shared;
use pool::Pool;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std_on_loom::Check;
use std_on_loom::witness::other_threads;

/// A check of few interruptions: pools have many interleavings.
fn few() -> Check {
    Check::new().at_most_preemptions(2).budget(500)
}

/// Marks that jobs make, each in a cell that nothing protects: whoever reads one must come after the job.
type Marks = Arc<Vec<Shared<Cell<usize>>>>;

fn marks(jobs: usize) -> Marks {
    Arc::new((0..jobs).map(|_| Shared::new(Cell::new(0))).collect())
}

/// A job that adds one to its mark.
fn marking(marks: &Marks, job: usize) -> impl FnOnce() + Send + 'static {
    let marks = Arc::clone(marks);
    move || marks[job].set(marks[job].get() + 1)
}

fn read(marks: &Marks) -> Vec<usize> {
    marks.iter().map(|mark| mark.get()).collect()
}

/// A job that ends only when so many are in it.
fn meeting(here: &Arc<(Mutex<usize>, Condvar)>, expected: usize) -> impl FnOnce() + Send + 'static {
    let meeting = Arc::clone(here);
    move || {
        let (here, changed) = &*meeting;
        let mut here = here.lock().unwrap();
        *here += 1;
        changed.notify_all();
        drop(changed.wait_while(here, |here| *here < expected).unwrap());
    }
}

#[test]
fn wait_returns_when_every_job_has_run_once() {
    few().run(|| {
        let marks = marks(2);
        let pool = Pool::new(2);
        for job in 0..2 {
            pool.execute(marking(&marks, job));
        }
        pool.wait();
        assert_eq!(read(&marks), [1; 2], "how often each job had run when `wait` returned");
    });
}

#[test]
fn dropping_finishes_every_job_and_ends_every_worker() {
    few().run(|| {
        let marks = marks(2);
        let pool = Pool::new(2);
        for job in 0..2 {
            pool.execute(marking(&marks, job));
        }
        drop(pool);
        assert_eq!(read(&marks), [1; 2], "how often each job had run when the pool was gone");
        assert_eq!(other_threads(), 0, "so many threads are left behind by the pool");
    });
}

#[test]
fn dropping_a_pool_that_has_nothing_to_do_ends_every_worker() {
    few().run(|| {
        let pool = Pool::new(2);
        pool.execute(|| ());
        pool.wait();
        drop(pool);
        assert_eq!(other_threads(), 0, "so many threads are left behind by the pool");
    });
}

#[test]
fn all_workers_work_at_once() {
    few().run(|| {
        // Each of the jobs waits for the others: if one runs only when another has ended, nobody can move.
        let here = Arc::default();
        let pool = Pool::new(2);
        pool.execute(meeting(&here, 2));
        pool.execute(meeting(&here, 2));
        pool.wait();
    });
}

#[test]
fn no_more_jobs_run_at_once_than_there_are_workers() {
    few().run(|| {
        let inside = Arc::new(AtomicUsize::new(0));
        let pool = Pool::new(1);
        for _ in 0..2 {
            let inside = Arc::clone(&inside);
            pool.execute(move || {
                let others = inside.fetch_add(1, Ordering::Relaxed);
                assert_eq!(others, 0, "another job is running, and there is one worker");
                inside.fetch_sub(1, Ordering::Relaxed);
            });
        }
        pool.wait();
        assert_eq!(inside.load(Ordering::Relaxed), 0, "a job found another one running, and there is one worker");
    });
}

#[test]
fn execute_does_not_wait_for_the_job() {
    few().run(|| {
        let (go, gate) = channel();
        let marks = marks(1);
        let pool = Pool::new(1);
        pool.execute(move || gate.recv().unwrap());
        pool.execute(marking(&marks, 0));
        // The worker is busy until now: if `execute` waits for it, nobody can move.
        go.send(()).unwrap();
        pool.wait();
        assert_eq!(read(&marks), [1]);
    });
}

#[test]
fn a_job_that_panics_costs_neither_worker_nor_wait() {
    few().run(|| {
        let marks = marks(1);
        let pool = Pool::new(1);
        pool.execute(|| panic!("on purpose, by the test"));
        pool.execute(marking(&marks, 0));
        let waited = catch_unwind(AssertUnwindSafe(|| pool.wait()));
        assert!(waited.is_ok(), "the panic of a job is not the panic of who waits");
        assert_eq!(read(&marks), [1], "how often the job behind the one that panicked had run");
        drop(pool);
        assert_eq!(other_threads(), 0, "so many threads are left behind by the pool");
    });
}

#[test]
fn after_a_panic_all_workers_work_at_once_as_before() {
    few().run(|| {
        let here = Arc::default();
        let pool = Pool::new(2);
        pool.execute(|| panic!("on purpose, by the test"));
        pool.execute(meeting(&here, 2));
        pool.execute(meeting(&here, 2));
        pool.wait();
    });
}

#[test]
fn everybody_who_waits_is_woken() {
    few().run(|| {
        let pool = Arc::new(Shared::new(Pool::new(1)));
        let marks = marks(1);
        let (others_pool, others_marks) = (Arc::clone(&pool), Arc::clone(&marks));
        pool.execute(marking(&marks, 0));
        let other = thread::spawn(move || {
            others_pool.wait();
            others_marks[0].get()
        });
        pool.wait();
        assert_eq!([marks[0].get(), other.join().unwrap()], [1, 1], "what each of the two who waited has found");
    });
}

#[test]
fn a_job_that_panics_wakes_everybody_who_waits_as_well() {
    few().run(|| {
        let pool = Arc::new(Shared::new(Pool::new(1)));
        let marks = marks(1);
        let (others_pool, others_marks, first) = (Arc::clone(&pool), Arc::clone(&marks), marking(&marks, 0));
        pool.execute(move || {
            first();
            panic!("on purpose, by the test");
        });
        let other = thread::spawn(move || {
            others_pool.wait();
            others_marks[0].get()
        });
        pool.wait();
        assert_eq!([marks[0].get(), other.join().unwrap()], [1, 1], "what each of the two who waited has found");
    });
}

#[test]
fn wait_is_not_ended_by_jobs_that_came_later() {
    few().run(|| {
        let pool = Arc::new(Shared::new(Pool::new(2)));
        let marks = marks(1);
        let (go, gate) = channel();
        let (others_pool, others_marks, first) = (Arc::clone(&pool), Arc::clone(&marks), marking(&marks, 0));
        pool.execute(move || {
            gate.recv().unwrap();
            first();
        });
        let other = thread::spawn(move || {
            others_pool.wait();
            others_marks[0].get()
        });
        pool.execute(|| ());
        go.send(()).unwrap();
        assert_eq!(other.join().unwrap(), 1, "how often the job that was waited for had run");
    });
}

#[test]
fn a_job_begins_although_somebody_waits() {
    few().run(|| {
        // The first job ends only when the second has begun, and meanwhile somebody waits for the first.
        let here = Arc::default();
        let pool = Arc::new(Shared::new(Pool::new(2)));
        let others = Arc::clone(&pool);
        pool.execute(meeting(&here, 2));
        let other = thread::spawn(move || others.wait());
        pool.execute(meeting(&here, 2));
        other.join().unwrap();
    });
}

#[test]
fn two_threads_may_submit_at_once() {
    few().run(|| {
        let pool = Arc::new(Shared::new(Pool::new(1)));
        let marks = marks(2);
        let (others_pool, others_job) = (Arc::clone(&pool), marking(&marks, 1));
        let other = thread::spawn(move || others_pool.execute(others_job));
        pool.execute(marking(&marks, 0));
        other.join().unwrap();
        pool.wait();
        assert_eq!(read(&marks), [1, 1], "how often each job had run");
        drop(pool);
        assert_eq!(other_threads(), 0, "so many threads are left behind by the pool");
    });
}

#[test]
fn a_job_may_submit_another() {
    few().run(|| {
        let pool = Arc::new(Shared::new(Pool::new(1)));
        let marks = marks(2);
        let (jobs_pool, first, second) = (Arc::clone(&pool), marking(&marks, 0), marking(&marks, 1));
        pool.execute(move || {
            jobs_pool.execute(second);
            first();
        });
        // The first has finished, so the second is submitted.
        pool.wait();
        pool.wait();
        assert_eq!(read(&marks), [1, 1], "how often each job had run");
    });
}
