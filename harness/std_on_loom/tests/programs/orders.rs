//! Which values loads may see: the litmus tests of memory models, each with all its outcomes.
//!
//! Every outcome that is permitted must be seen by loom, or a solution that builds on its absence passes; every other one must
//! not be seen, or a correct solution is rejected. shuttle knows sequential consistency only.

use crate::report::fails;
use crate::{Check, WEAK_ORDERS, check, few_preemptions};
use real_std::collections::BTreeSet;
use real_std::sync::Mutex as RealMutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering, Ordering::*, fence};
use std::thread;

#[derive(Default)]
struct Memory {
    x: AtomicUsize,
    y: AtomicUsize,
    z: AtomicUsize,
}

/// A thread: does something with the memory, and says what it saw.
type Program = fn(&Memory) -> Vec<usize>;

/// All that `programs` may see together, main running the last of them.
fn outcomes<const N: usize>(check: Check, programs: [Program; N]) -> BTreeSet<Vec<usize>> {
    let seen = real_std::sync::Arc::new(real_std::sync::Mutex::new(BTreeSet::new()));
    let all = real_std::sync::Arc::clone(&seen);
    check.run(move || {
        let memory = Arc::new(Memory::default());
        let (mine, theirs) = programs.split_last().unwrap();
        let start = |&program: &Program| {
            let memory = Arc::clone(&memory);
            thread::spawn(move || program(&memory))
        };
        let others: Vec<_> = theirs.iter().map(start).collect();
        let mine = mine(&memory);
        let mut saw: Vec<usize> = others.into_iter().flat_map(|other| other.join().unwrap()).collect();
        saw.extend(mine);
        all.lock().unwrap().insert(saw);
    });
    real_std::mem::take(&mut *seen.lock().unwrap())
}

/// The outcomes of two threads that each see one number.
fn of_two(programs: [Program; 2]) -> Vec<Vec<usize>> {
    outcomes(Check::new(), programs).into_iter().collect()
}

/// With one order for all, one of the two must see the other's store.
const ONE_SEES: [[usize; 2]; 3] = [[0, 1], [1, 0], [1, 1]];
/// With less, neither need.
const NEITHER_MAY_SEE: [[usize; 2]; 4] = [[0, 0], [0, 1], [1, 0], [1, 1]];

/// Store buffering, as in Dekker's lock: each stores its own and loads the other's.
#[test]
fn one_of_two_that_store_and_then_load_sees_the_other() {
    let sequentially_consistent: [[Program; 2]; 4] = [
        [
            |m| {
                m.x.store(1, SeqCst);
                vec![m.y.load(SeqCst)]
            },
            |m| {
                m.y.store(1, SeqCst);
                vec![m.x.load(SeqCst)]
            },
        ],
        [
            |m| {
                m.x.store(1, Relaxed);
                fence(SeqCst);
                vec![m.y.load(Relaxed)]
            },
            |m| {
                m.y.store(1, Relaxed);
                fence(SeqCst);
                vec![m.x.load(Relaxed)]
            },
        ],
        [
            |m| {
                m.x.swap(1, SeqCst);
                vec![m.y.load(SeqCst)]
            },
            |m| {
                m.y.fetch_add(1, SeqCst);
                vec![m.x.fetch_add(0, SeqCst)]
            },
        ],
        [
            |m| {
                m.x.store(1, SeqCst);
                vec![m.y.load(SeqCst)]
            },
            |m| {
                m.y.store(1, Relaxed);
                fence(SeqCst);
                vec![m.x.load(Relaxed)]
            },
        ],
    ];
    for (index, programs) in sequentially_consistent.into_iter().enumerate() {
        assert_eq!(of_two(programs), ONE_SEES, "pair {index}");
    }
}

