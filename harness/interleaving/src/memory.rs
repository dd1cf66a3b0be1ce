//! What can go wrong with memory that a program manages by hand, and with values that have an owner.

use crate::failure::at;
use crate::source::{Place, Sources};
use crate::step::Interleaving;
use crate::words::name;

/// A thread, and the place where it did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// Who: an index into [`Interleaving::threads`].
    pub thread: usize,
    /// Where.
    pub at: Place,
}

/// Memory that a program asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// How much, in bytes.
    pub size: usize,
    /// On a multiple of what, in bytes.
    pub align: usize,
    /// Who asked for it.
    pub allocated: Site,
    /// Who gave it back, if anybody has.
    pub freed: Option<Site>,
}

/// A mistake with memory or with the value in it.
#[derive(Clone, Debug)]
pub enum MemoryFault {
    /// The program is over, and these were never freed.
    Leak {
        /// The memory.
        blocks: Vec<Block>,
    },
    /// Freed a second time.
    FreedTwice {
        /// The memory.
        block: Block,
        /// The second time.
        again: Site,
    },
    /// Freed with another layout than it was allocated with.
    FreedAsAnother {
        /// The memory.
        block: Block,
        /// The size given, in bytes.
        size: usize,
        /// The alignment given, in bytes.
        align: usize,
        /// Who.
        freed: Site,
    },
    /// Freed, but never allocated; or not from its beginning on.
    NotAllocated {
        /// Who.
        freed: Site,
    },
    /// Used after it was freed.
    UsedAfterFree {
        /// The memory.
        block: Block,
        /// The use.
        user: Site,
    },
    /// Freed, and nothing orders another thread's use before that.
    FreedWhileUsed {
        /// The memory.
        block: Block,
        /// The use.
        user: Site,
        /// The free.
        freed: Site,
    },
    /// Memory of no bytes was asked for.
    NoBytes {
        /// Who.
        asked: Site,
    },
    /// The program is over, and a value was never dropped.
    NeverDropped {
        /// Where the value was made.
        made: Site,
    },
    /// A value was dropped a second time.
    DroppedTwice {
        /// Where it was made.
        made: Site,
        /// The first time.
        first: Site,
        /// The second time.
        again: Site,
    },
    /// A value was used after it had been dropped.
    UsedAfterDrop {
        /// Where it was made.
        made: Site,
        /// Who dropped it.
        dropped: Site,
        /// The use.
        user: Site,
    },
    /// What was used or dropped as a value is none: nothing was ever written there.
    NeverWritten {
        /// Who.
        user: Site,
    },
}

