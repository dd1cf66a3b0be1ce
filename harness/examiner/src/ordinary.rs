//! Reads a solution's source: it must name only `std`, through which the checkers follow it, and must not end or outwit the
//! test. This is no sandbox. It tells a learner why a detour is not followed, and an interviewer where to look.

use proc_macro2::{Delimiter, LineColumn, Spacing, TokenStream, TokenTree};
use std::fmt;
use std::path::{Path, PathBuf};

/// A line of a solution that no checker can follow, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, from the kata's folder on.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What stands there, and what to write instead.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Fails the test if the kata in `folder` is not ordinary Rust: only `std`, nothing that ends or outwits a test.
///
/// # Panics
/// With a line for each finding.
pub fn ordinary_rust(folder: &str) {
    let found = findings(Path::new(folder));
    if !found.is_empty() {
        let lines: Vec<String> = found.iter().map(|finding| format!("  {finding}")).collect();
        panic!("a solution names only `std`, so that the checkers can follow all that it does:\n{}", lines.join("\n"));
    }
}

/// Fails the test if the sources of the kata in `folder` use one of these `names`, which this kata does without; `why` says why.
///
/// # Panics
/// With a line for each use.
pub fn does_without(folder: &str, names: &[&str], why: &str) {
    let folder = Path::new(folder);
    let mut lines = Vec::new();
    for file in sources(&folder.join("src")) {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        for (line, word) in uses(&std::fs::read_to_string(&file).unwrap_or_default(), names) {
            lines.push(format!("  {name}:{line}: `{word}`"));
        }
    }
    assert!(lines.is_empty(), "{why}:\n{}", lines.join("\n"));
}

/// The lines in which one of these words stands, outside of comments and texts.
fn uses(source: &str, words: &[&str]) -> Vec<(usize, String)> {
    let mut tokens = Vec::new();
    if let Ok(stream) = source.parse::<TokenStream>() {
        flatten(stream, &mut tokens);
    }
    let used = (0..tokens.len())
        .filter(|&at| tokens[at].is_word && words.contains(&text(&tokens, at)) && !is_inside_own_tests(&tokens, at));
    used.map(|at| (tokens[at].line, tokens[at].text.clone())).collect()
}

/// All that is not ordinary in the kata in `folder`: its sources, its manifest, its build script.
pub fn findings(folder: &Path) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in sources(&folder.join("src")) {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        match std::fs::read_to_string(&file) {
            Ok(text) => found.extend(in_source(&name, &text)),
            Err(error) => found.push(Finding { file: name, line: 1, message: format!("cannot be read: {error}") }),
        }
    }
    if folder.join("build.rs").exists() {
        let message = "a build script runs before any test: a kata needs none, so remove it".to_owned();
        found.push(Finding { file: "build.rs".to_owned(), line: 1, message });
    }
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    found.extend(in_manifest(&manifest));
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// A manifest has no dependencies beside those of the tests.
fn in_manifest(text: &str) -> Vec<Finding> {
    let heads = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let own = heads.filter(|(_, line)| {
        let section = line.trim_start_matches('[').split(']').next().unwrap_or("");
        line.starts_with('[')
            && section.split('.').any(|part| matches!(part, "dependencies" | "build-dependencies" | "patch" | "replace"))
    });
    let message = "a crate of one's own: the checkers cannot follow it, so use what `std` offers";
    own.map(|(line, _)| Finding { file: "Cargo.toml".to_owned(), line, message: message.to_owned() }).collect()
}

/// A word or a sign of the source, with its line.
#[derive(Debug)]
struct Token {
    text: String,
    line: usize,
    /// Whether it is a word, and not a literal or a sign.
    is_word: bool,
}

