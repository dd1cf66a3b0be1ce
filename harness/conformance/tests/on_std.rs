//! The cases on the real `std`: what they ask for is what it does.

#[path = "../cases/mod.rs"]
mod cases;

/// Runs the case a few times.
pub fn conforms(case: impl Fn() + Send + Sync + 'static) {
    for _ in 0..5 {
        case();
    }
}
