//! What comes after the kata that the learner is at, so that they can go there, whether this one is solved or not.

use crate::Exit;
use crate::console::{self, bold};
use crate::list;
use crate::tell::heading;
use crate::workspace::{Kata, Workspace};
use anyhow::Result;
use std::fs;

/// Shows the kata after the one of that name, or after the one that comes next on the path: what it is about, and how to begin.
pub fn next(workspace: &Workspace, only: Option<&str>) -> Result<Exit> {
    let current = match only {
        Some(name) => workspace.named(&[name])?[0],
        None => list::next(workspace),
    };
    let place = workspace.katas.iter().position(|kata| kata == current).unwrap_or(0);
    let Some(kata) = workspace.katas.get(place + 1) else {
        console::out(format!("{} is the last kata of the path.", current.title));
        console::out("  the path        cargo kata list");
        return Ok(Exit::Green);
    };
    let name = &kata.name;
    console::out(bold(heading(workspace, kata)));
    console::out(kata.topics.join(", "));
    console::out("");
    if let Some(opening) = opening(kata) {
        console::out(console::indented(&console::wrapped(&opening, console::width().min(100).saturating_sub(2), 0), 2));
        console::out("");
    }
    console::out(format!("  the brief       {}/README.md", workspace.shown(&kata.folder)));
    console::out(format!("  your file       cargo kata open {name}"));
    console::out(format!("  begin           cargo kata {name}"));
    Ok(Exit::Green)
}

/// The first paragraph of the brief, after the lines with its name and its belt.
fn opening(kata: &Kata) -> Option<String> {
    let brief = fs::read_to_string(kata.folder.join("README.md")).ok()?;
    let mut paragraphs = brief.split("\n\n").map(str::trim);
    paragraphs.find(|paragraph| !paragraph.starts_with(['#', '*']) && !paragraph.is_empty()).map(str::to_owned)
}
