//! The hints of a kata, as `hints/<kata>.md` has them: a few steps for everybody, and a word on each test for whoever finds it red.

/// What stands in a file of hints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The steps, from a question to nearly the code.
    pub steps: Vec<Step>,
    /// What red tests mean.
    pub symptoms: Vec<Symptom>,
}

/// A step: a heading such as `## 2. Who owns which end?`, and a short text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its heading, without the marks.
    pub heading: String,
    /// The line of its heading, from 1.
    pub line: usize,
    /// How many words its text has, code aside.
    pub words: usize,
}

/// What it means that some tests are red: a heading such as ``### `a_test`, `another_test` ``, and a short text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symptom {
    /// The functions of the tests.
    pub tests: Vec<String>,
    /// The line of its heading, from 1.
    pub line: usize,
    /// How many words its text has, code aside.
    pub words: usize,
}

/// The fewest steps, and the most.
const STEPS: std::ops::RangeInclusive<usize> = 3..=6;
/// The most words of a step or a symptom: who is stuck does not read an essay.
const MOST_WORDS: usize = 110;

/// The heading at a line of a file of hints, without its marks, and the text up to the next heading.
pub fn section(text: &str, line: usize) -> (&str, &str) {
    let begin = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let (heading, body) = text[begin..].split_once('\n').unwrap_or((&text[begin..], ""));
    let mut is_code = false;
    let mut end = 0;
    for line in body.split_inclusive('\n') {
        if line.starts_with("```") {
            is_code = !is_code;
        } else if !is_code && line.starts_with('#') {
            break;
        }
        end += line.len();
    }
    (heading.trim_start_matches('#').trim(), body[..end].trim())
}

impl Hints {
    /// Reads a file of hints. What is neither a step nor a symptom is left out.
    pub fn read(text: &str) -> Self {
        let mut hints = Self::default();
        let mut words: Option<&mut usize> = None;
        let mut is_code = false;
        for (line, number) in text.lines().zip(1..) {
            if line.starts_with("```") {
                is_code = !is_code;
            } else if is_code {
            } else if let Some(heading) = line.strip_prefix("### ") {
                let tests = heading.split('`').skip(1).step_by(2).map(str::to_owned).collect();
                hints.symptoms.push(Symptom { tests, line: number, words: 0 });
                words = hints.symptoms.last_mut().map(|symptom| &mut symptom.words);
            } else if let Some(heading) = line.strip_prefix("## ") {
                if heading.starts_with(|c: char| c.is_ascii_digit()) {
                    hints.steps.push(Step { heading: heading.to_owned(), line: number, words: 0 });
                    words = hints.steps.last_mut().map(|step| &mut step.words);
                } else {
                    words = None;
                }
            } else if let Some(words) = &mut words {
                **words += line.split_whitespace().count();
            }
        }
        hints
    }

    /// What stands there about a test.
    pub fn on(&self, function: &str) -> Option<&Symptom> {
        self.symptoms.iter().find(|symptom| symptom.tests.iter().any(|test| test == function))
    }

    /// Everything in which these hints are not what the tests of their kata ask for.
    pub fn problems(&self, tests: &[String]) -> Vec<String> {
        let mut found = Vec::new();
        if !STEPS.contains(&self.steps.len()) {
            let (least, most, has) = (STEPS.start(), STEPS.end(), self.steps.len());
            found.push(format!("has {has} steps (headings such as `## 1. A question`); it needs {least} to {most}"));
        }
        for (step, number) in self.steps.iter().zip(1..) {
            if !step.heading.starts_with(&format!("{number}. ")) {
                found.push(format!("line {}: step {number} is headed `{}`", step.line, step.heading));
            }
        }
        let lengths = self.steps.iter().map(|step| (step.line, step.words));
        let lengths = lengths.chain(self.symptoms.iter().map(|symptom| (symptom.line, symptom.words)));
        for (line, words) in lengths.filter(|(_, words)| !(1..=MOST_WORDS).contains(words)) {
            found.push(format!("line {line}: {words} words stand there; who is stuck needs 1 to {MOST_WORDS}"));
        }
        for test in tests {
            match self.symptoms.iter().filter(|symptom| symptom.tests.contains(test)).count() {
                0 => found.push(format!("says nothing about the test {test}: write a heading ### `{test}`")),
                1 => {}
                n => found.push(format!("names the test {test} {n} times")),
            }
        }
        let named = self.symptoms.iter().flat_map(|symptom| symptom.tests.iter().map(|test| (symptom.line, test)));
        for (line, test) in named.filter(|(_, test)| !tests.contains(test)) {
            found.push(format!("line {line}: there is no test {test}"));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const TEXT: &str = "# Hints\n\nRead one.\n\n## 1. Who?\n\nOne two three.\n```rust\n## not. a heading\n```\nFour.\n\n\
                        ## 2. What?\n\nOne.\n\n## 3. Like this\n\nOne.\n\n## When a test is red\n\nNot counted.\n\n\
                        ### `a`, `b`\n\nOne two.\n\n### `c`\n\nOne.\n";

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn steps_and_symptoms_are_found_with_their_lines() {
        let hints = Hints::read(TEXT);
        assert_eq!(hints.steps.len(), 3);
        assert_eq!(hints.steps[0], Step { heading: "1. Who?".to_owned(), line: 5, words: 4 });
        assert_eq!(hints.symptoms[0], Symptom { tests: names(&["a", "b"]), line: 25, words: 2 });
        assert_eq!(hints.on("c").map(|symptom| symptom.line), Some(29));
        assert_eq!(hints.on("d"), None);
    }

    #[test]
    fn hints_that_fit_their_tests_have_no_problems() {
        assert_eq!(Hints::read(TEXT).problems(&names(&["a", "b", "c"])), [] as [&str; 0]);
    }

    #[rstest]
    #[case(TEXT, &["a", "b", "c", "d"], "says nothing about the test d")]
    #[case(TEXT, &["a", "b"], "line 29: there is no test c")]
    #[case(&TEXT.replace("### `c`", "### `c`, `a`"), &["a", "b", "c"], "names the test a 2 times")]
    #[case(&TEXT.replace("## 2. What?\n\nOne.\n", ""), &["a", "b", "c"], "has 2 steps")]
    #[case(&TEXT.replace("## 2.", "## 4."), &["a", "b", "c"], "line 13: step 2 is headed `4. What?`")]
    #[case(&TEXT.replace("One two.", ""), &["a", "b", "c"], "line 25: 0 words stand there")]
    #[case(&TEXT.replace("One two.", &"word ".repeat(111)), &["a", "b", "c"], "line 25: 111 words stand there")]
    fn each_problem_is_named(#[case] text: &str, #[case] tests: &[&str], #[case] expected: &str) {
        let found = Hints::read(text).problems(&names(tests));
        assert!(found.iter().any(|problem| problem.starts_with(expected)), "{found:?}");
    }
}
