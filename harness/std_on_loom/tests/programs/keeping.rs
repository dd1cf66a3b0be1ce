//! A failing interleaving is kept, and tried first the next time; what no longer fits is no error.
//!
//! Each test starts itself once more, several times, as a learner would: with the same folder for what is kept.

use crate::check;
use real_std::env;
use real_std::fs;
use real_std::path::PathBuf;
use real_std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use std::thread;

/// Tells the program which version of it is to run.
const VERSION: &str = "THE_VERSION_OF_THE_PROGRAM";

/// What a run of a test said.
struct Ran {
    /// Whether it was green.
    is_green: bool,
    /// How many interleavings ran.
    interleavings: usize,
    /// The whole report.
    report: String,
    /// What it printed to standard output.
    printed: String,
}

/// The folder for one test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = env::temp_dir().join(format!("kept-{}-{test}-{}", crate::ENGINE, real_std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self(folder)
    }

    fn run(&self, test: &str, version: &str, variables: &[(&str, &str)]) -> Ran {
        let output = Command::new(env::current_exe().expect("this test is an executable"))
            .args(["--exact", &format!("keeping::{test}"), "--nocapture", "--test-threads", "2"])
            .env("KATA_KEPT", &self.0)
            .env(VERSION, version)
            .envs(variables.iter().copied())
            .output()
            .expect("this test can be started once more");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        Ran {
            is_green: output.status.success(),
            interleavings: printed.matches("[one more]").count(),
            report: String::from_utf8_lossy(&output.stderr).into_owned(),
            printed,
        }
    }

    fn files(&self) -> usize {
        fs::read_dir(&self.0).map_or(0, Iterator::count)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Three count; in the wrong version, not in one step; in the other wrong one, the counts start at seven.
fn count(version: &str) {
    let version = version.to_owned();
    check(move || {
        println!("[one more]");
        let count = Arc::new(AtomicUsize::new(if version == "seven" { 7 } else { 0 }));
        let add = {
            let version = version.clone();
            move |count: &AtomicUsize| {
                if version == "right" {
                    count.fetch_add(1, AcqRel);
                } else {
                    // So that there are some interleavings before the one that fails.
                    let seen = count.fetch_add(0, AcqRel);
                    let _ = count.compare_exchange(seen, seen + 1, AcqRel, Relaxed);
                }
            }
        };
        let others = (0..2).map(|_| {
            let (count, add) = (Arc::clone(&count), add.clone());
            thread::spawn(move || add(&count))
        });
        let others: Vec<_> = others.collect();
        add(&count);
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(count.load(Relaxed) % 7, 3, "an addition was lost");
    });
}

/// Two count under a lock, which in the wrong version is none after twenty tries.
fn count_impatiently() {
    check(|| {
        println!("[one more]");
        let shared = Arc::new((AtomicBool::new(false), AtomicUsize::new(0)));
        let add = |(busy, count): &(AtomicBool, AtomicUsize)| {
            let mut tries = 0;
            while busy.swap(true, AcqRel) && tries < 20 {
                tries += 1;
            }
            let seen = count.load(SeqCst);
            count.store(seen + 1, SeqCst);
            busy.store(false, Release);
        };
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || add(&others));
        add(&shared);
        other.join().unwrap();
        assert_eq!(shared.1.load(SeqCst), 2, "an addition was lost");
    });
}

#[test]
fn a_failure_after_a_long_wait_shows_at_once_as_well() {
    const TEST: &str = "a_failure_after_a_long_wait_shows_at_once_as_well";
    if env::var(VERSION).is_ok() {
        return count_impatiently();
    }
    let folder = Folder::new(TEST);
    let [first, second] = [(); 2].map(|()| folder.run(TEST, "wrong", &[]));
    assert!(first.report.contains("threads that wait went on looking") && first.interleavings > 1, "{}", first.report);
    assert!(second.interleavings < first.interleavings, "tried first");
    assert_eq!(second.report, first.report);
}

#[test]
fn the_same_failure_shows_at_once() {
    const TEST: &str = "the_same_failure_shows_at_once";
    if let Ok(version) = env::var(VERSION) {
        return count(&version);
    }
    let folder = Folder::new(TEST);
    let first = folder.run(TEST, "wrong", &[]);
    assert!(!first.is_green && first.interleavings > 1, "{}", first.report);
    assert_eq!(folder.files(), 1);
    let second = folder.run(TEST, "wrong", &[]);
    assert!(!second.is_green);
    // shuttle goes there at once; loom goes through the rest of that round, but not through those before it.
    assert!(second.interleavings < first.interleavings, "tried first");
    assert!(second.interleavings == 1 || crate::WEAK_ORDERS);
    assert_eq!(second.report, first.report);
}

#[test]
fn code_that_has_changed_is_checked_as_ever() {
    const TEST: &str = "code_that_has_changed_is_checked_as_ever";
    if let Ok(version) = env::var(VERSION) {
        return count(&version);
    }
    let folder = Folder::new(TEST);
    folder.run(TEST, "wrong", &[]);
    let other = folder.run(TEST, "seven", &[]);
    assert!(other.report.contains("an addition was lost") && other.interleavings > 1, "{}", other.report);
    let right = folder.run(TEST, "right", &[]);
    assert!(right.is_green, "{}", right.report);
    assert_eq!(folder.files(), 0, "nothing is kept of what passes");
    // Rubbish in the file is as good as none.
    folder.run(TEST, "wrong", &[]);
    for file in fs::read_dir(&folder.0).expect("it is there").flatten() {
        fs::write(file.path(), "{ \"trail\": 7").expect("it can be written");
    }
    let again = folder.run(TEST, "wrong", &[]);
    assert!(!again.is_green && again.interleavings > 1, "{}", again.report);
}

#[test]
fn a_replay_shows_each_step_and_what_the_program_prints() {
    const TEST: &str = "a_replay_shows_each_step_and_what_the_program_prints";
    if let Ok(version) = env::var(VERSION) {
        return count(&version);
    }
    let folder = Folder::new(TEST);
    folder.run(TEST, "wrong", &[]);
    let replay = folder.run(TEST, "wrong", &[("KATA_REPLAY", "1")]);
    let (before, after) = replay.printed.split_once("The interleaving that fails:\n").expect("it says where it begins");
    assert!(!before.contains("main: "), "{before}");
    assert!(after.starts_with("[one more]\n   1  main: starts thread 1"), "{after}");
    assert!(after.contains("thread 1: count.fetch_add(0, AcqRel) → "), "{after}");
    // Without anything to replay, nothing runs.
    let gone = folder.run(TEST, "right", &[("KATA_REPLAY", "1")]);
    assert!(!gone.report.contains("an addition was lost"), "{}", gone.report);
}
