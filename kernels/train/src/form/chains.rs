//! Chains of variables, every chain asked: all numbers of hops from the start, and shuffled lines, so
//! that neither the first line nor the last is the answer.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::TextPart;
use super::pairs::number;
use super::sequence::SequenceBuilder;
use crate::random::Random;

/// Chains of variables.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChainForm {
    /// How a question is worded.
    wording: ChainWording,
    /// The most hops of a chain; each chain has its own number, from 0.
    most_hops: usize,
    /// The most chains of a block, in which all are asked. A sequence is blocks to its end.
    most_chains: usize,
    /// Letters of a name.
    letters: usize,
    /// Digits of a value.
    digits: usize,
}

/// How a question is worded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChainWording {
    /// `12345: ABC DEF`.
    Compact,
    /// RULER's question and answer prefix.
    Ruler,
}

struct Chain {
    value: String,
    names: Vec<String>,
}

impl Chain {
    fn lines(&self) -> Vec<String> {
        let first = format!("VAR {} = {}\n", self.names[0], self.value);
        let hops = self.names.windows(2);
        let hops = hops.map(|pair| format!("VAR {} = VAR {}\n", pair[1], pair[0]));
        std::iter::once(first).chain(hops).collect()
    }

    fn question(&self, wording: ChainWording) -> String {
        let (value, count) = (&self.value, self.names.len());
        match wording {
            ChainWording::Compact => format!("{value}: "),
            ChainWording::Ruler => format!(
                "Question: Find all variables that are assigned the value {value} in the text above. \
                 Answer: According to the chain(s) of variable assignment in the text above, {count} \
                 variables are assigned the value {value}, they are: "
            ),
        }
    }

    fn answer(&self) -> String {
        self.names.join(" ")
    }
}

impl ChainForm {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.most_chains == 0
            || !(2..=8).contains(&self.letters)
            || !(2..=9).contains(&self.digits)
        {
            return Err(
                "`most_chains` of at least 1, 2 to 8 `letters`, 2 to 9 `digits`".to_owned(),
            );
        }
        Ok(())
    }

    /// Fills the sequence with blocks of chains with different names and values.
    pub(super) fn fill(&self, random: &mut Random, builder: &mut SequenceBuilder<'_>) {
        let mut used = BTreeSet::new();
        loop {
            let mut chains = self.block(random, builder, &mut used);
            if chains.is_empty() {
                return;
            }
            let mut lines: Vec<String> = chains.iter().flat_map(Chain::lines).collect();
            random.shuffle(&mut lines);
            for line in &lines {
                builder.push(TextPart::Given(line));
            }
            random.shuffle(&mut chains);
            for chain in &chains {
                builder.push(TextPart::Given(&chain.question(self.wording)));
                builder.push(TextPart::Answer(&format!("{}\n", chain.answer())));
            }
        }
    }

    /// Chains that fit what is left, told and asked.
    fn block(
        &self,
        random: &mut Random,
        builder: &SequenceBuilder<'_>,
        used: &mut BTreeSet<String>,
    ) -> Vec<Chain> {
        let wanted = random.between(1, self.most_chains);
        let mut left = builder.left();
        let mut chains: Vec<Chain> = Vec::new();
        while chains.len() < wanted {
            let hops = random.between(0, self.most_hops);
            let names = (0..=hops)
                .map(|_| fresh(used, || name(random, self.letters)))
                .collect();
            let value = fresh(used, || number(random, self.digits));
            let chain = Chain { value, names };
            let text = [
                chain.lines().concat(),
                chain.question(self.wording),
                chain.answer(),
            ]
            .concat();
            // Pieces are cut apart, so their tokens may be a few more than the text's.
            let tokens = builder.count(&text) + hops + 4;
            if tokens > left {
                break;
            }
            left -= tokens;
            chains.push(chain);
        }
        chains
    }
}

/// A text that is not used yet, as far as some tries find one.
fn fresh(used: &mut BTreeSet<String>, mut draw: impl FnMut() -> String) -> String {
    let mut text = draw();
    for _ in 0..64 {
        if used.insert(text.clone()) {
            break;
        }
        text = draw();
    }
    text
}

fn name(random: &mut Random, letters: usize) -> String {
    let letter = |_| char::from(b'A' + random.below(26) as u8);
    (0..letters).map(letter).collect()
}
