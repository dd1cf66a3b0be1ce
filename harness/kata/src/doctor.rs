//! What this machine has, what is missing, and what to type.

use crate::Exit;
use crate::console::{self, bad, bold, dim, good};
use crate::editor;
use crate::nextest::{self, Versions};
use crate::rung::Rung;
use crate::workspace::Workspace;
use anyhow::Result;
use semver::Version;
use std::env;
use std::fs;
use std::io::{IsTerminal, stdout};
use std::path::Path;
use std::process::Command;

/// The oldest rustc that will do; the manifest says the same.
const RUSTC: Version = Version::new(1, 95, 0);

/// Environment variables that change what cargo builds or where.
const CHANGES: [&str; 5] = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_TARGET_DIR", "RUSTC_WRAPPER"];

/// What was found out about one thing.
enum Finding {
    /// It is as it should be.
    Good(String),
    /// It works like that, but there is something to know.
    Note(String),
    /// It does not work like that: what is wrong, and what to type.
    Bad(String, String),
}

/// Looks at everything that the command needs.
pub fn doctor() -> Result<Exit> {
    let workspace = Workspace::find();
    let mut findings = vec![("rustc", rustc()), ("threads", threads())];
    match &workspace {
        Ok(workspace) => {
            findings.push(("workspace", Finding::Good(format!("{}, {} katas", workspace.root.display(), workspace.katas.len()))));
            findings.push(("nextest", nextest(workspace)));
            findings.push(("notes", writable(&workspace.notes)));
            findings.push(("your files", files(workspace)));
            findings.push(("git", git(workspace)));
        }
        Err(error) => {
            findings.push(("workspace", Finding::Bad(format!("{error:#}"), "cd to the folder with katas/ in it".to_owned())))
        }
    }
    findings.push(("editor", editor()));
    findings.push(("terminal", terminal()));
    findings.extend(CHANGES.iter().filter_map(|name| Some((*name, variable(name, &env::var(name).ok()?)))));
    let is_well = !findings.iter().any(|(_, finding)| matches!(finding, Finding::Bad(..)));
    for (what, finding) in findings {
        match finding {
            Finding::Good(text) => console::out(format!("{} {what:<14} {text}", good("✓"))),
            Finding::Note(text) => console::out(format!("{} {what:<14} {text}", dim("·"))),
            Finding::Bad(text, mend) => {
                console::out(format!("{} {what:<14} {text}", bad("✗")));
                console::out(format!("  {:<14} {}", "", bold(mend)));
            }
        }
    }
    console::out("");
    if is_well {
        console::out("All is well. To go on: cargo kata");
        return Ok(Exit::Green);
    }
    console::out("What is marked with ✗ stands in the way; below it is what mends it. Then: cargo kata doctor");
    Ok(Exit::CannotRun)
}

fn rustc() -> Finding {
    let Some(said) = said(Command::new("rustc").arg("--version")) else {
        return Finding::Bad("is not here".to_owned(), "install Rust: https://rustup.rs".to_owned());
    };
    match said.split(' ').nth(1).and_then(|version| version.parse::<Version>().ok()) {
        Some(version) if version < RUSTC => {
            Finding::Bad(format!("{version}; {RUSTC} or later is needed"), "rustup update stable".to_owned())
        }
        _ => Finding::Good(said),
    }
}

fn threads() -> Finding {
    match std::thread::available_parallelism() {
        Ok(count) if count.get() == 1 => Finding::Note("one processor: the lower two rungs notice less there".to_owned()),
        Ok(count) => Finding::Good(format!("{count} processors")),
        Err(_) => Finding::Note("it is not known how many processors there are".to_owned()),
    }
}

fn nextest(workspace: &Workspace) -> Finding {
    let Ok(Versions { required, recommended }) = nextest::wanted(workspace) else {
        return Finding::Bad(".config/nextest.toml cannot be read".to_owned(), "git restore .config/nextest.toml".to_owned());
    };
    match nextest::here(workspace).into_iter().find(|(_, version)| *version >= required) {
        Some((program, version)) => Finding::Good(format!("{version} ({})", program.display())),
        None => Finding::Note(format!(
            "not here; `cargo kata` builds {recommended} once, which takes some minutes. Faster: https://nexte.st/docs/installation/pre-built-binaries/"
        )),
    }
}

