//! A new kata: a small one that is whole and holds, under another name, to be made one's own.

use crate::COMMANDS;
use crate::Exit;
use crate::console::{self, bold, good};
use crate::verify::overlay;
use crate::workspace::{Kata, TEMPLATE, Workspace};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Names that Rust keeps for itself, as far as one might want them for a kata.
const KEYWORDS: [&str; 16] = [
    "async", "await", "box", "crate", "dyn", "fn", "loop", "match", "mod", "move", "self", "static", "super", "trait", "try",
    "yield",
];

/// Makes a kata of that name.
pub fn new(workspace: &Workspace, name: &str) -> Result<Exit> {
    let template = workspace.template()?;
    check_name(workspace, &template, name)?;
    let named = Names { old: &template, name, title: &title_of(name) };
    let places = [
        (template.folder.clone(), workspace.root.join("katas").join(name)),
        (template.attempts.clone(), workspace.root.join("harness/attempts").join(name)),
        (template.hints.clone(), workspace.root.join("hints").join(format!("{name}.md"))),
    ];
    if let Some((_, there)) = places.iter().find(|(_, new)| new.exists()) {
        let there = workspace.shown(there);
        bail!("{there} is there already, and nothing was changed. Choose another name, or move it away");
    }
    for (old, new) in &places {
        copy(old, new, &named)
            .with_context(|| format!("not all of {name} could be made; to begin anew, remove what is there of it"))?;
    }
    let manifest = places[0].1.join("Cargo.toml");
    let order = workspace.katas.iter().map(|kata| kata.order).max().unwrap_or(0) + 1;
    let text = fs::read_to_string(&manifest).with_context(|| format!("{} cannot be read", manifest.display()))?;
    write(&manifest, text.replace(&format!("order = {}", template.order), &format!("order = {order}")).as_bytes())?;
    add_to_path(workspace, name)?;
    tell(workspace, name, &named, &places.map(|(_, new)| new));
    Ok(Exit::Green)
}

fn tell(workspace: &Workspace, name: &str, named: &Names<'_>, [kata, attempts, hints]: &[PathBuf; 3]) {
    console::out(good(format!("{} is here, small and whole.", named.title)));
    console::out("");
    for (what, file) in [
        ("the brief", kata.join("README.md")),
        ("the stub", kata.join("src/lib.rs")),
        ("its tests", kata.join("tests")),
        ("its hints", hints.clone()),
        ("its attempts", attempts.clone()),
        ("its place", kata.join("Cargo.toml")),
    ] {
        console::out(format!("  {what:<15} {}", workspace.shown(&file)));
    }
    console::out("");
    console::out(bold("What next"));
    console::out(format!("  see it hold     cargo kata verify {name}"));
    console::out("  make it yours   CONTRIBUTING.md goes through it, step by step");
    console::out("  in the end      a row in each table of README.md");
}

/// Whether a kata may be called that.
fn check_name(workspace: &Workspace, template: &Kata, name: &str) -> Result<()> {
    let is_word = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_');
    if !is_word {
        bail!("`{name}` cannot be the name of a kata: small letters, digits and `_`, as in `cargo kata new read_write_lock`");
    }
    let taken = workspace.katas.iter().map(|kata| &kata.name).chain(&workspace.harness).chain([&template.name]);
    let is_taken = taken.into_iter().any(|other| other == name) || COMMANDS.contains(&name) || KEYWORDS.contains(&name);
    // The names of crates that its tests use.
    if is_taken || ["std", "core", "alloc", "loom", "shuttle", "proptest", "rstest", "impls", "test"].contains(&name) {
        bail!("`{name}` means something else already: choose another name");
    }
    Ok(())
}

/// `read_write_lock` as the name of a type: `ReadWriteLock`.
fn title_of(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    name.split('_').map(word).collect()
}

/// What is replaced by what.
struct Names<'a> {
    old: &'a Kata,
    name: &'a str,
    title: &'a str,
}

impl Names<'_> {
    fn replaced(&self, text: &str) -> String {
        text.replace(&self.old.title, self.title).replace(&self.old.name, self.name)
    }
}

