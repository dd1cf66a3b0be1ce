//! The stories that the checkers leave: for each test that has run, one interleaving as a file.

use crate::console;
use crate::junit::TestRun;
use crate::rung::Rung;
use crate::test_file;
use crate::workspace::{Kata, Workspace};
use interleaving::{Look, Story};
use std::ffi::OsString;
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
        let of_kata = |what: &str| workspace.notes.join(what).join(&kata.name);
        Self { folder: of_kata("stories"), kept: of_kata("kept") }
    }

    /// What a test must be told so that it leaves its story here.
    pub fn variables(&self) -> [(&'static str, OsString); 2] {
        [(STORIES, self.folder.clone().into()), (KEPT, self.kept.clone().into())]
    }

    /// Takes away the stories of earlier runs.
    pub fn clear(&self) {
        // If that fails, there are none, or the tests will overwrite them.
        let _ = fs::remove_dir_all(&self.folder);
    }

    /// The story of a test, if it has left one.
    pub fn of_test(&self, test: &TestRun) -> Option<Story> {
        self.read(&test.file, &test.name)
    }

    /// The story of a test on a rung, if it has left one.
    pub fn read(&self, rung: &str, test: &str) -> Option<Story> {
        let text = fs::read_to_string(self.folder.join(format!("{}.json", file_name(rung, test)))).ok()?;
        Story::from_json(&text).ok()
    }

    /// The file with the story of a test, if it has left one.
    pub fn file(&self, test: &TestRun) -> PathBuf {
        self.folder.join(format!("{}.json", file_name(&test.file, &test.name)))
    }

    /// Whether an interleaving is kept of a test.
    pub fn has_kept(&self, rung: Rung, test: &str) -> bool {
        let beginning = format!("{}.", file_name(rung.name(), test));
        let files = fs::read_dir(&self.kept).into_iter().flatten().flatten();
        files.into_iter().any(|file| file.file_name().to_string_lossy().starts_with(&beginning))
    }
}

/// That the story is not that of the red test.
pub fn another(red: &TestRun, found: Rung, other: &TestRun) -> String {
    format!(
        "`{}` is red on real threads, which leave no picture. This is what {found} says of the same code, which may be another mistake: \
         `{}`",
        test_file::sentence(&red.name),
        test_file::sentence(&other.name)
    )
}

/// The verdict of a story, in a line.
pub fn headline(story: &Story) -> String {
    let verdict = &story.verdict;
    match verdict.lines.first().filter(|_| verdict.headline.ends_with(':')) {
        Some(line) => format!("{} {}", verdict.headline, line.trim()),
        None => verdict.headline.clone(),
    }
}

fn file_name(rung: &str, test: &str) -> String {
    format!("{rung}.{}", test.replace("::", "."))
}

/// How a story looks on the terminal, with a margin. Where colour is not wanted, it is taken out on the way.
pub fn look(margin: usize) -> Look {
    Look { width: console::width().saturating_sub(margin), colour: true }
}
