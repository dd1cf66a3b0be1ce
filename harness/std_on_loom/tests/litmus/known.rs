//! Where the checker falls short of the model, each with its reason. The tests hold these lists true, both ways.

/// Outcomes of a shape, for some of its orderings, and why they are as they are.
pub struct Known {
    pub shape: &'static str,
    pub orders: &'static str,
    pub outcomes: &'static [&'static [u64]],
    pub why: &'static str,
}

const LATER: &str = "loom loads only what has been stored already, so nobody sees what another thread will store later.";
const NEWEST: &str = "On loom a read-modify-write always reads the newest store there is, and later stores come after it.";
const STALE: &str = "On loom an exchange that fails has read the newest store there is, where a load might see an older one.";
const MEMORY: &str = "loom remembers the last seven stores to an atomic, its first value included.";
const FENCES: &str =
    "The stand-in puts a SeqCst fence between two SeqCst accesses of a thread, which orders the accesses around them as well.";
const OTHERS: &str = "An acquire fence of loom's takes loads of other threads, which happen before it, for its own thread's.";

/// Allowed, and never shown: a program that relies on their absence passes.
pub const GAPS: &[Known] = &[
    Known { shape: "LB", orders: "* rlx * rlx", outcomes: &[&[1, 1]], why: LATER },
    Known { shape: "LB", orders: "rlx rlx * *", outcomes: &[&[1, 1]], why: LATER },
    Known { shape: "LB", orders: "* * rlx rlx", outcomes: &[&[1, 1]], why: LATER },
    Known { shape: "LB", orders: "rlx * rlx *", outcomes: &[&[1, 1]], why: LATER },
    Known { shape: "SB, read-modify-writes as loads", orders: "rlx|rel *", outcomes: &[&[0, 0]], why: NEWEST },
    Known { shape: "SB, read-modify-writes as loads", orders: "* rlx|acq|rel|a/r", outcomes: &[&[0, 0]], why: NEWEST },
    Known { shape: "An exchange that fails is a load", orders: "*", outcomes: &[&[1, 0]], why: STALE },
    Known { shape: "MP with more stores than loom remembers", orders: "rlx *", outcomes: &[&[1, 0]], why: MEMORY },
    Known { shape: "MP with more stores than loom remembers", orders: "* rlx", outcomes: &[&[1, 0]], why: MEMORY },
    Known { shape: "SB around other SeqCst accesses", orders: "sc sc", outcomes: &[&[0, 0, 0, 0]], why: FENCES },
    Known { shape: "W+RWC", orders: "rlx sc sc", outcomes: &[&[1, 0, 0]], why: FENCES },
    Known {
        shape: "ISA2, an acquire fence after another thread's relaxed load",
        orders: "none acq|sc",
        outcomes: &[&[1, 1, 0]],
        why: OTHERS,
    },
];

/// Forbidden, and shown: a correct program that relies on their absence fails.
pub const FALSE_ALARMS: &[Known] = &[];

const THROUGH: &str = "Two SeqCst loads of one location, of which only one sees a store, have an order in S in C++20, whatever \
                       the ordering of the store.";

/// Forbidden by C++20, and allowed by RC11.
pub const STRONGER_THAN_RC11: &[Known] = &[
    Known { shape: "IRIW", orders: "rel sc sc", outcomes: &[&[1, 0, 1, 0]], why: THROUGH },
    Known { shape: "RWC", orders: "rel sc", outcomes: &[&[1, 0, 0]], why: THROUGH },
];
