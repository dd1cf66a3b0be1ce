//! What a random interleaving leads to is told with the turns that it takes, and no more.

use crate::Check;
use crate::report::fails_in;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::thread;

/// So few schedules with few preemptions that only a random one finds it.
fn hardly_any_but_random() -> Check {
    Check::new().budget(1)
}

#[test]
fn turns_that_do_not_matter_are_taken_out() {
    fails_in(hardly_any_but_random(), || {
        let count = Arc::new(AtomicUsize::new(0));
        let noise = Arc::new(AtomicUsize::new(0));
        let others: Vec<_> = (0..3)
            .map(|_| {
                let (count, noise) = (Arc::clone(&count), Arc::clone(&noise));
                thread::spawn(move || {
                    let make_noise = || (0..4).map(|_| noise.fetch_add(1, SeqCst)).sum::<usize>();
                    make_noise();
                    count.store(count.load(SeqCst) + 1, SeqCst);
                    make_noise();
                })
            })
            .collect();
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(count.load(SeqCst), 3, "an addition was lost");
    })
    .says("an addition was lost")
    .says("a random one, made simpler: ")
    // Start to end, each thread in one turn save the one that is interrupted.
    .says("made simpler: 5 changes of turn instead of ");
}
