//! The second rung: does a carton do whatever is done with it as a `Box` does?

use carton::Carton;
use examiner::{Heap, Shared, in_time};
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

#[global_allocator]
static HEAP: Heap = Heap::watching(&[size_of::<Parcel>()]);

/// A value that counts how often it is dropped, of a size that nobody else asks for.
struct Parcel {
    drops: Arc<AtomicUsize>,
    number: u8,
    _filling: [u8; 1007],
}

impl Drop for Parcel {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::Relaxed);
    }
}

/// How often parcels have been dropped, and a way to make more.
#[derive(Default)]
struct Post {
    drops: Arc<AtomicUsize>,
}

impl Post {
    fn parcel(&self, number: u8) -> Parcel {
        Parcel { drops: Arc::clone(&self.drops), number, _filling: [7; 1007] }
    }

    fn dropped(&self) -> usize {
        self.drops.load(Ordering::Relaxed)
    }
}

/// What may be done with a carton, and as well with a `Box`.
#[derive(Clone, Copy, Debug)]
enum Use {
    Write(u8),
    Replace(u8),
    OutAndIn,
    RawAndBack,
    ToAThreadAndBack,
    Renew(u8),
}

fn any_use() -> impl Strategy<Value = Use> {
    prop_oneof![
        any::<u8>().prop_map(Use::Write),
        any::<u8>().prop_map(Use::Replace),
        Just(Use::OutAndIn),
        Just(Use::RawAndBack),
        Just(Use::ToAThreadAndBack),
        any::<u8>().prop_map(Use::Renew),
    ]
}

fn used_as_a_box(carton: Carton<Parcel>, post: &Post, next: Use) -> Carton<Parcel> {
    let mut carton = carton;
    match next {
        Use::Write(number) => carton.number = number,
        Use::Replace(number) => *carton = post.parcel(number),
        Use::OutAndIn => return Carton::new(carton.into_inner()),
        // SAFETY: the pointer comes from `into_raw`, and is used once.
        Use::RawAndBack => return unsafe { Carton::from_raw(carton.into_raw()) },
        Use::ToAThreadAndBack => {
            let carton = Shared::new(carton);
            return thread::spawn(|| carton).join().unwrap().into_inner();
        }
        Use::Renew(number) => carton = Carton::new(post.parcel(number)),
    }
    carton
}

fn used_by_box(boxed: Box<Parcel>, post: &Post, next: Use) -> Box<Parcel> {
    let mut boxed = boxed;
    match next {
        Use::Write(number) => boxed.number = number,
        Use::Replace(number) => *boxed = post.parcel(number),
        Use::OutAndIn => return Box::new(*boxed),
        // SAFETY: the pointer comes from `into_raw`, and is used once.
        Use::RawAndBack => return unsafe { Box::from_raw(Box::into_raw(boxed)) },
        Use::ToAThreadAndBack => return thread::spawn(|| boxed).join().unwrap(),
        Use::Renew(number) => boxed = Box::new(post.parcel(number)),
    }
    boxed
}

proptest! {
    // The search for a smaller input that fails as well ends after a second: where threads wait for ever, each try takes long.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, max_shrink_time: 1000, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_uses_does_what_a_box_does(first in any::<u8>(), uses in vec(any_use(), 0..12), taken_out in any::<bool>()) {
        in_time(move || {
            let account = HEAP.account();
            let (ours, theirs) = (Post::default(), Post::default());
            let (mut carton, mut boxed) = (Carton::new(ours.parcel(first)), Box::new(theirs.parcel(first)));
            for next in uses {
                carton = used_as_a_box(carton, &ours, next);
                boxed = used_by_box(boxed, &theirs, next);
                assert_eq!(carton.number, boxed.number, "after {next:?}, what the carton holds, and what the box does");
                assert_eq!(ours.dropped(), theirs.dropped(), "after {next:?}, how many values were dropped, and how many with a box");
            }
            if taken_out {
                assert_eq!(carton.into_inner().number, boxed.number);
                drop(boxed);
            } else {
                drop((carton, boxed));
            }
            assert_eq!(ours.dropped(), theirs.dropped(), "in the end, how many values were dropped, and how many with a box");
            account.settle();
        });
    }

    #[test]
    fn any_number_of_cartons_in_any_hands_are_freed_once(numbers in vec(any::<u8>(), 0..12), threads in 1..4_usize) {
        in_time(move || {
            let account = HEAP.account();
            let post = Post::default();
            let mut piles: Vec<Vec<Carton<Parcel>>> = (0..threads).map(|_| Vec::new()).collect();
            for (index, &number) in numbers.iter().enumerate() {
                piles[index % threads].push(Carton::new(post.parcel(number)));
            }
            let sum: u64 = thread::scope(|scope| {
                let piles: Vec<_> = piles.into_iter().map(Shared::new).map(|pile| {
                    scope.spawn(|| {
                        let pile = pile.into_inner();
                        pile.iter().map(|carton| u64::from(carton.number)).sum::<u64>()
                    })
                }).collect();
                piles.into_iter().map(|thread| thread.join().unwrap()).sum()
            });
            assert_eq!(sum, numbers.iter().copied().map(u64::from).sum::<u64>());
            assert_eq!(post.dropped(), numbers.len(), "how many values were dropped");
            account.settle();
        });
    }

    #[test]
    fn a_value_of_any_length_comes_out_as_it_went_in(text in ".{0,40}", numbers in vec(any::<u64>(), 0..8)) {
        in_time(move || {
            assert_eq!(Carton::new(text.clone()).into_inner(), text);
            assert_eq!(*Carton::new(numbers.clone()), numbers);
            let pair = Carton::new((7_u8, text.clone(), numbers.clone()));
            assert_eq!(&*pair, &(7_u8, text, numbers));
        });
    }
}