/// Whoever comes second at an atomic that both read and write sees what the first one did before, even if the value stays as it
/// is: the writes to one atomic have an order, and each reads from the one before.
#[test]
fn one_of_two_that_meet_at_an_atomic_sees_the_other() {
    // Not `swap(0, AcqRel)`: that happens to write what was there, and is then done as a read (see `read_modify_write` on loom).
    let meetings: [fn(&AtomicUsize); 3] =
        [|z| _ = z.fetch_add(1, AcqRel), |z| _ = z.fetch_add(0, AcqRel), |z| _ = z.fetch_or(0, SeqCst)];
    let wrong: Vec<usize> = (0..meetings.len())
        .filter(|&index| {
            let meet = meetings[index];
            let seen = real_std::sync::Arc::new(real_std::sync::Mutex::new(BTreeSet::new()));
            let all = real_std::sync::Arc::clone(&seen);
            check(move || {
                let memory = Arc::new(Memory::default());
                let others = Arc::clone(&memory);
                let other = thread::spawn(move || {
                    others.x.store(1, Relaxed);
                    meet(&others.z);
                    others.y.load(Relaxed)
                });
                memory.y.store(1, Relaxed);
                meet(&memory.z);
                let mine = memory.x.load(Relaxed);
                all.lock().unwrap().insert([other.join().unwrap(), mine]);
            });
            let seen = seen.lock().unwrap();
            !seen.iter().eq(&ONE_SEES)
        })
        .collect();
    assert_eq!(wrong, [0; 0], "the meetings after which not exactly {ONE_SEES:?} is seen");
}

#[test]
fn neither_of_two_need_see_the_other_with_less_than_a_common_order() {
    let weaker: [[Program; 2]; 5] = [
        [
            |m| {
                m.x.store(1, Relaxed);
                vec![m.y.load(Relaxed)]
            },
            |m| {
                m.y.store(1, Relaxed);
                vec![m.x.load(Relaxed)]
            },
        ],
        [
            |m| {
                m.x.store(1, Release);
                vec![m.y.load(Acquire)]
            },
            |m| {
                m.y.store(1, Release);
                vec![m.x.load(Acquire)]
            },
        ],
        [
            // The stores alone have a common order: that says nothing of the loads.
            |m| {
                m.x.store(1, SeqCst);
                vec![m.y.load(Acquire)]
            },
            |m| {
                m.y.store(1, SeqCst);
                vec![m.x.load(Acquire)]
            },
        ],
        [
            // The loads alone.
            |m| {
                m.x.store(1, Release);
                vec![m.y.load(SeqCst)]
            },
            |m| {
                m.y.store(1, Release);
                vec![m.x.load(SeqCst)]
            },
        ],
        [
            // One thread does all that it can.
            |m| {
                m.x.store(1, SeqCst);
                vec![m.y.load(SeqCst)]
            },
            |m| {
                m.y.store(1, SeqCst);
                vec![m.x.load(Relaxed)]
            },
        ],
    ];
    let expected: &[[usize; 2]] = if WEAK_ORDERS { &NEITHER_MAY_SEE } else { &ONE_SEES };
    let wrong: Vec<usize> = (0..weaker.len()).filter(|&pair| of_two(weaker[pair]) != expected).collect();
    assert_eq!(wrong, [0; 0], "the pairs of threads that do not come to {expected:?}");
}

/// Sets the flag.
type Publish = fn(&Memory);
/// Says what the flag is.
type Look = fn(&Memory) -> usize;

/// Message passing: whoever sees the flag sees the message.
fn message(publish: Publish, look: Look) -> impl Fn() + Send + Sync + 'static {
    move || {
        let memory = Arc::new(Memory::default());
        let others = Arc::clone(&memory);
        let other = thread::spawn(move || {
            others.x.store(7, Relaxed); // the message
            publish(&others);
        });
        if look(&memory) == 1 {
            assert_eq!(memory.x.load(Relaxed), 7, "the flag was there without the message"); // the old value
        }
        other.join().unwrap();
    }
}

#[test]
fn a_message_is_there_when_its_flag_is() {
    check(message(|m| m.y.store(1, Release), |m| m.y.load(Acquire)));
    check(message(
        |m| {
            m.y.swap(1, AcqRel);
        },
        |m| m.y.fetch_add(0, AcqRel),
    ));
    check(message(
        |m| {
            fence(Release);
            m.y.store(1, Relaxed);
        },
        |m| {
            let flag = m.y.load(Relaxed);
            fence(Acquire);
            flag
        },
    ));
}

