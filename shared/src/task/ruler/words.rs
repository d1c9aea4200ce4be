//! The adjective-noun pairs that RULER uses as keys: every pair of two wonderwords lists, each
//! once, in code-point order, without holding the six million of them.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::corpora::words::{ADJECTIVES, NOUNS};

/// The sorted pairs, reachable by number.
pub struct WordPairs {
    nouns: Vec<&'static str>,
    runs: Vec<Run>,
    len: usize,
}

/// Pairs that stand together in the order.
enum Run {
    /// One adjective with every noun.
    Adjective(&'static str),
    /// Adjectives of which one, with its hyphen, begins another (`able`, `able-bodied`): their
    /// pairs interleave and may repeat, so they are written out.
    Mixed(Vec<String>),
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
        adjectives.sort_by_key(|adjective| format!("{adjective}-"));
        let mut runs = Vec::new();
        let mut rest = adjectives.as_slice();
        while let [first, ..] = rest {
            let stem = format!("{first}-");
            let mixed = rest
                .iter()
                .take_while(|other| format!("{other}-").starts_with(&stem))
                .count();
            let (group, after) = rest.split_at(mixed);
            runs.push(match group {
                [adjective] => Run::Adjective(adjective),
                several => Run::Mixed(pairs(several, &nouns)),
            });
            rest = after;
        }
        let len = runs.iter().map(|run| run.len(&nouns)).sum();
        Self { nouns, runs, len }
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Pair number `index` in code-point order.
    pub fn get(&self, index: usize) -> Option<String> {
        let mut left = index;
        for run in &self.runs {
            if left < run.len(&self.nouns) {
                return Some(match run {
                    Run::Adjective(adjective) => format!("{adjective}-{}", self.nouns[left]),
                    Run::Mixed(pairs) => pairs[left].clone(),
                });
            }
            left -= run.len(&self.nouns);
        }
        None
    }
}

impl Run {
    fn len(&self, nouns: &[&str]) -> usize {
        match self {
            Self::Adjective(_) => nouns.len(),
            Self::Mixed(pairs) => pairs.len(),
        }
    }
}

fn lines(text: &'static str) -> BTreeSet<&'static str> {
    text.lines().map(str::trim_end).collect()
}

fn pairs(adjectives: &[&str], nouns: &[&str]) -> Vec<String> {
    let all: BTreeSet<_> = adjectives
        .iter()
        .flat_map(|adjective| nouns.iter().map(move |noun| format!("{adjective}-{noun}")))
        .collect();
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_as_sorting_every_pair() {
        let (adjectives, nouns) = (
            "well\nable\nable-bodied\nice\nable",
            "bodied-x\nx\nzoo\ncat",
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
