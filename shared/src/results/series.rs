//! Checkpoints of one model against a baseline: what was lost at short lengths and on single needles, which are rarely checked.

use serde::{Deserialize, Serialize};

use super::compare::{SamplePair, of_cells, pairs};
use super::{CellMeans, ComparisonSubject, ResultCell, ResultSet, ResultSetInfo};
use crate::stats::Estimate;
use crate::stats::adjust::weighted_holm;
use crate::stats::grouped::contrast;
use crate::stats::paired::PairedTest;
use crate::stats::welch::welch;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// What is rarely checked after a model was taught longer texts.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct DegradationWatch {
    /// Lengths up to this one are short; the baseline's shortest where it is not set.
    pub short: Option<Tokens>,
    /// The level of the tests: over all rows of all checkpoints together, and over all cells.
    pub alpha: f64,
}

impl Default for DegradationWatch {
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
pub enum WatchReason {
    /// It is short.
    Short,
    /// It is easy: one needle.
    Easy,
    /// It is neither, and was lost all the same.
    Elsewhere,
}

impl WatchReason {
    /// What a reader is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Easy => "one needle",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// A cell at a checkpoint, or a row of several.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CellChange {
    /// What a reader calls it.
    pub cell: String,
    /// What it is.
    pub subject: ComparisonSubject,
    /// Why it is watched.
    pub why: WatchReason,
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
    /// How that was made; nothing where samples do not pair, which is Welch's test.
    pub test: Option<PairedTest>,
    /// That adjusted over all rows, or over all cells, of all checkpoints: see [`series`].
    pub holm: f64,
    /// A loss with `holm` at the level or below.
    pub degraded: bool,
}

/// A checkpoint and its watched cells.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Whose scores.
    pub about: ResultSetInfo,
    /// Watched cells pooled: RULER at each short length, then by category, and the tasks with one
    /// needle at longer lengths. Only rows of two or more tasks that the baseline has as well.
    pub rows: Vec<CellChange>,
    /// Cells that are watched and that the baseline has as well.
    pub changes: Vec<CellChange>,
    /// How many cells were tested, watched or not: p-values are corrected over all of these.
    pub tested: usize,
    /// Cells that are not watched and were lost all the same.
    pub elsewhere: Vec<CellChange>,
}

impl Checkpoint {
    /// Everything that was lost: rows, watched cells, cells elsewhere.
    pub fn lost(&self) -> impl Iterator<Item = &CellChange> {
        let all = self.rows.iter().chain(&self.changes).chain(&self.elsewhere);
        all.filter(|change| change.degraded)
    }

    /// Whether anything was lost.
    pub fn degraded(&self) -> bool {
        self.lost().next().is_some()
    }
}

/// Of the level of the rows, what those by category have; RULER at a length, which is tested first,
/// has the rest.
const PARTS: f64 = 0.2;
/// Of the level of the cells, what those have that are not watched.
const ELSEWHERE: f64 = 0.2;

/// Tests every checkpoint, in order, against the baseline in what is rarely checked: all cells at short
/// lengths, and the tasks with one needle at any length. Cells elsewhere are tested too, and told
/// where they were lost.
///
/// Rows that pool the watched cells are tested first, adjusted together over all checkpoints: they
/// are few, and a loss of some points that no cell shows is seen by them. Cells are adjusted among
/// themselves. Of a hundred series in which nothing is lost, five at most flag a loss: each of the
/// two adjustments bounds gains and losses together by `alpha`, and gains are not flagged.
///
/// # Formula
/// Where samples pair by id, [`ScorePairs::paired`](crate::stats::paired::ScorePairs::paired); else
/// [`welch`] with the interval of [`contrast`]. [`weighted_holm`] over the rows, RULER at a length
/// with four fifths of the weight, and over the cells, the watched with four fifths.
pub fn series(
    baseline: &ResultSet,
    checkpoints: &[ResultSet],
    watch: &DegradationWatch,
) -> Vec<Checkpoint> {
    let short = watch.short.or(baseline.lengths().first().copied());
    let mut all: Vec<Checkpoint> = checkpoints
        .iter()
        .map(|checkpoint| held(baseline, checkpoint, short))
        .collect();
    let rows = all.iter_mut().flat_map(|one| &mut one.rows);
    let part = |change: &CellChange| matches!(change.subject, ComparisonSubject::Category { .. });
    adjust(rows.collect(), part, PARTS, watch.alpha);
    let cells = all
        .iter_mut()
        .flat_map(|one| one.changes.iter_mut().chain(&mut one.elsewhere));
    let elsewhere = |change: &CellChange| change.why == WatchReason::Elsewhere;
    adjust(cells.collect(), elsewhere, ELSEWHERE, watch.alpha);
    for one in &mut all {
        one.elsewhere.retain(|change| change.degraded);
    }
    all
}

/// Adjusts by Holm's method; those that are `second` have `share` of the weight.
fn adjust(all: Vec<&mut CellChange>, second: fn(&CellChange) -> bool, share: f64, alpha: f64) {
    let seconds = all.iter().filter(|change| second(change)).count();
    let firsts = all.len() - seconds;
    let weight = |change: &CellChange| match (second(change), firsts) {
        (true, 0) => 1.0,
        (true, _) => share / seconds as f64,
        (false, _) => (1.0 - share) / firsts as f64,
    };
    let tests: Vec<(f64, f64)> = all
        .iter()
        .map(|change| (change.p, weight(change)))
        .collect();
    for (change, holm) in all.into_iter().zip(weighted_holm(&tests)) {
        change.holm = holm;
        change.degraded = change.difference.value < 0.0 && holm <= alpha;
    }
}

