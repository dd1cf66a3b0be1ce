//! What a check that passed has covered, and what it has not.

use std::fmt;

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

    /// Whether every interleaving that the engine can tell apart was run.
    pub fn is_complete(&self) -> bool {
        self.rounds.iter().any(|round| round.coverage == Coverage::All)
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ran ", self.engine)?;
        let complete = self.rounds.iter().find(|round| round.coverage == Coverage::All);
        if let Some(round) = complete {
            write!(f, "all {} interleavings that it can tell apart", grouped(round.interleavings))?;
        } else {
            for (index, round) in self.rounds.iter().enumerate() {
                let separator = if index == 0 { "" } else { ", " };
                let n = grouped(round.interleavings);
                match round.coverage {
                    Coverage::All => {}
                    Coverage::UpTo(bound) => write!(f, "{separator}all {n} interleavings with at most {bound} preemptions")?,
                    Coverage::PartOf(bound) => write!(f, "{separator}{n} of those with at most {bound}")?,
                    Coverage::PartOfAll => write!(f, "{separator}{n} of those with any number")?,
                    Coverage::Random => write!(f, "{separator}{n} random ones")?,
                    Coverage::Pct => write!(f, "{separator}{n} with few changes of priority")?,
                }
            }
        }
        write!(f, " ({} threads)", self.threads)
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
        let part =
            Receipt { engine: "loom", rounds: vec![round(Coverage::UpTo(2), 160), round(Coverage::PartOfAll, 5000)], threads: 2 };
        assert!(!part.is_complete());
        assert!(part.to_string().contains("all 160 interleavings with at most 2 preemptions, 5,000 of those with any number"));
    }
}
