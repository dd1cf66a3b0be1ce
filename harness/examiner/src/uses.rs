//! What a solution lets its users do: the compiler is asked, since a signature can be wrong where no thread ever runs.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the file of uses lies in a kata's folder.
const FILE: &str = "tests/compiler/uses.rs";
/// Uses whose names begin with this must compile.
const MAY: &str = "may_";
/// Those whose names begin with this must not.
const MUST_NOT: &str = "must_not_";

/// A function of a file of uses.
#[derive(Debug, PartialEq, Eq)]
struct Use<'a> {
    name: &'a str,
    /// What its documentation says: what would go wrong, or what the use is good for.
    why: String,
    /// Its first line and its last one, from 1.
    lines: (usize, usize),
    /// What stands in it.
    body: Vec<&'a str>,
}

impl Use<'_> {
    fn contains(&self, line: usize) -> bool {
        (self.lines.0..=self.lines.1).contains(&line)
    }

    /// What is wrong with it, where it stands, and what it does.
    fn told(&self, wrong: &str) -> String {
        let body: String = self.body.iter().map(|line| format!("\n    {line}")).collect();
        format!("\n{wrong} ({FILE}:{}):\n{body}\n\n  {}\n", self.lines.0, self.why)
    }
}

/// Fails the test if the kata in `folder` has other uses than those that it should have. `uses` is the text of a file of functions:
/// each is named `may_…` and compiles, or `must_not_…` and does not. They find the solution at `crate::solution`. `scratch` is a folder
/// that the compiler may write to.
///
/// # Panics
/// With the documentation of each function with which it is otherwise; or if the compiler cannot be asked.
pub fn only_sound_uses_compile(folder: &str, scratch: &str, uses: &str) {
    let solution = Path::new(folder).join("src/lib.rs");
    let errors = errors(&compiler_says(&solution, Path::new(scratch), uses));
    let told = judged(&self::uses(uses), &errors);
    assert!(told.is_empty(), "{told}");
}

/// What the compiler has against the solution together with these uses: a line for each error.
fn compiler_says(solution: &Path, scratch: &Path, uses: &str) -> String {
    let rustc = rustc();
    let child = Command::new(&rustc)
        .args(["-", "--crate-name=uses", "--crate-type=lib", "--edition=2024", "--emit=metadata"])
        .args(["--error-format=short", "--cap-lints=allow", "--out-dir"])
        .arg(scratch)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{} could not be started: {error}", rustc.display()));
    // The uses begin in the second line.
    let source = format!("#[path = {solution:?}] pub mod solution; mod uses {{\n{uses}\n}}\n");
    child.stdin.take().expect("it is piped").write_all(source.as_bytes()).expect("the compiler reads all of it");
    let output = child.wait_with_output().expect("the compiler comes to its end");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The compiler that belongs to the cargo that runs the tests.
fn rustc() -> PathBuf {
    let beside_cargo =
        env::var_os("CARGO").map(|cargo| Path::new(&cargo).with_file_name(format!("rustc{}", env::consts::EXE_SUFFIX)));
    beside_cargo.filter(|rustc| rustc.exists()).unwrap_or_else(|| "rustc".into())
}

/// The lines of the file of uses that the compiler has something against, and what.
///
/// # Panics
/// If it has something against the solution itself, which is a module here, as it is to the checkers.
fn errors(text: &str) -> Vec<(usize, String)> {
    let is_error = |line: &&str| line.contains(": error") || line.starts_with("error") && !line.starts_with("error: aborting");
    let parse = |line: &str| {
        let (place, message) = line.strip_prefix("<anon>:")?.split_once(": ")?;
        Some((place.split(':').next()?.parse::<usize>().ok()? - 1, message.to_owned()))
    };
    let errors = text.lines().filter(is_error);
    let in_the_solution =
        |line| panic!("The checkers include the solution as a module of theirs. There it does not compile:\n  {line}");
    errors.map(|line| parse(line).unwrap_or_else(|| in_the_solution(line))).collect()
}

/// The functions of a file of uses, which is formatted as rustfmt does it.
fn uses(text: &str) -> Vec<Use<'_>> {
    let mut uses = Vec::new();
    let (mut why, mut begun, mut body) = (Vec::new(), None, Vec::new());
    for (index, line) in text.lines().enumerate() {
        if let Some(doc) = line.strip_prefix("/// ") {
            why.push(doc);
        } else if let Some(rest) = line.strip_prefix("fn ") {
            begun = Some((rest.split(['(', '<']).next().unwrap_or(rest), index + 1));
        }
        if begun.is_some() {
            body.push(line);
        }
        if line == "}"
            && let Some((name, first)) = begun.take()
        {
            let (why, body) = (std::mem::take(&mut why).join(" "), std::mem::take(&mut body));
            uses.push(Use { name, why, lines: (first, index + 1), body });
        }
    }
    uses
}

