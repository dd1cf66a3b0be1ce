//! The items of a module, read from rustdoc's pages.

use crate::page::{self, Impl, Listed, Page};
use crate::signature::{self, Alias, Header, Implementors, Signature};
use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The items of a module, by name.
pub type Items = BTreeMap<String, Item>;

/// An item of a module.
#[derive(Debug)]
pub struct Item {
    /// Where its source is, as rustdoc links to it.
    pub source: String,
    /// What rustdoc shows.
    pub text: String,
    /// Its declaration. None if that says nothing about how the item is used.
    pub signature: Option<Signature>,
    /// What belongs to it, by a key that is the same for `std` and for the stand-in.
    pub members: BTreeMap<Key, Member>,
}

/// What a member is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A variant, a public field, an item of a trait.
    Part(String),
    /// A function or a constant, and the type it is for where that is a special one.
    Own(String, String),
    /// The implementation of a trait.
    Impl(String),
}

/// A member of an item.
#[derive(Debug)]
pub struct Member {
    /// How the table calls it.
    pub shown: String,
    /// What rustdoc shows.
    pub text: String,
    /// Its signature, if it has one.
    pub signature: Option<Signature>,
}

/// What to leave out, and how much that was.
#[derive(Debug, Default)]
pub struct Unstable {
    /// Traits that only nightly compilers have.
    pub traits: BTreeSet<String>,
    /// How many items were left out.
    pub count: usize,
}

impl Unstable {
    /// Learns from the pages of these modules which traits are unstable.
    pub fn learn(root: &Path, modules: &[&str]) -> Result<Self> {
        let mut traits = BTreeSet::new();
        for module in modules {
            let listed = page::list(&root.join(module))?;
            traits.extend(listed.into_iter().filter(|item| item.kind == "trait" && item.unstable).map(|item| item.name));
        }
        Ok(Self { traits, count: 0 })
    }
}

/// The stand-in's own traits, and which types implement them.
pub fn implementors(folder: &Path) -> Result<Implementors> {
    let mut all = Implementors::new();
    for listed in page::list(folder)?.iter().filter(|listed| listed.kind == "trait") {
        let headers = page::implementors(&listed.path)?;
        all.insert(listed.name.clone(), headers.iter().map(|text| Header::parse(text)).collect::<Result<_>>()?);
    }
    Ok(all)
}

/// Reads those stable items of a module whose names are wanted.
pub fn read(folder: &Path, wanted: &dyn Fn(&str) -> bool, implementors: &Implementors, unstable: &mut Unstable) -> Result<Items> {
    let mut items = Items::new();
    let mut targets = BTreeMap::new();
    for listed in page::list(folder)?.into_iter().filter(|listed| wanted(&listed.name)) {
        if listed.unstable {
            unstable.count += 1;
            continue;
        }
        let page = page::item(&listed.path)?;
        if page.unstable {
            unstable.count += 1;
            continue;
        }
        let item =
            item(&listed, page, &mut targets, implementors, unstable).with_context(|| listed.path.display().to_string())?;
        items.insert(if listed.kind == "macro" { format!("{}!", listed.name) } else { listed.name }, item);
    }
    Ok(items)
}

/// `targets` keeps what aliases name: there is one page for all atomics.
fn item(
    listed: &Listed,
    page: Page,
    targets: &mut BTreeMap<PathBuf, Vec<Impl>>,
    implementors: &Implementors,
    unstable: &mut Unstable,
) -> Result<Item> {
    let mut members = BTreeMap::new();
    let alias_of = page.alias_of.as_deref().filter(|_| listed.kind == "type");
    let signature = alias_of.is_none().then(|| signature::declaration(&listed.kind, &page.declaration)).transpose()?;
    // An alias shows what its target has.
    for part in page.parts.into_iter().filter(|_| listed.kind != "type") {
        if part.unstable {
            unstable.count += 1;
        } else {
            members.insert(Key::Part(part.name.clone()), Member { shown: part.name, text: part.text, signature: None });
        }
    }
    // What an alias names has the members.
    let (impls, alias) = match alias_of {
        Some(path) => {
            if !targets.contains_key(path) {
                targets.insert(path.to_owned(), page::item(path)?.impls);
            }
            (targets[path].as_slice(), Some(Alias::parse(&page.declaration)?))
        }
        None => (page.impls.as_slice(), None),
    };
    for found in impls {
        let written = Header::parse(&found.text)?;
        let header = match &alias {
            Some(alias) => match written.for_alias(alias, implementors) {
                Some(header) => header,
                None => continue,
            },
            None => written.clone(),
        };
        let special = header.special.clone().unwrap_or_default();
        if let (Some(of), Some(name)) = (header.of_trait(), header.trait_name()) {
            // A page also shows what other types make of this one; and that a type has a destructor is nobody's business.
            if name == "Drop" || !header.is_for(&listed.name) {
                continue;
            }
            if found.unstable || unstable.traits.contains(&name) {
                unstable.count += 1;
            } else if !found.of_a_system {
                let signature = header.signature();
                let key = Key::Impl(signature.head.clone());
                let shown = if special.is_empty() { of } else { format!("{of} for {special}") };
                members.insert(key, Member { shown, text: found.text.clone(), signature: Some(signature) });
            }
            continue;
        }
        for part in &found.parts {
            if found.unstable || part.unstable {
                unstable.count += 1;
                continue;
            }
            let signature = match &alias {
                Some(alias) => header.member_for_alias(&part.text, &written, alias)?,
                None => header.member(&part.text)?,
            };
            let shown = if special.is_empty() { part.name.clone() } else { format!("{special}::{}", part.name) };
            let text = if special.is_empty() { part.text.clone() } else { format!("{} {{ {} }}", found.text, part.text) };
            members.insert(Key::Own(special.clone(), part.name.clone()), Member { shown, text, signature: Some(signature) });
        }
    }
    Ok(Item { source: page.source, text: page.declaration, signature, members })
}
