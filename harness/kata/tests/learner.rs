//! The command as it is called: an attempt takes the place of what a learner has written, and climbs the ladder.

use std::path::Path;
use std::process::{Command, Output};

fn kata(words: &[&str]) -> Output {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Command::new(env!("CARGO_BIN_EXE_kata")).args(words).current_dir(workspace).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// In one test, since one folder serves all attempts.
#[test]
fn a_right_solution_climbs_to_the_top_and_a_wrong_one_stops_with_a_picture() {
    let right = kata(&["solution", "counter", "mutex", "--spoil"]);
    let text = said(&right);
    assert_eq!(right.status.code(), Some(0), "{text}\n{}", String::from_utf8_lossy(&right.stderr));
    for rung in ["✓ examples", "✓ properties", "✓ shuttle", "✓ loom"] {
        assert!(text.contains(rung), "{text}");
    }
    assert!(text.contains("All is green."), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour, and nothing that is overwritten, where nobody looks");

    // Caught by the checkers alone, so it climbs two rungs first.
    let wrong = said(&kata(&["solution", "counter", "relaxed_slots", "--spoil"]));
    assert!(wrong.contains("✓ properties") && !wrong.contains("✓ loom"), "{wrong}");
    assert!(wrong.contains("step  main"), "a picture with a column for each thread: {wrong}");
    assert!(wrong.contains("katas/counter/src/lib.rs:"), "{wrong}");
}

#[test]
fn what_cannot_be_run_ends_with_a_number_of_its_own_and_a_word_for_people() {
    assert_eq!(kata(&["list", "--names"]).status.code(), Some(0));
    let unknown = kata(&["check", "no_such_kata", "--format", "json"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("no kata named `no_such_kata`"));
    assert_eq!(said(&unknown), "", "it is nothing for a program that reads the verdict");
}
