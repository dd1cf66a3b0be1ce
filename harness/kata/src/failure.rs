//! What a red test has to say, without the noise around it.

use crate::junit::{Outcome, TestRun};
use interleaving::REPORT_FOLLOWS;

/// At most so many lines of what the test printed are shown: a print in a loop must not push the reason off the screen.
const PRINTED: usize = 20;
/// At most so many different panics are shown, for the same reason.
const PANICS: usize = 5;

/// What a wrong pointer looks like from the outside.
const BAD_MEMORY: &str = "\
It used memory that is not its own, or not any more. Look at what is `unsafe`: a pointer that is null, dangling or freed, or \
`*pointer = value` on fresh memory, which first drops what is not there. If there is no `unsafe`, the \
stack ran over: a function that calls itself again and again, or a large array in a variable (a thread has 1 MiB in the checkers).";

/// A panic, as Rust's own hook prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Panic {
    at: String,
    message: String,
}

impl Panic {
    fn text(&self) -> String {
        let Self { at, message } = self;
        // Where the harness notices something is nothing that a learner would look up.
        if at.starts_with("harness/") || at.contains("/harness/") { message.clone() } else { format!("{at}: {message}") }
    }
}

/// What Rust says before it ends a process whose stack has run over.
const OVERFLOWED: &str = "has overflowed its stack";

/// What rustc's `todo!` panics with.
const TODO: &str = "not yet implemented";

/// Whether `test` is red because a part of the stub is still there.
pub fn is_unwritten(test: &TestRun) -> bool {
    test.outcome == Outcome::Failed && test.stderr.contains(TODO)
}

/// Why `test` is red.
pub fn told(test: &TestRun) -> String {
    told_with(test, None)
}

