//! The gap between finding a needle and following references or counting: what a vanilla
//! needle-in-a-haystack test does not show.

use serde::{Deserialize, Serialize};

use super::CellMeans;
use crate::stats::grouped::{WeightedGroup, balance, contrast, summarise_groups};
use crate::stats::{Estimate, Summary};
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// The gap at one length.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NeedleGap {
    /// Length of prompt and answer together.
    pub length: Tokens,
    /// The single-needle tasks.
    pub single: Summary,
    /// The multi-hop tracing and aggregation tasks.
    pub beyond: Summary,
    /// The mean of the first minus that of the second; no interval if a task has only one answer.
    pub gap: Estimate,
    /// This gap minus the gap at the shortest length: the effect of length. `None` at the shortest
    /// length.
    pub growth: Option<Estimate>,
    /// The same for multi-hop tracing alone; `None` if it was not tested, or nothing else was.
    pub hops: Option<MultiHopGap>,
}

/// The gap to multi-hop tracing alone.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MultiHopGap {
    /// Multi-hop tracing.
    pub sum: Summary,
    /// The single-needle tasks minus that.
    pub gap: Estimate,
    /// This gap minus that at the shortest length that has one; `None` there.
    pub growth: Option<Estimate>,
}

impl CellMeans<'_> {
    /// The gap at `length`; `None` if either side has no task, or a task without answers.
    ///
    /// # Formula
    /// Mean of `niah_single_1` to `_3` minus mean of `vt`, `cwe` and `fwe`, of those that are
    /// available, with tasks equally weighted; interval as in [`contrast`].
    pub fn gap(&self, length: Tokens) -> Option<NeedleGap> {
        let single = self.categories(&[RulerCategory::SingleNeedle], length);
        let beyond = self.categories(
            &[RulerCategory::MultiHop, RulerCategory::Aggregation],
            length,
        );
        let hops = self.categories(&[RulerCategory::MultiHop], length);
        let alone = (hops.len() < beyond.len()).then(|| contrast(&single, &hops));
        Some(NeedleGap {
            length,
            single: summarise_groups(&single),
            beyond: summarise_groups(&beyond),
            gap: contrast(&single, &beyond)?,
            growth: None,
            hops: alone.flatten().map(|gap| MultiHopGap {
                sum: summarise_groups(&hops),
                gap,
                growth: None,
            }),
        })
    }

    /// The gap at every length that has one, shortest first, with its growth over the shortest.
    /// Different lengths have different samples: the interval of a growth is computed as in
    /// [`balance`].
    pub fn gaps(&self) -> Vec<NeedleGap> {
        let lengths = self.lengths().into_iter();
        let mut gaps: Vec<NeedleGap> = lengths.filter_map(|length| self.gap(length)).collect();
        let all = [RulerCategory::MultiHop, RulerCategory::Aggregation];
        if let Some(first) = gaps.first().map(|gap| gap.length) {
            for gap in gaps.iter_mut().skip(1) {
                gap.growth = self.growth(&all, first, gap.length);
            }
        }
        let first = gaps.iter().find(|gap| gap.hops.is_some());
        if let Some(first) = first.map(|gap| gap.length) {
            for gap in gaps.iter_mut().filter(|gap| gap.length != first) {
                if let Some(hops) = &mut gap.hops {
                    hops.growth = self.growth(&[RulerCategory::MultiHop], first, gap.length);
                }
            }
        }
        gaps
    }

    /// The gap to `beyond` at one length minus the gap at another.
    fn growth(&self, beyond: &[RulerCategory], from: Tokens, to: Tokens) -> Option<Estimate> {
        let sides = |length| -> [Vec<WeightedGroup<'_>>; 2] {
            let single = self.categories(&[RulerCategory::SingleNeedle], length);
            [single, self.categories(beyond, length)]
        };
        let ([single, hops], [before, less]) = (sides(to), sides(from));
        balance(&[&single, &less], &[&hops, &before])
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
    #[test]
    fn hops_stand_alone_and_growth_is_over_the_shortest_length() {
        let at = |length, hops| {
            [
                share("niah_single_1", length, 40, 40),
                share("vt", length, hops, 40),
                share("cwe", length, 20, 40),
            ]
        };
        let set = set([at(4096, 36), at(8192, 20)].concat());
        let gaps = set.means().gaps();
        let hops: Vec<_> = gaps.iter().map(|gap| gap.hops.unwrap()).collect();
        assert!((hops[0].gap.value - 0.1).abs() < 1e-12 && hops[0].growth.is_none());
        let growth = hops[1].growth.unwrap();
        assert!((growth.value - 0.4).abs() < 1e-12);
        let ends = growth.interval.unwrap();
        assert!(ends.low > 0.15 && ends.high < 0.65, "{ends:?}");
        assert!((gaps[1].growth.unwrap().value - 0.2).abs() < 1e-12);
        assert_eq!(gaps[0].growth, None);
    }
}
