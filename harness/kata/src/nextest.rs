//! cargo-nextest, which runs the tests: found on this machine, or built from source once.

use crate::console;
use crate::workspace::{self, Workspace, cargo};
use anyhow::{Context, Result, bail};
use semver::Version;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A cargo-nextest that is new enough.
#[derive(Clone, Debug)]
pub struct Nextest {
    program: PathBuf,
}

/// The versions that `.config/nextest.toml` asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Versions {
    /// The oldest that will do.
    pub required: Version,
    /// The one that is built where there is none.
    pub recommended: Version,
}

impl Nextest {
    /// The one on the `PATH`, or the one that was built here earlier, or one that is built now.
    pub fn find_or_install(workspace: &Workspace) -> Result<Self> {
        let versions = wanted(workspace)?;
        for program in programs(workspace) {
            if version_of(&program).is_some_and(|version| version >= versions.required) {
                return Ok(Self { program });
            }
        }
        install(&versions, &tools(workspace))?;
        Ok(Self { program: own(workspace) })
    }

    /// A call of `cargo nextest`.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("nextest");
        workspace::forget_own_package(&mut command);
        command
    }

    /// Whether a learner can type `cargo nextest`.
    pub fn is_on_path(&self) -> bool {
        !self.program.is_absolute()
    }
}

/// The versions that `.config/nextest.toml` asks for.
pub fn wanted(workspace: &Workspace) -> Result<Versions> {
    let config = workspace.root.join(".config/nextest.toml");
    let text = fs::read_to_string(&config).with_context(|| format!("{} cannot be read", workspace.shown(&config)))?;
    versions(&text).with_context(|| workspace.shown(&config))
}

/// The ones that are here, whether they will do or not.
pub fn here(workspace: &Workspace) -> Vec<(PathBuf, Version)> {
    programs(workspace).into_iter().filter_map(|program| Some((program.clone(), version_of(&program)?))).collect()
}

fn programs(workspace: &Workspace) -> [PathBuf; 2] {
    ["cargo-nextest".into(), own(workspace)]
}

fn tools(workspace: &Workspace) -> PathBuf {
    workspace.target.join("tools")
}

fn own(workspace: &Workspace) -> PathBuf {
    tools(workspace).join("bin").join(format!("cargo-nextest{}", std::env::consts::EXE_SUFFIX))
}

fn install(versions: &Versions, tools: &Path) -> Result<()> {
    let Versions { required, recommended } = versions;
    console::err(match version_of(Path::new("cargo-nextest")) {
        Some(version) => format!("cargo-nextest runs the tests. {version} is here, but {required} or later is needed."),
        None => "cargo-nextest runs the tests. It is not here yet.".to_owned(),
    });
    console::err(INSTALLING);
    let arguments = install_arguments(recommended);
    let mut command = cargo();
    // A build folder of its own, which cargo removes afterwards, and not ours.
    command.args(&arguments).arg("--root").arg(tools).env_remove("CARGO_TARGET_DIR");
    let status = command.status().context("cargo cannot be started; is it installed? https://rustup.rs")?;
    if !status.success() {
        bail!(
            "cargo-nextest could not be built; cargo says above why. It needs the network once.\n\n\
             What next: when you are online, type `cargo kata` again, or install it yourself:\n  \
             cargo {}\nor, faster, {PREBUILT}",
            arguments.join(" ")
        );
    }
    Ok(())
}

/// Leaves out self-update, which nobody needs here and which makes the build longer.
fn install_arguments(version: &Version) -> Vec<String> {
    let line = format!("install --locked cargo-nextest --version {version} --no-default-features --features default-no-update");
    line.split(' ').map(str::to_owned).collect()
}

fn versions(config: &str) -> Result<Versions> {
    let config: toml::Table = config.parse()?;
    let version = |field: &str| {
        let version = config.get("nextest-version").and_then(|versions| versions.get(field)).and_then(|version| version.as_str());
        let version = version.with_context(|| format!("`nextest-version` needs `{field}`, such as \"0.9.143\""))?;
        Version::parse(version).with_context(|| format!("`nextest-version.{field}` is no version: {version}"))
    };
    Ok(Versions { required: version("required")?, recommended: version("recommended")? })
}

fn version_of(program: &Path) -> Option<Version> {
    let output = Command::new(program).arg("--version").output().ok()?;
    version_in(&String::from_utf8_lossy(&output.stdout))
}

/// The version in `cargo-nextest 0.9.143 (60fa45f63 2026-08-04)`.
fn version_in(said: &str) -> Option<Version> {
    said.strip_prefix("cargo-nextest ")?.split_whitespace().next()?.parse().ok()
}

const INSTALLING: &str = "\
Building it takes some minutes (about five on two cores), once. It goes into this workspace's target folder and nowhere else.
To have it faster, and everywhere, stop this with Ctrl-C and take a prebuilt one:
  https://nexte.st/docs/installation/pre-built-binaries/
";

const PREBUILT: &str = "take a prebuilt one: https://nexte.st/docs/installation/pre-built-binaries/";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::new::order_lines;
    use rstest::rstest;

    /// Adding a kata is adding a folder, and these lines.
    #[test]
    fn plain_nextest_runs_the_katas_in_their_order_and_loom_last_in_each() {
        let workspace = Workspace::find().unwrap();
        let names: Vec<&str> = workspace.katas.iter().map(|kata| kata.name.as_str()).collect();
        let expected = order_lines(&names);
        let config = fs::read_to_string(workspace.root.join(".config/nextest.toml")).unwrap();
        let overrides = |text: &str| text.parse::<toml::Table>().unwrap()["profile"]["default"]["overrides"].clone();
        assert_eq!(overrides(&config), overrides(&format!("[profile.default]\n{expected}")), "write these lines:\n{expected}");
    }

    #[rstest]
    #[case("cargo-nextest 0.9.143 (60fa45f63 2026-08-04)\nrelease: 0.9.143\n", Some("0.9.143"))]
    #[case("cargo-nextest 0.9.151\n", Some("0.9.151"))]
    #[case("error: no such command: `nextest`", None)]
    #[case("", None)]
    fn the_version_is_read_from_what_nextest_says(#[case] said: &str, #[case] expected: Option<&str>) {
        assert_eq!(version_in(said).map(|version| version.to_string()).as_deref(), expected);
    }

    #[test]
    fn the_config_says_which_versions_will_do() {
        let versions = versions("nextest-version = { required = \"0.9.143\", recommended = \"0.9.151\" }").unwrap();
        assert!(versions.required < versions.recommended, "0.9.143 is older than 0.9.151");
    }

    #[rstest]
    #[case("", "`nextest-version` needs `required`")]
    #[case("nextest-version = { required = \"0.9.143\" }", "`nextest-version` needs `recommended`")]
    #[case("nextest-version = { required = \"new\", recommended = \"0.9.1\" }", "`nextest-version.required` is no version: new")]
    fn a_version_that_is_missing_or_wrong_is_named(#[case] config: &str, #[case] expected: &str) {
        assert!(versions(config).unwrap_err().to_string().contains(expected));
    }
}
