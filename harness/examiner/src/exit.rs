//! A process that ends with success in the middle of a test counts as a test that passed. Not here.

use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// While one of these is alive, the end of the process is a failure.
pub(crate) struct Watch;

impl Watch {
    pub(crate) fn begin() -> Self {
        static REGISTERED: Once = Once::new();
        REGISTERED.call_once(|| {
            // SAFETY: `at_exit` touches an atomic and standard error only, which both live as long as the process.
            unsafe { atexit(at_exit) };
        });
        RUNNING.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

// SAFETY: both are C's, with C's types; std links them already.
unsafe extern "C" {
    fn atexit(function: extern "C" fn()) -> i32;
    fn _exit(status: i32) -> !;
}

extern "C" fn at_exit() {
    if RUNNING.load(Ordering::SeqCst) == 0 {
        return;
    }
    eprintln!(
        "\nThe process was ended in the middle of a test. A solution returns or panics; it never ends the process of its caller."
    );
    // SAFETY: ends the process, with libtest's code for a test that failed.
    unsafe { _exit(101) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn success_in_the_middle_of_a_test_is_a_failure() {
        if std::env::var_os("END_IN_THE_MIDDLE").is_some() {
            let _running = Watch::begin();
            std::process::exit(0);
        }
        let mut this_test = Command::new(std::env::current_exe().unwrap());
        this_test.args(["--exact", "exit::tests::success_in_the_middle_of_a_test_is_a_failure"]);
        let ended = this_test.env("END_IN_THE_MIDDLE", "yes").output().unwrap();
        assert_eq!(ended.status.code(), Some(101));
        assert!(String::from_utf8_lossy(&ended.stderr).contains("in the middle of a test"));
    }
}
