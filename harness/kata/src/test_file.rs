//! The tests of a file, as they stand there: their order is the order in which a learner meets them.

use std::fs;
use std::path::Path;

/// A test and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// The name of its function.
    pub name: String,
    /// The line of its function, from 1.
    pub line: usize,
}

/// The tests in `file`, from top to bottom; none if it cannot be read (the build then says why).
pub fn tests_in_file(file: &Path) -> Vec<Test> {
    fs::read_to_string(file).map(|text| tests_in(&text)).unwrap_or_default()
}

fn tests_in(text: &str) -> Vec<Test> {
    let mut tests = Vec::new();
    let mut is_test = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("//") {
            continue;
        }
        is_test |= line.starts_with("#[test]") || line.starts_with("#[rstest");
        let function = line.split_once("fn ").and_then(|(_, rest)| rest.split(['(', '<']).next());
        if let Some(name) = function.filter(|_| is_test) {
            tests.push(Test { name: name.trim().to_owned(), line: index + 1 });
            is_test = false;
        }
    }
    tests
}

/// The function of a test as it ran: `every_addition_counts::case_1_one_thread` is a case of `every_addition_counts`.
pub fn function(ran: &str) -> &str {
    ran.split_once("::case_").map_or(ran, |(function, _)| function)
}

/// The name of a test as a sentence.
pub fn sentence(ran: &str) -> String {
    let case = ran.split_once("::case_").map(|(_, case)| match case.split_once('_') {
        Some((number, what)) => format!(" (case {number}: {what})"),
        None => format!(" (case {case})"),
    });
    format!("{}{}", function(ran), case.unwrap_or_default()).replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn tests_are_found_in_the_order_of_the_file() {
        let text = "//! #[test] fn not_this()\n\n\
                    fn a_helper() {}\n\n\
                    #[test]\nfn the_first() {}\n\n\
                    #[rstest]\n#[case::one_thread(1)]\nfn with_cases(#[case] threads: usize) {}\n\n\
                    proptest! {\n    #![proptest_config(x)]\n\n    #[test]\n    fn any_input(x in any::<u8>()) {}\n}\n\
                    #[test] fn on_one_line() {}\n";
        let found: Vec<_> = tests_in(text).into_iter().map(|test| (test.name, test.line)).collect();
        let expected = [("the_first", 6), ("with_cases", 10), ("any_input", 16), ("on_one_line", 18)];
        assert_eq!(found, expected.map(|(name, line)| (name.to_owned(), line)));
    }

    #[rstest]
    #[case("holders_see_each_others_writes", "holders see each others writes")]
    #[case("every_addition_counts::case_2_two_threads", "every addition counts (case 2: two threads)")]
    #[case("every_addition_counts::case_2", "every addition counts (case 2)")]
    fn a_test_is_told_as_a_sentence(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(sentence(name), expected);
    }
}
