//! An end in time, on OS threads: a test that waits for ever says so instead.

use crate::exit;
use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How long a test may take that needs a few milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs `test` on a thread of its own and waits for its end, 10 seconds at most. The process must not end before.
///
/// # Panics
/// With the panic of `test`, or if it has not come to an end in time. Its threads then go on until the process ends.
pub fn in_time(test: impl FnOnce() + Send + 'static) {
    let running = exit::Watch::begin();
    within(PATIENCE, test);
    drop(running);
}

fn within(patience: Duration, test: impl FnOnce() + Send + 'static) {
    let (done, ended) = channel::<()>();
    let name = thread::current().name().unwrap_or("test").to_owned();
    let test = move || {
        let _done = done;
        test();
    };
    let running = thread::Builder::new().name(name).spawn(test).expect("the system has room for one more thread");
    match ended.recv_timeout(patience) {
        Err(RecvTimeoutError::Timeout) => panic!(
            "still running after {patience:?}: some thread waits for something that never happens, or goes round in circles"
        ),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {
            if let Err(panic) = running.join() {
                // It has been printed already, by the thread that panicked.
                resume_unwind(panic);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "the test's own words")]
    fn a_panic_reaches_whoever_waits() {
        in_time(|| panic!("the test's own words"));
    }

    #[test]
    #[should_panic(expected = "still running after 10ms")]
    fn what_never_ends_is_given_up() {
        within(Duration::from_millis(10), || {
            loop {
                thread::park();
            }
        });
    }
}
