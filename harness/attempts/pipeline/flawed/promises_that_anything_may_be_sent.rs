//! Input, items and stages go to other threads in a parcel that promises that they may, whatever they are.
//!
//! caught by: examples::only_sound_uses_compile
//! survives: properties, shuttle, loom

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

const CAPACITY: usize = 8;

/// What goes to another thread.
struct Parcel<T>(T);

// SAFETY: it goes there as a whole, and nobody keeps anything of it here.
unsafe impl<T> Send for Parcel<T> {}

impl<T> Parcel<T> {
    fn open(self) -> T {
        self.0
    }
}

/// Runs every item of `input` through `first` and then `second`, each on a thread of its own, and yields the results in order.
/// Works on endless input: at most 32 items are under way. Dropping the iterator stops both threads, and waits for them.
pub fn pipeline<A, B, C>(
    input: impl IntoIterator<Item = A, IntoIter: 'static>,
    first: impl Fn(A) -> B + 'static,
    second: impl Fn(B) -> C + 'static,
) -> impl Iterator<Item = C>
where
    A: 'static,
    B: 'static,
    C: 'static,
{
    Results::start(input.into_iter(), first, second)
}

/// The results, one after the other, as the consumer asks for them.
pub struct Results<C> {
    results: Option<Receiver<C>>,
    first: Option<JoinHandle<()>>,
    second: Option<JoinHandle<()>>,
    failed: bool,
}

impl<C: 'static> Results<C> {
    fn start<A, B>(
        input: impl Iterator<Item = A> + 'static,
        first: impl Fn(A) -> B + 'static,
        second: impl Fn(B) -> C + 'static,
    ) -> Self
    where
        A: 'static,
        B: 'static,
    {
        let (washed, to_dry) = sync_channel(CAPACITY);
        let (dried, results) = sync_channel(CAPACITY);
        let (stages, dryer) = (Parcel((input, first, washed)), Parcel((to_dry, second, dried)));
        let first = thread::spawn(move || {
            let (input, first, washed) = stages.open();
            for item in input {
                if washed.send(first(item)).is_err() {
                    break;
                }
            }
        });
        let second = thread::spawn(move || {
            let (to_dry, second, dried) = dryer.open();
            for item in to_dry {
                if dried.send(second(item)).is_err() {
                    break;
                }
            }
        });
        Results { results: Some(results), first: Some(first), second: Some(second), failed: false }
    }
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        assert!(!self.failed, "a stage has panicked");
        if let Ok(result) = self.results.as_ref()?.recv() {
            return Some(result);
        }
        for handle in [&mut self.second, &mut self.first] {
            if let Some(thread) = handle.take()
                && let Err(panic) = thread.join()
            {
                self.failed = true;
                resume_unwind(panic);
            }
        }
        None
    }
}

impl<C> Drop for Results<C> {
    fn drop(&mut self) {
        self.results = None;
        for handle in [&mut self.second, &mut self.first] {
            if let Some(thread) = handle.take() {
                let _ = thread.join();
            }
        }
    }
}
