//! The cases on `std_on_shuttle`.

#[macro_use(thread_local)]
extern crate std_on_shuttle as std;
extern crate std as real_std;
extern crate std_on_shuttle as core;

#[path = "../cases/mod.rs"]
mod cases;
#[path = "../differences.rs"]
mod differences;

use std_on_shuttle::Check;

/// Runs the case under some schedules.
pub fn conforms(case: impl Fn() + Send + Sync + 'static) {
    differences::judge("shuttle", Check::new().budget(200).random(100).try_run(case).err());
}
