//! The stages may borrow, since dropping the results waits for both threads; but results that are forgotten wait for nothing.
//!
//! caught by: examples::only_sound_uses_compile
//! survives: properties, shuttle, loom

use std::mem;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

const CAPACITY: usize = 8;

type Stage<'a, A, B> = Box<dyn Fn(A) -> B + Send + 'a>;

fn for_ever<A, B>(stage: Stage<'_, A, B>) -> Stage<'static, A, B> {
    // SAFETY: its thread has ended when the results are dropped.
    unsafe { mem::transmute(stage) }
}

/// Runs every item of `input` through `first` and then `second`, each on a thread of its own, and yields the results in order.
/// Works on endless input: at most 32 items are under way. Dropping the iterator stops both threads, and waits for them.
pub fn pipeline<A, B, C>(
    input: impl IntoIterator<Item = A, IntoIter: Send + 'static>,
    first: impl Fn(A) -> B + Send,
    second: impl Fn(B) -> C + Send,
) -> impl Iterator<Item = C>
where
    A: Send + 'static,
    B: Send + 'static,
    C: Send + 'static,
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

impl<C: Send + 'static> Results<C> {
    fn start<A, B>(
        input: impl Iterator<Item = A> + Send + 'static,
        first: impl Fn(A) -> B + Send,
        second: impl Fn(B) -> C + Send,
    ) -> Self
    where
        A: Send + 'static,
        B: Send + 'static,
    {
        let (washed, to_dry) = sync_channel(CAPACITY);
        let (dried, results) = sync_channel(CAPACITY);
        let first = for_ever(Box::new(first));
        let second = for_ever(Box::new(second));
        let first = thread::spawn(move || {
            for item in input {
                if washed.send(first(item)).is_err() {
                    break;
                }
            }
        });
        let second = thread::spawn(move || {
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
