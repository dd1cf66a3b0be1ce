//! The workspace: where it is, and which katas it has. Adding a kata is adding a folder.

use crate::fingerprint;
use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the kata is that `cargo kata new` copies, from the workspace's folder on.
pub const TEMPLATE: &str = "harness/template";

/// The workspace that the command was called in.
#[derive(Debug)]
pub struct Workspace {
    /// Its folder.
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
    /// Where the command keeps what it generates for the learner's runs.
    pub notes: PathBuf,
    /// The katas, in the order in which they are climbed.
    pub katas: Vec<Kata>,
    /// The packages that are not katas.
    pub harness: Vec<String>,
    /// What cargo says of all of it.
    pub metadata: Value,
    /// A number for all that judges a solution beside the tests of its kata: the same as long as nothing changes there.
    pub checkers: u64,
}

/// A kata, as `[package.metadata.kata]` in its manifest tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kata {
    /// The name of its package.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// How it is called.
    pub title: String,
    /// How hard it is, as the colour of a belt.
    pub belt: String,
    /// What it is about.
    pub topics: Vec<String>,
    /// Its place among the katas.
    pub order: u64,
    /// The correct attempt that a learner is shown beside their own.
    pub reference: String,
    /// The folder with its attempts.
    pub attempts: PathBuf,
    /// The file with its hints.
    pub hints: PathBuf,
}

impl Workspace {
    /// The workspace around the current folder.
    pub fn find() -> Result<Self> {
        Self::at(Path::new("."))
    }

    /// The workspace around `folder`.
    pub fn at(folder: &Path) -> Result<Self> {
        let metadata = cargo()
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(folder)
            .output()
            .context("cargo cannot be started; is it installed? https://rustup.rs")?;
        if !metadata.status.success() {
            bail!("cargo cannot read the workspace:\n{}", String::from_utf8_lossy(&metadata.stderr).trim_end());
        }
        let metadata = serde_json::from_slice(&metadata.stdout).context("cargo's metadata cannot be read")?;
        let mut workspace = Self::from_metadata(&metadata)?;
        let mut hasher = DefaultHasher::new();
        for package in ["examiner", "interleaving", "stand_in", "std_on_loom", "std_on_shuttle"] {
            fingerprint::of_folder(&workspace.root.join("harness").join(package).join("src"), &mut hasher);
        }
        let lock = fs::read_to_string(workspace.root.join("Cargo.lock")).unwrap_or_default();
        // Not our own packages: a kata more changes nothing for the others.
        let others = lock.split("[[package]]").filter(|package| package.contains("\nsource = "));
        others.for_each(|package| package.hash(&mut hasher));
        workspace.checkers = hasher.finish();
        Ok(workspace)
    }

    fn from_metadata(metadata: &Value) -> Result<Self> {
        let path = |field: &str| {
            let path = metadata[field].as_str().map(PathBuf::from);
            path.with_context(|| format!("cargo's metadata has no `{field}`"))
        };
        let root = path("workspace_root")?;
        let (target, metadata) = (path("target_directory")?, metadata.clone());
        let notes = target.join("kata");
        let mut workspace = Self { root, target, notes, katas: Vec::new(), harness: Vec::new(), metadata, checkers: 0 };
        let packages = workspace.metadata["packages"].clone();
        for package in packages.as_array().into_iter().flatten() {
            let name = package["name"].as_str().unwrap_or_default().to_owned();
            let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap_or_default());
            if manifest.starts_with(workspace.root.join("katas")) {
                let shown = shown(&workspace.root, &manifest);
                workspace.katas.push(kata(name, &manifest, &shown, &package["metadata"]["kata"], &workspace.root)?);
            } else {
                workspace.harness.push(name);
            }
        }
        if workspace.katas.is_empty() {
            bail!("{} has no katas: change to the folder with `katas/` in it", workspace.root.display());
        }
        workspace.katas.sort_by(|a, b| (a.order, &a.name).cmp(&(b.order, &b.name)));
        Ok(workspace)
    }

    /// The katas of these names, in the order of the workspace; all if there are no names.
    pub fn named(&self, names: &[impl AsRef<str>]) -> Result<Vec<&Kata>> {
        // The screens call it SpinLock.
        let exists = |name: &str| self.katas.iter().any(|kata| kata.name.eq_ignore_ascii_case(name));
        if let Some(unknown) = names.iter().map(AsRef::as_ref).find(|name| !exists(name)) {
            let all: Vec<&str> = self.katas.iter().map(|kata| kata.name.as_str()).collect();
            let near = |word: &&&str| is_near(word, unknown);
            let command = crate::COMMANDS.iter().find(near).map(|command| format!("cargo kata {command}"));
            let kata = all.iter().find(near).map(|kata| (*kata).to_owned());
            let meant = kata.or(command).map(|meant| format!(" Did you mean `{meant}`?")).unwrap_or_default();
            bail!("no kata named `{unknown}`; there are: {}.{meant} `cargo kata help` shows the commands", all.join(", "));
        }
        let wanted = |kata: &&Kata| names.is_empty() || names.iter().any(|name| name.as_ref().eq_ignore_ascii_case(&kata.name));
        Ok(self.katas.iter().filter(wanted).collect())
    }

    /// `path` as it is shown: from the workspace's folder on.
    pub fn shown(&self, path: &Path) -> String {
        shown(&self.root, path)
    }

    /// The kata that `cargo kata new` copies. It is on nobody's path, but held to the same as all others.
    pub fn template(&self) -> Result<Kata> {
        let folder = self.root.join(TEMPLATE);
        let manifest = folder.join("kata/Cargo.toml");
        let shown = self.shown(&manifest);
        let text = fs::read_to_string(&manifest).with_context(|| format!("{shown} cannot be read"))?;
        let table: toml::Table = text.parse().with_context(|| format!("{shown} cannot be read"))?;
        let package = serde_json::to_value(&table["package"]).with_context(|| shown.clone())?;
        let name = package["name"].as_str().unwrap_or_default().to_owned();
        let kata = kata(name, &manifest, &shown, &package["metadata"]["kata"], &self.root)?;
        Ok(Kata { attempts: folder.join("attempts"), hints: folder.join("hints.md"), ..kata })
    }
}

