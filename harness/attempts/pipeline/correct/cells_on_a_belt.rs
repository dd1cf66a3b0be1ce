//! A round belt of cells, each under a Mutex of its own: first fills a free cell, second turns what is in it into a result, the
//! consumer empties it, and each of the three walks along the belt. An end, a panic and a stop are contents of a cell like others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

const CELLS: usize = 16;

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

enum Content<B, C> {
    Free,
    Washed(B),
    /// Second works on it.
    InHand,
    Dried(C),
    End,
    Failed,
    Stopped,
}

use Content::*;

struct Cell<B, C> {
    content: Mutex<Content<B, C>>,
    changed: Condvar,
}

impl<B, C> Cell<B, C> {
    fn new() -> Self {
        Cell { content: Mutex::new(Free), changed: Condvar::new() }
    }

    /// Waits until `step` wants to change the content, that is until it answers.
    fn wait_for<R>(&self, step: impl Fn(&mut Content<B, C>) -> Option<R>) -> R {
        let mut content = self.content.lock().unwrap();
        loop {
            if let Some(answer) = step(&mut content) {
                self.changed.notify_all();
                return answer;
            }
            content = self.changed.wait(content).unwrap();
        }
    }

    /// Puts in something new and gives back the old, unless the work has been stopped.
    fn put(&self, new: Content<B, C>) -> Content<B, C> {
        let mut content = self.content.lock().unwrap();
        if let Stopped = *content {
            return new;
        }
        self.changed.notify_all();
        std::mem::replace(&mut *content, new)
    }
}

type Belt<B, C> = Arc<Vec<Cell<B, C>>>;

/// First: fills one free cell after the other.
fn wash<A, B, C>(belt: Belt<B, C>, mut input: impl Iterator<Item = A>, first: impl Fn(A) -> B) {
    for cell in belt.iter().cycle() {
        let free = cell.wait_for(|content| match content {
            Free => Some(true),
            Failed | Stopped => Some(false),
            _ => None,
        });
        if !free {
            break;
        }
        match catch_unwind(AssertUnwindSafe(|| input.next().map(&first))) {
            Ok(Some(item)) => drop(cell.put(Washed(item))),
            Ok(None) => return drop(cell.put(End)),
            Err(_) => return drop(cell.put(Failed)),
        }
    }
}

/// Second: turns one washed item after the other into a result.
fn dry<B, C>(belt: Belt<B, C>, second: impl Fn(B) -> C) {
    for cell in belt.iter().cycle() {
        let item = cell.wait_for(|content| match content {
            Washed(_) => match std::mem::replace(content, InHand) {
                Washed(item) => Some(Some(item)),
                _ => unreachable!(),
            },
            End | Failed | Stopped => Some(None),
            _ => None,
        });
        let Some(item) = item else { break };
        match catch_unwind(AssertUnwindSafe(|| second(item))) {
            Ok(item) => drop(cell.put(Dried(item))),
            Err(_) => return drop(cell.put(Failed)),
        }
    }
}

/// The results, one after the other, as the consumer asks for them.
pub struct Results<B, C> {
    belt: Belt<B, C>,
    position: usize,
    threads: Vec<JoinHandle<()>>,
}

impl<B: Send + 'static, C: Send + 'static> Results<B, C> {
    fn start<A>(
        input: impl Iterator<Item = A> + Send + 'static,
        first: impl Fn(A) -> B + Send + 'static,
        second: impl Fn(B) -> C + Send + 'static,
    ) -> Self {
        let belt: Belt<B, C> = Arc::new((0..CELLS).map(|_| Cell::new()).collect());
        let (washer, dryer) = (belt.clone(), belt.clone());
        let threads = vec![thread::spawn(|| wash(washer, input, first)), thread::spawn(|| dry(dryer, second))];
        Results { belt, position: 0, threads }
    }
}

impl<B, C> Iterator for Results<B, C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        let content = self.belt[self.position % CELLS].wait_for(|content| match content {
            Dried(_) => Some(std::mem::replace(content, Free)),
            End => Some(End),
            Failed => Some(Failed),
            _ => None,
        });
        match content {
            Dried(result) => {
                self.position += 1;
                Some(result)
            }
            Failed => panic!("a stage has panicked"),
            _ => None,
        }
    }
}

impl<B, C> Drop for Results<B, C> {
    fn drop(&mut self) {
        for cell in self.belt.iter() {
            drop(cell.put(Stopped));
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
