//! `std::thread::scope`: threads that may borrow, since the scope waits for them.

use super::{Packet, Thread, is_finished, run, start_body, wait_for_end};
use crate::handle::Handle;
use crate::model;
use crate::thread::NotUnwindSafe;
use crate::waiting::{meet, wait_until, wake};
use interleaving::{ObjectKind, Place, WaitsFor};
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Result;

/// As `std`'s.
#[derive(Debug)]
pub struct Scope<'scope, 'env: 'scope> {
    running: Arc<Running>,
    _scope: PhantomData<&'scope mut &'scope ()>,
    _env: PhantomData<&'env mut &'env ()>,
}

/// How many threads of a scope have not ended, and how many ended in a panic that nobody has seen.
#[derive(Debug)]
struct Running {
    handle: Handle,
    owner: usize,
    // A real one: never contended, but it makes the whole `Sync`.
    state: Mutex<Cell<(usize, usize)>>,
}

impl Running {
    fn change(&self, f: impl FnOnce((usize, usize)) -> (usize, usize)) -> (usize, usize) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.set(f(state.get()));
        state.get()
    }
}

/// As `std`'s.
///
/// # Panics
/// If `f` panics, or a thread of the scope that nobody joined.
#[track_caller]
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let at = Location::caller();
    let state = Mutex::new(Cell::new((0, 0)));
    let running = Arc::new(Running { handle: Handle::new(), owner: model::current(), state });
    let scope = Scope { running: Arc::clone(&running), _scope: PhantomData, _env: PhantomData };
    let result = catch_unwind(AssertUnwindSafe(|| f(&scope)));
    if result.is_err() {
        model::caught(false);
    }
    if running.change(|state| state).0 > 0 {
        let object = meet(&running.handle, ObjectKind::ThreadEnd, at);
        wait_until(WaitsFor::ScopeEnd, Some(object), at, || (running.change(|state| state).0 == 0).then_some(()));
    }
    // Meets once more: what the last threads did comes before what follows, also if all had ended when this one looked.
    meet(&running.handle, ObjectKind::ThreadEnd, at);
    model::ended_threads_joined();
    match result {
        Err(panic) => {
            model::set_panicking(true);
            resume_unwind(panic)
        }
        Ok(_) if running.change(|state| state).1 > 0 => panic!("a scoped thread panicked"),
        Ok(result) => result,
    }
}

impl<'scope> Scope<'scope, '_> {
    /// As `std`'s.
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        self.start(None, f, Location::caller())
    }

    pub(super) fn start<F, T>(&'scope self, name: Option<String>, f: F, at: Place) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let packet = Packet::new();
        let result = Arc::clone(&packet);
        let running = Arc::clone(&self.running);
        let body: Box<dyn FnOnce() + 'scope> = Box::new(move || {
            let outcome = run(f);
            let panicked = outcome.is_err();
            result.put(outcome);
            // If nobody joins, the result goes now, while what it borrows is still there.
            drop(result);
            meet(&running.handle, ObjectKind::ThreadEnd, at);
            let (left, _) = running.change(|(left, unseen)| (left - 1, unseen + usize::from(panicked)));
            let thread = model::current();
            model::with(|model| model.threads[thread].left_scope = true);
            if left == 0 {
                wake(&[running.owner], at);
            }
        });
        self.running.change(|(left, unseen)| (left + 1, unseen));
        // SAFETY: the scope does not end before `left` is 0, and by then the body has dropped everything with a lifetime, its
        // closure and its result. If the check fails, the scope never ends, and its stack is kept for ever.
        let body = unsafe { std::mem::transmute::<Box<dyn FnOnce() + 'scope>, Box<dyn FnOnce()>>(body) };
        let number = start_body(name.clone(), body, at);
        let running = Arc::clone(&self.running);
        ScopedJoinHandle {
            thread: Thread::numbered(number, name),
            packet,
            running,
            _scope: PhantomData,
            _not_unwind_safe: PhantomData,
        }
    }
}

/// As `std`'s.
pub struct ScopedJoinHandle<'scope, T> {
    thread: Thread,
    packet: Arc<Packet<T>>,
    running: Arc<Running>,
    _scope: PhantomData<&'scope ()>,
    _not_unwind_safe: NotUnwindSafe,
}

// SAFETY: as for `std`'s. A handle gives its result to whoever joins; the thread promised that the result may be sent.
unsafe impl<T: Send> Send for ScopedJoinHandle<'_, T> {}
// SAFETY: nothing of the result can be reached through a reference.
unsafe impl<T: Send> Sync for ScopedJoinHandle<'_, T> {}

impl<T> ScopedJoinHandle<'_, T> {
    /// As `std`'s.
    ///
    /// # Errors
    /// If the thread panicked, with its panic.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        wait_for_end(self.thread.number, Location::caller());
        let result = self.packet.take().expect("a thread that has ended left its result");
        if result.is_err() {
            // Somebody has seen this panic, so the scope need not pass it on.
            self.running.change(|(left, unseen)| (left, unseen - 1));
        }
        result
    }

    /// As `std`'s.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// As `std`'s.
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        is_finished(self.thread.number, Location::caller())
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedJoinHandle").finish_non_exhaustive()
    }
}
