//! The first rung: does the pool do what the brief says?

use examiner::{Meeting, Shared, in_time};
use impls::impls;
use pool::Pool;
use rstest::rstest;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::{self, sleep};
use std::time::Duration;

/// A job that counts itself.
fn counting(count: &Arc<AtomicUsize>) -> impl FnOnce() + Send + 'static {
    let count = Arc::clone(count);
    move || {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

fn read(count: &AtomicUsize) -> usize {
    count.load(Ordering::Relaxed)
}

/// Panics without a message on the screen, where the hook would put it.
fn panic_on_purpose() -> ! {
    resume_unwind(Box::new("on purpose, by the test"))
}

/// Checks that the pool has so many workers that work at the same time.
fn all_work_at_once(pool: &Pool, workers: usize) {
    let meeting = Arc::new(Meeting::of(workers));
    for _ in 0..workers {
        let meeting = Arc::clone(&meeting);
        pool.execute(move || meeting.attend());
    }
    pool.wait();
    let most = meeting.most_at_once();
    assert_eq!(most, workers, "there was a job for each of {workers} workers, but only {most} ever ran at once");
}

#[test]
fn a_job_runs() {
    in_time(|| {
        let (done, ran) = channel();
        let pool = Pool::new(1);
        pool.execute(move || done.send("ran").unwrap());
        assert_eq!(ran.recv(), Ok("ran"));
    });
}

#[rstest]
#[case::one_worker(1, 10)]
#[case::two_workers(2, 100)]
#[case::more_workers_than_jobs(4, 2)]
fn wait_returns_when_every_job_has_run_once(#[case] workers: usize, #[case] jobs: usize) {
    in_time(move || {
        let ran = Arc::default();
        let pool = Pool::new(workers);
        for _ in 0..jobs {
            pool.execute(counting(&ran));
        }
        pool.wait();
        assert_eq!(read(&ran), jobs, "so many jobs had run when `wait` returned");
        drop(pool);
        assert_eq!(read(&ran), jobs, "so many jobs had run in the end");
    });
}

#[test]
fn wait_returns_at_once_if_there_is_nothing_to_wait_for() {
    in_time(|| {
        let pool = Pool::new(2);
        pool.wait();
        pool.execute(|| ());
        pool.wait();
        pool.wait();
    });
}

#[test]
fn wait_waits_for_a_job_that_is_still_running() {
    in_time(|| {
        let finished = Arc::new(AtomicBool::new(false));
        let finishes = Arc::clone(&finished);
        let (began, running) = channel();
        let pool = Pool::new(2);
        pool.execute(move || {
            began.send(()).unwrap();
            sleep(Duration::from_millis(50));
            finishes.store(true, Ordering::SeqCst);
        });
        running.recv().unwrap();
        pool.wait();
        assert!(finished.load(Ordering::SeqCst), "the job had been taken from the queue, but it was still running");
    });
}

#[test]
fn a_pool_can_be_used_again_after_a_wait() {
    in_time(|| {
        let ran = Arc::default();
        let pool = Pool::new(2);
        for round in 1..=20 {
            for _ in 0..5 {
                pool.execute(counting(&ran));
            }
            pool.wait();
            assert_eq!(read(&ran), round * 5, "so many jobs had run when `wait` returned");
        }
    });
}

#[test]
fn execute_does_not_wait_for_a_worker() {
    in_time(|| {
        let ran = Arc::default();
        let (began, running) = channel();
        let (go, gate) = channel();
        let pool = Pool::new(1);
        pool.execute(move || {
            began.send(()).unwrap();
            gate.recv().unwrap();
        });
        // From here on the only worker is busy until `go`. Without this line it might take another job first.
        running.recv().unwrap();
        for _ in 0..2000 {
            pool.execute(counting(&ran));
        }
        assert_eq!(read(&ran), 0, "a job ran although the only worker had another one");
        go.send(()).unwrap();
        pool.wait();
        assert_eq!(read(&ran), 2000);
    });
}

#[test]
fn jobs_run_on_the_workers_threads_and_nowhere_else() {
    in_time(|| {
        let threads = Arc::new(Mutex::new(HashSet::new()));
        let pool = Pool::new(3);
        for _ in 0..60 {
            let threads = Arc::clone(&threads);
            pool.execute(move || {
                threads.lock().unwrap().insert(thread::current().id());
                sleep(Duration::from_micros(200));
            });
        }
        pool.wait();
        let threads = threads.lock().unwrap();
        assert!(!threads.contains(&thread::current().id()), "a job ran on the thread that called `execute` and `wait`");
        assert!(threads.len() <= 3, "jobs ran on {} threads, and there are 3 workers", threads.len());
    });
}

#[rstest]
#[case::one(1)]
#[case::two(2)]
#[case::eight(8)]
fn all_workers_work_at_once(#[case] workers: usize) {
    in_time(move || all_work_at_once(&Pool::new(workers), workers));
}

#[test]
fn no_more_jobs_run_at_once_than_there_are_workers() {
    in_time(|| {
        let counts = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
        let pool = Pool::new(2);
        for _ in 0..40 {
            let counts = Arc::clone(&counts);
            pool.execute(move || {
                let (inside, most) = &*counts;
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                sleep(Duration::from_micros(500));
                inside.fetch_sub(1, Ordering::SeqCst);
            });
        }
        pool.wait();
        let most = counts.1.load(Ordering::SeqCst);
        assert!(most <= 2, "{most} jobs ran at once, and there are 2 workers");
    });
}

#[test]
fn a_job_may_submit_another() {
    in_time(|| {
        let ran = Arc::default();
        let pool = Arc::new(Pool::new(1));
        for _ in 0..10 {
            let (pool_of_job, second) = (Arc::clone(&pool), counting(&ran));
            pool.execute(move || pool_of_job.execute(second));
        }
        // The first ten have finished, so the others are submitted.
        pool.wait();
        pool.wait();
        assert_eq!(read(&ran), 10);
    });
}

#[test]
fn execute_in_a_job_does_not_wait_either() {
    in_time(|| {
        let (go, gate) = channel();
        let pool = Arc::new(Pool::new(1));
        let jobs_pool = Arc::clone(&pool);
        pool.execute(move || {
            jobs_pool.execute(move || gate.recv().unwrap());
            // If `execute` runs the second job here and now, that one waits for ever.
            go.send(()).unwrap();
        });
        pool.wait();
        pool.wait();
    });
}

#[test]
fn a_job_may_have_a_pool_of_its_own() {
    in_time(|| {
        let (result, found) = channel();
        let pool = Pool::new(1);
        pool.execute(move || {
            let ran = Arc::default();
            let slowly = || {
                let count = counting(&ran);
                move || {
                    sleep(Duration::from_millis(30));
                    count();
                }
            };
            let own = Pool::new(1);
            own.execute(slowly());
            own.wait();
            let after_wait = read(&ran);
            own.execute(slowly());
            drop(own);
            result.send([after_wait, read(&ran)]).unwrap();
        });
        assert_eq!(found.recv(), Ok([1, 2]), "so many jobs of the inner pool had run after its `wait`, and after its drop");
    });
}

#[test]
fn several_threads_may_submit_and_wait() {
    in_time(|| {
        let ran = Arc::default();
        let pool = Shared::new(Pool::new(2));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for jobs in 1..=25 {
                        pool.execute(counting(&ran));
                        if jobs % 5 == 0 {
                            pool.wait();
                        }
                    }
                });
            }
        });
        pool.wait();
        assert_eq!(read(&ran), 100);
    });
}

