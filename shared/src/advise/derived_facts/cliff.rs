//! Where the usable window ends: a cliff in RULER's curve.

use serde::{Deserialize, Serialize};

use super::ruler_at_length::RulerAtLength;
use crate::advise::benchmarks::{needle_tasks, ruler_tasks};
use crate::advise::thresholds::Thresholds;
use crate::tokens::Tokens;

/// A cliff right after a length.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccuracyCliff {
    /// The last length that is read well.
    pub after: Tokens,
    /// The next one measured, which is not.
    pub at: Tokens,
    /// RULER at the first, percent.
    pub from: f64,
    /// RULER at the second.
    pub to: f64,
    /// Tasks that both are means of: all thirteen, or the eight with needles.
    #[serde(default = "ruler_tasks")]
    pub tasks: u32,
}

/// Lengths further apart than this factor leave open where the loss begins.
const NEXT_LENGTH: f64 = 2.2;
/// A cliff loses at least this many times what any earlier step lost.
const STEEPER: f64 = 3.0;

/// The first step between two neighbouring lengths that is a cliff.
///
/// # Formula
/// With `v` the mean of the needles if it is known at every length, else of all tasks: the
/// first `i` with `v[i]` acceptable, `v[i+1]` not, `v[i] - v[i+1]` at least `thresholds.cliff`
/// points and three times the largest loss of an earlier step, the two lengths at most a doubling
/// apart, and no later length acceptable again. Needles decide because wrong positions lose them
/// first; chains that are lost while needles are found are a matter of attention.
pub(super) fn cliff(ruler: &[RulerAtLength], thresholds: &Thresholds) -> Option<AccuracyCliff> {
    let needles: Option<Vec<f64>> = ruler.iter().map(RulerAtLength::needles).collect();
    // The mean is named by the fewest tasks at any length.
    let fewest = ruler.iter().filter(|at| at.overall.is_some());
    let fewest = fewest.map(|at| at.tasks).min().unwrap_or_else(ruler_tasks);
    let tasks = if needles.is_some() {
        needle_tasks()
    } else {
        fewest
    };
    let values: Vec<(Tokens, f64)> = match needles {
        Some(needles) => ruler.iter().map(|at| at.length).zip(needles).collect(),
        None => {
            let known = ruler.iter();
            let known = known.filter_map(|at| Some((at.length, at.overall?)));
            known.collect()
        }
    };
    let mut steepest = 0.0_f64;
    for (place, pair) in values.windows(2).enumerate() {
        let ((after, from), (at, to)) = (pair[0], pair[1]);
        let lost = from - to;
        let near = f64::from(at.0) <= f64::from(after.0) * NEXT_LENGTH;
        let falls = from >= thresholds.acceptable && to < thresholds.acceptable;
        // If a longer length is good again, this one should be measured again: no cliff.
        let stays = values[place + 1..]
            .iter()
            .all(|(_, value)| *value < thresholds.acceptable);
        if near && stays && falls && lost >= thresholds.cliff && lost >= STEEPER * steepest {
            return Some(AccuracyCliff {
                after,
                at,
                from,
                to,
                tasks,
            });
        }
        steepest = steepest.max(lost);
    }
    None
}
