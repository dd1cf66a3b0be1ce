//! The panic is taken out of the state as it is passed on, and nothing says that its stage has ended: the next call waits for ever.
//!
//! caught by: examples::both_stages_may_panic
//! survives: properties, shuttle, loom

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

const LIMIT: usize = 16;

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

struct State<B, C> {
    washed: VecDeque<B>,
    dried: VecDeque<C>,
    under_way: usize,
    washing: bool,
    drying: bool,
    stopped: bool,
    panic: Option<Box<dyn Any + Send>>,
}

struct Kitchen<B, C> {
    state: Mutex<State<B, C>>,
    changed: Condvar,
}

impl<B, C> Kitchen<B, C> {
    fn wait_until(&self, ready: impl Fn(&State<B, C>) -> bool) -> MutexGuard<'_, State<B, C>> {
        let mut state = self.state.lock().unwrap();
        while !ready(&state) {
            state = self.changed.wait(state).unwrap();
        }
        state
    }

    fn change(&self, change: impl FnOnce(&mut State<B, C>)) {
        change(&mut self.state.lock().unwrap());
        self.changed.notify_all();
    }

    fn wash<A>(&self, mut input: impl Iterator<Item = A>, first: impl Fn(A) -> B) {
        loop {
            let mut state = self.wait_until(|state| state.under_way < LIMIT || state.stopped);
            if state.stopped {
                break;
            }
            state.under_way += 1;
            drop(state);
            let Some(item) = input.next() else { break };
            let item = first(item);
            self.change(|state| state.washed.push_back(item));
        }
    }

    fn dry(&self, second: impl Fn(B) -> C) {
        loop {
            let mut state = self.wait_until(|state| !state.washed.is_empty() || !state.washing || state.stopped);
            if state.stopped {
                break;
            }
            let Some(item) = state.washed.pop_front() else { break };
            drop(state);
            let item = second(item);
            self.change(|state| state.dried.push_back(item));
        }
    }
}

/// The results, one after the other, as the consumer asks for them.
pub struct Results<B, C> {
    kitchen: Arc<Kitchen<B, C>>,
    threads: Vec<JoinHandle<()>>,
}

impl<B: Send + 'static, C: Send + 'static> Results<B, C> {
    fn start<A>(
        input: impl Iterator<Item = A> + Send + 'static,
        first: impl Fn(A) -> B + Send + 'static,
        second: impl Fn(B) -> C + Send + 'static,
    ) -> Self {
        let state = State {
            washed: VecDeque::new(),
            dried: VecDeque::new(),
            under_way: 0,
            washing: true,
            drying: true,
            stopped: false,
            panic: None,
        };
        let kitchen = Arc::new(Kitchen { state: Mutex::new(state), changed: Condvar::new() });
        let (washer, dryer) = (kitchen.clone(), kitchen.clone());
        let first = thread::spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| washer.wash(input, first)));
            washer.change(|state| match outcome {
                Ok(()) => state.washing = false,
                Err(panic) => state.panic = Some(panic),
            });
        });
        let second = thread::spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| dryer.dry(second)));
            dryer.change(|state| match outcome {
                Ok(()) => state.drying = false,
                Err(panic) => state.panic = Some(panic),
            });
        });
        Results { kitchen, threads: vec![first, second] }
    }
}

impl<B, C> Iterator for Results<B, C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        let mut state = self.kitchen.wait_until(|state| !state.dried.is_empty() || !state.drying || state.panic.is_some());
        if let Some(result) = state.dried.pop_front() {
            state.under_way -= 1;
            drop(state);
            self.kitchen.changed.notify_all();
            return Some(result);
        }
        let panic = state.panic.take();
        drop(state);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
        None
    }
}

impl<B, C> Drop for Results<B, C> {
    fn drop(&mut self) {
        self.kitchen.change(|state| state.stopped = true);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
