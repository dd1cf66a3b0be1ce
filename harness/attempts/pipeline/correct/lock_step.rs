//! All three move in step, by a `Barrier`: in each step the consumer asks for one more result, first and second each have one
//! item, and what they have made goes on to the next one. The state of each belt is a `Mutex<Slot>`.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread::{self, JoinHandle};

type Panic = Box<dyn std::any::Any + Send>;

enum Slot<T> {
    Empty,
    Item(T),
    End,
    Failed(Panic),
}

struct Clock {
    begin: Barrier,
    end: Barrier,
    stop: AtomicBool,
}

/// A stage: in each step it makes something of what came in the step before.
fn stage<A: Send + 'static, B: Send + 'static>(
    clock: &Arc<Clock>,
    incoming: &Arc<Mutex<Slot<A>>>,
    outgoing: &Arc<Mutex<Slot<B>>>,
    mut make: impl FnMut(A) -> Slot<B> + Send + 'static,
) -> JoinHandle<()> {
    let (clock, incoming, outgoing) = (Arc::clone(clock), Arc::clone(incoming), Arc::clone(outgoing));
    thread::spawn(move || {
        let mut ended = false;
        loop {
            clock.begin.wait();
            if clock.stop.load(Ordering::Relaxed) {
                return;
            }
            let taken = std::mem::replace(&mut *incoming.lock().unwrap(), Slot::Empty);
            let made = match taken {
                _ if ended => Slot::Empty,
                Slot::Empty => Slot::Empty,
                Slot::Item(item) => catch_unwind(AssertUnwindSafe(|| make(item))).unwrap_or_else(Slot::Failed),
                Slot::End => Slot::End,
                Slot::Failed(panic) => Slot::Failed(panic),
            };
            ended |= matches!(made, Slot::End | Slot::Failed(_));
            // Everybody has taken what was there before anybody puts something.
            clock.end.wait();
            *outgoing.lock().unwrap() = made;
        }
    })
}

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
    let mut input = input.into_iter();
    let clock = Arc::new(Clock { begin: Barrier::new(3), end: Barrier::new(3), stop: AtomicBool::new(false) });
    let asked = Arc::new(Mutex::new(Slot::Empty));
    let between = Arc::new(Mutex::new(Slot::Empty));
    let results = Arc::new(Mutex::new(Slot::Empty));
    let take_and_make = move |()| input.next().map_or(Slot::End, |item| Slot::Item(first(item)));
    let crew =
        [stage(&clock, &asked, &between, take_and_make), stage(&clock, &between, &results, move |b| Slot::Item(second(b)))];
    Results { clock, asked, results, crew: crew.into(), over: false }
}

struct Results<C> {
    clock: Arc<Clock>,
    asked: Arc<Mutex<Slot<()>>>,
    results: Arc<Mutex<Slot<C>>>,
    crew: Vec<JoinHandle<()>>,
    over: bool,
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        while !self.over {
            *self.asked.lock().unwrap() = Slot::Item(());
            self.clock.begin.wait();
            let result = std::mem::replace(&mut *self.results.lock().unwrap(), Slot::Empty);
            self.clock.end.wait();
            match result {
                Slot::Empty => {}
                Slot::Item(item) => return Some(item),
                Slot::End => self.over = true,
                Slot::Failed(panic) => {
                    self.over = true;
                    resume_unwind(panic);
                }
            }
        }
        None
    }
}

impl<C> Drop for Results<C> {
    fn drop(&mut self) {
        self.clock.stop.store(true, Ordering::Relaxed);
        self.clock.begin.wait();
        for one in self.crew.drain(..) {
            let _ = one.join();
        }
    }
}