/// What is not as it should be, in words; nothing if all is.
fn judged(uses: &[Use<'_>], errors: &[(usize, String)]) -> String {
    for (line, message) in errors {
        assert!(uses.iter().any(|one| one.contains(*line)), "line {line} of the uses: {message}");
    }
    let mut told = String::new();
    for one in uses {
        let error = errors.iter().find(|(line, _)| one.contains(*line));
        match error {
            None if one.name.starts_with(MUST_NOT) => told += &one.told("This compiles, and must not"),
            Some((_, message)) if one.name.starts_with(MAY) => {
                told += &one.told("This does not compile, and should");
                told += &format!("  The compiler says: {message}\n");
            }
            _ => assert!(one.name.starts_with(MAY) || one.name.starts_with(MUST_NOT), "`{}` says neither", one.name),
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    const USES: &str = "\
//! Uses.

use crate::solution::f;

/// There is
/// such a number.
fn may_give_a_number() {
    f(1);
}

/// A text is no number.
fn must_not_give_a_text() {
    f(\"1\");
}
";

    fn told_of(errors: &[usize]) -> String {
        let errors: Vec<_> = errors.iter().map(|&line| (line, "error: because".to_owned())).collect();
        judged(&uses(USES), &errors)
    }

    #[test]
    fn a_use_that_should_compile_and_one_that_should_not() {
        assert_eq!(told_of(&[13]), "");
        let text = "    fn must_not_give_a_text() {\n        f(\"1\");\n    }\n";
        let why = "  A text is no number.\n";
        assert_eq!(told_of(&[]), format!("\nThis compiles, and must not (tests/compiler/uses.rs:12):\n\n{text}\n{why}"));
        let number = "    fn may_give_a_number() {\n        f(1);\n    }\n";
        let why = "  There is such a number.\n  The compiler says: error: because\n";
        let other = format!("\nThis does not compile, and should (tests/compiler/uses.rs:7):\n\n{number}\n{why}");
        assert_eq!(told_of(&[8, 13]), other);
    }

    #[test]
    #[should_panic(expected = "line 3 of the uses: error: because")]
    fn an_error_that_belongs_to_no_use_is_no_answer() {
        told_of(&[3, 13]);
    }

    #[test]
    #[should_panic(expected = "There it does not compile:\n  a/src/lib.rs:2:12: error[E0432]: unresolved import")]
    fn a_solution_that_is_no_module_is_told_as_that() {
        errors("a/src/lib.rs:2:12: error[E0432]: unresolved import `crate::f`\nerror: aborting due to 1 previous error\n");
    }

    #[test]
    fn the_compiler_is_asked() {
        let folder = env::temp_dir().join(format!("uses-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("src")).unwrap();
        let path = folder.to_str().unwrap().to_owned();
        let mut told = ["pub fn f(_: i32) {}", "pub fn f<T>(_: T) {}", "pub fn f(_: &str) {}"].map(|solution| {
            std::fs::write(folder.join("src/lib.rs"), solution).unwrap();
            judged(&uses(USES), &errors(&compiler_says(&folder.join("src/lib.rs"), &folder, USES)))
        });
        assert_eq!(told[0], "");
        assert!(told[1].starts_with("\nThis compiles, and must not (tests/compiler/uses.rs:12)"), "{}", told[1]);
        let both = std::mem::take(&mut told[2]);
        assert!(both.contains("There is such a number.\n  The compiler says: error[E0308]: mismatched"), "{both}");
        assert!(both.contains("must_not_give_a_text"), "{both}");
        std::fs::write(folder.join("src/lib.rs"), "pub fn f(_: i32) {}").unwrap();
        only_sound_uses_compile(&path, &path, USES);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
