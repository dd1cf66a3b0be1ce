//! Why an item is not modelled, in words for the table.
//!
//! An item stands here by its full name, a `*` in which stands for anything. What belongs to an item that is itself passed
//! through or missing needs no line of its own.

use crate::table::{Row, State};

/// A reason, and what it is for.
pub type Reason = (&'static str, &'static [&'static str]);

/// What is passed through on purpose.
pub const PASSED_THROUGH: &[Reason] = &[
    (
        "a plain value",
        &[
            "std::sync::PoisonError",
            "std::sync::TryLockError",
            "std::sync::atomic::Ordering",
            "std::sync::mpsc::*Error",
            "std::alloc::Layout",
            "std::alloc::LayoutErr*",
        ],
    ),
    ("a name for `Result`", &["std::sync::LockResult", "std::sync::TryLockResult", "std::thread::Result"]),
    ("orders a thread with its own signal handlers only", &["std::sync::atomic::compiler_fence"]),
    ("a trait, the same for every allocator", &["std::alloc::GlobalAlloc"]),
    ("has no memory to follow", &["std::alloc::handle_alloc_error"]),
];

/// What is missing, and may be.
pub const MISSING: &[Reason] = &[("only nightly compilers have `ByteStr`", &["std::sync::Arc: From<Arc<*ByteStr*"])];

fn list(state: State) -> &'static [Reason] {
    match state {
        State::Modelled => &[],
        State::PassedThrough => PASSED_THROUGH,
        State::Missing => MISSING,
    }
}

/// Why an item is passed through or missing. What belongs to an item has that one's reason if it has none of its own.
pub fn reason(row: &Row) -> Option<&'static str> {
    let of = |path: &str| {
        let mut reasons = list(row.state).iter();
        reasons.find(|(_, patterns)| patterns.iter().any(|pattern| matches(pattern, path))).map(|(reason, _)| *reason)
    };
    of(&row.path()).or_else(|| of(&row.item_path()).filter(|_| row.member.is_some()))
}

/// What is wrong with the reasons: an item that has none, and a name that fits something else, or nothing at all.
pub fn complaints(rows: &[Row]) -> Vec<String> {
    let mut complaints = Vec::new();
    let without = |row: &&Row| row.state != State::Modelled && reason(row).is_none();
    let items: Vec<String> = rows.iter().filter(|row| row.member.is_none()).filter(without).map(Row::path).collect();
    for row in rows.iter().filter(without).filter(|row| row.member.is_none() || !items.contains(&row.item_path())) {
        complaints.push(format!("`{}` is {}, and nothing says why", row.path(), row.state.name()));
    }
    for state in [State::PassedThrough, State::Missing] {
        let state_name = state.name();
        for pattern in list(state).iter().flat_map(|(_, patterns)| *patterns) {
            let fitting: Vec<&Row> = rows.iter().filter(|row| matches(pattern, &row.path())).collect();
            if fitting.is_empty() {
                complaints.push(format!("`{pattern}` is said to be {state_name}, and there is no such thing"));
            }
            for row in fitting.iter().filter(|row| row.state != state) {
                let name = row.state.name();
                complaints.push(format!("`{}` is {name}, and `{pattern}` says that it is {state_name}", row.path()));
            }
        }
    }
    complaints
}

/// Whether `text` is `pattern`, in which a `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(before) else { return false };
    rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| matches(after, &rest[at..]))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(matches("std::sync::RwLock*Guard", "std::sync::RwLockReadGuard"));
        assert!(matches("std::sync::Arc: From<&CStr>*", "std::sync::Arc: From<&CStr>"));
        assert!(!matches("std::sync::RwLock*Guard", "std::sync::RwLockReadGuard::map"));
        assert!(!matches("std::sync::Once", "std::sync::OnceLock"));
    }
}
