//! What the checkers cannot follow does not compile, and says so: the real one would be silently unchecked.

use real_std::path::{Path, PathBuf};
use real_std::process::Command;
use real_std::{env, fs};

/// What must not compile, and what the error says of it.
const NOT_MODELLED: [(&str, &str); 11] = [
    ("std::sync::RwLock", "fn f() { let _ = RwLock::new(0); }"),
    ("std::sync::Barrier", "fn f() { let _ = Barrier::new(2); }"),
    ("std::sync::Once", "fn f() { let _ = Once::new(); }"),
    ("std::sync::OnceLock", "fn f() { let _ = OnceLock::<usize>::new(); }"),
    ("std::sync::OnceLock", "static S: OnceLock<usize> = OnceLock::new();"),
    ("std::sync::LazyLock", "fn f() { let _ = LazyLock::new(|| 0); }"),
    ("std::sync::LazyLock", "static S: LazyLock<usize> = LazyLock::new(|| 0);"),
    (
        "std::sync::Mutex",
        "fn f(m: &Mutex<u8>, c: &std::sync::Condvar, d: std::time::Duration) { c.wait_timeout(m.lock().unwrap(), d); }",
    ),
    ("std::sync::mpsc::Receiver", "fn f(r: &Receiver<u8>, d: std::time::Duration) { let _ = r.recv_timeout(d); }"),
    ("std::time::Instant", "fn f() { let _ = Instant::now(); }"),
    ("std::time::SystemTime", "fn f() { let _ = SystemTime::now(); }"),
];

/// The library under test, as cargo built it for this test: the newest of that name beside this executable.
fn library(folder: &Path) -> PathBuf {
    let prefix = format!("lib{}-", crate::STD);
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    let libraries = files.filter(|file| {
        let name = file.file_name().into_string().unwrap();
        name.starts_with(&prefix) && name.ends_with(".rlib")
    });
    libraries.max_by_key(|file| file.metadata().unwrap().modified().unwrap()).expect("cargo built it").path()
}

/// What the compiler says of `source`, and whether it compiles.
fn compile(name: &str, source: &str) -> (bool, String) {
    let executable = env::current_exe().unwrap();
    let dependencies = executable.parent().unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("lib.rs");
    fs::write(&file, format!("extern crate {} as std;\n{source}\n", crate::STD)).unwrap();
    let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "--out-dir"])
        .arg(&folder)
        .arg("-L")
        .arg(dependencies)
        .arg("--extern")
        .arg(format!("{}={}", crate::STD, library(dependencies).display()))
        .arg(&file)
        .output()
        .expect("rustc can be started");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_is_not_modelled_does_not_compile_and_says_so() {
    // That the way to compile it works at all must be known first.
    let (compiles, said) = compile("modelled", "use std::sync::Mutex; pub fn f() { let _ = Mutex::new(0); }");
    assert!(compiles, "{said}");
    let wrong = NOT_MODELLED.iter().enumerate().filter_map(|(index, (path, source))| {
        let (compiles, said) = compile(&format!("not_modelled_{index}"), &format!("use {path};\n{source}"));
        let sentence = format!("`{path}` is not modelled by the checkers yet");
        let of_timeouts = "a timeout is not modelled by the checkers yet";
        (compiles || !(said.contains(&sentence) || said.contains(of_timeouts)))
            .then(|| format!("{source}: compiles: {compiles}; {said}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
