//! The lines that open an attempt: what is wrong with it, and who notices.

use crate::rung::Rung;

/// What an attempt says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The first paragraph: what is wrong, or in which style it is written.
    pub about: String,
    /// The tests that must fail.
    pub caught_by: Vec<NamedTest>,
    /// The rungs on which every test must pass.
    pub survives: Vec<Rung>,
    /// The rungs on which it depends on the operating system's scheduler.
    pub may_be_caught_by: Vec<Rung>,
}

/// A test, named by its rung and its function: `loom::holders_see_each_others_writes`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedTest {
    /// The rung.
    pub rung: Rung,
    /// The function.
    pub function: String,
}

const CAUGHT_BY: &str = "caught by:";
const SURVIVES: &str = "survives:";
const MAY_BE_CAUGHT_BY: &str = "may be caught by:";

impl Header {
    /// Reads the `//!` lines at the start of a flawed attempt. If they are wrong: everything that is.
    pub fn of_flawed(source: &str) -> Result<Self, Vec<String>> {
        let text = header_lines(source);
        let mut errors = Vec::new();
        let about = about(&text).unwrap_or_default();
        if about.is_empty() {
            errors.push("its first line must say what is wrong with it: `//! Unlocks with Relaxed: …`".to_owned());
        }
        let caught_by = list(&text, CAUGHT_BY).iter().filter_map(|item| kept(named_test(item), &mut errors)).collect();
        let mut rungs = |key| -> Vec<Rung> {
            let items = list(&text, key);
            let items = items.iter().filter(|item| *item != "nothing");
            items.filter_map(|item| kept(rung(item), &mut errors)).collect()
        };
        let header = Self { about, survives: rungs(SURVIVES), may_be_caught_by: rungs(MAY_BE_CAUGHT_BY), caught_by };
        if list(&text, CAUGHT_BY).is_empty() {
            errors.push(format!("it must name a test that fails: `//! {CAUGHT_BY} loom::<test>`"));
        }
        for rung in Rung::ALL {
            let claims = [
                (CAUGHT_BY, header.caught_by.iter().any(|test| test.rung == rung)),
                (SURVIVES, header.survives.contains(&rung)),
                (MAY_BE_CAUGHT_BY, header.may_be_caught_by.contains(&rung)),
            ];
            let claims: Vec<&str> = claims.iter().filter(|(_, claimed)| *claimed).map(|(key, _)| *key).collect();
            if claims.len() > 1 {
                errors.push(format!("{rung} stands in `{}`: leave it in one of them", claims.join("` and in `")));
            }
        }
        if errors.is_empty() { Ok(header) } else { Err(errors) }
    }

    /// Reads the `//!` lines at the start of a correct attempt, or of a stub.
    pub fn of_correct(source: &str) -> Result<Self, Vec<String>> {
        let text = header_lines(source);
        let mut errors = Vec::new();
        let about = about(&text).unwrap_or_default();
        if about.is_empty() {
            errors.push("its first line must say how it works: `//! One flag, taken with swap: …`".to_owned());
        }
        for key in [CAUGHT_BY, SURVIVES, MAY_BE_CAUGHT_BY] {
            if text.iter().any(|line| line.starts_with(key)) {
                errors.push(format!("`{key}` is for flawed attempts: take it out, or move the file to `flawed/`"));
            }
        }
        if errors.is_empty() { Ok(Self { about, ..Self::default() }) } else { Err(errors) }
    }

    /// The functions on this rung that must fail.
    pub fn caught_on(&self, rung: Rung) -> impl Iterator<Item = &str> {
        self.caught_by.iter().filter(move |test| test.rung == rung).map(|test| test.function.as_str())
    }
}

fn header_lines(source: &str) -> Vec<&str> {
    source.lines().map_while(|line| line.trim_end().strip_prefix("//!")).map(str::trim).collect()
}

fn is_key(line: &str) -> bool {
    [CAUGHT_BY, SURVIVES, MAY_BE_CAUGHT_BY].iter().any(|key| line.starts_with(key))
}

/// The first paragraph, as one line.
fn about(lines: &[&str]) -> Option<String> {
    let first: Vec<&str> = lines.iter().copied().take_while(|line| !line.is_empty() && !is_key(line)).collect();
    Some(first.join(" ")).filter(|text| !text.is_empty())
}

