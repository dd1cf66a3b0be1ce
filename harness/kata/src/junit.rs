//! Reads the JUnit file that nextest writes: each test that ran, what came of it, and what it printed.

use anyhow::{Context, Result};
use roxmltree::{Document, Node};

/// A test that ran.
#[derive(Clone, Debug, PartialEq)]
pub struct TestRun {
    /// The package that it belongs to.
    pub package: String,
    /// The test file that it belongs to; empty for the tests within a library or a program.
    pub file: String,
    /// Its name; a case of an rstest has `::case_1_…` at the end.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The signal that ended its process, such as `SIGSEGV`.
    pub signal: Option<String>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What it printed to standard output, without what the test harness itself prints.
    pub stdout: String,
    /// What it printed to standard error.
    pub stderr: String,
}

/// What came of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// It was still running when its time was up.
    TimedOut,
    /// It was ended because it printed and printed.
    Flooded,
    /// Its process was ended by a signal, or ended itself, before the test had come to its end.
    Ended,
}

impl TestRun {
    /// Whether it passed.
    pub fn is_green(&self) -> bool {
        self.outcome == Outcome::Passed
    }
}

/// The tests in a JUnit file of nextest.
pub fn test_runs(xml: &str) -> Result<Vec<TestRun>> {
    let document = Document::parse(xml).context("nextest's JUnit file cannot be read")?;
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
    cases.map(test_run).collect()
}

fn test_run(case: Node<'_, '_>) -> Result<TestRun> {
    let attribute = |name: &str| case.attribute(name).with_context(|| format!("a test in nextest's JUnit file has no `{name}`"));
    let name = attribute("name")?.to_owned();
    let suite = attribute("classname")?;
    let (package, file) = suite.split_once("::").unwrap_or((suite, ""));
    let child = |tag: &str| case.children().find(|node| node.has_tag_name(tag));
    let text = |tag: &str| child(tag).and_then(|node| node.text()).unwrap_or_default();
    let said = text("system-out");
    let failure = child("failure").or_else(|| child("error")).map(|node| node.attribute("type").unwrap_or_default());
    let outcome = match failure {
        // A test harness that came to its end says so; one that was left early, as by `exit(0)`, has nothing to say.
        None if came_to_its_end(said) => Outcome::Passed,
        None => Outcome::Ended,
        Some(kind) if kind.contains("timeout") => Outcome::TimedOut,
        Some(kind) if kind.contains("abort") => Outcome::Ended,
        Some(_) => Outcome::Failed,
    };
    Ok(TestRun {
        package: package.to_owned(),
        file: file.to_owned(),
        stdout: own_lines(said, &name),
        stderr: text("system-err").trim().to_owned(),
        seconds: case.attribute("time").and_then(|time| time.parse().ok()).unwrap_or_default(),
        outcome,
        signal: child("failure").or_else(|| child("error")).and_then(|node| signal(node.text().unwrap_or_default())),
        name,
    })
}

/// Whether the test harness has said that its test has passed. A thread that is still running may print into the middle of that line,
/// so only its parts are looked for.
fn came_to_its_end(said: &str) -> bool {
    said.split_once("test result: ").is_some_and(|(_, rest)| rest.contains(". 1 passed;"))
}

/// The name in `process aborted with signal 11 (SIGSEGV)`.
fn signal(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("aborted with signal ")?;
    let (_, name) = rest.split_once('(')?;
    name.split(')').next().map(str::to_owned)
}

/// What the test printed: all between the two lines of the test harness about it.
fn own_lines(stdout: &str, name: &str) -> String {
    let verdict = format!("test {name} ");
    let lines = stdout.trim_start().lines().skip_while(|line| *line == "running 1 test");
    lines.take_while(|line| !line.starts_with(&verdict)).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn read(suite: &str, name: &str, children: &str) -> TestRun {
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"nextest-run\"><testsuite name=\"{suite}\">\
             <testcase name=\"{name}\" classname=\"{suite}\" time=\"0.068\">{children}</testcase></testsuite></testsuites>"
        );
        test_runs(&xml).unwrap().remove(0)
    }

    #[test]
    fn a_signal_is_known_by_its_name() {
        let text = "2 errors occurred executing test:\n* process aborted with signal 11 (SIGSEGV)\n* thread 'c' panicked";
        assert_eq!(signal(text).as_deref(), Some("SIGSEGV"));
        assert_eq!(signal("test failure with exit code 101"), None);
    }

    #[test]
    fn a_green_test_keeps_only_what_it_printed_itself() {
        let run = read(
            "spinlock::loom",
            "a_test",
            "<system-out>\nrunning 1 test\nloom ran all 26 interleavings\ntest a_test ... ok\n\n\
             test result: ok. 1 passed; 0 failed;\n</system-out><system-err></system-err>",
        );
        assert_eq!((run.package.as_str(), run.file.as_str(), run.name.as_str()), ("spinlock", "loom", "a_test"));
        assert_eq!((run.outcome, run.seconds), (Outcome::Passed, 0.068));
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("loom ran all 26 interleavings", ""));
    }

    #[rstest]
    #[case("<failure type='test failure with exit code 101'/>", Outcome::Failed)]
    #[case("<failure type='test failure with exit code 101 (leaked handles)'/>", Outcome::Failed)]
    #[case("<failure type='test timeout'/>", Outcome::TimedOut)]
    #[case("<failure type='test abort'/>", Outcome::Ended)]
    #[case("<error type='execution failure'/>", Outcome::Failed)]
    #[case("<system-out>\nrunning 1 test\n</system-out>", Outcome::Ended)]
    fn whatever_is_not_a_pass_is_red(#[case] children: &str, #[case] expected: Outcome) {
        let run = read("spinlock::loom", "a_test", children);
        assert_eq!(run.outcome, expected);
        assert!(!run.is_green());
    }

    #[test]
    fn a_thread_that_prints_into_the_last_line_makes_no_test_red() {
        let said = "<system-out>\nrunning 1 test\ntest a_test ... late 1\nok\n\ntest result: late 2\nok. 1 passed; 0 failed;\n</system-out>";
        assert_eq!(read("counter::examples", "a_test", said).outcome, Outcome::Passed);
        let left = "<system-out>\nrunning 1 test\ntest a_test ... late 1\n</system-out>";
        assert_eq!(read("counter::examples", "a_test", left).outcome, Outcome::Ended);
    }

    #[test]
    fn a_red_test_keeps_its_text_as_it_was() {
        let run = read(
            "counter",
            "tests::a_test",
            "<failure type='test failure with exit code 101'>thread</failure>\
             <system-err>\nthread &apos;a_test&apos; (7) panicked at src/lib.rs:3:5:\nno &lt;way&gt;\n</system-err>",
        );
        assert_eq!((run.package.as_str(), run.file.as_str()), ("counter", ""));
        assert_eq!(run.stderr, "thread 'a_test' (7) panicked at src/lib.rs:3:5:\nno <way>");
    }

    #[test]
    fn a_file_that_is_no_xml_is_an_error() {
        assert!(test_runs("not xml").unwrap_err().to_string().contains("JUnit"));
    }
}
