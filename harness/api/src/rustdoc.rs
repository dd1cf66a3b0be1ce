//! Lets rustdoc make its pages: `std`'s from what the compiler has of it, so that neither its source nor its pages need be
//! installed, and the stand-in's by cargo.

use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The modules of the table, and others of which only it matters which traits are for nightly compilers.
const PROBE: &str = "#[doc(inline)] pub use std::{alloc, cell, clone, marker, ops, pin, sync, thread, thread_local};";

/// The version of the compiler: `rustc 1.95.0`.
pub fn version() -> Result<String> {
    let output = run(Command::new(rustdoc()).arg("--version"))?;
    let version = output.split_whitespace().nth(1).context("rustdoc says its version")?;
    Ok(format!("rustc {version}"))
}

/// Makes the pages of `std` in `folder`, and says where its root module is.
pub fn of_std(folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let probe = folder.join("probe.rs");
    fs::write(&probe, PROBE).with_context(|| format!("cannot write {}", probe.display()))?;
    let pages = folder.join("pages");
    if pages.exists() {
        // Those of another compiler, perhaps.
        fs::remove_dir_all(&pages).with_context(|| format!("cannot remove {}", pages.display()))?;
    }
    run(Command::new(rustdoc()).args(["--edition", "2024", "--crate-name", "probe", "--out-dir"]).arg(&pages).arg(&probe))?;
    Ok(pages.join("probe"))
}

/// Makes the pages of the stand-in in `folder`, and says where its root module is.
pub fn of_stand_in(workspace: &Path, folder: &Path) -> Result<PathBuf> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // The folder is this test's own: the cargo that runs the test may hold the lock of the usual one.
    cargo.current_dir(workspace).args(["rustdoc", "--quiet", "--offline", "--locked", "--package", "stand_in", "--target-dir"]);
    // Warnings are not this test's business, and a target of one's own would move the pages.
    cargo.arg(folder).env_remove("RUSTDOCFLAGS").env_remove("CARGO_BUILD_TARGET");
    // Of an item that is gone, rustdoc leaves the page; but only those that a module's page lists are read.
    run(&mut cargo)?;
    Ok(folder.join("doc/stand_in"))
}

fn rustdoc() -> std::ffi::OsString {
    std::env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into())
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed:\n{said}");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
