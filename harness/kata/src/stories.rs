//! The stories that the checkers leave: for each test that has run, one interleaving as a file.

use crate::console;
use crate::junit::TestRun;
use crate::workspace::{Kata, Workspace};
use interleaving::{Look, Story};
use std::fs;
use std::path::PathBuf;

/// Tells the checkers where to put a story of each test.
const STORIES: &str = "KATA_STORIES";
/// Tells the checkers where to keep the interleaving in which a test failed, to try it first the next time.
const KEPT: &str = "KATA_KEPT";

/// Where the stories of a kata are.
pub struct Stories {
    folder: PathBuf,
    kept: PathBuf,
}

impl Stories {
    /// Those of this kata, whether there are any or not.
    pub fn of(workspace: &Workspace, kata: &Kata) -> Self {
        let of_kata = |what: &str| workspace.notes().join(what).join(&kata.name);
        Self { folder: of_kata("stories"), kept: of_kata("kept") }
    }

    /// What a test must be told so that it leaves its story here.
    pub fn variables(&self) -> [(&'static str, PathBuf); 2] {
        [(STORIES, self.folder.clone()), (KEPT, self.kept.clone())]
    }

    /// Takes away the stories of earlier runs.
    pub fn clear(&self) {
        // If that fails, there are none, or the tests will overwrite them.
        let _ = fs::remove_dir_all(&self.folder);
    }

    /// The story of a test, if it has left one.
    pub fn of_test(&self, test: &TestRun) -> Option<Story> {
        let text = fs::read_to_string(self.folder.join(file_name(&test.file, &test.name))).ok()?;
        Story::from_json(&text).ok()
    }

    /// The interleaving that is kept of a test.
    pub fn kept_of(&self, rung: &str, test: &str) -> PathBuf {
        self.kept.join(file_name(rung, test))
    }
}

fn file_name(rung: &str, test: &str) -> String {
    format!("{rung}.{}.json", test.replace("::", "."))
}

/// A story as it is shown on the terminal, with a margin.
pub fn shown(story: &Story, margin: usize) -> String {
    // Where colour is not wanted, it is taken out on the way.
    story.to_text(Look { width: console::width().saturating_sub(margin), colour: true })
}