/// Copies a file, or a folder with all that is in it, under the new names.
fn copy(old: &Path, new: &Path, names: &Names<'_>) -> Result<()> {
    let files = if old.is_dir() { overlay::files(old)? } else { vec![old.to_owned()] };
    for file in files {
        let place = file.strip_prefix(old).unwrap_or(&file);
        let target = if place.as_os_str().is_empty() { new.to_owned() } else { new.join(place) };
        let text = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        // The stub and the hints are named by their place, which differs.
        let text = text.replace(&format!("{TEMPLATE}/kata"), &format!("katas/{}", names.name));
        write(&target, names.replaced(&text).as_bytes())?;
    }
    Ok(())
}

fn write(file: &Path, content: &[u8]) -> Result<()> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, content))
        .with_context(|| format!("{} cannot be written", file.display()))
}

/// Writes the lines that tell plain nextest in which order the katas come.
fn add_to_path(workspace: &Workspace, name: &str) -> Result<()> {
    let file = workspace.root.join(".config/nextest.toml");
    let text = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let names: Vec<&str> = workspace.katas.iter().map(|kata| kata.name.as_str()).chain([name]).collect();
    let shown = workspace.shown(&file);
    let new =
        with_order(&text, &names).with_context(|| format!("{shown} has no lines about the katas' order; git restore {shown}"))?;
    write(&file, new.as_bytes())
}

/// The lines about these katas, in the form that nextest reads.
pub fn order_lines(names: &[&str]) -> String {
    let filters = names.iter().flat_map(|name| [format!("package({name}) - binary(loom)"), format!("package({name})")]);
    let lines = filters.zip((-100..=100).rev());
    lines
        .map(|(filter, priority)| format!("[[profile.default.overrides]]\nfilter = \"{filter}\"\npriority = {priority}\n"))
        .collect()
}

/// The configuration with these lines in the place of those that it has; nothing if it has none.
fn with_order(config: &str, names: &[&str]) -> Option<String> {
    let heading = "[[profile.default.overrides]]\n";
    let begin = config.find(heading)?;
    let last = config.rfind(heading)?;
    let end = config[last..].find("\n\n").map_or(config.len(), |length| last + length + 1);
    Some(format!("{}{}{}", &config[..begin], order_lines(names), &config[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("gate", "Gate")]
    #[case("read_write_lock", "ReadWriteLock")]
    fn a_name_becomes_a_type(#[case] name: &str, #[case] title: &str) {
        assert_eq!(title_of(name), title);
    }

    #[rstest]
    #[case("Gate", "small letters")]
    #[case("2gates", "small letters")]
    #[case("the-gate", "small letters")]
    #[case("../gate", "small letters")]
    #[case("counter", "means something else")]
    #[case("latch", "means something else")]
    #[case("watch", "means something else")]
    #[case("loom", "means something else")]
    #[case("move", "means something else")]
    fn a_name_that_would_not_do_is_said_to(#[case] name: &str, #[case] expected: &str) {
        let workspace = Workspace::find().unwrap();
        let error = check_name(&workspace, &workspace.template().unwrap(), name).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn the_path_of_plain_nextest_gets_a_kata_more_and_the_rest_stays() {
        let config = format!("a = 1\n\n# Why.\n{}\n# More.\n[profile.x]\n", order_lines(&["one"]));
        let new = with_order(&config, &["one", "two"]).unwrap();
        assert_eq!(new, format!("a = 1\n\n# Why.\n{}\n# More.\n[profile.x]\n", order_lines(&["one", "two"])));
        assert_eq!(with_order("a = 1\n", &["one"]), None);
    }

    #[test]
    fn a_copy_is_the_template_under_another_name() {
        let workspace = Workspace::find().unwrap();
        let template = workspace.template().unwrap();
        let new = std::env::temp_dir().join(format!("new-{}", std::process::id()));
        let _ = fs::remove_dir_all(&new);
        copy(&template.folder, &new, &Names { old: &template, name: "read_write_lock", title: "ReadWriteLock" }).unwrap();
        let mut files = overlay::files(&new).unwrap();
        assert_eq!(files.len(), overlay::files(&template.folder).unwrap().len());
        files.retain(|file| fs::read_to_string(file).unwrap().to_lowercase().contains(&template.name));
        assert_eq!(files, [] as [PathBuf; 0], "the old name is left in them");
        assert!(fs::read_to_string(new.join("src/lib.rs")).unwrap().contains("pub struct ReadWriteLock"));
        fs::remove_dir_all(new).unwrap();
    }
}