/// Whether `typed` may be `word` with a slip in it.
pub fn is_near(word: &str, typed: &str) -> bool {
    strsim::damerau_levenshtein(word, &typed.to_lowercase()) <= (word.chars().count() / 3).clamp(1, 3)
}

/// A call of cargo that knows nothing of the package `kata`, from within which we are called.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    forget_own_package(&mut cargo);
    cargo
}

/// Takes away what `cargo run` says to a program about its own package.
pub fn forget_own_package(command: &mut Command) {
    let own = |name: &OsString| {
        let name = name.to_string_lossy();
        name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
    };
    for name in env::vars_os().map(|(name, _)| name).filter(own) {
        command.env_remove(name);
    }
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn kata(name: String, manifest: &Path, shown: &str, metadata: &Value, root: &Path) -> Result<Kata> {
    let missing = |field: &str, what: &str| anyhow!("{shown}: [package.metadata.kata] needs `{field}`, {what}");
    let text = |field: &str, what: &str| metadata[field].as_str().map(str::to_owned).ok_or_else(|| missing(field, what));
    let topics =
        metadata["topics"].as_array().and_then(|topics| topics.iter().map(|topic| Some(topic.as_str()?.to_owned())).collect());
    Ok(Kata {
        title: text("title", "its name as a text")?,
        belt: text("belt", "a colour as a text")?,
        order: metadata["order"]
            .as_u64()
            .ok_or_else(|| missing("order", "a number: the katas are climbed from the lowest on"))?,
        reference: text("reference", "the name of a correct attempt")?,
        topics: topics.ok_or_else(|| missing("topics", "a list of texts"))?,
        folder: manifest.parent().unwrap_or(manifest).to_owned(),
        attempts: root.join("harness/attempts").join(&name),
        hints: root.join("hints").join(format!("{name}.md")),
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn package(name: &str, folder: &str, kata: Value) -> Value {
        json!({ "name": name, "manifest_path": format!("/w/{folder}/{name}/Cargo.toml"), "metadata": { "kata": kata } })
    }

    fn workspace(packages: Vec<Value>) -> Result<Workspace> {
        let metadata = json!({ "workspace_root": "/w", "target_directory": "/w/target", "packages": packages });
        Workspace::from_metadata(&metadata)
    }

    fn complete(order: u64) -> Value {
        json!({ "title": "T", "belt": "white", "order": order, "topics": ["threads"], "reference": "swap" })
    }

    #[test]
    fn katas_come_in_their_order_and_the_harness_is_no_kata() {
        let packages = vec![
            package("a_third", "katas", complete(3)),
            package("loomlike", "harness", Value::Null),
            package("b_first", "katas", complete(1)),
            package("c_second", "katas", complete(2)),
        ];
        let workspace = workspace(packages).unwrap();
        let names: Vec<_> = workspace.katas.iter().map(|kata| kata.name.as_str()).collect();
        assert_eq!(names, ["b_first", "c_second", "a_third"]);
        assert_eq!(workspace.harness, ["loomlike"]);
        assert_eq!(workspace.katas[0].topics, ["threads"]);
    }

    #[rstest]
    #[case("title", Value::Null)]
    #[case("belt", json!(7))]
    #[case("order", json!("first"))]
    #[case("topics", json!(["threads", 1]))]
    #[case("reference", Value::Null)]
    fn broken_metadata_is_named_with_its_file_and_field(#[case] field: &str, #[case] value: Value) {
        let mut broken = complete(1);
        broken[field] = value;
        let error = workspace(vec![package("x", "katas", broken)]).unwrap_err().to_string();
        assert!(error.starts_with(&format!("katas/x/Cargo.toml: [package.metadata.kata] needs `{field}`")), "{error}");
    }

    #[test]
    fn an_unknown_kata_is_answered_with_those_that_there_are() {
        let workspace = workspace(vec![package("b", "katas", complete(2)), package("a", "katas", complete(1))]).unwrap();
        let error = workspace.named(&["counter"]).unwrap_err();
        assert_eq!(error.to_string(), "no kata named `counter`; there are: a, b. `cargo kata help` shows the commands");
        let meant = |name: &str| workspace.named(&[name]).unwrap_err().to_string();
        assert!(meant("lsit").contains("Did you mean `cargo kata list`?"), "{}", meant("lsit"));
        assert!(meant("ab").contains("Did you mean `a`?"), "{}", meant("ab"));
        assert_eq!(workspace.named(&["B"]).unwrap().len(), 1, "in any case");
        assert_eq!(workspace.named(&["b"]).unwrap().len(), 1);
        assert_eq!(workspace.named(&[] as &[&str]).unwrap().len(), 2);
    }
}