fn in_source(file: &str, text: &str) -> Vec<Finding> {
    let Ok(stream) = text.parse::<TokenStream>() else {
        // rustc says it better, and says it first.
        return Vec::new();
    };
    let mut tokens = Vec::new();
    flatten(stream, &mut tokens);
    let mut found: Vec<(usize, String)> = Vec::new();
    for at in 0..tokens.len() {
        let line = tokens[at].line;
        found.extend(at_token(&tokens, at).map(|message| (line, message)));
        if starts_path(&tokens, at) && tokens[at].text == "std" {
            let mut paths = Vec::new();
            read_paths(&tokens, at + 1, &mut vec!["std".to_owned()], &mut paths);
            found.extend(paths.iter().filter_map(|(line, path)| Some((*line, in_std(path)?))));
        }
    }
    found.dedup();
    found.into_iter().map(|(line, message)| Finding { file: file.to_owned(), line, message }).collect()
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    let mut glued = false;
    for tree in stream {
        let LineColumn { line, .. } = tree.span().start();
        let token = |text: String, is_word| Token { text, line, is_word };
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                tokens.push(token(open.to_owned(), false));
                flatten(group.stream(), tokens);
                let line = group.span_close().start().line;
                tokens.push(Token { text: close.to_owned(), line, is_word: false });
                glued = false;
            }
            TokenTree::Ident(word) => {
                // `r#process` is `process`.
                tokens.push(token(word.to_string().trim_start_matches("r#").to_owned(), true));
                glued = false;
            }
            TokenTree::Literal(literal) => {
                tokens.push(token(literal.to_string(), false));
                glued = false;
            }
            TokenTree::Punct(sign) => {
                let text = sign.as_char();
                let last = tokens.last_mut().filter(|last| glued && text == ':' && last.text == ":");
                match last {
                    Some(last) => last.text.push(':'),
                    None => tokens.push(token(text.to_string(), false)),
                }
                glued = sign.spacing() == Spacing::Joint;
            }
        }
    }
}

fn text(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| &token.text)
}

fn before(tokens: &[Token], at: usize, back: usize) -> &str {
    at.checked_sub(back).map_or("", |at| text(tokens, at))
}

/// Whether the word at `at` is a path's first: `x::…`, `::x`, `use x`.
fn starts_path(tokens: &[Token], at: usize) -> bool {
    let word = &tokens[at];
    if !word.is_word || before(tokens, at, 1) == "." {
        return false;
    }
    let keyword =
        |word: &str| matches!(word, "use" | "in" | "return" | "impl" | "for" | "dyn" | "mut" | "if" | "while" | "match" | "as");
    let continues = before(tokens, at, 1) == "::"
        && tokens.get(at.wrapping_sub(2)).is_some_and(|token| token.is_word && !keyword(&token.text));
    !continues && (text(tokens, at + 1) == "::" || before(tokens, at, 1) == "use" || before(tokens, at, 2) == "use")
}

