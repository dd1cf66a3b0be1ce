//! As much of HTML as rustdoc's pages need: a tree, and ways to search it.

use html5gum::{Token, Tokenizer};
use std::collections::BTreeMap;

/// Elements that have no end tag.
const VOID: [&str; 9] = ["area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"];

/// An element with all that is in it.
#[derive(Debug, Default)]
pub struct Element {
    /// Its tag.
    pub name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Node>,
}

#[derive(Debug)]
enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// Reads a page. The result is an element around everything.
    pub fn parse(page: &str) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut open = vec![Self::default()];
        for Ok(token) in Tokenizer::new(page) {
            match token {
                Token::StartTag(tag) => {
                    let attributes = tag.attributes.iter().map(|(name, value)| (text(name), text(value))).collect();
                    let element = Self { name: text(&tag.name), attributes, children: Vec::new() };
                    if tag.self_closing || VOID.contains(&element.name.as_str()) {
                        add(&mut open, Node::Element(element));
                    } else {
                        open.push(element);
                    }
                }
                Token::EndTag(tag) => {
                    let name = text(&tag.name);
                    // An end tag also ends whatever was left open inside.
                    if let Some(from) = open.iter().skip(1).rposition(|element| element.name == name) {
                        close(&mut open, from + 1);
                    }
                }
                Token::String(string) => add(&mut open, Node::Text(text(&string))),
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        close(&mut open, 1);
        open.pop().unwrap_or_default()
    }

    /// An attribute, or nothing.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    /// Whether `class` is among the element's classes.
    pub fn has_class(&self, class: &str) -> bool {
        self.attribute("class").split_whitespace().any(|own| own == class)
    }

    /// Whether this is a `tag` with that class.
    pub fn is(&self, tag: &str, class: &str) -> bool {
        self.name == tag && self.has_class(class)
    }

    /// The elements directly in this one.
    pub fn children(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element in this one, at any depth, for which `wanted` holds.
    pub fn find(&self, wanted: &dyn Fn(&Self) -> bool) -> Option<&Self> {
        self.children().find_map(|child| if wanted(child) { Some(child) } else { child.find(wanted) })
    }

    /// That element by itself.
    pub fn into_found(self, wanted: &dyn Fn(&Self) -> bool) -> Option<Self> {
        self.children.into_iter().find_map(|child| match child {
            Node::Element(element) if wanted(&element) => Some(element),
            Node::Element(element) => element.into_found(wanted),
            Node::Text(_) => None,
        })
    }

    /// All elements in this one for which `wanted` holds, and none inside of those.
    pub fn find_all(&self, wanted: &dyn Fn(&Self) -> bool) -> Vec<&Self> {
        self.children().flat_map(|child| if wanted(child) { vec![child] } else { child.find_all(wanted) }).collect()
    }

    /// The text; `special` may say what stands for an element instead of the text in it.
    pub fn text(&self, special: &dyn Fn(&Self) -> Option<String>) -> String {
        let of = |child: &Node| match child {
            Node::Element(element) => special(element).unwrap_or_else(|| element.text(special)),
            Node::Text(text) => text.clone(),
        };
        self.children.iter().map(of).collect()
    }
}

fn add(open: &mut [Element], node: Node) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(node);
    }
}

/// Ends the open elements from number `from` on.
fn close(open: &mut Vec<Element>, from: usize) {
    while open.len() > from.max(1) {
        if let Some(element) = open.pop() {
            add(open, Node::Element(element));
        }
    }
}
