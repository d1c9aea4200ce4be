//! Words to be repeated in their order: the densest exercise there is in finding the place where the
//! same word stood before and reading on from there.

use serde::{Deserialize, Serialize};

use super::TextPart;
use super::pairs::words;
use super::sequence::SequenceBuilder;
use crate::random::Random;

/// Words to be repeated.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CopyForm {
    /// How many different words there are.
    keys: usize,
    /// The most words of a block: words, then the same again. Their number differs from block to block,
    /// so that no fixed distance leads back. A sequence is blocks to its end.
    most_words: usize,
}

impl CopyForm {
    pub(super) fn check(&self) -> Result<(), String> {
        if !(1..=words().len()).contains(&self.keys) || self.most_words < 2 {
            return Err(format!(
                "1 to {} `keys`, the words there are, and `most_words` of at least 2",
                words().len()
            ));
        }
        Ok(())
    }

    /// Fills the sequence with blocks.
    pub(super) fn fill(&self, random: &mut Random, builder: &mut SequenceBuilder<'_>) {
        let step = words().len() / self.keys;
        while builder.left() > 8 {
            let count = random.between(2, self.most_words);
            let mut text = String::new();
            for _ in 0..count {
                let word = words()[random.below(self.keys) * step];
                let longer = format!("{text} {word}");
                if 2 * builder.count(&longer) + 2 > builder.left() {
                    break;
                }
                text = longer;
            }
            if text.is_empty() {
                return;
            }
            builder.push(TextPart::Given(&text));
            builder.push(TextPart::Given("?"));
            builder.push(TextPart::Answer(&text));
            builder.push(TextPart::Given("."));
        }
    }
}