/// What is wrong with the word at `at`, by itself and its neighbours.
fn at_token(tokens: &[Token], at: usize) -> Option<String> {
    let word = tokens[at].text.as_str();
    let next = text(tokens, at + 1);
    let path = starts_path(tokens, at);
    let message = match word {
        // With a `$`, a macro writes what follows; and what a macro is given may be the rest of it.
        "extern" if matches!(next, "crate" | "$") => {
            "`extern crate` goes past the checkers: write `use std::…` instead".to_owned()
        }
        "crate" if next == "$" || tokens.get(at + 1).is_some_and(|next| next.is_word && next.text != "in") => {
            "`extern crate` goes past the checkers: write `use std::…` instead".to_owned()
        }
        "crate" if next == "::" && before(tokens, at, 1) != "in" => {
            "`crate::` is another place where the checkers include this file: write `self::` or `super::` instead".to_owned()
        }
        "extern" if next.starts_with('"') && text(tokens, at + 2) == "{" => {
            "foreign functions go past the checkers: write it in Rust, with `std`".to_owned()
        }
        "core" if path => format!("`core{}` goes past the checkers: write `std{}` instead", tail(tokens, at), tail(tokens, at)),
        "alloc" if path && !is_local(tokens, "alloc") => {
            format!("`alloc{}` goes past the checkers: write `std{}` instead", tail(tokens, at), tail(tokens, at))
        }
        "loom" | "shuttle" | "std_on_loom" | "std_on_shuttle" | "stand_in" | "interleaving" | "examiner" | "proptest"
        | "rstest"
            if path && !is_local(tokens, word) =>
        {
            format!("`{word}` belongs to the tests: a solution names only `std`")
        }
        "cfg" | "cfg_attr" | "cfg_select" if is_attribute(tokens, at) || next == "!" => {
            // A learner's own tests are welcome.
            let condition: String = tokens[at + 1..].iter().take(3).map(|token| token.text.as_str()).collect();
            if word == "cfg" && condition == "(test)" && text(tokens, at + 5) == "mod" {
                return None;
            }
            format!("`{word}` can make a solution another one elsewhere: it does the same wherever it is compiled")
        }
        "static" if next == "mut" && text(tokens, at + 3) == ":" => {
            "the checkers cannot follow a `static mut`: use an atomic, a `Mutex` or a `OnceLock` in a `static`".to_owned()
        }
        // Of a type that the solution knows nothing about, the answer tells nothing; and an import alone asks nothing.
        "size_of" | "align_of" if asks_about_a_parameter(tokens, at) || matches!(next, ";" | "," | "}") => return None,
        "module_path" | "option_env" | "type_name" | "type_name_of_val" | "size_of" | "size_of_val" | "align_of"
        | "align_of_val" | "backtrace" | "Backtrace" => {
            format!("`{word}` can tell one test from another: a solution does the same in each of them")
        }
        "$" if hides_a_name(tokens, at) => {
            "a macro that puts a path, a macro or an attribute together hides its name: write it out".to_owned()
        }
        "impl" if is_inside_own_tests(tokens, at) => {
            "a module of your own tests is compiled for some rungs only, so it must not add to the solution: move the `impl` out"
                .to_owned()
        }
        "asm" | "global_asm" | "naked_asm" if next == "!" => format!("`{word}!` goes past the checkers: write it in Rust"),
        "include" if next == "!" => "`include!` hides the source: write it here".to_owned(),
        "file" | "env" if next == "!" => {
            format!("`{word}!` can tell one test from another: a solution does the same in each of them")
        }
        "path" if next == "=" && before(tokens, at, 1) == "[" => {
            "`#[path]` hides the source: put the module beside this file".to_owned()
        }
        "no_mangle" | "export_name" | "link_section" | "link_name" if is_attribute(tokens, at) => {
            format!("`{word}` changes what other code means: a solution needs none")
        }
        _ => return None,
    };
    Some(message)
}

/// Whether the `$` at `at` begins a part of a path of `std`, the name of a macro or what stands in an attribute.
fn hides_a_name(tokens: &[Token], at: usize) -> bool {
    let in_path = before(tokens, at, 1) == "::" && before(tokens, at, 2) != "$";
    let names_macro = text(tokens, at + 2) == "!" && matches!(text(tokens, at + 3), "(" | "[" | "{");
    let in_attribute = before(tokens, at, 1) == "[" && before(tokens, at, 2) == "#";
    in_path || names_macro || in_attribute
}

/// Whether the `size_of` at `at` goes on `::<T>`, with one capital letter for a type.
fn asks_about_a_parameter(tokens: &[Token], at: usize) -> bool {
    let parameter = text(tokens, at + 3);
    let is_letter = parameter.len() == 1 && parameter.chars().all(|c| c.is_ascii_uppercase());
    text(tokens, at + 1) == "::" && text(tokens, at + 2) == "<" && is_letter && text(tokens, at + 4) == ">"
}

/// Whether the token at `at` stands in a module that is compiled for tests only.
fn is_inside_own_tests(tokens: &[Token], at: usize) -> bool {
    let opens = |open: usize| {
        text(tokens, open) == "{"
            && before(tokens, open, 2) == "mod"
            && before(tokens, open, 4) == ")"
            && before(tokens, open, 5) == "test"
    };
    let mut depth = 0;
    for open in (0..at).rev() {
        match text(tokens, open) {
            "}" => depth += 1,
            "{" if depth > 0 => depth -= 1,
            "{" if opens(open) => return true,
            _ => {}
        }
    }
    false
}

fn is_attribute(tokens: &[Token], at: usize) -> bool {
    before(tokens, at, 1) == "[" || (before(tokens, at, 1) == "(" && before(tokens, at, 2) == "unsafe")
}

/// Whether the file has a module of that name, or imports it from `std`.
fn is_local(tokens: &[Token], name: &str) -> bool {
    (0..tokens.len()).any(|at| {
        let here = text(tokens, at) == name;
        here && (before(tokens, at, 1) == "mod" || (before(tokens, at, 1) == "::" && before(tokens, at, 2) == "std"))
            || here && matches!(before(tokens, at, 1), "{" | ",") && matches!(text(tokens, at + 1), "," | "}" | "::")
    })
}

