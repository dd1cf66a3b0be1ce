//! The generated workspace: each attempt as a package of its own, with the tests of its kata.

use super::attempt::{Attempt, Attempts};
use crate::workspace::{Kata, Workspace};
use anyhow::{Context, Result};
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;
use toml::{Table, Value};

/// How many tests of flawed attempts share a processor.
const CROWD: i64 = 8;

/// Lays the attempts over their katas, in `<target>/attempts`, and returns that folder. Only what has changed is written, so that
/// only that is built anew.
pub fn lay(workspace: &Workspace, attempts: &[Attempts<'_>]) -> Result<PathBuf> {
    let folder = workspace.target.join("attempts");
    let all: Vec<(&Kata, &Attempt)> =
        attempts.iter().flat_map(|attempts| attempts.all.iter().map(|attempt| (attempts.kata, attempt))).collect();
    let packages: Vec<&str> = all.iter().map(|(_, attempt)| attempt.package.as_str()).collect();
    remove_others(&folder.join("packages"), &packages)?;
    let root = read_toml(&workspace.root.join("Cargo.toml"))?;
    write(&folder.join("Cargo.toml"), toml::to_string(&root_manifest(root, &workspace.root, &packages))?.as_bytes())?;
    // The same versions and the same settings as in the workspace itself.
    for file in ["Cargo.lock", ".cargo/config.toml"] {
        write(&folder.join(file), &read(&workspace.root.join(file))?)?;
    }
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let config = nextest_config(read_toml(&workspace.root.join(".config/nextest.toml"))?, &packages, processors);
    write(&folder.join(".config/nextest.toml"), toml::to_string(&config)?.as_bytes())?;
    for (kata, attempt) in all {
        lay_one(kata, attempt, &folder.join("packages").join(&attempt.package))?;
    }
    Ok(folder)
}

fn lay_one(kata: &Kata, attempt: &Attempt, package: &Path) -> Result<()> {
    let manifest = package_manifest(read_toml(&kata.folder.join("Cargo.toml"))?, &attempt.package);
    write(&package.join("Cargo.toml"), toml::to_string(&manifest)?.as_bytes())?;
    write(&package.join("src/lib.rs"), &read(&attempt.file)?)?;
    for file in files(&kata.folder)? {
        let place = file.strip_prefix(&kata.folder).unwrap_or(&file);
        if place == Path::new("Cargo.toml") || place.starts_with("src") {
            continue;
        }
        let mut content = read(&file)?;
        let is_a_test = place.parent() == Some(Path::new("tests"));
        if is_a_test && place.extension().is_some_and(|extension| extension == "rs") {
            content = for_package(&String::from_utf8_lossy(&content), &kata.name, &attempt.package).into_bytes();
        }
        write(&package.join(place), &content)?;
    }
    Ok(())
}

/// A test file that says `use spinlock::SpinLock`, for a package whose library has a name of its own. The line goes to the end:
/// so all others keep their numbers, and what must stand first still does.
fn for_package(test_file: &str, kata: &str, package: &str) -> String {
    let includes_source = test_file.lines().any(|line| line.trim() == format!("mod {kata};"));
    if includes_source {
        return test_file.to_owned();
    }
    format!("{}\n\nextern crate {} as {kata};\n", test_file.trim_end(), package.replace('-', "_"))
}

fn root_manifest(root: Table, folder: &Path, packages: &[&str]) -> Table {
    let members: Vec<String> = packages.iter().map(|package| format!("packages/{package}")).collect();
    let mut root = apart(root, folder, &members);
    slim(&mut root);
    root
}

/// The manifest of the workspace in `folder`, for one that lies somewhere else and has these members.
pub fn apart(mut root: Table, folder: &Path, members: &[String]) -> Table {
    if let Some(workspace) = root.get_mut("workspace").and_then(Value::as_table_mut) {
        workspace.insert("members".to_owned(), members.to_vec().into());
        workspace.remove("default-members");
        let dependencies = workspace.get_mut("dependencies").and_then(Value::as_table_mut);
        for (_, dependency) in dependencies.into_iter().flatten() {
            if let Some(Value::String(path)) = dependency.get_mut("path") {
                *path = folder.join(&*path).to_string_lossy().into_owned();
            }
        }
    }
    root
}

/// The nextest configuration without the order of the katas: it names them, and nextest would miss them in another workspace.
pub fn without_katas(mut config: Table) -> Table {
    table(table(&mut config, "profile"), "default").remove("overrides");
    config
}

/// Hundreds of attempts with four test binaries each are built once: what would make a second build quicker takes gigabytes.
fn slim(root: &mut Table) {
    table(table(root, "profile"), "dev").insert("incremental".to_owned(), false.into());
}

/// The workspace's nextest configuration, fit for these packages and so many processors.
///
/// Many a flawed attempt waits for ever, until a test's patience is at its end. So there is no need to wait for them one after
/// the other. All others come first, and without a crowd around them that would make a right one look wrong.
fn nextest_config(config: Table, packages: &[&str], processors: usize) -> Table {
    let mut config = without_katas(config);
    let profile = table(table(&mut config, "profile"), "attempts");
    let at_once = i64::try_from(processors).unwrap_or(1) * CROWD;
    profile.insert("test-threads".to_owned(), at_once.into());
    if packages.iter().any(|package| package.contains("-flawed-")) {
        let mut others = Table::new();
        others.insert("filter".to_owned(), "not package(/-flawed-/)".into());
        others.insert("priority".to_owned(), 1.into());
        others.insert("threads-required".to_owned(), CROWD.into());
        profile.insert("overrides".to_owned(), vec![Value::Table(others)].into());
    }
    config
}

/// The table of that name, made if there is none.
fn table<'a>(parent: &'a mut Table, name: &str) -> &'a mut Table {
    let value = parent.entry(name).or_insert_with(|| Table::new().into());
    if !value.is_table() {
        *value = Table::new().into();
    }
    value.as_table_mut().expect("it was made one")
}

