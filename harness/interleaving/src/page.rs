//! Stories as a page for a browser: one file that needs nothing else, no network above all.

use crate::story::Story;
use std::fmt::Write;

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/page.js");
const WAITS: &str = include_str!("page/waits.js");

/// A page that shows `stories`, for people to step through. With more than one, they choose by the test's name.
pub fn page(title: &str, stories: &[Story]) -> String {
    let title = escaped(title);
    let stories = in_a_script(stories);
    filled(TEMPLATE, |name| match name {
        "title" => Some(&title),
        "style" => Some(STYLE),
        "script" => Some(SCRIPT),
        "waits" => Some(WAITS),
        "stories" => Some(&stories),
        _ => None,
    })
}

/// Fills each `{{name}}`, in one pass: what is filled in may itself contain braces, and is left as it is.
fn filled<'a>(template: &'a str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").expect("each placeholder ends");
        text.push_str(before);
        text.push_str(value(name).unwrap_or_else(|| panic!("the template asks for {name}, and nobody knows it")));
        rest = after;
    }
    text + rest
}

/// The stories as JSON that cannot end the element it stands in: without a `<`, there is no `</script>` and no `<!--`.
fn in_a_script(stories: &[Story]) -> String {
    let stories: Vec<String> = stories.iter().map(Story::to_json).collect();
    format!("[{}]", stories.join(",")).replace('<', "\\u003c")
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        // Writing to a `String` cannot fail.
        let _ = match c {
            '&' | '<' | '>' | '"' | '\'' => write!(escaped, "&#{};", u32::from(c)),
            _ => write!(escaped, "{c}"),
        };
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use crate::story::{SCHEMA, Told};
    use std::collections::BTreeMap;

    const NASTY: &str = "</script><script>alert(1)</script> <!-- <b>&amp; {{style}} \u{2028}";

    fn story(source: &str) -> Story {
        Story {
            schema: SCHEMA,
            test: Some("a_test".to_owned()),
            engine: "loom".to_owned(),
            verdict: Told { headline: source.to_owned(), ..Told::default() },
            threads: Vec::new(),
            things: Vec::new(),
            rows: Vec::new(),
            arrows: Vec::new(),
            found: String::new(),
            covered: Vec::new(),
            sources: BTreeMap::from([("katas/pool/src/lib.rs".to_owned(), source.to_owned())]),
        }
    }

    /// What a browser takes for the text of the element with the stories.
    fn embedded(page: &str) -> &str {
        let (_, after) = page.split_once(r#"<script type="application/json" id="stories">"#).expect("the stories' element");
        after.split_once("</script>").expect("its end").0
    }

    #[test]
    fn no_source_breaks_out_of_its_element() {
        let stories = [story(NASTY)];
        let page = page("A title", &stories);
        assert!(!embedded(&page).contains('<'), "{}", embedded(&page));
        let read = json::parse(embedded(&page)).unwrap();
        assert_eq!(<Vec<Story> as json::Json>::read(&read).unwrap(), stories);
        assert!(!page.contains("alert(1)</script>"), "the source's own end of a script is in the page");
    }

    #[test]
    fn no_title_breaks_out_of_its_element() {
        let page = page(&format!("</title>{NASTY}"), &[]);
        assert_eq!(page.matches("</title>").count(), 1);
        assert!(page.contains("&#60;/title&#62;&#60;/script&#62;"));
    }

    #[test]
    fn what_is_filled_in_is_not_filled_itself() {
        let page = page("{{stories}}", &[story("{{style}}")]);
        assert!(page.contains("<h1>{{stories}}</h1>"), "a title is no template");
        assert!(embedded(&page).contains("{{style}}"), "a source is no template");
    }

    #[test]
    fn every_placeholder_is_filled() {
        assert_eq!(filled("a {{b}} c {{b}}", |name| (name == "b").then_some("{{d}}")), "a {{d}} c {{d}}");
        let page = page("A title", &[]);
        assert!(!page.contains("{{") && !page.contains("}}"), "a placeholder is left");
        for part in [STYLE, SCRIPT, WAITS, "<title>A title</title>", "[]"] {
            assert!(page.contains(part), "{part} is missing");
        }
    }

    #[test]
    fn it_needs_no_other_file_and_no_network() {
        let page = page("A title", &[story("fn main() {}")]);
        assert!(page.contains(r#"content="default-src 'none';"#), "the browser itself is told to load nothing");
        for loads in ["http://", "https://", " src=", "@import", "url(", "fetch(", "XMLHttpRequest", "import("] {
            // The names of XML's vocabularies look like addresses, and are none; arrow heads stand in the page itself.
            let page = page.replace("http://www.w3.org/2000/svg", "").replace("url(#", "");
            assert!(!page.contains(loads), "{loads}");
        }
        let refers = page.match_indices("href=\"").map(|(index, found)| &page[index + found.len()..]);
        assert!(refers.clone().count() > 0 && refers.clone().all(|to| to.starts_with('#') || to.starts_with("data:")));
    }

    #[test]
    fn the_script_makes_no_markup_of_text() {
        for makes in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval("] {
            assert!(!SCRIPT.contains(makes) && !WAITS.contains(makes), "{makes}");
        }
    }
}
