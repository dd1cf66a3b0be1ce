//! Each thread counts itself out as the last thing it does, and drop waits until the count is zero: a stage that panics never
//! counts itself out, and drop waits for ever.
//!
//! caught by: examples::a_panic_reaches_the_consumer, shuttle::a_consumer_that_leaves_does_not_care_about_a_panic,
//! shuttle::a_panic_in_first_reaches_the_consumer, shuttle::a_panic_in_second_reaches_the_consumer,
//! loom::a_consumer_that_leaves_does_not_care_about_a_panic, loom::a_panic_in_first_reaches_the_consumer,
//! loom::a_panic_in_second_reaches_the_consumer
//! may be caught by: properties

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{Builder, JoinHandle};

const CAPACITY: usize = 7;

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

/// Where a stage sends what it has made.
struct Outlet<T> {
    sender: SyncSender<T>,
    finished: bool,
    alarm: Arc<AtomicBool>,
}

impl<T> Outlet<T> {
    /// Sends all items, until they end or nobody wants any more.
    fn send_all(mut self, items: impl Iterator<Item = T>) {
        for item in items {
            if self.sender.send(item).is_err() {
                break;
            }
        }
        self.finished = true;
    }
}

impl<T> Drop for Outlet<T> {
    fn drop(&mut self) {
        if !self.finished {
            self.alarm.store(true, Ordering::Release);
        }
    }
}

/// How many threads are still at work.
struct Crew {
    at_work: Mutex<usize>,
    left: Condvar,
}

impl Crew {
    fn leave(&self) {
        *self.at_work.lock().unwrap() -= 1;
        self.left.notify_one();
    }

    fn wait_until_all_have_left(&self) {
        let mut at_work = self.at_work.lock().unwrap();
        while *at_work > 0 {
            at_work = self.left.wait(at_work).unwrap();
        }
    }
}

/// The results, one after the other, as the consumer asks for them.
pub struct Results<C> {
    results: Option<Receiver<C>>,
    alarm: Arc<AtomicBool>,
    crew: Arc<Crew>,
    threads: [Option<JoinHandle<()>>; 2],
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
        let alarm = Arc::new(AtomicBool::new(false));
        let (sender, to_dry) = sync_channel(CAPACITY);
        let washed = Outlet { sender, finished: false, alarm: alarm.clone() };
        let (sender, results) = sync_channel(CAPACITY);
        let dried = Outlet { sender, finished: false, alarm: alarm.clone() };
        let crew = Arc::new(Crew { at_work: Mutex::new(2), left: Condvar::new() });
        let (washer, dryer) = (crew.clone(), crew.clone());
        let first = Builder::new().name("first".into()).spawn(move || {
            washed.send_all(input.map(first));
            washer.leave();
        });
        let second = Builder::new().name("second".into()).spawn(move || {
            dried.send_all(to_dry.into_iter().map(second));
            dryer.leave();
        });
        let threads = [first, second].map(|thread| Some(thread.expect("no thread to be had")));
        Results { results: Some(results), alarm, crew, threads }
    }
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        let result = self.results.as_ref()?.recv().ok();
        if result.is_none() && self.alarm.load(Ordering::Acquire) {
            panic!("a stage has panicked");
        }
        result
    }
}

impl<C> Drop for Results<C> {
    fn drop(&mut self) {
        self.results = None;
        self.crew.wait_until_all_have_left();
        for thread in self.threads.iter_mut().filter_map(Option::take) {
            let _ = thread.join();
        }
    }
}