fn package_manifest(mut manifest: Table, name: &str) -> Table {
    if let Some(package) = manifest.get_mut("package").and_then(Value::as_table_mut) {
        package.insert("name".to_owned(), name.into());
        package.remove("metadata");
    }
    // All tests stand in `tests/`: a test binary for the library itself would be built for nothing.
    let mut library = Table::new();
    library.insert("test".to_owned(), false.into());
    library.insert("doctest".to_owned(), false.into());
    manifest.insert("lib".to_owned(), library.into());
    manifest
}

/// Reads a manifest or a configuration.
pub fn read_toml(file: &Path) -> Result<Table> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    text.parse().with_context(|| format!("{} cannot be read", file.display()))
}

/// Reads a file.
pub fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// Writes a file, if it has changed.
pub fn write(file: &Path, content: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let folder = file.parent().unwrap_or(file);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(file, content));
    written.with_context(|| format!("{} cannot be written", file.display()))
}

/// All files in a folder, and in those within.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// Removes all that lies in `folder`, save these.
pub fn remove_others(folder: &Path, packages: &[&str]) -> Result<()> {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if !packages.contains(&&*entry.file_name().to_string_lossy()) {
            fs::remove_dir_all(entry.path()).with_context(|| format!("{} cannot be removed", entry.path().display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_of_the_library_gets_its_name_on_the_last_line() {
        let test_file = "//! The first rung.\n\nuse spinlock::SpinLock;\n";
        let laid = for_package(test_file, "spinlock", "spinlock-flawed-no_wait");
        assert_eq!(laid, format!("{test_file}\nextern crate spinlock_flawed_no_wait as spinlock;\n"));
    }

    #[test]
    fn a_test_that_includes_the_source_stays_as_it_is() {
        let test_file = "#[path = \"../src/lib.rs\"]\n#[allow(dead_code)]\nmod spinlock;\nuse spinlock::SpinLock;\n";
        assert_eq!(for_package(test_file, "spinlock", "spinlock-stub"), test_file);
    }

    #[test]
    fn the_root_has_the_attempts_for_members_and_finds_the_harness() {
        let root = "[workspace]\nresolver = \"3\"\nmembers = [\"katas/*\"]\ndefault-members = [\"katas/*\"]\n\
                    [workspace.dependencies]\nexaminer = { path = \"harness/examiner\" }\nloom = \"0.7\"\n\
                    [profile.dev]\ndebug = \"line-tables-only\"\n[profile.dev.package.loom]\nopt-level = 3\n";
        let root = root_manifest(root.parse().unwrap(), Path::new("/w"), &["a-stub", "a-correct-x"]);
        let workspace = &root["workspace"];
        assert_eq!(workspace["members"], Value::from(vec!["packages/a-stub", "packages/a-correct-x"]));
        assert!(workspace.get("default-members").is_none());
        assert_eq!(workspace["dependencies"]["examiner"]["path"].as_str(), Some("/w/harness/examiner"));
        assert_eq!(workspace["dependencies"]["loom"].as_str(), Some("0.7"));
        assert_eq!(root["profile"]["dev"]["incremental"].as_bool(), Some(false), "or hundreds of attempts fill the disk");
        assert_eq!(root["profile"]["dev"]["package"]["loom"]["opt-level"].as_integer(), Some(3), "the checkers stay fast");
    }

    #[test]
    fn flawed_attempts_run_last_and_in_a_crowd() {
        let config =
            "[profile.default]\nretries = 2\n[[profile.default.overrides]]\nfilter = \"package(counter)\"\npriority = 9\n";
        let config = nextest_config(config.parse().unwrap(), &["a-stub", "a-flawed-x"], 2);
        let profiles = &config["profile"];
        assert_eq!(profiles["default"]["retries"].as_integer(), Some(2));
        assert!(profiles["default"].get("overrides").is_none(), "the katas that they name are not here");
        assert_eq!(profiles["attempts"]["test-threads"].as_integer(), Some(16));
        assert_eq!(profiles["attempts"]["overrides"][0]["filter"].as_str(), Some("not package(/-flawed-/)"));
        assert_eq!(profiles["attempts"]["overrides"][0]["threads-required"].as_integer(), Some(8), "two at once, as usual");
    }

    #[test]
    fn nextest_is_not_asked_for_flawed_attempts_that_are_not_there() {
        let config = nextest_config(Table::new(), &["a-stub"], 2);
        assert!(config["profile"]["attempts"].get("overrides").is_none());
    }

    #[test]
    fn a_package_is_the_kata_under_another_name() {
        let kata = "[package]\nname = \"spinlock\"\nedition.workspace = true\n[package.metadata.kata]\norder = 2\n\
                    [lints]\nworkspace = true\n[dev-dependencies]\nexaminer.workspace = true\n";
        let manifest = package_manifest(kata.parse().unwrap(), "spinlock-stub");
        assert_eq!(manifest["package"]["name"].as_str(), Some("spinlock-stub"));
        assert!(manifest["package"].get("metadata").is_none());
        assert_eq!(manifest["lib"]["test"].as_bool(), Some(false));
        assert_eq!(manifest["dev-dependencies"]["examiner"]["workspace"].as_bool(), Some(true));
    }
}
