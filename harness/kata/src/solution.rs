//! How others solve a kata, and the gallery: how it can go wrong, each with the picture that shows it.

use crate::Exit;
use crate::beside;
use crate::climb::{self, Plan};
use crate::console::{self, bad, bold, dim, good};
use crate::list::{Progress, State};
use crate::nextest::Nextest;
use crate::tell;
use crate::tools::Tools;
use crate::workspace::{Kata, Workspace, is_near};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// The columns that two sources beside each other need at least.
const BESIDE: usize = 110;

/// Shows the solutions of the kata of that name, if the learner's own is green, or if they want it spoiled; or only the one of the
/// name `which`, and what the tests say of it.
pub fn solution(workspace: &Workspace, name: &str, which: Option<&str>, spoil: bool) -> Result<Exit> {
    let kata = workspace.named(&[name])?[0];
    if !spoil && Progress::of(workspace, kata).state() != State::Green {
        let (_, climb) = climb::first_that_is_not_green(&Tools::find(workspace)?, Some(name))?;
        if climb.stop().is_some() {
            let which = which.map(|which| format!(" {which}")).unwrap_or_default();
            bail!(
                "{} is not green yet. A hint: `cargo kata hint {name}`. All the same: `cargo kata solution {name}{which} --spoil`",
                kata.title
            );
        }
    }
    match which {
        Some(which) => one(workspace, kata, which, spoil),
        None => gallery(workspace, kata, spoil),
    }
}

fn gallery(workspace: &Workspace, kata: &Kata, spoil: bool) -> Result<Exit> {
    let reference = kata.attempts.join("correct").join(format!("{}.rs", kata.reference));
    let yours = kata.folder.join("src/lib.rs");
    let read = |file: &Path| fs::read_to_string(file).with_context(|| format!("{} cannot be read", workspace.shown(file)));
    console::out(bold(format!("{}: yours, and one way to do it", kata.title)));
    console::out("");
    let columns = [(&yours, read(&yours)?), (&reference, without_opening(&read(&reference)?))];
    console::out(side_by_side(&columns.map(|(file, source)| (workspace.shown(file), source)), console::width()));
    console::out("");
    console::out(bold("Ways that are right"));
    tell(kata, "correct", &good("✓"));
    console::out("");
    console::out(bold("Ways that are wrong"));
    tell(kata, "flawed", &bad("✗"));
    console::out("");
    let flag = if spoil { " --spoil" } else { "" };
    console::out(bold("What next"));
    console::out(format!("  any of them, and what the tests say of it   cargo kata solution {} <NAME>{flag}", kata.name));
    Ok(Exit::Green)
}

/// Two sources beside each other if there is room, otherwise one after the other.
fn side_by_side([left, right]: &[(String, String); 2], width: usize) -> String {
    if width < BESIDE {
        let one = |(name, source): &(String, String)| format!("{}\n\n{}", bold(name), console::indented(source.trim_end(), 2));
        return format!("{}\n\n{}", one(left), one(right));
    }
    let column = (width - 3) / 2;
    let lines = |(name, source): &(String, String)| -> Vec<String> {
        let lines = source.trim_end().lines().map(|line| line.replace('\t', "    "));
        [name.clone(), String::new()].into_iter().chain(lines).flat_map(|line| in_pieces(&line, column)).collect()
    };
    let (left, right) = (lines(left), lines(right));
    let line = |lines: &[String], index: usize| lines.get(index).cloned().unwrap_or_default();
    let rows = (0..left.len().max(right.len())).map(|row| {
        let text = format!("{:<column$} {} {}", line(&left, row), dim("│"), line(&right, row));
        if row == 0 { bold(text) } else { text }
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// A line in pieces of at most `width` characters.
fn in_pieces(line: &str, width: usize) -> Vec<String> {
    let characters: Vec<char> = line.chars().collect();
    let pieces: Vec<String> = characters.chunks(width).map(|piece| piece.iter().collect()).collect();
    if pieces.is_empty() { vec![String::new()] } else { pieces }
}

/// The source without the lines that open an attempt.
fn without_opening(source: &str) -> String {
    let lines = source.lines().skip_while(|line| line.starts_with("//!") || line.trim().is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// One attempt, and what the tests say of it: it is laid beside the learner's own, which stays where it is.
fn one(workspace: &Workspace, kata: &Kata, which: &str, spoil: bool) -> Result<Exit> {
    let which = which.trim_end_matches(".rs");
    let file = ["correct", "flawed"].map(|kind| kata.attempts.join(kind).join(format!("{which}.rs")));
    let Some(file) = file.into_iter().find(|file| file.exists()) else {
        let flag = if spoil { " --spoil" } else { "" };
        let all = ["correct", "flawed"].iter().flat_map(|kind| files(&kata.attempts.join(kind), "rs"));
        let mut names = all.filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned()));
        let meant = names.find(|name| is_near(name, which)).map(|name| format!(" Did you mean `{name}`?")).unwrap_or_default();
        bail!("there is no attempt `{which}`.{meant} `cargo kata solution {}{flag}` shows them all", kata.name);
    };
    let source = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", workspace.shown(&file)))?;
    console::out(bold(format!("{}: {which}", kata.title)));
    console::out(dim(workspace.shown(&file)));
    console::out("");
    console::out(console::indented(without_opening(&source).trim_end(), 2));
    console::out("");
    console::out(console::wrapped(&about(&source), console::width().min(100), 0));
    console::out("");
    let aside = beside::lay(workspace, kata, &source)?;
    let tools = Tools { nextest: Nextest::find_or_install(workspace)?, workspace: &aside, is_enough: &|| false };
    let kata = &aside.katas[0];
    let climb = climb::climb_kata(&tools, kata, &Plan::to_the_first_red(), &mut |rung, climbed| tell::tell_rung(rung, climbed))?;
    console::out("");
    match climb.stop() {
        Some(stop) => tell::tell_why(&aside, kata, stop),
        None => console::out(good("All is green.")),
    }
    Ok(Exit::Green)
}

fn tell(kata: &Kata, kind: &str, sign: &str) {
    for file in files(&kata.attempts.join(kind), "rs") {
        let about = about(&fs::read_to_string(&file).unwrap_or_default());
        let lines = console::wrapped(&about, console::width().saturating_sub(4), 0);
        console::out(format!("  {sign} {}", bold(file.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default())));
        console::out(console::indented(&lines, 4));
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
    fn two_sources_stand_beside_each_other_where_there_is_room() {
        let sources = [("mine".to_owned(), "a\nb\n".to_owned()), ("theirs".to_owned(), format!("{}\n", "c".repeat(60)))];
        let plain = |width| anstream::adapter::strip_str(&side_by_side(&sources, width)).to_string();
        let wide = plain(111);
        let lines: Vec<&str> = wide.lines().collect();
        assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), ["mine", "│", "theirs"]);
        assert!(lines[2].starts_with("a ") && lines[2].ends_with(&format!("│ {}", "c".repeat(54))), "{wide}");
        assert!(lines[3].starts_with("b ") && lines[3].ends_with("│ cccccc"), "nothing of a long line is lost: {wide}");
        assert_eq!(plain(100), format!("mine\n\n  a\n  b\n\ntheirs\n\n  {}", "c".repeat(60)));
    }

    #[test]
    fn an_attempt_is_told_by_its_first_paragraph() {
        assert_eq!(
            about("//! One flag,\n//! taken with swap.\n//!\n//! caught by: loom::x\nuse std;\n"),
            "One flag, taken with swap."
        );
        assert_eq!(about("use std;\n"), "");
    }
}
