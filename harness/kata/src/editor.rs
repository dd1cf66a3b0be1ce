//! Opens the learner's file in their editor.

use crate::Exit;
use crate::console::{self, dim};
use crate::list;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the editor that the learner likes is named, in this order.
const VARIABLES: [&str; 2] = ["VISUAL", "EDITOR"];
/// Editors that show the whole folder beside the file, found on the `PATH` where none is named.
const KNOWN: [&str; 4] = ["code", "codium", "zed", "subl"];

/// An editor, and why that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editor {
    /// The program, and what it is to be told before the file.
    pub words: Vec<String>,
    /// Where it was found.
    pub by: String,
}

/// Opens the file of a kata, of the one that comes next if none is named.
pub fn open(workspace: &Workspace, only: Option<&str>) -> Result<Exit> {
    let kata = match only {
        Some(name) => workspace.named(&[name])?[0],
        None => list::current(workspace),
    };
    let file = kata.folder.join("src/lib.rs");
    let shown = workspace.shown(&file);
    if !file.exists() {
        bail!("{shown} is missing. To bring it back as it was: git restore {shown}");
    }
    console::out(format!("  your file       {shown}"));
    console::out(format!("  the brief       {}/README.md", workspace.shown(&kata.folder)));
    console::out(format!("  then            cargo kata {}", kata.name));
    match editor() {
        Some(editor) => {
            console::out(dim(format!("  ({}, by {})", editor.words.join(" "), editor.by)));
            let opened = command(&editor).arg(&file).current_dir(&workspace.root).status();
            let program = &editor.words[0];
            let status = opened.with_context(|| format!("`{program}` cannot be started; which editor is it to be? {HOW}"))?;
            if !status.success() {
                bail!("`{program}` could not open it ({status}); to use another editor: {HOW}");
            }
        }
        None if open::that_detached(&file).is_err() => {
            bail!("nothing here opens a Rust file by itself; which editor is it to be? {HOW}")
        }
        None => {}
    }
    Ok(Exit::Green)
}

const HOW: &str = "set VISUAL, as in VISUAL=\"code\" cargo kata open";

fn command(editor: &Editor) -> Command {
    let mut command = Command::new(&editor.words[0]);
    command.args(&editor.words[1..]);
    command
}

/// The editor that the learner has named, or one that is known and here.
pub fn editor() -> Option<Editor> {
    chosen(|name| env::var(name).ok(), |program| on_path(program).is_some())
}

fn chosen(variable: impl Fn(&str) -> Option<String>, is_here: impl Fn(&str) -> bool) -> Option<Editor> {
    let named = VARIABLES.into_iter().find_map(|name| {
        let words: Vec<String> = variable(name)?.split_whitespace().map(str::to_owned).collect();
        (!words.is_empty()).then(|| Editor { words, by: name.to_owned() })
    });
    let known = || KNOWN.into_iter().find(|program| is_here(program));
    named.or_else(|| known().map(|program| Editor { words: vec![program.to_owned()], by: "PATH".to_owned() }))
}

/// Where a program is, if it can be called by its name.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ".bat"] } else { &[""] };
    let candidates =
        env::split_paths(&path).flat_map(|folder| endings.iter().map(move |ending| folder.join(format!("{program}{ending}"))));
    candidates.into_iter().find(|candidate: &PathBuf| Path::is_file(candidate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_editor_that_is_named_comes_first_with_its_words() {
        let named = |name: &str| (name == "EDITOR").then(|| "emacsclient -n".to_owned());
        let expected = Editor { words: vec!["emacsclient".to_owned(), "-n".to_owned()], by: "EDITOR".to_owned() };
        assert_eq!(chosen(named, |_| true), Some(expected));
    }

    #[test]
    fn a_known_one_is_taken_where_none_is_named() {
        let blank = |_: &str| Some(" ".to_owned());
        assert_eq!(chosen(blank, |program| program == "zed").unwrap().words, ["zed"]);
        assert_eq!(chosen(blank, |_| false), None);
    }
}
