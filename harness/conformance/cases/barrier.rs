//! What `std::sync::Barrier` promises.
use crate::conforms;
use std::fmt::Debug;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, BarrierWaitResult};
use std::thread;

#[test]
fn a_barrier_of_one_never_blocks() {
    conforms(|| {
        let barrier = Barrier::new(1);
        assert!(barrier.wait().is_leader());
        assert!(barrier.wait().is_leader());
    });
}

#[test]
fn one_thread_of_two_is_the_leader() {
    conforms(|| {
        let barrier = Arc::new(Barrier::new(2));
        let other = barrier.clone();
        let t = thread::spawn(move || other.wait().is_leader());
        assert_ne!(barrier.wait().is_leader(), t.join().unwrap());
    });
}

#[test]
fn one_thread_of_three_is_the_leader() {
    conforms(|| {
        let barrier = Arc::new(Barrier::new(3));
        let threads = [barrier.clone(), barrier.clone()].map(|barrier| thread::spawn(move || barrier.wait().is_leader()));
        let mut leaders = usize::from(barrier.wait().is_leader());
        for t in threads {
            leaders += usize::from(t.join().unwrap());
        }
        assert_eq!(leaders, 1);
    });
}

#[test]
fn each_thread_sees_what_the_others_did_before_the_barrier() {
    conforms(|| {
        let shared = Arc::new((Barrier::new(2), AtomicUsize::new(0)));
        let arrive = |shared: &(Barrier, AtomicUsize)| {
            shared.1.fetch_add(1, Ordering::Relaxed);
            shared.0.wait();
            assert_eq!(shared.1.load(Ordering::Relaxed), 2);
        };
        let other = shared.clone();
        let t = thread::spawn(move || arrive(&other));
        arrive(&shared);
        t.join().unwrap();
    });
}

#[test]
fn a_barrier_can_be_used_again() {
    conforms(|| {
        let barrier = Arc::new(Barrier::new(2));
        let other = barrier.clone();
        let t = thread::spawn(move || [other.wait().is_leader(), other.wait().is_leader()]);
        let mine = [barrier.wait().is_leader(), barrier.wait().is_leader()];
        assert_eq!(t.join().unwrap(), mine.map(|leader| !leader));
    });
}

#[test]
fn a_barrier_has_its_signatures_and_traits() {
    const BARRIER: Barrier = Barrier::new(1);
    conforms(|| {
        let barrier = BARRIER;
        assert!(format!("{barrier:?}").contains("Barrier"));
        assert!(format!("{:?}", barrier.wait()).contains("BarrierWaitResult"));
        let _: fn(usize) -> Barrier = Barrier::new;
        let _: fn(&Barrier) -> BarrierWaitResult = Barrier::wait;
        let _: fn(&BarrierWaitResult) -> bool = BarrierWaitResult::is_leader;
        assert!(implements!(Barrier: Send + Sync + UnwindSafe + RefUnwindSafe + Debug));
        assert!(implements!(BarrierWaitResult: Send + Sync + Debug));
    });
}