fn writable(folder: &Path) -> Finding {
    let file = folder.join(format!("doctor-{}", std::process::id()));
    // Some pages: an empty file can still be made on a disk that is full.
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&file, [0; 100_000]));
    let _ = fs::remove_file(&file);
    match written {
        Ok(()) => Finding::Good(folder.display().to_string()),
        Err(error) => Finding::Bad(
            format!("{} cannot be written: {error}", folder.display()),
            "make room, or mend its rights. Nothing in the target folder is yours, so it may go: cargo clean".to_owned(),
        ),
    }
}

fn files(workspace: &Workspace) -> Finding {
    let needed = |folder: &Path| Rung::ALL.map(|rung| folder.join(rung.file())).into_iter().chain([folder.join("src/lib.rs")]);
    let missing: Vec<String> = workspace
        .katas
        .iter()
        .flat_map(|kata| needed(&kata.folder))
        .filter(|file| fs::read_to_string(file).is_err())
        .map(|file| workspace.shown(&file))
        .collect();
    match missing.as_slice() {
        [] => Finding::Good("all are there".to_owned()),
        missing => {
            Finding::Bad(format!("missing, or no text: {}", missing.join(", ")), format!("git restore {}", missing.join(" ")))
        }
    }
}

fn git(workspace: &Workspace) -> Finding {
    match said(Command::new("git").arg("--version")) {
        Some(said) if workspace.root.join(".git").exists() => Finding::Good(said),
        Some(_) => Finding::Note("no clone: what is lost cannot be brought back with git".to_owned()),
        None => Finding::Note("is not here: what is lost cannot be brought back with it".to_owned()),
    }
}

fn editor() -> Finding {
    match editor::editor() {
        Some(editor) => Finding::Good(format!("{}, by {}", editor.words.join(" "), editor.by)),
        None => Finding::Note("none is named in VISUAL or EDITOR: `cargo kata open` asks the system".to_owned()),
    }
}

fn terminal() -> Finding {
    let columns = console::width();
    let colour = if anstream::AutoStream::choice(&stdout()) == anstream::ColorChoice::Never { "no colour" } else { "colour" };
    match (stdout().is_terminal(), columns) {
        (false, _) => Finding::Note("none: plain text".to_owned()),
        (true, ..70) => Finding::Note(format!("{columns} columns, {colour}; pictures are easier to read from 100 columns on")),
        (true, _) => Finding::Good(format!("{columns} columns, {colour}")),
    }
}

fn variable(name: &str, value: &str) -> Finding {
    if name.contains("RUSTFLAGS") && value.contains("--cfg") && value.contains("loom") {
        let mend = format!("unset {name}");
        return Finding::Bad(format!("is `{value}`: with that, other crates build for loom as well"), mend);
    }
    Finding::Note(format!("is set, to `{value}`: cargo builds as that says"))
}

/// What a program prints, if it runs.
fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_asks_for_the_same_rustc() {
        let workspace = Workspace::find().unwrap();
        let manifest: toml::Table = fs::read_to_string(workspace.root.join("Cargo.toml")).unwrap().parse().unwrap();
        let asked = manifest["workspace"]["package"]["rust-version"].as_str().unwrap();
        assert_eq!(format!("{asked}.0"), RUSTC.to_string());
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let file = env::temp_dir().join(format!("doctor-test-{}", std::process::id()));
        fs::write(&file, "no folder").unwrap();
        assert!(matches!(writable(&file), Finding::Bad(text, _) if text.contains("cannot be written")));
        fs::remove_file(&file).unwrap();
        assert!(matches!(writable(&file), Finding::Good(_)));
        fs::remove_dir_all(file).unwrap();
    }

    #[test]
    fn flags_that_change_other_crates_are_in_the_way() {
        assert!(matches!(variable("RUSTFLAGS", "--cfg loom"), Finding::Bad(..)));
        assert!(matches!(variable("RUSTFLAGS", "-Cdebuginfo=0"), Finding::Note(_)));
    }
}
