//! Puts a kata's stub back. What the learner has written is kept.

use crate::Exit;
use crate::console;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Puts the stub of the kata of that name back.
pub fn reset(workspace: &Workspace, name: &str) -> Result<Exit> {
    let kata = workspace.named(&[name])?[0];
    let file = kata.folder.join("src/lib.rs");
    let stub = kata.attempts.join("stub.rs");
    match put_back(&file, &stub, &workspace.root.join("kept").join(&kata.name))? {
        PutBack::WasThere => {
            console::out(format!("{} is as it was in the beginning: nothing to do.", workspace.shown(&file)));
        }
        PutBack::WasMissing => {
            console::out(format!("{} was missing, and is as it was in the beginning.", workspace.shown(&file)));
            console::out(format!("  then            cargo kata {}", kata.name));
        }
        PutBack::Kept(kept) => {
            console::out(format!("{} is as it was in the beginning.", workspace.shown(&file)));
            console::out(format!("  what you wrote  {}", workspace.shown(&kept)));
            console::out(format!("  to go on there  copy it back to {}", workspace.shown(&file)));
            console::out(format!("  then            cargo kata {}", kata.name));
        }
    }
    Ok(Exit::Green)
}

/// What had to be done for the stub to be there again.
#[derive(Debug, PartialEq, Eq)]
enum PutBack {
    /// Nothing.
    WasThere,
    /// There was no file.
    WasMissing,
    /// What stood in the file is kept here.
    Kept(PathBuf),
}

/// Replaces `file` by `stub`, and keeps its content in `folder`, if it had another one.
fn put_back(file: &Path, stub: &Path, folder: &Path) -> Result<PutBack> {
    let read = |file: &Path| fs::read(file).with_context(|| format!("{} cannot be read", file.display()));
    let wanted = read(stub)?;
    let written = if file.exists() { Some(read(file)?) } else { None };
    if written.as_ref() == Some(&wanted) {
        return Ok(PutBack::WasThere);
    }
    let kept = written.map(|written| keep(&written, folder)).transpose()?;
    // Not written into place: with a full disk, there would be neither the one nor the other.
    let new = file.with_extension("rs.new");
    let replaced = fs::write(&new, &wanted).and_then(|()| fs::rename(&new, file));
    if replaced.is_err() {
        let _ = fs::remove_file(&new);
    }
    replaced.with_context(|| match &kept {
        Some(kept) => format!("{} cannot be written; what you wrote is in {}", file.display(), kept.display()),
        None => format!("{} cannot be written", file.display()),
    })?;
    Ok(kept.map_or(PutBack::WasMissing, PutBack::Kept))
}

/// Writes `content` into a file of its own.
fn keep(content: &[u8], folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made; nothing was changed", folder.display()))?;
    for number in 1..10_000 {
        let file = folder.join(format!("{number}.rs"));
        match fs::File::create_new(&file) {
            Ok(mut new) => {
                let written = std::io::Write::write_all(&mut new, content).and_then(|()| new.sync_all());
                written.with_context(|| format!("{} cannot be written; nothing was changed", file.display()))?;
                return Ok(file);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be written; nothing was changed", file.display()));
            }
        }
    }
    bail!("{} is full; nothing was changed", folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_kept_each_time_and_the_stub_is_back() {
        let root = std::env::temp_dir().join(format!("reset-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        let (file, stub, folder) = (root.join("lib.rs"), root.join("stub.rs"), root.join("kept"));
        fs::write(&stub, "the stub").unwrap();
        for (number, work) in [(1, "mine"), (2, "mine again")] {
            fs::write(&file, work).unwrap();
            let kept = folder.join(format!("{number}.rs"));
            assert_eq!(put_back(&file, &stub, &folder).unwrap(), PutBack::Kept(kept.clone()));
            assert_eq!(fs::read_to_string(kept).unwrap(), work);
            assert_eq!(fs::read_to_string(&file).unwrap(), "the stub");
        }
        assert_eq!(put_back(&file, &stub, &folder).unwrap(), PutBack::WasThere, "there is nothing to keep");
        fs::remove_file(&file).unwrap();
        assert_eq!(put_back(&file, &stub, &folder).unwrap(), PutBack::WasMissing);
        assert!(!folder.join("3.rs").exists(), "an empty file would be nobody's work");
        // A folder that cannot be made: the work stays where it is.
        fs::write(&file, "precious").unwrap();
        fs::write(root.join("no_folder"), "").unwrap();
        assert!(put_back(&file, &stub, &root.join("no_folder")).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
        fs::remove_dir_all(root).unwrap();
    }
}
