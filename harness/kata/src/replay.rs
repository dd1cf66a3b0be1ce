//! Runs the one interleaving that is kept of a red test, with what the learner's own code prints in its place.

use crate::Exit;
use crate::climb;
use crate::console::{self, bold, dim};
use crate::rung::Rung;
use crate::stories::{self, Stories};
use crate::tell::{self, Speech};
use crate::test_file;
use crate::tools::Tools;
use crate::workspace::{Kata, Workspace, cargo};
use anyhow::{Context, Result, bail};
use interleaving::REPLAY_FOLLOWS;
use serde_json::Value;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

/// Tells a checker to run only what is kept, and to show each step as it happens.
const REPLAY: &str = "KATA_REPLAY";

/// So many lines of a replay are shown from its beginning, and so many from its end.
const FIRST_LINES: usize = 150;
const LAST_LINES: usize = 30;

/// Replays the failing interleaving of a kata, of the first one that is not green if none is named.
pub fn replay(tools: &Tools<'_>, only: Option<&str>) -> Result<Exit> {
    let workspace = tools.workspace;
    let (kata, climb) = climb::first_that_is_not_green(tools, only)?;
    let Some((rung, stop)) = climb.stop() else {
        console::out(format!("{} is all green: there is no failing interleaving to replay.", kata.title));
        return Ok(Exit::Green);
    };
    let Some(red) = stop.written() else {
        console::out("There is no interleaving to replay yet:");
        tell::tell_stop(tools, kata, Speech::to(only), (rung, stop));
        return Ok(climb.exit());
    };
    let stories = Stories::of(workspace, kata);
    let Some((rung, test)) = climb::failing(tools, kata, (rung, red))? else {
        bail!(
            "{} runs on real threads, which cannot be replayed, and no checker has found an interleaving that fails yet; \
             `cargo kata {}` shows the test",
            test_file::sentence(&red.name),
            kata.name
        );
    };
    if !stories.has_kept(rung, &test.name) {
        bail!("no interleaving is kept of {}; `cargo kata show {}` shows what there is", test.name, kata.name);
    }
    if test.name != red.name {
        console::out(console::wrapped(&stories::another(red, rung, &test), console::width(), 0));
    }
    console::out(bold(format!("{}: {}", kata.title, test_file::sentence(&test.name))));
    console::out(dim("One interleaving, step by step. What your code prints stands where it is printed."));
    console::out("");
    run(workspace, kata, rung, &test.name, &stories)?;
    Ok(Exit::Green)
}

fn run(workspace: &Workspace, kata: &Kata, rung: Rung, test: &str, stories: &Stories) -> Result<()> {
    let program = test_program(workspace, kata, rung)?;
    let mut child = std::process::Command::new(program)
        // Two, since with one the test harness writes into the line of the first step.
        .args(["--exact", test, "--nocapture", "--test-threads", "2"])
        .current_dir(&kata.folder)
        .envs(stories.variables())
        .env(REPLAY, "1")
        .env("RUST_BACKTRACE", "0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("the test cannot be started")?;
    let lines = child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
    // On the way there, the program may print as well.
    let lines = lines.map_while(Result::ok).skip_while(|line| line != REPLAY_FOLLOWS).skip(1);
    // Who waits for ever takes thousands of steps: the beginning and the end are the story.
    let (mut shown, mut left_out, mut last) = (0, 0, VecDeque::new());
    for line in lines.take_while(|line| !is_outcome(line, test)) {
        if shown < FIRST_LINES {
            shown += 1;
            console::out(line);
            continue;
        }
        last.push_back(line);
        if last.len() > LAST_LINES {
            last.pop_front();
            left_out += 1;
        }
    }
    if left_out > 0 {
        console::out(dim(format!("      … {left_out} lines left out")));
    }
    last.into_iter().for_each(console::out);
    child.wait().context("the test cannot be waited for")?;
    let Some(story) = stories.read(rung.name(), test) else {
        bail!("that interleaving is gone: the code has changed; `cargo kata {}` looks for another one", kata.name);
    };
    console::out("");
    console::out(story.verdict_to_text(stories::look(0)));
    console::out(bold("What next"));
    console::out(format!("  in the browser  cargo kata show {}", kata.name));
    console::out(format!("  edit            {}/src/lib.rs", workspace.shown(&kata.folder)));
    Ok(())
}

fn is_outcome(line: &str, test: &str) -> bool {
    line.starts_with(&format!("test {test} ... "))
}

/// The program that cargo has built of a test file.
fn test_program(workspace: &Workspace, kata: &Kata, rung: Rung) -> Result<PathBuf> {
    let output = cargo()
        .args(["test", "--no-run", "-p", &kata.name, "--test", rung.name(), "--message-format", "json"])
        .current_dir(&workspace.root)
        .output()
        .context("cargo cannot be started")?;
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let programs = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut programs = programs.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    programs.next().with_context(|| format!("it does not compile; `cargo kata {}` shows why", kata.name))
}
