//! A new kata.

use crate::Exit;
use crate::workspace::Workspace;
use anyhow::{Result, bail};

/// Makes a kata of that name.
pub fn new(_workspace: &Workspace, name: &str) -> Result<Exit> {
    bail!("{name}")
}
