//! What stands in files, as a number: the same if nothing has changed.

use std::fs;
use std::hash::{DefaultHasher, Hash};
use std::path::{Path, PathBuf};

/// All Rust files and manifests in a folder, by their content: some editors write a file anew that has not changed, and some
/// filesystems know no good time. Where the folder is does not matter.
pub fn of_folder(folder: &Path, hasher: &mut DefaultHasher) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut entries: Vec<PathBuf> = entries.collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            of_folder(&entry, hasher);
        } else if entry.extension().is_some_and(|extension| extension == "rs" || extension == "toml") {
            (entry.file_name(), fs::read(&entry).unwrap_or_default()).hash(hasher);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::Hasher;

    #[test]
    fn a_file_counts_by_its_content() {
        let folder = std::env::temp_dir().join(format!("fingerprint-{}", std::process::id()));
        fs::create_dir_all(folder.join("src")).unwrap();
        let now = || {
            let mut hasher = DefaultHasher::new();
            of_folder(&folder, &mut hasher);
            hasher.finish()
        };
        let file = folder.join("src/lib.rs");
        fs::write(&file, "a").unwrap();
        let before = now();
        fs::write(&file, "a").unwrap();
        assert_eq!(now(), before, "written anew, and the same");
        fs::write(folder.join("src/.lib.rs.swp"), "x").unwrap();
        assert_eq!(now(), before, "an editor's own file");
        fs::write(&file, "b").unwrap();
        assert_ne!(now(), before);
        fs::remove_dir_all(folder).unwrap();
    }
}