/// The first step of the path after the word at `at`: `::sync`.
fn tail(tokens: &[Token], at: usize) -> String {
    let next = tokens.get(at + 2).filter(|next| next.is_word && text(tokens, at + 1) == "::");
    next.map(|next| format!("::{}", next.text)).unwrap_or_default()
}

/// All paths that begin with `prefix` and go on at `at`, through groups and to their ends. Returns where the tokens go on.
fn read_paths(tokens: &[Token], mut at: usize, prefix: &mut Vec<String>, paths: &mut Vec<(usize, String)>) -> usize {
    let depth = prefix.len();
    let mut line = tokens[at - 1].line;
    while text(tokens, at) == "::" {
        at += 1;
        let Some(token) = tokens.get(at) else { break };
        line = token.line;
        at += 1;
        if token.text == "{" {
            while at < tokens.len() && text(tokens, at) != "}" {
                if text(tokens, at) == "," {
                    at += 1;
                    continue;
                }
                prefix.push(text(tokens, at).to_owned());
                at = read_paths(tokens, at + 1, prefix, paths);
                prefix.pop();
                while !matches!(text(tokens, at), "," | "}" | "") {
                    at += 1; // `as name`
                }
            }
            prefix.truncate(depth);
            return at + 1;
        }
        prefix.push(token.text.clone());
    }
    paths.push((line, prefix.join("::")));
    prefix.truncate(depth);
    at
}