/// Why `test` is red, with the checker's report as `story` tells it, which is the same, but fits this terminal.
pub fn told_with(test: &TestRun, story: Option<&str>) -> String {
    let (printed, report) = split_report(&test.stderr);
    let report = story.filter(|_| report.is_some()).or(report);
    let (said, panics) = panics(report.unwrap_or(printed));
    let mut parts = Vec::new();
    match test.outcome {
        Outcome::TimedOut => {
            parts.push(format!("It was ended after {:.0} seconds: it was still running.", test.seconds));
        }
        Outcome::Flooded => {
            parts.push("It was ended because it printed and printed. Look for a loop with a print in it.".to_owned())
        }
        Outcome::Ended if test.stderr.contains(OVERFLOWED) => parts.push(
            "A function calls itself again and again, and so the stack ran over. Look for a call that leads to itself."
                .to_owned(),
        ),
        Outcome::Ended => parts.push(match test.signal.as_deref() {
            Some(signal @ ("SIGSEGV" | "SIGBUS")) => format!("The program ended before the test did: {signal}. {BAD_MEMORY}"),
            Some(signal) => format!("The program ended before the test did: {signal}."),
            None => "The program ended before the test did.".to_owned(),
        }),
        Outcome::Passed | Outcome::Failed => {}
    }
    parts.push(said);
    parts.push(panics_text(&panics));
    let printed = if report.is_some() { printed.trim() } else { "" };
    for printed in [test.stdout.as_str(), printed] {
        if !printed.is_empty() {
            parts.push(format!("It printed:\n{}", last_lines(printed)));
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n").replace("not yet implemented: ", "Not written yet: ").replace("not yet implemented", "Not written yet.")
}

/// What a checker reported, if one did.
pub fn report(test: &TestRun) -> Option<&str> {
    split_report(&test.stderr).1
}

/// What the program printed, and what a checker reported after that.
fn split_report(stderr: &str) -> (&str, Option<&str>) {
    let heading = format!("{REPORT_FOLLOWS}\n");
    // It begins a line, the first one if the program has printed nothing.
    let at = stderr.rfind(&heading).filter(|&at| at == 0 || stderr[..at].ends_with('\n'));
    at.map_or((stderr, None), |at| (&stderr[..at], Some(&stderr[at + heading.len()..])))
}

/// The first line of `told` that says something.
pub fn told_in_a_line(test: &TestRun) -> String {
    told(test).lines().next().unwrap_or("it says nothing").to_owned()
}

/// Takes the panics out of what was printed to standard error: (the rest, the panics).
fn panics(stderr: &str) -> (String, Vec<Panic>) {
    let mut said = Vec::new();
    let mut panics: Vec<Panic> = Vec::new();
    // A panic's message ends where the next one begins.
    let mut is_backtrace = false;
    for line in stderr.lines().filter(|line| !is_noise(line)) {
        // Rust prints one, asked for or not, if a panic in a destructor ends the process.
        is_backtrace = line == "stack backtrace:" || is_backtrace && line.starts_with(' ');
        if is_backtrace {
            continue;
        }
        if let Some(at) = panicked_at(line) {
            panics.push(Panic { at: at.to_owned(), message: String::new() });
        } else if let Some(panic) = panics.last_mut() {
            panic.message.push_str(line);
            panic.message.push('\n');
        } else {
            said.push(line);
        }
    }
    for panic in &mut panics {
        panic.message = panic.message.trim().to_owned();
    }
    // That of the destructor itself stands before it.
    panics.retain(|panic| panic.message != "panic in a destructor during cleanup");
    (said.join("\n").trim().to_owned(), panics)
}

fn is_noise(line: &str) -> bool {
    // The command itself says where the hints are.
    line.starts_with("note: run with `RUST_BACKTRACE")
        || line.starts_with("note: Some details are omitted")
        || line == "thread caused non-unwinding panic. aborting."
        || line.ends_with(OVERFLOWED)
        || line == "fatal runtime error: stack overflow, aborting"
        || line.starts_with("Stuck? The first hint is in")
}

/// The place in a line such as `thread 'main' (123) panicked at src/lib.rs:21:9:`.
fn panicked_at(line: &str) -> Option<&str> {
    let (_, at) = line.strip_prefix("thread '")?.split_once(" panicked at ")?;
    Some(at.trim_end_matches(':'))
}

fn panics_text(panics: &[Panic]) -> String {
    if let Some(text) = panics.split_last().and_then(|(last, earlier)| smallest_input(&last.message, earlier)) {
        return text;
    }
    let mut texts: Vec<String> = Vec::new();
    for text in panics.iter().map(Panic::text) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let more = texts.len().saturating_sub(PANICS);
    texts.truncate(PANICS);
    if more > 0 {
        texts.push(format!("… and {more} more panics"));
    }
    texts.join("\n")
}

/// Tells a failure of proptest, which has panicked in the same way for each larger input before.
fn smallest_input(message: &str, earlier: &[Panic]) -> Option<String> {
    let (reason, input) = message.strip_prefix("Test failed: ")?.split_once("minimal failing input: ")?;
    let reason = reason.trim_end();
    let reason = reason.strip_suffix('.').unwrap_or(reason);
    let counts = |line: &&str| line.trim_start().starts_with("successes: ");
    let input: Vec<&str> = input.lines().take_while(|line| !counts(line)).collect();
    let reason = earlier.iter().rfind(|panic| panic.message == reason).map_or_else(|| reason.to_owned(), Panic::text);
    Some(format!("{reason}\n\nThe smallest input for which it fails:\n{}", input.join("\n").trim_end()))
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let left_out = lines.len().saturating_sub(PRINTED);
    let shown = lines[left_out..].join("\n");
    if left_out > 0 { format!("(… {left_out} lines before)\n{shown}") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn red(stderr: &str) -> TestRun {
        TestRun {
            package: "spinlock".to_owned(),
            file: "examples".to_owned(),
            name: "a_test".to_owned(),
            outcome: Outcome::Failed,
            signal: None,
            seconds: 30.03,
            stdout: String::new(),
            stderr: stderr.to_owned(),
        }
    }

    #[test]
    fn a_panic_is_told_as_place_and_message() {
        let stderr = "thread 'a_test' (14690) panicked at katas/spinlock/tests/examples.rs:29:9:\n\
                      assertion `left == right` failed\n  left: 1\n right: 2\n\
                      note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace";
        assert_eq!(
            told(&red(stderr)),
            "katas/spinlock/tests/examples.rs:29:9: assertion `left == right` failed\n  left: 1\n right: 2"
        );
    }

    #[test]
    fn a_panic_of_the_harness_is_told_without_its_place() {
        let stderr = "thread 'a_test' (1) panicked at harness/examiner/src/deadline.rs:31:43:\nstill running after 5s";
        assert_eq!(told(&red(stderr)), "still running after 5s");
    }

    #[test]
    fn what_is_still_to_be_written_is_told_so() {
        let todo = "thread 'a_test' (1) panicked at src/lib.rs:21:9:\nnot yet implemented: make a lock that nobody holds";
        assert_eq!(told(&red(todo)), "src/lib.rs:21:9: Not written yet: make a lock that nobody holds");
        let bare = "thread 'a_test' (1) panicked at src/lib.rs:21:9:\nnot yet implemented";
        assert_eq!(told(&red(bare)), "src/lib.rs:21:9: Not written yet.");
    }

    #[test]
    fn the_same_panic_is_told_once_and_different_ones_in_their_order() {
        let panic = |n: usize| format!("thread '<unnamed>' (7) panicked at src/lib.rs:{n}:5:\nlost\n\n");
        assert_eq!(told(&red(&[panic(3), panic(3), panic(4)].concat())), "src/lib.rs:3:5: lost\nsrc/lib.rs:4:5: lost");
        let many: String = (1..=7).map(panic).collect();
        assert!(told(&red(&many)).ends_with("src/lib.rs:5:5: lost\n… and 2 more panics"));
    }

    #[test]
    fn a_property_is_told_by_its_smallest_input() {
        let stderr = "thread 'a_test' (1) panicked at katas/spinlock/src/lib.rs:3:5:\nlost\n\n\
                      thread 'a_test' (2) panicked at katas/spinlock/src/lib.rs:9:5:\nlost\n\n\
                      thread 'a_test' (3) panicked at katas/spinlock/tests/properties.rs:23:1:\nTest failed: lost.\n\
                      minimal failing input: additions = [\n    [],\n]\n\tsuccesses: 0\n\tlocal rejects: 0\n\tglobal rejects: 0";
        assert_eq!(
            told(&red(stderr)),
            "katas/spinlock/src/lib.rs:9:5: lost\n\nThe smallest input for which it fails:\nadditions = [\n    [],\n]"
        );
    }

    #[test]
    fn a_checkers_report_is_left_as_it_is() {
        let report = "Data race: two threads use the same cell.\n\nstep  main\n   1  starts thread 1";
        let stderr = format!("\n{report}\n\nStuck? The first hint is in hints/spinlock.md.\n");
        assert_eq!(told(&red(&stderr)), report);
    }

    #[test]
    fn a_story_takes_the_place_of_the_report() {
        let stderr = format!("mine\n\n{REPORT_FOLLOWS}\n\nDeadlock: nobody can move any more.\n");
        let told = told_with(&red(&stderr), Some("Deadlock, in colour.\n"));
        assert_eq!(told, "Deadlock, in colour.\n\nIt printed:\nmine");
        assert_eq!(told_with(&red("mine"), Some("of another run")), "mine", "this run has left no report");
        let alone = format!("{REPORT_FOLLOWS}\n\nDeadlock: nobody can move any more.");
        assert_eq!(told_with(&red(&alone), Some("In colour.")), "In colour.", "nothing was printed before it");
    }

    #[test]
    fn a_test_without_an_end_says_so_first() {
        let mut test = red("");
        test.outcome = Outcome::TimedOut;
        assert_eq!(told(&test), "It was ended after 30 seconds: it was still running.");
        test.outcome = Outcome::Ended;
        test.stderr = "and then".to_owned();
        assert_eq!(told(&test), "The program ended before the test did.\n\nand then");
    }

    #[test]
    fn a_stack_that_ran_over_is_told_by_its_cause() {
        let said = "thread 'a_test' (1) has overflowed its stack\nfatal runtime error: stack overflow, aborting";
        let test = TestRun { outcome: Outcome::Ended, signal: Some("SIGABRT".to_owned()), ..red(said) };
        assert!(told(&test).ends_with("Look for a call that leads to itself."), "{}", told(&test));
    }

    #[test]
    fn a_panic_in_a_destructor_is_told_without_its_backtrace() {
        let stderr = "thread 'a' (1) panicked at src/lib.rs:4:30:\nnot yet implemented: the deref\n\n\
                      thread 'a' (1) panicked at src/lib.rs:3:50:\nnot yet implemented: the drop\nstack backtrace:\n   \
                      0:     0x55c9 - std::trace\n             at /rustc/5980/library/std/src/lib.rs:1:1\n\n\
                      thread 'a' (1) panicked at /rustc/5980/library/core/src/panicking.rs:233:5:\n\
                      panic in a destructor during cleanup\nthread caused non-unwinding panic. aborting.";
        let test = TestRun { outcome: Outcome::Ended, signal: Some("SIGABRT".to_owned()), ..red(stderr) };
        let expected = "The program ended before the test did: SIGABRT.\n\nsrc/lib.rs:4:30: Not written yet: the deref\n\
                        src/lib.rs:3:50: Not written yet: the drop";
        assert_eq!(told(&test), expected);
    }

    #[test]
    fn a_wrong_pointer_says_where_to_look() {
        let test = TestRun { outcome: Outcome::Ended, signal: Some("SIGSEGV".to_owned()), ..red("") };
        assert!(told(&test).starts_with("The program ended before the test did: SIGSEGV. It used memory that is not its own"));
    }

    #[test]
    fn prints_are_shown_from_their_end() {
        let mut test = red("thread 'a_test' (1) panicked at src/lib.rs:1:1:\nlost");
        test.stdout = (1..=22).map(|n| format!("turn {n}")).collect::<Vec<_>>().join("\n");
        let text = told(&test);
        assert!(text.starts_with("src/lib.rs:1:1: lost\n\nIt printed:\n(… 2 lines before)\nturn 3\n"), "{text}");
        assert!(text.ends_with("\nturn 22"), "{text}");
    }

    #[test]
    fn what_the_program_printed_stands_after_the_report_and_is_cut() {
        let debugged: String = (0..300).map(|turn| format!("[src/lib.rs:1:1] turn = {turn}\n")).collect();
        let stderr = format!("{debugged}\n{REPORT_FOLLOWS}\n\nDeadlock: nobody can move any more.\n");
        let test = TestRun { stderr, ..red("") };
        let told = told(&test);
        assert!(told.starts_with("Deadlock: nobody can move any more.\n\nIt printed:\n(… 280 lines before)"), "{told}");
        assert!(told.ends_with("turn = 299"), "{told}");
    }
}