impl MemoryFault {
    /// What it is called in a verdict that a program reads.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Leak { .. } | Self::NeverDropped { .. } => "leak",
            Self::FreedTwice { .. } | Self::DroppedTwice { .. } => "double free",
            Self::UsedAfterFree { .. } | Self::FreedWhileUsed { .. } | Self::UsedAfterDrop { .. } => "use after free",
            Self::FreedAsAnother { .. } | Self::NotAllocated { .. } | Self::NoBytes { .. } => "wrong layout",
            Self::NeverWritten { .. } => "no value",
        }
    }

    /// Whether it is about the order of two threads, and so about all that might order them.
    pub(crate) fn is_about_order(&self) -> bool {
        matches!(self, Self::FreedWhileUsed { .. })
    }

    /// All that it names, from the first to the last.
    pub(crate) fn sites(&self) -> Vec<Site> {
        match self {
            Self::Leak { blocks } => blocks.iter().map(|block| block.allocated).collect(),
            Self::FreedTwice { block, again } => {
                [Some(block.allocated), block.freed, Some(*again)].into_iter().flatten().collect()
            }
            Self::FreedAsAnother { block, freed, .. } => vec![block.allocated, *freed],
            Self::NotAllocated { freed } => vec![*freed],
            Self::UsedAfterFree { block, user } => {
                [Some(block.allocated), block.freed, Some(*user)].into_iter().flatten().collect()
            }
            Self::FreedWhileUsed { block, user, freed } => vec![block.allocated, *user, *freed],
            Self::NoBytes { asked } => vec![*asked],
            Self::NeverDropped { made } => vec![*made],
            Self::DroppedTwice { made, first, again } => vec![*made, *first, *again],
            Self::UsedAfterDrop { made, dropped, user } => vec![*made, *dropped, *user],
            Self::NeverWritten { user } => vec![*user],
        }
    }

    /// What went wrong, a line for each part of it.
    pub(crate) fn text(&self, interleaving: &Interleaving, sources: &mut Sources) -> String {
        let mut line = |what: &str, site: &Site| {
            let expression = sources.expression(site.at).map(|text| format!(": `{text}`")).unwrap_or_default();
            let step = interleaving.steps.iter().rposition(|step| step.thread == site.thread && step.at == site.at);
            let step = step.map(|step| format!(" (step {})", step + 1)).unwrap_or_default();
            format!("  {what} by {}{expression}{}{step}", name(interleaving, site.thread), at(site.at))
        };
        let size = |size: usize| if size == 1 { "1 byte".to_owned() } else { format!("{size} bytes") };
        let bytes = |block: &Block| size(block.size);
        let mut allocated = |block: &Block| line(&format!("{} allocated", bytes(block)), &block.allocated);
        let lines = match self {
            Self::Leak { blocks } => {
                let heading = "Memory leak: the test is over, and this memory was never freed.".to_owned();
                std::iter::once(heading).chain(blocks.iter().map(allocated)).collect()
            }
            Self::FreedTwice { block, again } => {
                let first = block.freed.as_ref().map(|freed| (block, freed));
                let mut lines =
                    vec!["Double free: the same memory is given back twice.".to_owned(), allocated(block)];
                lines.extend(first.map(|(_, freed)| line("freed", freed)));
                lines.push(line("freed again", again));
                lines
            }
            Self::FreedAsAnother { block, size: given, align, freed } => vec![
                "Freed with another layout: memory goes back with the layout that it was allocated with.".to_owned(),
                format!("{}, on a multiple of {}", allocated(block), block.align),
                format!("{}, as {} on a multiple of {align}", line("freed", freed), size(*given)),
            ],
            Self::NotAllocated { freed } => vec![
                "Freed what was never allocated: `dealloc` takes the very pointer that `alloc` returned.".to_owned(),
                line("freed", freed),
            ],
            Self::UsedAfterFree { block, user } => {
                let mut lines = vec!["Use after free: this memory was given back before it is used.".to_owned(), allocated(block)];
                lines.extend(block.freed.as_ref().map(|freed| line("freed", freed)));
                lines.push(line("used", user));
                lines
            }
            Self::FreedWhileUsed { block, user, freed } => vec![
                "Freed while in use: one thread gives memory back that another one uses, and nothing orders the use before that."
                    .to_owned(),
                allocated(block),
                line("used", user),
                line("freed", freed),
                "The user must say that it is done (by its end and a join, a store with Release, an unlock, …), and whoever frees \
                 must have seen that."
                    .to_owned(),
            ],
            Self::NoBytes { asked } => vec![
                "Memory of no bytes: `alloc` must not be asked for a layout of size 0. A value without a size needs no memory."
                    .to_owned(),
                line("asked for", asked),
            ],
            Self::NeverDropped { made } => vec![
                "A value was lost: the test is over, and this value was never dropped.".to_owned(),
                line("made", made),
            ],
            Self::DroppedTwice { made, first, again } => vec![
                "Dropped twice: the same value is dropped a second time.".to_owned(),
                line("made", made),
                line("dropped", first),
                line("dropped again", again),
            ],
            Self::UsedAfterDrop { made, dropped, user } => vec![
                "Use after drop: this value was dropped before it is used.".to_owned(),
                line("made", made),
                line("dropped", dropped),
                line("used", user),
            ],
            Self::NeverWritten { user } => vec![
                "No value there: memory is used as a value, or dropped as one, and no value was ever written to it. \
                 (`*pointer = value` first drops what is there; `pointer.write(value)` does not.)"
                    .to_owned(),
                line("used", user),
            ],
        };
        lines.join("\n")
    }
}
