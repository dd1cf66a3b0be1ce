//! Where a stand-in must differ from `std`, and the judgement of a case.

use real_std::thread;

/// The cases in which both stand-ins differ, and why. A star stands for any letters.
const DIFFERENCES: [(&str, &str); 7] = [
    ("alloc::a_box_is_freed_as_the_memory_of_its_layout", "what `Box` allocates is not followed, so it cannot be freed by hand"),
    ("atomic::an_atomic_bool_is_as_large_as_a_bool_and_has_its_address", NO_ADDRESS),
    ("atomic::an_atomic_pointer_is_as_large_as_a_pointer_and_has_its_address", NO_ADDRESS),
    ("atomic::atomic_*::an_integer_can_be_used_atomically_through_a_pointer", NO_ADDRESS),
    ("atomic::atomic_*::the_value_can_be_reached_through_its_pointer", NO_ADDRESS),
    ("cell::a_cell_has_the_size_of_its_value", "a cell also holds the number by which the engine knows it"),
    ("cell::a_mutable_reference_becomes_one_to_a_cell", "a cell is larger than its value: the check ends, and says so"),
];

const NO_ADDRESS: &str = "the value lies with the engine, and has no address: the check ends, and says so";

/// Judges a case by the report of its check, if that failed: it conforms, unless it is known to differ.
pub fn judge(engine: &str, report: Option<String>) {
    // A case without a choice is one that a single thread makes: that it ran is enough.
    let report = report.filter(|report| !report.starts_with("Nothing concurrent happened"));
    let current = thread::current();
    let case = current.name().expect("a test runs on a thread with its name");
    let known = DIFFERENCES.iter().any(|(pattern, _)| fits(case.trim_start_matches("cases::"), pattern));
    match (known, report) {
        (false, None) | (true, Some(_)) => {}
        (false, Some(report)) => panic!("{case} on {engine}:\n{report}"),
        (true, None) => panic!("{case} conforms on {engine} by now: take it from the list of differences"),
    }
}

fn fits(case: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => case.starts_with(before) && case.ends_with(after),
        None => case == pattern,
    }
}

#[test]
fn the_readme_has_the_list() {
    let rows = DIFFERENCES.iter().map(|(case, why)| format!("| `{case}` | {why} |\n"));
    let table: String = ["| case | why |\n| --- | --- |\n".to_owned()].into_iter().chain(rows).collect();
    let readme = include_str!("README.md");
    assert!(readme.contains(&table), "README.md must have this table, and no other row:\n{table}");
    assert_eq!(readme.lines().filter(|line| line.starts_with('|')).count(), DIFFERENCES.len() + 2, "rows in README.md");
}
