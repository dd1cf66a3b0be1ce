//! Channels without a limit, and a third one on which the consumer sends a credit back for each result. First takes an item from
//! the input only when it has a credit for it.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

const CREDITS: usize = 20;

/// Runs every item of `input` through `first` and then `second`, each on a thread of its own, and yields the results in order.
/// Works on endless input: at most 32 items are under way. Dropping the iterator stops both threads, and waits for them.
pub fn pipeline<A, B, C>(
    input: impl IntoIterator<Item = A, IntoIter: Send + 'static>,
    first: impl Fn(A) -> B + Send + 'static,
    second: impl Fn(B) -> C + Send + 'static,
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
    ends: Option<Ends<C>>,
    threads: Vec<JoinHandle<()>>,
    failed: bool,
}

/// What the consumer holds of the channels.
struct Ends<C> {
    results: Receiver<C>,
    credit: Sender<()>,
}

impl<C: Send + 'static> Results<C> {
    fn start<A, B>(
        input: impl Iterator<Item = A> + Send + 'static,
        first: impl Fn(A) -> B + Send + 'static,
        second: impl Fn(B) -> C + Send + 'static,
    ) -> Self
    where
        A: Send + 'static,
        B: Send + 'static,
    {
        let (credit, credits) = channel();
        let (washed, to_dry) = channel();
        let (dried, results) = channel();
        for _ in 0..CREDITS {
            let _ = credit.send(());
        }
        let first = thread::spawn(move || {
            for ((), item) in credits.into_iter().zip(input) {
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
        Results { ends: Some(Ends { results, credit }), threads: vec![first, second], failed: false }
    }
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        assert!(!self.failed, "a stage has panicked");
        let ends = self.ends.as_ref()?;
        if let Ok(result) = ends.results.recv() {
            let _ = ends.credit.send(());
            return Some(result);
        }
        while let Some(thread) = self.threads.pop() {
            if let Err(panic) = thread.join() {
                self.failed = true;
                resume_unwind(panic);
            }
        }
        None
    }
}

impl<C> Drop for Results<C> {
    fn drop(&mut self) {
        self.ends = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
