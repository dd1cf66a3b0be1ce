//! A check that must fail, run in a process of its own, and what it says.
//!
//! A failing check prints its report and fails its test. So the test starts its own executable once more, for itself alone, with
//! `CHILD` set: there the check runs; here its text and its exit code are read.

use crate::Check;
use real_std::any::type_name;
use real_std::cell::Cell;
use real_std::env;
use real_std::io::Read;
use real_std::panic::Location;
use real_std::path::Path;
use real_std::process::{Child, Command, Stdio, exit};
use real_std::thread::{self, sleep};
use real_std::time::{Duration, Instant};

/// Says which of a test's failing checks the child is to run: the first is 1.
const CHILD: &str = "THE_CHECK_THAT_FAILS";
/// No report may take longer. A busy machine is no failure.
const PATIENCE: Duration = Duration::from_secs(15);
/// What a test that failed exits with. A child that was aborted has no exit code at all.
const FAILED: i32 = 101;
/// Words of the engines and of what they run on: none of them is for a learner.
const JARGON: [&str; 13] = [
    "Causality violation",
    "loom::",
    "loom-0",
    "shuttle panicked",
    "shuttle-",
    "generator",
    "corosensei",
    "stack backtrace",
    "RUST_BACKTRACE",
    "/rustc/",
    "stand_in/",
    "std_on_loom/src",
    "BorrowMutError",
];

real_std::thread_local!(static FAILING_CHECKS: Cell<usize> = const { Cell::new(0) });

/// What a failed check said; nothing in the child, where nobody reads it.
pub struct Report(Option<String>);

/// Runs `program`, a closure of a test's own, in a check that must fail.
#[track_caller]
pub fn fails<F: Fn() + Send + Sync + 'static>(program: F) -> Report {
    fails_in(Check::new(), program)
}

/// The same for a check with other settings.
#[track_caller]
pub fn fails_in<F: Fn() + Send + Sync + 'static>(check: Check, program: F) -> Report {
    FAILING_CHECKS.set(FAILING_CHECKS.get() + 1);
    let number = FAILING_CHECKS.get().to_string();
    if let Some(wanted) = env::var_os(CHILD) {
        if wanted == *number {
            let receipt = check.run(program);
            eprintln!("The check passed: {receipt}");
            exit(0);
        }
        return Report(None);
    }
    // A closure is named after the function that it stands in: `checks::races::a_cell_…::{{closure}}`.
    let test = type_name::<F>().trim_end_matches("::{{closure}}").split_once("::").expect("a path within this crate").1;
    let child = Command::new(env::current_exe().expect("this test is an executable"))
        .args(["--exact", test, "--nocapture"])
        // Wide enough that no sentence is broken.
        .envs([(CHILD, number.as_str()), ("COLUMNS", "400"), ("RUST_BACKTRACE", "1")])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this test can be started once more");
    let (code, text) = outcome(child);
    assert_eq!(code, Some(FAILED), "the exit code of a check that must fail; it said:\n{text}");
    for word in JARGON {
        assert!(!text.contains(word), "the report says {word:?}:\n{text}");
    }
    Report(Some(text))
}

/// Waits for the child's end, as long as is reasonable. Its exit code, if it came to an end of its own; and what it said.
fn outcome(mut child: Child) -> (Option<i32>, String) {
    let mut stderr = child.stderr.take().expect("it was asked for");
    let reader = thread::spawn(move || {
        let mut text = Vec::new();
        stderr.read_to_end(&mut text).expect("a pipe can be read");
        String::from_utf8_lossy(&text).into_owned()
    });
    let begun = Instant::now();
    let code = loop {
        match child.try_wait().expect("it is a child of ours") {
            Some(status) => break status.code(),
            None if begun.elapsed() > PATIENCE => {
                child.kill().expect("it is a child of ours");
                child.wait().expect("it is a child of ours");
                break None;
            }
            None => sleep(Duration::from_millis(5)),
        }
    };
    (code, reader.join().expect("a pipe can be read"))
}

impl Report {
    /// It contains these words.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        if let Some(text) = &self.0 {
            assert!(text.contains(words), "the report does not say {words:?}:\n{text}");
        }
        self
    }

    /// It does not.
    #[track_caller]
    pub fn does_not_say(self, words: &str) -> Self {
        if let Some(text) = &self.0 {
            assert!(!text.contains(words), "the report says {words:?}:\n{text}");
        }
        self
    }

    /// It names the line of the test's file that ends in `// marker`.
    #[track_caller]
    pub fn points_at(self, marker: &str) -> Self {
        let file = Location::caller().file();
        let source = real_std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file));
        let source = source.expect("this file can be read");
        let marker = format!("// {marker}");
        let mut lines = source.lines().zip(1..).filter(|(line, _)| line.ends_with(&marker));
        let (_, line) = lines.next().unwrap_or_else(|| panic!("no line of {file} ends in {marker:?}"));
        assert!(lines.next().is_none(), "several lines of {file} end in {marker:?}");
        let file = file.rsplit('/').next().expect("a path has a last part");
        self.says(&format!("/{file}:{line}:"))
    }

    /// It was found with no more preemptions than that: a failure with few is the one to look at.
    #[track_caller]
    pub fn needs_preemptions(self, preemptions: usize) -> Self {
        self.says(match preemptions {
            0 => "; no thread was interrupted.",
            1 => "; it takes one interruption of a running thread.",
            2 => "; it takes 2 interruptions of a running thread: with fewer, none was found.",
            _ => unreachable!("no test of ours needs more"),
        })
    }
}
