//! What every command for a learner needs at hand.

use crate::nextest::Nextest;
use crate::workspace::Workspace;
use anyhow::Result;

/// The workspace, what runs its tests, and whether anybody still wants to know.
pub struct Tools<'a> {
    /// The workspace.
    pub workspace: &'a Workspace,
    /// What runs the tests.
    pub nextest: Nextest,
    /// Whether the outcome of what is being done does not matter any more.
    pub is_enough: &'a dyn Fn() -> bool,
}

impl<'a> Tools<'a> {
    /// Those for something that is done to its end. Builds nextest where there is none.
    pub fn find(workspace: &'a Workspace) -> Result<Self> {
        Ok(Self { workspace, nextest: Nextest::find_or_install(workspace)?, is_enough: &|| false })
    }
}