#[test]
fn everybody_who_waits_is_woken() {
    in_time(|| {
        let pool = Shared::new(Pool::new(1));
        thread::scope(|scope| {
            let (go, gate) = channel();
            pool.execute(move || gate.recv().unwrap());
            let waiting: Vec<_> = (0..3).map(|_| scope.spawn(|| pool.wait())).collect();
            // Time enough for all three to fall asleep.
            sleep(Duration::from_millis(30));
            go.send(()).unwrap();
            for waiter in waiting {
                waiter.join().unwrap();
            }
        });
    });
}

#[test]
fn wait_is_not_ended_by_jobs_that_came_later() {
    in_time(|| {
        let pool = Shared::new(Pool::new(2));
        let (go, gate) = channel();
        let finished = Arc::new(AtomicBool::new(false));
        let finishes = Arc::clone(&finished);
        pool.execute(move || {
            gate.recv().unwrap();
            finishes.store(true, Ordering::SeqCst);
        });
        thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                pool.wait();
                finished.load(Ordering::SeqCst)
            });
            // Time enough to begin to wait.
            sleep(Duration::from_millis(30));
            for _ in 0..10 {
                pool.execute(|| ());
            }
            sleep(Duration::from_millis(10));
            go.send(()).unwrap();
            let was_finished = waiter.join().unwrap();
            assert!(was_finished, "`wait` counted ten later jobs, and returned before the one that it was called for");
        });
    });
}

