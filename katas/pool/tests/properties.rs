//! The second rung: does the pool do it for any jobs, in any order?

use examiner::{Meeting, in_time};
use pool::Pool;
use proptest::collection::vec;
use proptest::prelude::*;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::yield_now;

/// What may be done with a pool, one thing after the other.
#[derive(Clone, Copy, Debug)]
enum Use {
    /// A job that lets others run so many times, and then counts itself.
    Job {
        yields: u8,
    },
    /// The same, and then it panics.
    Panic,
    /// A job that submits so many others.
    Family {
        children: usize,
    },
    Wait,
}

fn any_use() -> impl Strategy<Value = Use> {
    prop_oneof![
        4 => (0..4_u8).prop_map(|yields| Use::Job { yields }),
        1 => Just(Use::Panic),
        1 => (0..4_usize).prop_map(|children| Use::Family { children }),
        1 => Just(Use::Wait),
    ]
}

proptest! {
    // The search for a smaller input that fails as well ends after a second: where threads wait for ever, each try takes long.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, max_shrink_time: 1000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_submitted_runs_once(workers in 1..5_usize, uses in vec(any_use(), 0..30)) {
        in_time(move || {
            let ran = Arc::new(AtomicUsize::new(0));
            let pool = Arc::new(Pool::new(workers));
            let (mut submitted, mut grandchildren) = (0, 0);
            for next in uses {
                let count = Arc::clone(&ran);
                match next {
                    Use::Job { yields } => pool.execute(move || {
                        (0..yields).for_each(|_| yield_now());
                        count.fetch_add(1, Ordering::SeqCst);
                    }),
                    Use::Panic => pool.execute(move || {
                        count.fetch_add(1, Ordering::SeqCst);
                        // Without a message on the screen, where the hook would put it.
                        resume_unwind(Box::new("on purpose, by the test"));
                    }),
                    Use::Family { children } => {
                        let parent = Arc::clone(&pool);
                        grandchildren += children;
                        pool.execute(move || {
                            count.fetch_add(1, Ordering::SeqCst);
                            for _ in 0..children {
                                let count = Arc::clone(&count);
                                parent.execute(move || {
                                    count.fetch_add(1, Ordering::SeqCst);
                                });
                            }
                        });
                    }
                    Use::Wait => {
                        pool.wait();
                        let ran = ran.load(Ordering::SeqCst);
                        assert!(ran >= submitted, "{submitted} jobs were submitted, and when `wait` returned, {ran} had run");
                        continue;
                    }
                }
                submitted += 1;
            }
            // No job keeps the pool alive when the first wait is over, and no child is missing after the second.
            pool.wait();
            pool.wait();
            assert_eq!(ran.load(Ordering::SeqCst), submitted + grandchildren, "so many jobs had run after the last wait");
        });
    }

    #[test]
    fn whenever_it_is_dropped_every_job_has_run(workers in 1..5_usize, jobs in 0..40_usize, yields in 0..4_usize) {
        in_time(move || {
            let ran = Arc::new(AtomicUsize::new(0));
            let pool = Pool::new(workers);
            for _ in 0..jobs {
                let count = Arc::clone(&ran);
                pool.execute(move || {
                    (0..yields).for_each(|_| yield_now());
                    count.fetch_add(1, Ordering::SeqCst);
                });
            }
            drop(pool);
            assert_eq!(ran.load(Ordering::SeqCst), jobs, "so many jobs had run when the pool was gone");
            assert_eq!(Arc::strong_count(&ran), 1, "a job is still there");
        });
    }
}

proptest! {
    // A meeting that does not come about takes its time: no search for the smallest such.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 16, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn any_number_of_workers_work_at_once(workers in 1..10_usize, panics in 0..4_usize) {
        in_time(move || {
            let pool = Pool::new(workers);
            for _ in 0..panics {
                pool.execute(|| resume_unwind(Box::new("on purpose, by the test")));
            }
            pool.wait();
            let meeting = Arc::new(Meeting::of(workers));
            for _ in 0..workers {
                let meeting = Arc::clone(&meeting);
                pool.execute(move || meeting.attend());
            }
            pool.wait();
            let most = meeting.most_at_once();
            assert_eq!(most, workers, "there was a job for each of {workers} workers, but only {most} ever ran at once");
        });
    }
}
