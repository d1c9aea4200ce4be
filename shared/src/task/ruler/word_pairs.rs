//! The adjective-noun pairs that RULER uses as keys: every pair from two wonderwords lists, each
//! once, in code-point order, without storing all six million.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::corpora::word_lists::{ADJECTIVES, NOUNS};

/// The sorted pairs, accessed by number.
pub struct WordPairs {
    nouns: Vec<&'static str>,
    runs: Vec<PairRun>,
    /// The number of the first pair of each run, and the total number of pairs.
    starts: Vec<usize>,
    /// For each stretch of as many pairs as there are nouns, the run in which it begins.
    stretches: Vec<usize>,
}

/// Consecutive pairs in the order.
enum PairRun {
    /// One adjective with all nouns.
    Adjective(&'static str),
    /// Adjectives of which one plus a hyphen begins another (`able`, `able-bodied`): their pairs
    /// interleave and may repeat, so they are written out when one is needed.
    Mixed {
        adjectives: Vec<&'static str>,
        /// How many of these pairs are distinct.
        len: usize,
        pairs: OnceLock<Vec<String>>,
    },
}

impl WordPairs {
    /// The pairs of the bundled lists.
    pub fn bundled() -> &'static Self {
        static PAIRS: OnceLock<WordPairs> = OnceLock::new();
        PAIRS.get_or_init(|| Self::new(ADJECTIVES, NOUNS))
    }

    fn new(adjectives: &'static str, nouns: &'static str) -> Self {
        let nouns: Vec<_> = lines(nouns).into_iter().collect();
        let mut adjectives: Vec<_> = lines(adjectives).into_iter().collect();
        adjectives.sort_by_cached_key(|adjective| format!("{adjective}-"));
        let mut runs = Vec::new();
        let mut rest = adjectives.as_slice();
        while let [first, ..] = rest {
            let mixed = rest
                .iter()
                .take_while(|other| *other == first || after_hyphen(other, first).is_some())
                .count();
            let (group, after) = rest.split_at(mixed);
            runs.push(match group {
                [adjective] => PairRun::Adjective(adjective),
                several => PairRun::Mixed {
                    len: several.len() * nouns.len() - repeated(several, &nouns),
                    adjectives: several.to_vec(),
                    pairs: OnceLock::new(),
                },
            });
            rest = after;
        }
        let mut starts = vec![0];
        for run in &runs {
            starts.push(starts[starts.len() - 1] + run.len(&nouns));
        }
        let mut stretches = Vec::with_capacity(adjectives.len());
        for (run, end) in starts[1..].iter().enumerate() {
            while stretches.len() * nouns.len() < *end {
                stretches.push(run);
            }
        }
        Self {
            nouns,
            runs,
            starts,
            stretches,
        }
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.starts[self.runs.len()]
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Pair number `index` in code-point order.
    pub fn get(&self, index: usize) -> Option<String> {
        let mut pair = String::new();
        self.push(index, &mut pair)?;
        Some(pair)
    }

    /// Appends pair number `index` to `text`; returns `None` if there is no such pair.
    pub fn push(&self, index: usize, text: &mut String) -> Option<()> {
        let mut run = *self.stretches.get(index.checked_div(self.nouns.len())?)?;
        while *self.starts.get(run + 1)? <= index {
            run += 1;
        }
        let at = index - self.starts[run];
        match self.runs.get(run)? {
            PairRun::Adjective(adjective) => text.extend([adjective, "-", self.nouns[at]]),
            PairRun::Mixed {
                adjectives, pairs, ..
            } => {
                let pairs = pairs.get_or_init(|| written(adjectives, &self.nouns));
                text.push_str(&pairs[at]);
            }
        }
        Some(())
    }
}

impl PairRun {
    fn len(&self, nouns: &[&str]) -> usize {
        match self {
            Self::Adjective(_) => nouns.len(),
            Self::Mixed { len, .. } => *len,
        }
    }
}

fn lines(text: &'static str) -> BTreeSet<&'static str> {
    text.lines().map(str::trim_end).collect()
}

/// For `able-bodied` and `able`, returns `bodied`.
fn after_hyphen<'w>(longer: &'w str, shorter: &str) -> Option<&'w str> {
    longer.strip_prefix(shorter)?.strip_prefix('-')
}

/// How many adjective-noun pairs are spelled like a pair of a shorter adjective and a longer noun:
/// `able-bodied` and `x`, if there is a noun `bodied-x`.
fn repeated(adjectives: &[&str], nouns: &[&str]) -> usize {
    let mut found = BTreeSet::new();
    for longer in adjectives {
        for stem in adjectives.iter().filter_map(|a| after_hyphen(longer, a)) {
            let from = nouns.partition_point(|noun| *noun < stem);
            let near = nouns[from..]
                .iter()
                .take_while(|noun| noun.starts_with(stem));
            for noun in near.filter_map(|noun| after_hyphen(noun, stem)) {
                if nouns.binary_search(&noun).is_ok() {
                    found.insert((longer, noun));
                }
            }
        }
    }
    found.len()
}

fn written(adjectives: &[&str], nouns: &[&str]) -> Vec<String> {
    let pairs = adjectives.iter().flat_map(|adjective| {
        nouns
            .iter()
            .map(move |noun| [adjective, "-", noun].concat())
    });
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_as_sorting_every_pair() {
        let (adjectives, nouns) = (
            "well\nable\nable-bodied\nable-bodied-x\nice\nable",
            "bodied-x\nbodied-x-zoo\nx\nx-zoo\nzoo\ncat",
        );
        let pairs = WordPairs::new(adjectives, nouns);
        let all: BTreeSet<String> = lines(adjectives)
            .into_iter()
            .flat_map(|a| lines(nouns).into_iter().map(move |n| format!("{a}-{n}")))
            .collect();
        let got: Vec<_> = (0..pairs.len()).map(|i| pairs.get(i).unwrap()).collect();
        assert_eq!(got, all.into_iter().collect::<Vec<_>>());
        assert_eq!(pairs.get(pairs.len()), None);
    }

    #[test]
    fn the_bundled_lists_are_complete() {
        assert_eq!(
            lines(ADJECTIVES).len() * lines(NOUNS).len(),
            WordPairs::bundled().len()
        );
    }
}
