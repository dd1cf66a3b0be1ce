//! Where the command `cargo kata` finds what the tests have to tell: a folder with a story for each, and how far each is.

use interleaving::Story;
use std::env;
use std::fs;
use std::path::PathBuf;

/// Set by whoever wants the stories, to the folder that they are to be put into.
const SHELF: &str = "KATA_STORIES";
/// Set by whoever wants to know how far a test is, to the folder that it is to be written into.
const PROGRESS: &str = "KATA_PROGRESS";

/// Whether somebody wants the stories.
pub(crate) fn is_there() -> bool {
    env::var_os(SHELF).is_some()
}

/// Puts a story there, if somebody wants it, under the names of the running test and its file. The last one of a test stays.
pub(crate) fn put(mut story: Story) {
    let Some(shelf) = env::var_os(SHELF).map(PathBuf::from) else { return };
    let file = shelf.join(format!("{}.json", test_name()));
    story.test = Some(test());
    // The report stands on standard error as well: without its story it is less beautiful, and as true.
    let _ = fs::create_dir_all(&shelf).and_then(|()| fs::write(file, story.to_json()));
}

/// Writes how many interleavings the running test has gone through so far, if somebody wants to know.
pub(crate) fn say_how_far(interleavings: u64) {
    let Some(folder) = env::var_os(PROGRESS).map(PathBuf::from) else { return };
    // It is only shown in passing.
    let _ = fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join(test_name()), interleavings.to_string()));
}

/// The running test and its file, as a name for files: `loom.two_take_turns`.
pub(crate) fn test_name() -> String {
    format!("{}.{}", test_file(), test().replace("::", "."))
}

/// The running test. A test harness names its thread after it.
fn test() -> String {
    std::thread::current().name().unwrap_or("check").to_owned()
}

/// The name of the test file that is running: cargo calls its program `loom-0123456789abcdef`.
fn test_file() -> String {
    let program = env::current_exe().ok();
    let name = program.as_deref().and_then(|program| program.file_stem()).map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    name.rsplit_once('-').map_or(name.clone(), |(name, _)| name.to_owned())
}
