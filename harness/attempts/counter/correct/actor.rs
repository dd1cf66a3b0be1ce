//! The number belongs to a thread of its own, which answers questions; the counter is a channel to it.

use std::sync::Arc;
use std::sync::mpsc::{Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

type Question = (u64, Option<SyncSender<Option<u64>>>, Option<SyncSender<u64>>);

/// A count that threads share.
pub struct Counter {
    questions: Option<Sender<Question>>,
    keeper: Option<JoinHandle<()>>,
}

impl Counter {
    /// A counter that stands at 0.
    pub fn new() -> Self {
        let (questions, asked) = channel::<Question>();
        let keeper = thread::spawn(move || {
            let mut count = 0;
            for (limit, add, look) in asked {
                if let Some(answer) = add {
                    let may = count < limit;
                    count += u64::from(may);
                    let _ = answer.send(may.then_some(count));
                }
                if let Some(answer) = look {
                    let _ = answer.send(count);
                }
            }
        });
        Self { questions: Some(questions), keeper: Some(keeper) }
    }
    fn ask(&self, question: Question) {
        self.questions.as_ref().unwrap().send(question).unwrap();
    }

    /// Adds one, and returns the new count.
    pub fn increment(&self) -> u64 {
        self.increment_below(u64::MAX).unwrap()
    }

    /// Adds one if the count is below `limit`, and returns the new count.
    pub fn increment_below(&self, limit: u64) -> Option<u64> {
        let (answer, answered) = sync_channel(1);
        self.ask((limit, Some(answer), None));
        answered.recv().unwrap()
    }

    /// The count.
    pub fn get(&self) -> u64 {
        let (answer, answered) = sync_channel(1);
        self.ask((0, None, Some(answer)));
        answered.recv().unwrap()
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.questions = None;
        let _ = self.keeper.take().unwrap().join();
    }
}

/// Sees with `is_finished` who is ready to be joined, in whichever order they end.
pub fn count_matching<T, F>(items: Vec<T>, workers: usize, matches: F) -> usize
where
    T: Send + Sync + 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    assert!(workers > 0, "somebody must do it");
    let shared = Arc::new((items, matches));
    let mut running: Vec<_> = (0..workers)
        .map(|first| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.0.iter().skip(first).step_by(workers).filter(|item| (shared.1)(item)).count())
        })
        .collect();
    let mut sum = 0;
    while !running.is_empty() {
        match running.iter().position(JoinHandle::is_finished) {
            Some(done) => match running.swap_remove(done).join() {
                Ok(found) => sum += found,
                Err(panic) => std::panic::resume_unwind(panic),
            },
            None => thread::yield_now(),
        }
    }
    sum
}
