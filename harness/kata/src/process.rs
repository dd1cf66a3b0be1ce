//! Child processes that are waited for, with something else to do meanwhile.

use anyhow::{Context, Result, bail};
use std::fmt;
use std::ops::ControlFlow;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::Duration;

/// So often it is looked whether a process has ended.
pub const LOOK: Duration = Duration::from_millis(5);

/// Somebody has said that the outcome does not matter any more, such as by saving the file anew.
#[derive(Debug)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Waits for `child`, and meanwhile does `look` again and again. If that breaks, `child` is asked to end, which a nextest passes on to
/// its tests, and waited for.
///
/// # Errors
/// [`Interrupted`], if `look` breaks.
pub fn wait(child: &mut Child, look: &mut dyn FnMut() -> ControlFlow<()>) -> Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait().context("a process that was started cannot be waited for")? {
            return Ok(status);
        }
        if look().is_break() {
            end(child);
            bail!(Interrupted);
        }
        thread::sleep(LOOK);
    }
}

/// Asks `child` to end, and waits until it has.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
    // There, the tests of a nextest end with it.
    #[cfg(not(unix))]
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::process::Command;
    use std::time::Instant;

    #[test]
    fn a_process_is_waited_for_and_looked_after() {
        let mut looks = 0;
        let mut child = Command::new("sleep").arg("0.1").spawn().unwrap();
        let status = wait(&mut child, &mut || {
            looks += 1;
            ControlFlow::Continue(())
        });
        assert!(status.unwrap().success());
        assert!(looks > 1, "{looks}");
    }

    #[test]
    fn a_process_whose_outcome_does_not_matter_is_ended() {
        let start = Instant::now();
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let error = wait(&mut child, &mut || ControlFlow::Break(())).unwrap_err();
        assert!(error.is::<Interrupted>());
        assert!(start.elapsed() < Duration::from_secs(30), "it was not waited for to its own end");
    }
}