/// What stands after `key`, up to the next key or empty line, split at the commas.
fn list(lines: &[&str], key: &str) -> Vec<String> {
    let mut items = String::new();
    for (index, first) in lines.iter().enumerate() {
        let Some(first) = first.strip_prefix(key) else { continue };
        items.push_str(first);
        for line in lines[index + 1..].iter().take_while(|line| !line.is_empty() && !is_key(line)) {
            items.push(' ');
            items.push_str(line);
        }
        items.push(',');
    }
    items.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

fn kept<T>(read: Result<T, String>, errors: &mut Vec<String>) -> Option<T> {
    read.map_err(|error| errors.push(error)).ok()
}

fn rung(name: &str) -> Result<Rung, String> {
    let all = Rung::ALL.map(Rung::name).join(", ");
    Rung::of(name).ok_or_else(|| format!("no rung is named `{name}`; there are: {all}"))
}

fn named_test(item: &str) -> Result<NamedTest, String> {
    let Some((of, function)) = item.split_once("::") else {
        return Err(format!("`{item}` in `{CAUGHT_BY}` names no test: write `loom::<test>`"));
    };
    Ok(NamedTest { rung: rung(of)?, function: function.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn test(rung: Rung, function: &str) -> NamedTest {
        NamedTest { rung, function: function.to_owned() }
    }

    #[test]
    fn a_flawed_attempt_says_what_is_wrong_and_who_notices() {
        let source = "//! Unlocks with `Relaxed`: the next holder may not see\n//! what this one wrote.\n//!\n\
                      //! More about it, which survives: nobody.\n//!\n\
                      //! caught by: loom::holders_see_each_others_writes,\n//!   loom::three_take_turns, shuttle::x\n\
                      //! survives: examples\n//! may be caught by: properties\n\nuse std::sync::Mutex;\n//! caught by: loom::no\n";
        let expected = Header {
            about: "Unlocks with `Relaxed`: the next holder may not see what this one wrote.".to_owned(),
            caught_by: vec![
                test(Rung::Loom, "holders_see_each_others_writes"),
                test(Rung::Loom, "three_take_turns"),
                test(Rung::Shuttle, "x"),
            ],
            survives: vec![Rung::Examples],
            may_be_caught_by: vec![Rung::Properties],
        };
        assert_eq!(Header::of_flawed(source), Ok(expected));
    }

    #[rstest]
    #[case("//! survives: nothing\n")]
    #[case("")]
    fn an_attempt_may_survive_nothing(#[case] line: &str) {
        let header = Header::of_flawed(&format!("//! Wrong.\n//!\n//! caught by: examples::a\n{line}")).unwrap();
        assert_eq!(header.survives, []);
    }

    #[rstest]
    #[case("//! caught by: loom::x", "its first line must say what is wrong")]
    #[case("use std::sync::Mutex;", "its first line must say what is wrong")]
    #[case("//! Wrong.", "it must name a test that fails")]
    #[case("//! Wrong.\n//!\n//! caught by: loom", "`loom` in `caught by:` names no test")]
    #[case("//! Wrong.\n//!\n//! caught by: miri::x", "no rung is named `miri`; there are: examples, properties, shuttle, loom")]
    #[case("//! Wrong.\n//!\n//! caught by: loom::x\n//! survives: example", "no rung is named `example`")]
    #[case("//! Wrong.\n//!\n//! caught by: loom::x\n//! survives: loom", "loom stands in `caught by:` and in `survives:`")]
    fn each_mistake_of_a_flawed_attempt_is_named(#[case] source: &str, #[case] expected: &str) {
        let errors = Header::of_flawed(source).unwrap_err();
        assert!(errors.iter().any(|error| error.starts_with(expected)), "{errors:?}");
    }

    #[test]
    fn all_mistakes_are_named_at_once() {
        let errors = Header::of_flawed("//! caught by: loom, miri::x\n//! survives: example\n").unwrap_err();
        assert_eq!(errors.len(), 4, "{errors:?}");
    }

    #[test]
    fn a_correct_attempt_says_how_it_works_and_is_caught_by_nobody() {
        assert_eq!(Header::of_correct("//! One flag.\n\nuse std;").unwrap().about, "One flag.");
        assert_eq!(Header::of_correct("use std;").unwrap_err().len(), 1);
        assert!(Header::of_correct("//! One flag.\n//!\n//! survives: examples\n").unwrap_err()[0].contains("`flawed/`"));
    }
}