#[rstest]
#[case::one_worker(1)]
#[case::three_workers(3)]
fn a_job_that_panics_costs_no_worker(#[case] workers: usize) {
    in_time(move || {
        let pool = Pool::new(workers);
        for _ in 0..2 * workers {
            pool.execute(|| panic_on_purpose());
        }
        pool.wait();
        all_work_at_once(&pool, workers);
    });
}

#[test]
fn wait_waits_for_a_job_that_panics_and_for_those_behind_it() {
    in_time(|| {
        let ran = Arc::default();
        let pool = Pool::new(1);
        for _ in 0..5 {
            pool.execute(|| {
                sleep(Duration::from_millis(2));
                panic_on_purpose();
            });
            pool.execute(counting(&ran));
        }
        let waited = catch_unwind(AssertUnwindSafe(|| pool.wait()));
        assert!(waited.is_ok(), "the panic of a job is not the panic of who waits");
        assert_eq!(read(&ran), 5);
    });
}

#[test]
fn dropping_finishes_every_job() {
    in_time(|| {
        let ran = Arc::default();
        let pool = Pool::new(2);
        for _ in 0..100 {
            let count = counting(&ran);
            pool.execute(move || {
                sleep(Duration::from_micros(100));
                count();
            });
        }
        drop(pool);
        assert_eq!(read(&ran), 100, "so many of 100 jobs had run when the pool was gone");
    });
}

#[test]
fn dropping_finishes_every_job_in_spite_of_panics() {
    in_time(|| {
        let ran = Arc::default();
        let pool = Pool::new(2);
        for job in 0..20 {
            let count = counting(&ran);
            pool.execute(move || {
                count();
                if job % 2 == 0 {
                    panic_on_purpose();
                }
            });
        }
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(pool)));
        assert!(dropped.is_ok(), "the panic of a job is not the panic of who drops the pool");
        assert_eq!(read(&ran), 20, "so many of 20 jobs had run when the pool was gone");
    });
}

#[test]
fn dropping_a_pool_without_jobs_ends_its_workers() {
    in_time(|| {
        drop(Pool::new(3));
        let pool = Pool::new(3);
        pool.execute(|| ());
        pool.wait();
        // The workers are asleep now.
        sleep(Duration::from_millis(10));
        drop(pool);
    });
}

#[test]
fn what_a_job_owns_is_gone_with_the_pool() {
    in_time(|| {
        let owned = Arc::new(());
        let pool = Pool::new(2);
        for job in 0..10 {
            let mine = Arc::clone(&owned);
            pool.execute(move || {
                let _mine = &mine;
                if job == 5 {
                    panic_on_purpose();
                }
            });
        }
        drop(pool);
        assert_eq!(Arc::strong_count(&owned), 1, "a job, or something that it owned, is still there");
    });
}

#[test]
fn two_pools_know_nothing_of_each_other() {
    in_time(|| {
        let (go, gate) = channel();
        let (busy, free) = (Pool::new(1), Pool::new(1));
        busy.execute(move || gate.recv().unwrap());
        let ran = Arc::default();
        free.execute(counting(&ran));
        free.wait();
        assert_eq!(read(&ran), 1);
        go.send(()).unwrap();
    });
}

#[test]
fn no_workers_is_a_panic() {
    in_time(|| {
        drop(Pool::new(1));
        assert!(catch_unwind(|| Pool::new(0)).is_err(), "a pool with 0 workers would never do anything: it must panic");
    });
}

#[test]
fn threads_may_share_a_pool() {
    in_time(|| drop(Pool::new(1)));
    assert!(impls!(Pool: Send), "a `Pool` must be `Send`: it could be moved to another thread");
    assert!(impls!(Pool: Sync), "a `Pool` must be `Sync`, or no two threads can submit jobs to it");
}

#[test]
fn only_sound_uses_compile() {
    in_time(|| drop(Pool::new(1)));
    examiner::only_sound_uses_compile(env!("CARGO_MANIFEST_DIR"), env!("CARGO_TARGET_TMPDIR"), include_str!("compiler/uses.rs"));
}

#[test]
fn the_solution_is_ordinary_rust() {
    in_time(|| drop(Pool::new(1)));
    examiner::ordinary_rust(env!("CARGO_MANIFEST_DIR"));
}
