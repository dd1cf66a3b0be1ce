//! Says what is missing where this compiler does not let us do what only std may do (see `.cargo/config.toml`).

fn main() {
    println!("cargo::rerun-if-env-changed=RUSTC_BOOTSTRAP");
    let allowed = std::env::var("RUSTC_BOOTSTRAP").unwrap_or_default();
    if allowed != "1" && !allowed.split(',').any(|name| name == "stand_in") {
        println!(
            "cargo::error=What stands in for std needs the environment variable RUSTC_BOOTSTRAP=stand_in. The workspace's \
             .cargo/config.toml sets it: run cargo in the workspace's folder, or put the same lines into a .cargo/config.toml of \
             your own."
        );
    }
}
