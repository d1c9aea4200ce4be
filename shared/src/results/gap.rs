//! The gap between finding a needle and following references or counting: what a vanilla
//! needle-in-a-haystack test does not show.

use serde::{Deserialize, Serialize};

use super::{Category, Means};
use crate::stats::grouped::{contrast, summarise_groups};
use crate::stats::{Estimate, Summary};
use crate::tokens::Tokens;

/// The gap at one length.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gap {
    /// Prompt and answer together.
    pub length: Tokens,
    /// The tasks with one needle.
    pub single: Summary,
    /// The tasks of multi-hop tracing and aggregation.
    pub beyond: Summary,
    /// The mean of the first minus that of the second; no interval where a task has a single
    /// answer.
    pub gap: Estimate,
}

impl Means<'_> {
    /// The gap at `length`; nothing where either side has no task, or one without an answer.
    ///
    /// # Formula
    /// Mean of `niah_single_1` to `_3` minus mean of `vt`, `cwe` and `fwe`, of those that are
    /// there, each task counting the same; interval as in [`contrast`].
    pub fn gap(&self, length: Tokens) -> Option<Gap> {
        let single = self.categories(&[Category::SingleNeedle], length);
        let beyond = self.categories(&[Category::MultiHop, Category::Aggregation], length);
        Some(Gap {
            length,
            single: summarise_groups(&single),
            beyond: summarise_groups(&beyond),
            gap: contrast(&single, &beyond)?,
        })
    }

    /// The gap at every length that has one, shortest first.
    pub fn gaps(&self) -> Vec<Gap> {
        let lengths = self.lengths().into_iter();
        lengths.filter_map(|length| self.gap(length)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cell, set, share};

    #[test]
    fn needles_stand_against_hops_and_counts() {
        let set = set(vec![
            share("niah_single_1", 4096, 20, 20),
            share("niah_single_2", 4096, 16, 20),
            share("niah_multikey_1", 4096, 0, 20),
            share("vt", 4096, 10, 20),
            share("cwe", 4096, 4, 20),
            share("niah_single_1", 8192, 20, 20),
            cell("vt", 16384, &[None]),
            share("niah_single_1", 16384, 20, 20),
        ]);
        let gaps = set.means().gaps();
        assert_eq!(gaps.len(), 1);
        let gap = &gaps[0];
        assert!((gap.gap.value - (0.9 - 0.35)).abs() < 1e-12);
        assert_eq!((gap.single.n, gap.beyond.n), (40, 40));
        let interval = gap.gap.interval.unwrap();
        assert!(interval.low > 0.3 && interval.high < 0.75, "{interval:?}");
    }
}