#[test]
fn a_relaxed_flag_comes_without_its_message() {
    let weaker: [(Publish, Look); 4] = [
        (|m| m.y.store(1, Relaxed), |m| m.y.load(Acquire)),
        (|m| m.y.store(1, Release), |m| m.y.load(Relaxed)),
        (
            |m| {
                m.y.swap(1, Acquire);
            },
            |m| m.y.swap(0, AcqRel),
        ),
        (
            |m| {
                m.y.store(1, Relaxed);
                fence(Release);
            },
            |m| m.y.load(Acquire),
        ),
    ];
    for (publish, look) in weaker {
        let program = message(publish, look);
        if WEAK_ORDERS {
            fails(move || program())
                .says("the flag was there without the message")
                .says("memory.x.load(Relaxed) → 0 — STALE: step")
                .says("had stored 7")
                .points_at("the old value");
        } else {
            check(program);
        }
    }
}

/// Independent reads of independent writes: two readers agree on which of two writes came first. The last program is main's.
fn readers_disagree(order_of_loads: Ordering, fenced: bool) -> bool {
    fn read(first: &AtomicUsize, second: &AtomicUsize, order: Ordering, fenced: bool) -> Vec<usize> {
        let first = first.load(order);
        if fenced {
            fence(SeqCst);
        }
        vec![first, second.load(order)]
    }
    let programs: [Program; 4] = match (order_of_loads, fenced) {
        (SeqCst, _) => [
            |m| {
                m.x.store(1, SeqCst);
                vec![]
            },
            |m| {
                m.y.store(1, SeqCst);
                vec![]
            },
            |m| read(&m.x, &m.y, SeqCst, false),
            |m| read(&m.y, &m.x, SeqCst, false),
        ],
        (_, true) => [
            |m| {
                m.x.store(1, Release);
                vec![]
            },
            |m| {
                m.y.store(1, Release);
                vec![]
            },
            |m| read(&m.x, &m.y, Acquire, true),
            |m| read(&m.y, &m.x, Acquire, true),
        ],
        (_, false) => [
            |m| {
                m.x.store(1, Release);
                vec![]
            },
            |m| {
                m.y.store(1, Release);
                vec![]
            },
            |m| read(&m.x, &m.y, Acquire, false),
            |m| read(&m.y, &m.x, Acquire, false),
        ],
    };
    outcomes(few_preemptions(1), programs).contains(&vec![1, 0, 1, 0])
}

#[test]
fn two_readers_agree_on_two_writes_in_a_common_order_only() {
    assert!(!readers_disagree(SeqCst, false), "every access is `SeqCst`");
    assert!(!readers_disagree(Acquire, true), "there are `SeqCst` fences between the loads");
    assert_eq!(readers_disagree(Acquire, false), WEAK_ORDERS, "nothing orders the two writes");
}

/// Coherence: who has seen a store of one atomic never sees an older one.
#[test]
fn nobody_sees_one_atomic_go_back() {
    let twice: [Program; 2] = [
        |m| {
            m.x.store(1, Relaxed);
            m.x.store(2, Relaxed);
            vec![]
        },
        |m| vec![m.x.load(Relaxed), m.x.load(Relaxed)],
    ];
    assert_eq!(of_two(twice), [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [2, 2]]);
}

/// A release sequence: a read-modify-write between passes on what the store published, whatever its own ordering.
fn through_a_read_modify_write(store: Ordering, between: fn(&Memory)) -> impl Fn() + Send + Sync + 'static {
    move || {
        let memory = Arc::new(Memory::default());
        let [first, second] = [Arc::clone(&memory), Arc::clone(&memory)];
        let first = thread::spawn(move || {
            first.x.store(7, Relaxed);
            first.y.store(1, store);
        });
        let second = thread::spawn(move || between(&second));
        // 1 + 10: both have been here, the store first.
        if memory.y.load(Acquire) == 11 {
            assert_eq!(memory.x.load(Relaxed), 7, "the message was not passed on");
        }
        first.join().unwrap();
        second.join().unwrap();
    }
}

