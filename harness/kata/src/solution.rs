//! How others solve a kata, and the gallery: how it can go wrong, each with the picture that shows it.

use crate::Exit;
use crate::climb;
use crate::console::{self, bad, bold, dim, good};
use crate::list::{Progress, State};
use crate::tools::Tools;
use crate::workspace::{Kata, Workspace};
use anyhow::{Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Shows the solutions of the kata of that name, if the learner's own is green, or if they want it spoiled.
pub fn solution(workspace: &Workspace, name: &str, spoil: bool) -> Result<Exit> {
    let kata = workspace.named(&[name])?[0];
    if !spoil && Progress::of(workspace, kata).state() != State::Green {
        let (_, climb) = climb::first_that_is_not_green(&Tools::find(workspace)?, Some(name))?;
        if climb.stop().is_some() {
            bail!(
                "{} is not green yet. A hint: `cargo kata hint {name}`. All the same: `cargo kata solution {name} --spoil`",
                kata.title
            );
        }
    }
    console::out(bold(format!("{}: ways that are right", kata.title)));
    tell(workspace, kata, "correct", &good("✓"));
    console::out("");
    console::out(bold("Ways that are wrong, and what shows it"));
    tell(workspace, kata, "flawed", &bad("✗"));
    console::out("");
    console::out(dim(format!(
        "Each is a whole src/lib.rs, and opens with the tests that catch it. To try one: first `cargo kata reset {name}`, which keeps \
         yours and says where. Then put the other one into katas/{name}/src/lib.rs, run `cargo kata {name}`, and in the end copy \
         yours back."
    )));
    Ok(Exit::Green)
}

fn tell(workspace: &Workspace, kata: &Kata, kind: &str, sign: &str) {
    let attempts = workspace.attempts(kata);
    for file in files(&attempts.join(kind), "rs") {
        let about = about(&fs::read_to_string(&file).unwrap_or_default());
        let lines = console::wrapped(&about, console::width().saturating_sub(4), 0);
        console::out(format!("  {sign} {}", console::indented(&lines, 4).trim_start()));
        console::out(dim(format!("    {}", workspace.shown(&file))));
        let stem = file.file_stem().map(|stem| format!("{}.", stem.to_string_lossy())).unwrap_or_default();
        let is_of_it = |picture: &PathBuf| picture.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&stem));
        for picture in
            files(&attempts.join("pictures"), "txt").into_iter().filter(|picture| kind == "flawed" && is_of_it(picture))
        {
            console::out(format!("    the picture  {}", workspace.shown(&picture)));
        }
    }
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.filter(|file| file.extension().is_some_and(|other| other == extension)).collect();
    files.sort();
    files
}

/// The first paragraph of the lines that open an attempt.
fn about(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_told_by_its_first_paragraph() {
        assert_eq!(
            about("//! One flag,\n//! taken with swap.\n//!\n//! caught by: loom::x\nuse std;\n"),
            "One flag, taken with swap."
        );
        assert_eq!(about("use std;\n"), "");
    }
}
