//! Says whether this compiler lets us do what only std may do (see `RUSTC_BOOTSTRAP` in `.cargo/config.toml`).

fn main() {
    println!("cargo::rerun-if-env-changed=RUSTC_BOOTSTRAP");
    println!("cargo::rustc-check-cfg=cfg(like_std)");
    let allowed = std::env::var("RUSTC_BOOTSTRAP").unwrap_or_default();
    if allowed == "1" || allowed.split(',').any(|name| name == "stand_in") {
        println!("cargo::rustc-cfg=like_std");
    }
}
