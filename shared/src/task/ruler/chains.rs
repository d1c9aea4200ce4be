//! Chains of variables, and the random streams they are drawn from.

use std::collections::HashSet;

use super::streams::RandomStreams;

/// Chains of variable assignments.
pub(super) struct AssignmentChains {
    /// The variables of each chain, in order of assignment.
    pub(super) names: Vec<Vec<String>>,
    /// Their assignments; all but the first of a chain end in a space, as in the original.
    pub(super) assignments: Vec<Vec<String>>,
}

impl AssignmentChains {
    /// The value that the question asks for: the first chain's.
    pub(super) fn value(&self) -> &str {
        self.assignments
            .first()
            .and_then(|chain| chain.first())
            .and_then(|first| first.rsplit('=').next())
            .map_or("", str::trim)
    }

    /// All links of all chains, interleaved as in one of the original's draws: the chain with the
    /// smallest random number continues, and each chain draws a new number when its turn begins.
    pub(super) fn interleaved(&self, streams: &mut RandomStreams) -> Vec<(usize, usize)> {
        let mut turns: Vec<(f64, usize, usize)> = (0..self.assignments.len())
            .map(|chain| (streams.python.random(), chain, 0))
            .collect();
        let mut order = Vec::new();
        while let Some(first) = (0..turns.len()).min_by(|a, b| turns[*a].0.total_cmp(&turns[*b].0))
        {
            let (_, chain, hop) = turns.swap_remove(first);
            order.push((chain, hop));
            if hop + 1 < self.assignments[chain].len() {
                turns.push((streams.python.random(), chain, hop + 1));
            }
        }
        order
    }

    /// The variables that have the asked value.
    pub(super) fn answer(&self) -> &[String] {
        self.names.first().map_or(&[], Vec::as_slice)
    }
}

impl RandomStreams {
    /// Draws `count` chains of `hops` links. The worked example (three-letter names) has the
    /// constant value 12345, which [`redraw_example`](Self::redraw_example) replaces.
    ///
    /// If names collide, the original appends more names without dropping any, so that the last
    /// chain may be incomplete: that returns `None` here and raises an exception there.
    pub(super) fn chains(
        &mut self,
        count: usize,
        hops: usize,
        letters: usize,
    ) -> Option<AssignmentChains> {
        let wanted = (hops + 1) * count;
        let mut all: Vec<String> = (0..wanted).map(|_| self.name(letters)).collect();
        let mut distinct: HashSet<String> = all.iter().cloned().collect();
        while distinct.len() < wanted {
            let name = self.name(letters);
            distinct.insert(name.clone());
            all.push(name);
        }
        let mut chains = AssignmentChains {
            names: Vec::new(),
            assignments: Vec::new(),
        };
        for names in all.chunks(hops + 1) {
            // Drawn before an incomplete chain is noticed, as in the original.
            let value = if letters == EXAMPLE_LETTERS {
                EXAMPLE_VALUE.into()
            } else {
                self.value()
            };
            if names.len() <= hops {
                return None;
            }
            let first = format!("VAR {} = {value}", names[0]);
            let rest = names
                .windows(2)
                .map(|pair| format!("VAR {} = VAR {} ", pair[1], pair[0]));
            chains
                .assignments
                .push(std::iter::once(first).chain(rest).collect());
            chains.names.push(names.to_vec());
        }
        Some(chains)
    }

    /// The worked example with other names and another value, by plain substring replacement as in
    /// the original.
    pub(super) fn redraw_example(&mut self, example: &str, hops: usize) -> String {
        let words: Vec<&str> = example.split_whitespace().collect();
        let names = &words[words.len().saturating_sub(hops + 1)..];
        let mut text = example.to_owned();
        for name in names {
            let new = self.name(name.len());
            text = text.replace(name, &new);
        }
        text.replace(EXAMPLE_VALUE, &self.value())
    }

    fn name(&mut self, letters: usize) -> String {
        const ALPHABET: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        self.python
            .choices(ALPHABET, letters)
            .into_iter()
            .map(char::from)
            .collect()
    }

    fn value(&mut self) -> String {
        self.numpy.int(10_000, 99_999).to_string()
    }
}

const EXAMPLE_LETTERS: usize = 3;
const EXAMPLE_VALUE: &str = "12345";