/// What is wrong with a path of `std`.
fn in_std(path: &str) -> Option<String> {
    let within = |module: &str| path == module || path.strip_prefix(module).is_some_and(|rest| rest.starts_with("::"));
    let message = if within("std::process") {
        "would end the test with the program: return or panic instead"
    } else if within("std::panic::Location") || within("std::file") || within("std::cfg") || within("std::include") {
        "can tell one test from another: a solution does the same in each of them"
    } else if within("std::os") || within("std::arch") || within("std::intrinsics") {
        "goes past the checkers: use what is the same on every system"
    } else if within("std::panic::set_hook") || within("std::panic::take_hook") {
        "changes how every test reports: leave the panic hook alone"
    } else if within("std::env") || within("std::fs") || within("std::net") {
        "reaches outside of the program: a solution needs nothing from there"
    } else if path == "std::*" || path == "std" || path == "std::self" {
        "hides what is used: name the items, such as `std::sync::Mutex`"
    } else {
        return None;
    };
    Some(format!("`{path}` {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        in_source("lib.rs", text).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn every_detour_is_found_with_its_line() {
        for detour in [
            "extern crate std as real;",
            "extern crate core;",
            "use core::sync::atomic::AtomicBool;",
            "use ::core::cell::UnsafeCell;",
            "use core as c;",
            "fn f() { core::hint::spin_loop() }",
            "use alloc::sync::Arc;",
            "fn f() { std::process::exit(0) }",
            "use std::{sync::Mutex, process};",
            "use std::{sync::Mutex, process::{self, exit as leave}};",
            "use std::r#process::exit;",
            "use std::*;",
            "use std as real;",
            "use std::os::fd::AsFd;",
            "use loom::sync::Mutex;",
            "fn f() { ::std_on_loom::check(|| {}) }",
            "extern \"C\" { fn exit(code: i32) -> !; }",
            "unsafe extern \"C\" { fn exit(code: i32) -> !; }",
            "fn f() { unsafe { std::arch::asm!(\"nop\") } }",
            "include!(\"other.rs\");",
            "#[path = \"../other.rs\"] mod other;",
            "#[unsafe(no_mangle)] pub fn malloc() {}",
            "fn f() { std::panic::set_hook(Box::new(|_| {})) }",
            "fn f() -> bool { module_path!().contains(\"loom\") }",
            "fn f() -> &'static str { std::any::type_name::<u8>() }",
            "fn f() -> &'static str { std::panic::Location::caller().file() }",
            "#[cfg(test)] fn f() {}",
            "#[cfg(not(test))] mod m {}",
            "#[cfg_attr(test, path = \"other.rs\")] mod m;",
            "fn f() -> bool { cfg!(test) }",
            "macro_rules! m { ($($w:tt)*) => { extern $($w)* ; } }",
            "m!(crate std as real);",
            "fn f() -> bool { size_of::<std::sync::Mutex<u8>>() == 8 }",
            "use std::module_path as mp;",
            "call!(module_path);",
            "macro_rules! p { ($a:ident) => { std::$a::args() } }",
            "macro_rules! p { ($m:ident) => { $m!() } }",
            "macro_rules! p { ($p:ident) => { #[$p = \"hidden.txt\"] mod hidden; } }",
            "macro_rules! p { ($e:ident $n:ident) => { $e crate $n as real; } }",
            "use std::backtrace::Backtrace;",
            "use crate::Check;",
            "fn f() { use crate::*; }",
            "#[cfg(test)] mod tests { impl super::Lock { fn order() {} } }",
            "static mut COUNT: u8 = 0;",
        ] {
            let text = format!("//! A solution.\n\n{detour}\n");
            let found = lines(&text);
            assert!(!found.is_empty() && found.iter().all(|&line| line == 3), "{detour}: {found:?}");
        }
    }

    #[test]
    fn ordinary_rust_is_left_alone() {
        let text = r#"
            //! Not `core::sync`, not `extern crate std`.
            use std::sync::{Arc, Mutex, atomic::{AtomicBool, Ordering::*}};
            use std::{cell::UnsafeCell, fmt, hint, ops::Deref, panic::catch_unwind, thread};
            use std::alloc::{self, Layout};
            /* std::process::exit(0) */
            mod process { pub fn run() {} }
            struct S { core: u32, process: fn(), path: &'static str }
            impl S {
                fn process(&self) { (self.process)(); Self::process(self); self::process::run() }
                fn core(&self) -> u32 { self.core }
                fn layout() { let _ = unsafe { alloc::alloc(Layout::new::<u8>()) }; }
            }
            fn has_size<T>() -> bool { std::mem::size_of::<T>() > 0 && align_of::<T>() > 0 }
            fn text() -> &'static str { "std::process::exit(0); extern crate core; core::sync" }
            extern "C" fn callback() {}
            const fn twice(n: &'static u8) -> u8 { 2 * *n }
            const MOST: u8 = 7;
            const FREE: AtomicBool = AtomicBool::new(false);
            static COUNT: AtomicUsize = AtomicUsize::new(0);
            pub const fn new() -> Self { Self { count: AtomicU64::new(0), once: std::sync::OnceLock::new() } }
            fn in_time() -> bool { std::time::Instant::now().elapsed() < receiver.recv_timeout(PATIENCE) }
            thread_local! { static MINE: u8 = const { 0 }; static YOURS: u8 = 1; }
            pub(in crate::m) fn within() { self::m::f() }
            pub(crate) const ZERO: u8 = 0;
            struct Barrier { once: u8 }
            macro_rules! each { ($($name:ident: $t:ty),*) => { $( fn $name() -> $t { <$t>::default() } )* } }
            #[cfg(test)] mod tests { use super::*; }
        "#;
        assert_eq!(in_source("lib.rs", text), []);
    }

    #[test]
    fn a_finding_says_what_to_write_instead() {
        let found = in_source("src/lib.rs", "use core::sync::atomic::AtomicBool;");
        assert_eq!(found[0].to_string(), "src/lib.rs:1: `core::sync` goes past the checkers: write `std::sync` instead");
    }

    #[test]
    fn a_word_that_a_kata_does_without_is_found_where_it_is_used() {
        let text = "//! No Box.\n/// A Box?\nfn f() {\n    let _ = \"Box\";\n    let _ = std::boxed::Box::new(Boxes);\n}\n\
                    #[cfg(test)] mod tests { fn f(_: Box<u8>) {} }\n";
        assert_eq!(uses(text, &["Box", "Vec"]), [(5, "Box".to_owned())]);
    }

    #[test]
    fn a_crate_of_ones_own_is_found_in_the_manifest() {
        let own = "[package]\nname = \"x\"\n\n[dependencies]\nparking_lot = \"0.12\"\n";
        assert_eq!(in_manifest(own).iter().map(|finding| finding.line).collect::<Vec<_>>(), [4]);
        assert_eq!(in_manifest("[target.'cfg(unix)'.dependencies]\n").len(), 1);
        assert_eq!(in_manifest("[package]\n[dev-dependencies]\nrstest.workspace = true\n"), []);
    }
}
