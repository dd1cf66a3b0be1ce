//! The cases on `std_on_loom`.

#[macro_use(thread_local)]
extern crate std_on_loom as std;
extern crate std as real_std;
extern crate std_on_loom as core;

#[path = "../cases/mod.rs"]
mod cases;
#[path = "../differences.rs"]
mod differences;

use std_on_loom::Check;

/// Runs the case in its interleavings with few preemptions.
pub fn conforms(case: impl Fn() + Send + Sync + 'static) {
    differences::judge("loom", Check::new().at_most_preemptions(2).budget(500).try_run(case).err());
}
