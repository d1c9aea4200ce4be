//! The gap between finding a needle and following references or counting: what a vanilla
//! needle-in-a-haystack test does not show.

use serde::{Deserialize, Serialize};

use super::means::Groups;
use super::{Category, Cell, ResultSet};
use crate::stats::grouped::{contrast, summarise_groups};
use crate::stats::{Interval, Summary};
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
    /// The mean of the first minus that of the second, a fraction.
    pub gap: f64,
    /// Its 95% interval; nothing where a task has a single answer.
    pub interval: Option<Interval>,
}

impl ResultSet {
    /// The gap at `length`; nothing where either side has no task, or one without an answer.
    ///
    /// # Formula
    /// Mean of `niah_single_1` to `_3` minus mean of `vt`, `cwe` and `fwe`, of those that are
    /// there, each task counting the same; interval as in [`contrast`].
    pub fn gap_at(&self, length: Tokens) -> Option<Gap> {
        let of = |wanted: &'static [Category]| {
            let category = |cell: &&Cell| Category::of(&cell.task);
            let cells = self.ruler_at(length);
            let cells =
                cells.filter(move |cell| category(cell).is_some_and(|c| wanted.contains(&c)));
            Groups::of(cells, 1.0)
        };
        let single = of(&[Category::SingleNeedle]);
        let beyond = of(&[Category::MultiHop, Category::Aggregation]);
        let (single, beyond) = (single.views(), beyond.views());
        let (gap, interval) = contrast(&single, &beyond)?;
        Some(Gap {
            length,
            single: summarise_groups(&single),
            beyond: summarise_groups(&beyond),
            gap,
            interval,
        })
    }

    /// The gap at every length that has one, shortest first.
    pub fn gaps(&self) -> Vec<Gap> {
        let lengths = self.lengths().into_iter();
        lengths.filter_map(|length| self.gap_at(length)).collect()
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
        let gaps = set.gaps();
        assert_eq!(gaps.len(), 1);
        let gap = &gaps[0];
        assert!((gap.gap - (0.9 - 0.35)).abs() < 1e-12);
        assert_eq!((gap.single.n, gap.beyond.n), (40, 40));
        let interval = gap.interval.unwrap();
        assert!(interval.low > 0.3 && interval.high < 0.75, "{interval:?}");
    }
}
