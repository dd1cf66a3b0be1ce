//! What a check that passed has covered, and what it has not.

use crate::json::{Json, Value};
use std::fmt;

/// So often in a row a thread that waits looks in vain before it lets others run, where waits are long.
pub const LONG_WAIT: u32 = 150;

/// One pass over the interleavings of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Which interleavings it went through.
    pub coverage: Coverage,
    /// How many it went through.
    pub interleavings: usize,
}

/// Which interleavings a round went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// All that the engine can tell apart.
    All,
    /// All with at most so many preemptions.
    UpTo(usize),
    /// A part of those with at most so many preemptions: the budget was spent.
    PartOf(usize),
    /// A part of all: the budget was spent.
    PartOfAll,
    /// Random ones.
    Random,
    /// Random ones with few priority changes (PCT).
    Pct,
    /// Some in which one weak exchange failed, or one `Condvar` woke, for no reason.
    Spurious,
    /// Some with at most so many preemptions, in which a thread that waits looks [`LONG_WAIT`] times before it lets others run: it does
    /// so soon in all other rounds.
    LongWaits(usize),
}

impl Json for Coverage {
    fn write(&self, out: &mut String) {
        let (name, bound) = match self {
            Self::All => ("all", 0),
            Self::UpTo(bound) => ("up to", *bound),
            Self::PartOf(bound) => ("part of", *bound),
            Self::PartOfAll => ("part of all", 0),
            Self::Random => ("random", 0),
            Self::Pct => ("pct", 0),
            Self::Spurious => ("spurious", 0),
            Self::LongWaits(bound) => ("long waits", *bound),
        };
        (name.to_owned(), bound).write(out);
    }

    fn read(value: &Value) -> Option<Self> {
        let (name, bound) = <(String, usize)>::read(value)?;
        Some(match name.as_str() {
            "all" => Self::All,
            "up to" => Self::UpTo(bound),
            "part of" => Self::PartOf(bound),
            "part of all" => Self::PartOfAll,
            "random" => Self::Random,
            "pct" => Self::Pct,
            "spurious" => Self::Spurious,
            "long waits" => Self::LongWaits(bound),
            _ => return None,
        })
    }
}

/// What a check that passed has covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The engine that went through them: `loom` or `shuttle`.
    pub engine: &'static str,
    /// The rounds, in the order in which they ran.
    pub rounds: Vec<Round>,
    /// The most threads that were there at once, main included.
    pub threads: usize,
}

impl Receipt {
    /// How many interleavings were run, all rounds together.
    pub fn interleavings(&self) -> usize {
        self.rounds.iter().map(|round| round.interleavings).sum()
    }

    /// Whether every interleaving that the engine can tell apart was run. Never if a thread waited by looking again and again: it can
    /// do so for ever.
    pub fn is_complete(&self) -> bool {
        self.all().is_some() && !self.rounds.iter().any(Round::has_long_waits)
    }

    /// The round that nothing bounded.
    pub(crate) fn all(&self) -> Option<&Round> {
        self.rounds.iter().find(|round| round.coverage == Coverage::All)
    }

    /// The rounds without those that a later one contains: all with at most 1 preemption, where all with at most 2 were run.
    fn telling_rounds(&self) -> impl Iterator<Item = Round> {
        let bound = |round: &Round| match round.coverage {
            Coverage::UpTo(bound) => Some(bound),
            _ => None,
        };
        let most = self.rounds.iter().filter_map(bound).max();
        self.merged_rounds().filter(move |round| bound(round).is_none_or(|bound| Some(bound) == most))
    }

    /// The rounds, all those with long waits as one.
    pub(crate) fn merged_rounds(&self) -> impl Iterator<Item = Round> {
        self.rounds.iter().filter(|round| !round.has_long_waits()).copied().chain(self.long_waits())
    }

    fn long_waits(&self) -> Option<Round> {
        let long = self.rounds.iter().filter(|round| round.has_long_waits());
        long.copied().reduce(|sum, round| Round { interleavings: sum.interleavings + round.interleavings, ..round })
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<String> = match self.all() {
            Some(round) => {
                let of_what = if self.is_complete() { "that it can tell apart" } else { "with short waits" };
                let spurious = self.rounds.iter().copied().filter(|round| round.coverage == Coverage::Spurious);
                let others = spurious.chain(self.long_waits());
                std::iter::once(format!("{round} {of_what}")).chain(others.map(|round| round.to_string())).collect()
            }
            None => self.telling_rounds().map(|round| round.to_string()).collect(),
        };
        write!(f, "{} ran {} ({} threads)", self.engine, shown.join(", "), self.threads)
    }
}

impl Round {
    fn has_long_waits(&self) -> bool {
        matches!(self.coverage, Coverage::LongWaits(_))
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = grouped(self.interleavings);
        match self.coverage {
            Coverage::All => write!(f, "all {n} interleavings"),
            Coverage::UpTo(1) => write!(f, "all {n} interleavings with at most 1 interruption"),
            Coverage::UpTo(bound) => write!(f, "all {n} interleavings with at most {bound} interruptions"),
            Coverage::PartOf(bound) => write!(f, "{n} of those with at most {bound}"),
            Coverage::PartOfAll => write!(f, "{n} of those with any number"),
            Coverage::Random => write!(f, "{n} random ones"),
            Coverage::Spurious => write!(f, "{n} with a spurious failure or wakeup"),
            Coverage::LongWaits(_) => write!(f, "{n} with waits of {LONG_WAIT} looks"),
            Coverage::Pct => write!(f, "{n} with few changes of turn"),
        }
    }
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_says_all_only_when_all_were_run() {
        let round = |coverage, interleavings| Round { coverage, interleavings };
        let whole = Receipt { engine: "loom", rounds: vec![round(Coverage::UpTo(0), 2), round(Coverage::All, 1134)], threads: 3 };
        assert_eq!(whole.to_string(), "loom ran all 1,134 interleavings that it can tell apart (3 threads)");
        assert!(whole.is_complete());
        let waits = Receipt {
            rounds: vec![round(Coverage::All, 21), round(Coverage::LongWaits(0), 1), round(Coverage::LongWaits(1), 299)],
            ..whole
        };
        assert_eq!(waits.to_string(), "loom ran all 21 interleavings with short waits, 300 with waits of 150 looks (3 threads)");
        assert!(!waits.is_complete());
        let part = Receipt {
            engine: "loom",
            rounds: vec![round(Coverage::UpTo(1), 20), round(Coverage::UpTo(2), 160), round(Coverage::PartOfAll, 5000)],
            threads: 2,
        };
        assert!(!part.is_complete());
        let text = "loom ran all 160 interleavings with at most 2 interruptions, 5,000 of those with any number (2 threads)";
        assert_eq!(part.to_string(), text);
    }
}