fn held(baseline: &ResultSet, checkpoint: &ResultSet, short: Option<Tokens>) -> Checkpoint {
    let cells = baseline.cells.iter();
    let both = cells.filter_map(|cell| {
        let other = checkpoint.cells.iter().find(|other| other.is_like(cell))?;
        let is_short = cell.length.is_some() && cell.length <= short;
        let easy =
            cell.is_ruler() && RulerCategory::of(&cell.task) == Some(RulerCategory::SingleNeedle);
        let why = match (is_short, easy) {
            (true, _) => WatchReason::Short,
            (false, true) => WatchReason::Easy,
            (false, false) => WatchReason::Elsewhere,
        };
        Some((cell, other, why))
    });
    let both: Vec<(&ResultCell, &ResultCell, WatchReason)> = both.collect();
    let (mut changes, mut elsewhere) = (Vec::new(), Vec::new());
    for (cell, other, why) in &both {
        let subject = ComparisonSubject::Cell {
            task: cell.task.clone(),
            length: cell.length,
            variant: cell.variant.clone(),
        };
        let found = change(subject, *why, &[(cell, other)]);
        match why {
            WatchReason::Elsewhere => elsewhere.extend(found),
            _ => changes.extend(found),
        }
    }
    Checkpoint {
        about: checkpoint.about.clone(),
        rows: rows(&both),
        tested: changes.len() + elsewhere.len(),
        changes,
        elsewhere,
    }
}

fn rows(both: &[(&ResultCell, &ResultCell, WatchReason)]) -> Vec<CellChange> {
    let watched = both
        .iter()
        .filter(|(cell, _, why)| cell.is_ruler() && *why != WatchReason::Elsewhere);
    let mut lengths: Vec<(Tokens, WatchReason)> = watched
        .clone()
        .filter_map(|(cell, _, why)| Some((cell.length?, *why)))
        .collect();
    lengths.sort_unstable_by_key(|(length, _)| *length);
    lengths.dedup_by_key(|(length, _)| *length);
    let row = |subject: ComparisonSubject, why, keep: &dyn Fn(&ResultCell) -> bool| {
        let of = watched.clone().filter(|(cell, ..)| keep(cell));
        let of: Vec<(&ResultCell, &ResultCell)> =
            of.map(|(cell, other, _)| (*cell, *other)).collect();
        // Of a single task the row would be its cell.
        (of.len() > 1).then(|| change(subject, why, &of))?
    };
    let mut rows = Vec::new();
    for (length, why) in &lengths {
        if *why == WatchReason::Short {
            let at = |cell: &ResultCell| cell.length == Some(*length);
            let here = watched.clone().filter(|(cell, ..)| at(cell));
            let subject = ComparisonSubject::Length {
                length: *length,
                tasks: here.count() as u32,
            };
            rows.extend(row(subject, *why, &at));
        }
    }
    for (length, why) in &lengths {
        for category in RulerCategory::ALL {
            let of = |cell: &ResultCell| {
                cell.length == Some(*length) && RulerCategory::of(&cell.task) == Some(category)
            };
            let subject = ComparisonSubject::Category {
                category,
                length: *length,
            };
            rows.extend(row(subject, *why, &of));
        }
    }
    rows
}

/// What cells of both sets come to, each counting the same; nothing where it cannot be tested.
fn change(
    subject: ComparisonSubject,
    why: WatchReason,
    both: &[(&ResultCell, &ResultCell)],
) -> Option<CellChange> {
    let each: Vec<Vec<SamplePair<'_>>> = both.iter().map(|(a, b)| pairs(a, b)).collect();
    let all: Vec<SamplePair<'_>> = each.iter().flatten().cloned().collect();
    let blank =
        |[before, after, difference]: [Estimate; 3], n, p, test: Option<PairedTest>| CellChange {
            cell: subject.to_string(),
            subject: subject.clone(),
            why,
            before,
            after,
            difference,
            n,
            paired: test.is_some(),
            p,
            test,
            holm: p,
            degraded: false,
        };
    // A row of some cells that pair and some that do not would be a row of other tasks.
    if each.iter().all(|pairs| !pairs.is_empty()) {
        let all = of_cells(&all).paired()?;
        let sides = [all.first, all.second, all.difference];
        return Some(blank(sides, all.n, all.p, Some(all.test)));
    }
    let [(before, after)] = both else {
        return None;
    };
    let (a, b) = (CellMeans::of([*before]), CellMeans::of([*after]));
    let (first, second) = (a.whole(), b.whole());
    let difference = contrast(&b.groups(|_| true), &a.groups(|_| true))?;
    let p = welch(&pseudo(before), &pseudo(after))?;
    let sides = [first.estimate()?, second.estimate()?, difference];
    Some(blank(sides, first.n + second.n, p, None))
}

/// One score of 0 and one of 1 more, so that a side of equal scores is not taken to be certain
/// (Agresti and Caffo, The American Statistician 54 (2000) 280–288).
fn pseudo(cell: &ResultCell) -> Vec<f64> {
    cell.values().into_iter().chain([0.0, 1.0]).collect()
}

#[cfg(test)]
mod tests;
