//! The second rung: does the lock do it for every input?

use examiner::{Shared, in_time};
use proptest::collection::vec;
use proptest::prelude::*;
use spinlock::SpinLock;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread;

/// What one thread may do with a lock, one thing after the other.
#[derive(Clone, Copy, Debug)]
enum Use {
    TryLock,
    Write(u8),
    Release,
    GetMut(u8),
}

fn any_use() -> impl Strategy<Value = Use> {
    prop_oneof![Just(Use::TryLock), any::<u8>().prop_map(Use::Write), Just(Use::Release), any::<u8>().prop_map(Use::GetMut)]
}

proptest! {
    // The search for a smaller input that fails as well ends after a second: where threads wait for ever, each try takes long.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, max_shrink_time: 1000, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_uses_leaves_the_value_that_was_written_last(uses in vec(any_use(), 0..20), first in any::<u8>()) {
        in_time(move || {
            let mut lock = SpinLock::new(first);
            let mut expected = first;
            let mut uses = uses.into_iter().peekable();
            while let Some(next) = uses.next() {
                match next {
                    Use::GetMut(value) => {
                        *lock.get_mut() = value;
                        expected = value;
                    }
                    Use::TryLock | Use::Write(_) | Use::Release => {
                        // Held from here to the next release; a second guard must not be given out meanwhile.
                        let mut guard = lock.try_lock().expect("nobody holds the lock");
                        while let Some(next) = uses.next_if(|next| !matches!(next, Use::GetMut(_))) {
                            match next {
                                Use::TryLock => assert!(lock.try_lock().is_none(), "two guards at once"),
                                Use::Write(value) => {
                                    *guard = value;
                                    expected = value;
                                }
                                Use::Release | Use::GetMut(_) => break,
                            }
                        }
                        assert_eq!(*guard, expected);
                    }
                }
            }
            assert_eq!(*lock.lock(), expected);
            assert_eq!(lock.into_inner(), expected);
        });
    }

    #[test]
    fn all_that_any_threads_add_is_there_in_the_end(additions in vec(vec(0..1000_u64, 0..40), 1..5)) {
        in_time(move || {
            let lock = Shared::new(SpinLock::new(0));
            thread::scope(|scope| {
                for mine in &additions {
                    let lock = &lock;
                    scope.spawn(move || {
                        for number in mine {
                            *lock.lock() += number;
                        }
                    });
                }
            });
            assert_eq!(lock.into_inner().into_inner(), additions.iter().flatten().sum::<u64>());
        });
    }

    #[test]
    fn a_value_is_dropped_exactly_once(replacements in 0..5_usize, panics in any::<bool>(), taken_out in any::<bool>()) {
        in_time(move || {
            let owners = Arc::new(());
            {
                let lock = SpinLock::new(Arc::clone(&owners));
                for _ in 0..replacements {
                    *lock.lock() = Arc::clone(&owners);
                    assert_eq!(Arc::strong_count(&owners), 2, "the value that was replaced is dropped, and only that");
                }
                if panics {
                    let holder = AssertUnwindSafe(|| {
                        let _guard = lock.lock();
                        // Without a message on the screen, where the hook would put it.
                        resume_unwind(Box::new("on purpose, by the test"));
                    });
                    assert!(catch_unwind(holder).is_err());
                }
                if taken_out {
                    let value = lock.into_inner();
                    assert_eq!(Arc::strong_count(&owners), 2, "the value was moved out, not copied");
                    drop(value);
                }
            }
            assert_eq!(Arc::strong_count(&owners), 1, "the value is gone with its lock");
        });
    }
}
