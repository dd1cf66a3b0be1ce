//! rustdoc's pages: which items a module has, and what each item's page says.

use crate::html::Element;
use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// An item of a module, from the module's own page.
#[derive(Debug)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// `struct`, `fn` and so on.
    pub kind: String,
    /// Its page.
    pub path: PathBuf,
    /// Only for nightly compilers.
    pub unstable: bool,
}

/// What an item's page says.
#[derive(Debug)]
pub struct Page {
    /// Where its source is.
    pub source: String,
    /// The declaration.
    pub declaration: String,
    /// For a type alias: the page of the type that it names, if rustdoc made one.
    pub alias_of: Option<PathBuf>,
    /// Only for nightly compilers.
    pub unstable: bool,
    /// Variants, public fields, and the items of a trait.
    pub parts: Vec<Part>,
    /// What is implemented: first the type's own, then traits, also those that the compiler derives by itself.
    pub impls: Vec<Impl>,
}

/// A part of a type, of a trait or of an `impl`.
#[derive(Debug)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its declaration.
    pub text: String,
    /// Only for nightly compilers.
    pub unstable: bool,
}

/// An `impl`.
#[derive(Debug)]
pub struct Impl {
    /// From `impl` to the end of the bounds.
    pub text: String,
    /// Only for nightly compilers.
    pub unstable: bool,
    /// It is there on some systems only.
    pub of_a_system: bool,
    /// What is in it.
    pub parts: Vec<Part>,
}

/// What is on a page, without what is around it.
fn read(path: &Path) -> Result<Element> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read rustdoc's page {}", path.display()))?;
    let page = Element::parse(&text);
    page.into_found(&|element| element.attribute("id") == "main-content")
        .with_context(|| format!("rustdoc's page {} is not as expected", path.display()))
}

fn is_unstable(element: &Element) -> bool {
    element.find(&|inner| inner.has_class("stab") && inner.has_class("unstable")).is_some()
}

/// The items of the module whose page is in `folder`, without other modules.
pub fn list(folder: &Path) -> Result<Vec<Listed>> {
    let page = read(&folder.join("index.html"))?;
    let tables = page.find_all(&|element| element.is("dl", "item-table"));
    let rows = tables.iter().flat_map(|table| table.children()).filter(|row| row.name == "dt");
    let mut items = Vec::new();
    for row in rows {
        let link = row.children().find(|element| element.name == "a" && !element.attribute("title").is_empty());
        let Some(link) = link.filter(|link| !link.has_class("mod")) else { continue };
        let (kind, item) = link.attribute("title").split_once(' ').context("an item's link says what it is")?;
        let name = item.rsplit("::").next().unwrap_or(item).to_owned();
        let path = folder.join(link.attribute("href"));
        items.push(Listed { name, kind: kind.to_owned(), path, unstable: is_unstable(row) });
    }
    Ok(items)
}

/// Reads the page of an item.
pub fn item(path: &Path) -> Result<Page> {
    let main = read(path)?;
    let broken = || format!("rustdoc's page {} is not as expected", path.display());
    let declaration = main.find(&|element| element.is("pre", "item-decl") || element.is("pre", "macro"));
    let declaration = declaration.with_context(broken)?;
    let source = main.find(&|element| element.is("a", "src")).with_context(broken)?.attribute("href").to_owned();
    let alias_of = declaration
        .find(&|element| element.name == "a" && ["struct", "enum"].iter().any(|kind| element.has_class(kind)))
        .map(|link| path.with_file_name(link.attribute("href")))
        .filter(|path| path.is_file());
    let unstable = main.children().any(|child| child.is("span", "item-info") && is_unstable(child));

    let mut parts = Vec::new();
    for field in main.find_all(&|element| element.has_class("structfield")) {
        let name = last_of_id(field);
        parts.push(Part { text: code(field), name, unstable: false });
    }
    let (mut impls, mut sections) = (Vec::new(), Vec::new());
    collect(&main, &mut sections);
    for section in sections {
        match section.place {
            Place::Impl => impls.push(Impl {
                of_a_system: section.of_a_system || section.text_with_paths.contains("std::os::"),
                text: section.part.text,
                unstable: section.part.unstable,
                parts: Vec::new(),
            }),
            Place::InImpl => {
                let found: Option<&mut Impl> = impls.last_mut();
                found.with_context(broken)?.parts.push(section.part);
            }
            Place::Item => parts.push(section.part),
        }
    }
    Ok(Page { source, declaration: code(declaration), alias_of, unstable, parts, impls })
}

struct Section {
    place: Place,
    part: Part,
    text_with_paths: String,
    of_a_system: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Impl,
    InImpl,
    Item,
}

/// All that has a header of its own, in the page's order; a remark on stability belongs to the header before it.
fn collect(element: &Element, sections: &mut Vec<Section>) {
    for child in element.children() {
        let id = child.attribute("id");
        // What a type has because its target has it, or because every type has it, is not its own.
        if child.has_class("docblock") || id.starts_with("deref-methods") || id.starts_with("blanket-impl") {
            continue;
        }
        if id == "implementors" || id == "foreign-impls" {
            break;
        }
        if child.is("span", "item-info") {
            if let Some(section) = sections.last_mut() {
                section.part.unstable |= is_unstable(child);
                section.of_a_system |= child.find(&|inner| inner.has_class("portability")).is_some();
            }
            continue;
        }
        if child.name == "section"
            && let Some(header) = child.find(&|inner| inner.has_class("code-header"))
        {
            let inside = sections.iter().any(|section| section.place == Place::Impl);
            let place = match () {
                () if child.has_class("impl") => Place::Impl,
                () if inside => Place::InImpl,
                () => Place::Item,
            };
            let text_with_paths =
                header.find_all(&|inner| inner.name == "a").iter().map(|link| link.attribute("title")).collect();
            let part = Part { name: last_of_id(child), text: code(header), unstable: false };
            sections.push(Section { place, part, text_with_paths, of_a_system: false });
            continue;
        }
        collect(child, sections);
    }
}

/// `lock` of `method.lock`, `0` of `structfield.0`, and `set` of `method.set-1`: of two, the second has a number.
fn last_of_id(element: &Element) -> String {
    let id = element.attribute("id");
    let name = id.rsplit('.').next().unwrap_or(id);
    let number = name.rsplit_once('-').filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
    number.map_or(name, |(name, _)| name).to_owned()
}

/// The Rust in an element, on one line. Which alias a `Result` is, only its link tells: that becomes part of the name.
fn code(element: &Element) -> String {
    let text = element.text(&|inner| {
        if inner.has_class("anchor") || inner.has_class("tooltip") || inner.has_class("src") || inner.name == "summary" {
            return Some(String::new());
        }
        if inner.has_class("where") || inner.name == "br" {
            return Some(format!(" {} ", code(inner)));
        }
        if inner.has_class("comment") {
            return Some(String::new());
        }
        let title = inner.attribute("title");
        if inner.is("a", "type") && title.ends_with("::Result") {
            let module = ["io", "fmt", "thread"].into_iter().find(|module| title.contains(&format!("::{module}::")));
            return module.map(|module| format!("{module}::Result"));
        }
        None
    });
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The headers of a trait's implementations, from the trait's page.
pub fn implementors(path: &Path) -> Result<Vec<String>> {
    let page = read(path)?;
    let headers = page.find_all(&|element| element.is("section", "impl"));
    let headers = headers.iter().filter_map(|section| section.find(&|inner| inner.has_class("code-header")));
    Ok(headers.map(code).collect())
}
