//! Checkpoints of one model against a baseline: what was lost without anyone looking there.

use serde::{Deserialize, Serialize};

use super::compare::{pairs, scores_of};
use super::{About, Category, Cell, Means, ResultSet};
use crate::stats::Estimate;
use crate::stats::adjust::holm;
use crate::stats::grouped::contrast;
use crate::stats::paired::Paired;
use crate::stats::welch::welch;
use crate::tokens::Tokens;

/// Where nobody looks after a model was taught longer texts.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Watch {
    /// Lengths up to this one are short; the baseline's shortest where it is not set.
    pub short: Option<Tokens>,
    /// The level of the tests, over all watched cells of all checkpoints together.
    pub alpha: f64,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            short: None,
            alpha: 0.05,
        }
    }
}

/// Why a cell is watched.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watched {
    /// It is short.
    Short,
    /// It is easy: one needle.
    Easy,
}

/// A watched cell at a checkpoint.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Change {
    /// What a reader calls the cell.
    pub cell: String,
    /// Why it is watched.
    pub why: Watched,
    /// The baseline's mean.
    pub before: Estimate,
    /// The checkpoint's.
    pub after: Estimate,
    /// The checkpoint's minus the baseline's.
    pub difference: Estimate,
    /// Pairs, or scores of both sets where none pair.
    pub n: u32,
    /// Whether samples pair.
    pub paired: bool,
    /// How surprising the change is if there is none, two-sided.
    pub p: f64,
    /// That adjusted over all watched cells of all checkpoints, by Holm's method.
    pub holm: f64,
    /// A loss with `holm` at the level or below.
    pub degraded: bool,
}

/// A checkpoint and its watched cells.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Whose scores.
    pub about: About,
    /// Cells that are watched and that the baseline has as well.
    pub changes: Vec<Change>,
}

impl Checkpoint {
    /// Whether anything was lost.
    pub fn degraded(&self) -> bool {
        self.changes.iter().any(|change| change.degraded)
    }
}

/// Tests every checkpoint, in order, against the baseline where nobody looks: all cells at short
/// lengths, and the tasks with one needle at any length.
///
/// # Formula
/// Where samples pair by id, [`Paired::clustered`]; else [`welch`] with the interval of
/// [`contrast`]. Holm over all of them.
pub fn series(baseline: &ResultSet, checkpoints: &[ResultSet], watch: &Watch) -> Vec<Checkpoint> {
    let short = watch.short.or(baseline.lengths().first().copied());
    let mut all: Vec<Checkpoint> = checkpoints
        .iter()
        .map(|checkpoint| Checkpoint {
            about: checkpoint.about.clone(),
            changes: changes(baseline, checkpoint, short),
        })
        .collect();
    let mut changes: Vec<&mut Change> = all.iter_mut().flat_map(|one| &mut one.changes).collect();
    let p: Vec<f64> = changes.iter().map(|change| change.p).collect();
    for (change, holm) in changes.iter_mut().zip(holm(&p)) {
        change.holm = holm;
        change.degraded = change.difference.value < 0.0 && holm <= watch.alpha;
    }
    all
}

fn changes(baseline: &ResultSet, checkpoint: &ResultSet, short: Option<Tokens>) -> Vec<Change> {
    let watched = baseline.cells.iter().filter_map(|cell| {
        let is_short = cell.length.is_some() && cell.length <= short;
        let easy = cell.is_ruler() && Category::of(&cell.task) == Some(Category::SingleNeedle);
        let why = match (is_short, easy) {
            (true, _) => Watched::Short,
            (false, true) => Watched::Easy,
            (false, false) => return None,
        };
        let other = checkpoint.cells.iter().find(|other| other.is_like(cell))?;
        change(cell, other, why)
    });
    watched.collect()
}

fn change(before: &Cell, after: &Cell, why: Watched) -> Option<Change> {
    let (scores, clusters) = scores_of(&pairs(before, after));
    let blank = |before, after, difference, n, p| Change {
        cell: String::new(),
        why,
        before,
        after,
        difference,
        n,
        paired: true,
        p,
        holm: p,
        degraded: false,
    };
    let change = match Paired::clustered(&scores, &clusters) {
        Some(all) => blank(all.first, all.second, all.difference, all.n, all.p),
        None => {
            let (a, b) = (Means::of([before]), Means::of([after]));
            let (first, second) = (a.whole(), b.whole());
            let difference = contrast(&b.groups(|_| true), &a.groups(|_| true))?;
            let p = welch(&pseudo(before), &pseudo(after))?;
            let n = first.n + second.n;
            let change = blank(first.estimate()?, second.estimate()?, difference, n, p);
            Change {
                paired: false,
                ..change
            }
        }
    };
    Some(Change {
        cell: before.name(),
        ..change
    })
}

/// One score of 0 and one of 1 more, so that a side of equal scores is not taken to be certain
/// (Agresti and Caffo, The American Statistician 54 (2000) 280–288).
fn pseudo(cell: &Cell) -> Vec<f64> {
    cell.values().into_iter().chain([0.0, 1.0]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{set, share};
    use super::*;
    use crate::formats::RowId;
    use crate::stats::Method;

    #[test]
    fn losses_are_flagged_by_tests_and_only_where_nobody_looks() {
        let baseline = set(vec![
            share("niah_single_1", 4096, 60, 60),
            share("vt", 4096, 58, 60),
            share("niah_single_1", 32768, 60, 60),
            share("vt", 32768, 50, 60),
        ]);
        let fine = set(vec![
            share("niah_single_1", 4096, 59, 60),
            share("vt", 4096, 56, 60),
        ]);
        let mut lost = vec![
            share("vt", 4096, 40, 60),
            share("niah_single_1", 32768, 45, 60),
            share("vt", 32768, 1, 60),
        ];
        // Other samples: they do not pair.
        for (at, sample) in lost[1].samples.iter_mut().enumerate() {
            sample.id = RowId::Text(format!("other {at}"));
        }
        let all = series(&baseline, &[fine, set(lost)], &Watch::default());
        assert!(!all[0].degraded() && all[0].changes.len() == 2);
        let told: Vec<_> = all[1]
            .changes
            .iter()
            .map(|change| {
                (
                    change.cell.as_str(),
                    change.why,
                    change.paired,
                    change.degraded,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("niah_single_1 at 32768", Watched::Easy, false, true),
                ("vt at 4096", Watched::Short, true, true),
            ]
        );
        assert!(all[1].changes.iter().all(|change| change.holm >= change.p));
        // Paired or not, both means and their difference have intervals.
        for change in &all[1].changes {
            let Change {
                before,
                after,
                difference,
                ..
            } = change;
            for estimate in [before, after, difference] {
                let interval = estimate.interval.unwrap();
                let (low, high) = (interval.low - 1e-9, interval.high + 1e-9);
                let holds = low <= estimate.value && estimate.value <= high;
                assert!(holds && interval.high - interval.low > 0.01, "{change:?}");
            }
            assert_eq!(before.interval.unwrap().method, Method::Wilson);
            assert!((after.value - before.value - difference.value).abs() < 1e-12);
            assert!(difference.interval.unwrap().high < 0.0, "{change:?}");
        }
        // Nothing but ones before: drawing them again would show nothing.
        let apart = &all[1].changes[0];
        assert_eq!(
            (apart.n, apart.difference.interval.unwrap().method),
            (120, Method::Newcombe)
        );
    }
}
