//! The four rungs of a kata, from the lowest to the highest.

use std::fmt;

/// A rung: one file of tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// Does it do what the brief says?
    Examples,
    /// Does it for every input?
    Properties,
    /// Under many random schedules?
    Shuttle,
    /// In every interleaving of a small case?
    Loom,
}

impl Rung {
    /// All, in the order in which they are climbed.
    pub const ALL: [Self; 4] = [Self::Examples, Self::Properties, Self::Shuttle, Self::Loom];

    /// Its name, which is also that of its file in `tests/`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Examples => "examples",
            Self::Properties => "properties",
            Self::Shuttle => "shuttle",
            Self::Loom => "loom",
        }
    }

    /// The rung of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rung| rung.name() == name)
    }

    /// Its file, from the kata's folder on.
    pub fn file(self) -> String {
        format!("tests/{}.rs", self.name())
    }

    /// Whether it runs on threads of the operating system, which take turns as they like.
    pub fn runs_on_os_threads(self) -> bool {
        matches!(self, Self::Examples | Self::Properties)
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
