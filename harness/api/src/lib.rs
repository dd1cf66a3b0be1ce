//! What the stand-in has of `std`'s API. rustdoc makes pages of both, and this reads and compares them: so the table is made from
//! what the compiler has, and not from what somebody remembers.
//!
//! The table is `harness/stand_in/API.md`; `tests/table.rs` holds it against what is there.

pub mod html;
pub mod items;
pub mod page;
pub mod reasons;
pub mod rustdoc;
pub mod signature;
pub mod table;

use anyhow::Result;
use items::{Items, Unstable};
use std::path::Path;
use table::Row;

/// The modules of the table.
pub const MODULES: [&str; 5] = ["sync", "sync/atomic", "sync/mpsc", "thread", "alloc"];

/// Everything there is to say.
#[derive(Debug)]
pub struct Api {
    /// The items of `std`.
    pub rows: Vec<Row>,
    /// How many of `std`'s only nightly compilers have.
    pub unstable: usize,
}

/// Compares the pages of `std` with those of the stand-in.
pub fn compare(std: &Path, ours: &Path) -> Result<Api> {
    let mut unstable = Unstable::learn(std, &["alloc", "cell", "clone", "marker", "ops", "pin"])?;
    let mut left_out = Unstable { traits: unstable.traits.clone(), count: 0 };
    let mut rows = Vec::new();
    let mut both = |module: &str, wanted: &dyn Fn(&str) -> bool| -> Result<(Items, Items)> {
        let implementors = items::implementors(&ours.join(module))?;
        let of_std = items::read(&std.join(module), wanted, &Default::default(), &mut unstable)?;
        let of_ours = items::read(&ours.join(module), wanted, &implementors, &mut left_out)?;
        Ok((of_std, of_ours))
    };
    let (of_std, of_ours) = both("", &|name| name == "thread_local")?;
    rows.extend(table::compare("std", &of_std, &of_ours));
    for module in MODULES {
        let (of_std, of_ours) = both(module, &|_| true)?;
        rows.extend(table::compare(&format!("std::{}", module.replace('/', "::")), &of_std, &of_ours));
    }
    let (of_std, of_ours) = both("cell", &|name| name == "UnsafeCell")?;
    rows.extend(table::compare("std::cell", &of_std, &of_ours));
    Ok(Api { rows, unstable: unstable.count })
}