#[test]
fn a_read_modify_write_passes_on_what_was_published() {
    let add: fn(&Memory) = |m| {
        m.y.fetch_add(10, Relaxed);
    };
    if WEAK_ORDERS {
        // A store of another thread breaks the sequence; a store that publishes nothing has none.
        let store: fn(&Memory) = |m| {
            if m.y.load(Relaxed) == 1 {
                m.y.store(11, Relaxed);
            }
        };
        fails(move || through_a_read_modify_write(Release, store)()).says("the message was not passed on");
        fails(move || through_a_read_modify_write(Relaxed, add)()).says("the message was not passed on");
    }
    check(through_a_read_modify_write(Release, add));
}

/// What a thread knows it passes on: whoever sees the second flag sees the first message.
#[test]
fn what_one_has_seen_another_sees_through_it() {
    let programs: [Program; 3] = [
        |m| {
            m.x.store(1, Relaxed);
            m.y.store(1, Release);
            vec![]
        },
        |m| {
            if m.y.load(Acquire) == 1 {
                m.z.store(1, Release);
            }
            vec![]
        },
        |m| vec![m.z.load(Acquire), m.x.load(Relaxed)],
    ];
    let seen: Vec<_> = outcomes(few_preemptions(2), programs).into_iter().collect();
    assert_eq!(seen, [[0, 0], [0, 1], [1, 1]]);
}

/// An overshoot that is taken back at once can be seen. loom alone misses it on the main thread.
#[test]
fn what_stands_there_for_a_moment_only_can_be_seen() {
    let programs: [Program; 2] = [
        |m| {
            m.x.fetch_add(2, Relaxed);
            m.x.fetch_min(1, Relaxed);
            vec![]
        },
        |m| vec![m.x.load(Relaxed)],
    ];
    assert_eq!(of_two(programs), [[0], [1], [2]]);
}

/// A read-modify-write that writes what it read is a read on loom: what hangs on its having been a write must still hold.
#[test]
fn a_read_modify_write_that_changes_nothing_still_reads_the_newest() {
    let programs: [Program; 2] = [
        |m| {
            m.x.store(1, Relaxed);
            vec![m.y.swap(1, SeqCst), m.x.load(Relaxed)]
        },
        |m| {
            m.y.store(1, SeqCst);
            vec![m.y.swap(1, SeqCst)]
        },
    ];
    assert_eq!(of_two(programs), [[0, 1, 1], [1, 1, 1]]);
}

#[test]
fn whoever_tries_in_vain_does_not_let_anybody_in() {
    // `try_lock` as a `swap` that may find the lock taken, `lock` as an exchange.
    for order in [AcqRel, SeqCst] {
        check(move || {
            let memory = Arc::new(Memory::default());
            let others = Arc::clone(&memory);
            let inside = move |m: &Memory| {
                assert_eq!(m.x.fetch_add(1, Relaxed), 0, "two are inside");
                m.x.fetch_sub(1, Relaxed);
                m.y.store(0, if order == SeqCst { SeqCst } else { Release });
            };
            let other = thread::spawn(move || {
                for _ in 0..2 {
                    if others.y.swap(1, order) == 0 {
                        inside(&others);
                    }
                }
            });
            while memory.y.compare_exchange(0, 1, order, Relaxed).is_err() {}
            inside(&memory);
            other.join().unwrap();
        });
    }
}

#[test]
fn a_write_after_a_load_of_ones_own_may_come_before_anothers_load() {
    // The writer's own load must not hide its write from a thread that only reads.
    let writes: [fn(&AtomicUsize) -> usize; 3] = [
        |x| x.swap(1, Relaxed),
        |x| x.compare_exchange(0, 1, Relaxed, Relaxed).unwrap(),
        |x| {
            x.store(1, Relaxed);
            0
        },
    ];
    for write in writes {
        let seen: &'static RealMutex<BTreeSet<usize>> = Box::leak(Box::new(RealMutex::new(BTreeSet::new())));
        check(move || {
            let x = Arc::new(AtomicUsize::new(0));
            let others = Arc::clone(&x);
            let other = thread::spawn(move || {
                others.load(Acquire);
                write(&others);
            });
            seen.lock().unwrap().insert(x.load(Relaxed));
            other.join().unwrap();
            // Counted drops are what leaves loom with no other reason to try the write first.
            assert_eq!(Arc::strong_count(&x), 1);
        });
        assert_eq!(*seen.lock().unwrap(), BTreeSet::from([0, 1]));
    }
}
