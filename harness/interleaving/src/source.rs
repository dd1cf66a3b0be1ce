//! Where a step stands in the source, and how it reads there.

use std::collections::{BTreeMap, HashMap};
use std::panic::Location;
use std::path::{Component, Path, PathBuf};

/// A file, a line and a column: what `#[track_caller]` gives.
pub type Place = &'static Location<'static>;

/// The source of the files that a failure names, each read at most once.
#[derive(Debug, Default)]
pub(crate) struct Sources(HashMap<&'static str, Option<String>>);

impl Sources {
    /// The expression that begins or continues at `place`, as it was written, on one line.
    pub(crate) fn expression(&mut self, place: Place) -> Option<String> {
        if !is_of_the_program(place) {
            return None;
        }
        let text = self.0.entry(place.file()).or_insert_with(|| find(place.file()));
        expression_at(text.as_deref()?, place.line() as usize, place.column() as usize)
    }

    /// The text of each file that these places are in, by the path that is shown for it.
    pub(crate) fn texts(&mut self, places: impl Iterator<Item = Place>) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::new();
        for place in places.filter(|&place| is_of_the_program(place)) {
            if let Some(text) = self.0.entry(place.file()).or_insert_with(|| find(place.file())) {
                texts.entry(shown_path(place.file())).or_insert_with(|| text.clone());
            }
        }
        texts
    }
}

/// rustc names files from the workspace's root, tests run in their package's folder: looks upward from there.
fn find(file: &str) -> Option<String> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find_map(|folder| std::fs::read_to_string(folder.join(file)).ok())
}

/// Whether a place is one that its reader can open: a value that is dropped without a word, or a function that is passed on by
/// name, runs an operation from inside the standard library, and sometimes from inside ours.
pub(crate) fn is_of_the_program(place: Place) -> bool {
    let inside = |folder: &str| shown_path(place.file()).contains(folder);
    !place.file().starts_with("/rustc/") && !inside("harness/stand_in/src/") && !inside("/lib/rustlib/")
}

/// A path without detours: `tests/../src/lib.rs` is `src/lib.rs`.
pub fn shown_path(file: &str) -> String {
    let mut short = PathBuf::new();
    for part in Path::new(file).components() {
        match part {
            Component::ParentDir if short.file_name().is_some() => {
                short.pop();
            }
            Component::CurDir => {}
            other => short.push(other),
        }
    }
    short.to_string_lossy().replace('\\', "/")
}

/// The method call, function call or macro at a line and a column, both counted from 1, with the receiver that stands before
/// it. For a call of a method, rustc's column is that of the method's name.
pub fn expression_at(text: &str, line: usize, column: usize) -> Option<String> {
    let line_start = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum::<usize>();
    let rest = text.get(line_start..)?;
    let within = rest.char_indices().nth(column.checked_sub(1)?).map(|(at, _)| at)?;
    let at = line_start + within;
    let start = receiver_start(text, at);
    let end = call_end(text, at);
    let words = text.get(start..end)?.split_whitespace().collect::<Vec<_>>().join(" ");
    // A chain that was written over several lines reads best without gaps before its dots.
    let joined = words.replace(" .", ".").replace("( ", "(").replace(" )", ")");
    (!joined.is_empty()).then_some(joined)
}

/// Where the expression begins whose method's name stands at `at`: walks back over `a.b(c)[d]?.` and `&*`.
fn receiver_start(text: &str, at: usize) -> usize {
    let before = &text[..at];
    let mut depth = 0_usize;
    let mut start = at;
    let mut chars = before.char_indices().rev().peekable();
    while let Some((index, c)) = chars.next() {
        match c {
            ')' | ']' => depth += 1,
            '(' | '[' if depth == 0 => break,
            '(' | '[' => depth -= 1,
            _ if depth > 0 => {}
            '.' | '?' | ':' | '_' => {}
            c if c.is_alphanumeric() => {}
            // A chain may go on in the line above, if this line begins with its dot.
            c if c.is_whitespace() && text[start..].starts_with('.') => {
                while chars.next_if(|(_, c)| c.is_whitespace()).is_some() {}
                continue;
            }
            _ => break,
        }
        if depth == 0 || !matches!(c, ')' | ']') {
            start = index;
        }
    }
    start
}

/// Where the call ends that begins at `at`: after its name and, if there are any, its arguments.
fn call_end(text: &str, at: usize) -> usize {
    let mut depth = 0_usize;
    let mut quoted = None;
    let mut last = ' ';
    for (index, c) in text[at..].char_indices() {
        let here = at + index;
        if let Some(quote) = quoted {
            if c == quote && last != '\\' {
                quoted = None;
            }
            last = c;
            continue;
        }
        match c {
            '"' => quoted = Some(c),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return here,
            ')' | ']' | '}' => {
                depth -= 1;
                if depth == 0 {
                    return here + c.len_utf8();
                }
            }
            _ if depth > 0 => {}
            c if c.is_alphanumeric() || matches!(c, '_' | ':' | '!' | '<' | '>' | '*' | '&') => {}
            _ => return here,
        }
        last = c;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, name: &str) -> String {
        let (line, row) = text.lines().enumerate().find(|(_, row)| row.contains(name)).expect("the name stands in the text");
        let column = row[..row.find(name).expect("just found")].chars().count() + 1;
        expression_at(text, line + 1, column).expect("an expression stands there")
    }

    #[test]
    fn a_method_call_is_told_with_its_receiver_and_its_arguments() {
        assert_eq!(at("while self.locked.swap(true, Acquire) {", "swap"), "self.locked.swap(true, Acquire)");
        assert_eq!(at("    x = a[i + 1].b(c).load(Relaxed);", "load"), "a[i + 1].b(c).load(Relaxed)");
    }

    #[test]
    fn a_chain_over_several_lines_is_told_on_one() {
        let text = "fn f() {\n    self\n        .locked\n        .compare_exchange(\n            false,\n            true)\n";
        assert_eq!(at(text, "compare_exchange"), "self.locked.compare_exchange(false, true)");
    }

    #[test]
    fn a_function_call_is_told_with_its_path() {
        assert_eq!(at("    thread::spawn(move || { work(\"})\") });", "thread"), "thread::spawn(move || { work(\"})\") })");
        assert_eq!(at("    fence(SeqCst);", "fence"), "fence(SeqCst)");
    }

    #[test]
    fn a_macro_is_told_with_its_arguments() {
        assert_eq!(at("    assert_eq!(a, b);", "assert_eq"), "assert_eq!(a, b)");
    }

    #[test]
    fn a_place_outside_of_the_text_has_no_expression() {
        assert_eq!(expression_at("one line", 7, 1), None);
        assert_eq!(expression_at("one line", 1, 70), None);
        assert_eq!(expression_at("", 0, 0), None);
    }

    #[test]
    fn paths_are_shown_without_detours() {
        assert_eq!(shown_path("katas/spinlock/tests/../src/lib.rs"), "katas/spinlock/src/lib.rs");
        assert_eq!(shown_path("../up/lib.rs"), "../up/lib.rs");
    }
}
