//! `harness/stand_in/API.md` says what is there, and nothing is missing without a reason.

use anyhow::{Context as _, Result, ensure};
use api::{reasons, rustdoc, table};
use std::fs;
use std::path::Path;

#[test]
fn the_table_is_true_and_all_that_is_missing_has_a_reason() -> Result<()> {
    let workspace = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let version = rustdoc::version()?;
    let of_std = rustdoc::of_std(&folder.join("std"))?;
    let of_stand_in = rustdoc::of_stand_in(workspace, &folder.join("stand_in"))?;
    let api = api::compare(&of_std, &of_stand_in)?;

    let file = workspace.join("harness/stand_in/API.md");
    let old = fs::read_to_string(&file).unwrap_or_default();
    let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    if !bless && old.lines().next() != Some(&table::first_line(&version)) {
        println!("API.md is for another compiler than {version}: only looks whether anything is missing.");
        let missing = |row: &&table::Row| row.state == table::State::Missing && reasons::reason(row).is_none();
        let missing: Vec<String> = api.rows.iter().filter(missing).map(table::Row::path).collect();
        ensure!(missing.is_empty(), "missing, and `harness/api/src/reasons.rs` does not say why:\n{}", missing.join("\n"));
        return Ok(());
    }

    let new = table::render(&version, &api.rows, api.unstable, &reasons::reason);
    if bless {
        fs::write(&file, &new).with_context(|| format!("cannot write {}", file.display()))?;
    }
    let complaints = reasons::complaints(&api.rows);
    ensure!(complaints.is_empty(), "see `harness/api/src/reasons.rs`:\n{}", complaints.join("\n"));
    let changed = new.lines().zip(old.lines().chain(std::iter::repeat(""))).find(|(new, old)| new != old);
    ensure!(
        bless || new == old,
        "API.md is no longer true: `BLESS=1 cargo test -p api` writes it anew. The first line that differs should be:\n{}",
        changed.map_or("(none: lines at its end are too many)", |(new, _)| new)
    );
    Ok(())
}
