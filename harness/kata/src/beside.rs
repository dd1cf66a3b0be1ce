//! A workspace beside the learner's own, with one kata that is solved by somebody else. Theirs stays where it is.

use crate::verify::overlay::{apart, files, read, read_toml, remove_others, without_katas, write};
use crate::workspace::{Kata, Workspace};
use anyhow::Result;

/// Lays `kata`, solved by `source`, into a workspace of its own. It shares cargo's target folder, so little is to be built.
pub fn lay(workspace: &Workspace, kata: &Kata, source: &str) -> Result<Workspace> {
    let root = workspace.notes.join("beside");
    let folder = root.join("katas").join(&kata.name);
    remove_others(&root.join("katas"), &[&kata.name])?;
    let manifest = apart(read_toml(&workspace.root.join("Cargo.toml"))?, &workspace.root, &["katas/*".to_owned()]);
    let nextest = without_katas(read_toml(&workspace.root.join(".config/nextest.toml"))?);
    for (file, content) in [("Cargo.toml", manifest), (".config/nextest.toml", nextest)] {
        write(&root.join(file), toml::to_string(&content)?.as_bytes())?;
    }
    for file in ["Cargo.lock", ".cargo/config.toml"] {
        write(&root.join(file), &read(&workspace.root.join(file))?)?;
    }
    for file in files(&kata.folder)? {
        let place = file.strip_prefix(&kata.folder).unwrap_or(&file);
        if !place.starts_with("src") {
            write(&folder.join(place), &read(&file)?)?;
        }
    }
    write(&folder.join("src/lib.rs"), source.as_bytes())?;
    let mut beside = Workspace::at(&root)?;
    beside.target.clone_from(&workspace.target);
    beside.notes = root.join("notes");
    Ok(beside)
}
