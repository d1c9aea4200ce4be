//! A series of checkpoints of one model against a baseline: losses at short lengths and on single
//! needles, which are rarely checked.

use serde::{Deserialize, Serialize};

use super::compare::{PairSpread, SamplePair, of_cells, pairs};
use super::correction::{self, TestFamily, TestGroup};
use super::{CellMeans, ComparisonPlan, ComparisonSubject, ResultCell, ResultSet, ResultSetInfo};
use crate::stats::Estimate;
use crate::stats::grouped::contrast;
use crate::stats::paired::PairedTest;
use crate::stats::welch::welch;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// Which cells to watch: those rarely checked after a model was trained on longer texts.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct DegradationWatch {
    /// Lengths up to this one are short; by default the baseline's shortest length.
    pub short: Option<Tokens>,
    /// The level of the tests: over all rows of all checkpoints, and separately over all cells.
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
    /// Its length is short.
    Short,
    /// Its task is easy: one needle.
    Easy,
    /// It is not watched, but was lost.
    Elsewhere,
}

impl WatchReason {
    /// The name shown to readers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Easy => "one needle",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// A cell at a checkpoint, or a row of several cells.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CellChange {
    /// The name shown to readers.
    pub cell: String,
    /// The subject.
    pub subject: ComparisonSubject,
    /// Why it is watched.
    pub why: WatchReason,
    /// The baseline's mean.
    pub before: Estimate,
    /// The checkpoint's.
    pub after: Estimate,
    /// The checkpoint's minus the baseline's.
    pub difference: Estimate,
    /// Number of pairs, or of scores in both sets if none pair.
    pub n: u32,
    /// Whether samples pair.
    pub paired: bool,
    /// The two-sided p-value of the change.
    pub p: f64,
    /// How the p-value was computed; `None` means Welch's test, for samples that do not pair.
    pub test: Option<PairedTest>,
    /// The p-value adjusted over all rows, or over all cells, of all checkpoints: see [`series`].
    pub holm: f64,
    /// Whether it is a loss with `holm` at or below the level.
    pub degraded: bool,
    /// Whether it is a fall that its interval or its p-value shows when taken alone, but the
    /// corrected p-value does not: real, or chance among many tests.
    pub suspect: bool,
    /// Pairs that got better, and pairs that got worse; `None` if samples do not pair.
    pub moved: Option<(u32, u32)>,
    /// How much the differences of the pairs vary.
    pub spread: Option<PairSpread>,
    /// How many more pairs would show a change as large as this one, if it is real.
    pub more: Option<u32>,
}

impl CellChange {
    /// The tests that it shares the level with.
    fn group(&self) -> TestGroup {
        match (self.subject.group(), self.why) {
            // Beyond short lengths only single needles are watched: a row of its own, not a part.
            (TestGroup::Part, WatchReason::Easy) => TestGroup::Needles,
            (TestGroup::Cell, WatchReason::Elsewhere) => TestGroup::Elsewhere,
            (group, _) => group,
        }
    }
}

/// A checkpoint and its watched cells.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Description of the checkpoint.
    pub about: ResultSetInfo,
    /// Combined watched cells: RULER at each short length, then by category, and the single-needle
    /// tasks at longer lengths. Only rows of two or more tasks that the baseline also has.
    pub rows: Vec<CellChange>,
    /// Watched cells that the baseline also has.
    pub changes: Vec<CellChange>,
    /// How many cells were tested, watched or not: p-values are corrected over all of these.
    pub tested: usize,
    /// Cells that are not watched but were lost, or may be.
    pub elsewhere: Vec<CellChange>,
}

impl Checkpoint {
    /// All losses: rows, watched cells, cells elsewhere.
    pub fn lost(&self) -> impl Iterator<Item = &CellChange> {
        let all = self.rows.iter().chain(&self.changes).chain(&self.elsewhere);
        all.filter(|change| change.degraded)
    }

    /// Whether anything was lost.
    pub fn degraded(&self) -> bool {
        self.lost().next().is_some()
    }
}

/// Tests every checkpoint, in order, against the baseline in cells that are rarely checked: all
/// cells at short lengths, and the single-needle tasks at any length. Cells elsewhere are tested
/// too, and listed if they were lost or may be.
///
/// Rows that combine the watched cells are tested first, adjusted together over all checkpoints:
/// they are few, and detect a loss of a few points that no single cell shows. Cells are adjusted
/// separately. Of a hundred series without losses, at most five flag one: each of the two
/// adjustments bounds gains and losses together by `alpha`, and gains are not flagged.
///
/// # Formula
/// If samples pair by id, [`ScorePairs::paired`](crate::stats::paired::ScorePairs::paired);
/// otherwise [`welch`] with the interval of [`contrast`].
/// [`weighted_holm`](crate::stats::adjust::weighted_holm) over the rows, with two fifths of the
/// weight each for RULER at a length and for single needles at longer lengths, and over the cells,
/// with four fifths for the watched ones.
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
    adjust(rows.collect(), watch.alpha);
    let cells = all
        .iter_mut()
        .flat_map(|one| one.changes.iter_mut().chain(&mut one.elsewhere));
    adjust(cells.collect(), watch.alpha);
    for one in &mut all {
        one.elsewhere
            .retain(|change| change.degraded || change.suspect);
    }
    all
}

/// A sentence that says over how many rows and cells of all checkpoints p-values are corrected.
/// Cells that are not listed count as well.
pub fn corrected(all: &[Checkpoint]) -> String {
    let tests = all.iter().flat_map(|one| {
        let elsewhere = one.tested.saturating_sub(one.changes.len());
        let listed = one.rows.iter().chain(&one.changes).map(CellChange::group);
        listed.chain(std::iter::repeat_n(TestGroup::Elsewhere, elsewhere))
    });
    correction::told(tests)
}

fn adjust(all: Vec<&mut CellChange>, alpha: f64) {
    let tests: Vec<(f64, TestGroup)> = all
        .iter()
        .map(|change| (change.p, change.group()))
        .collect();
    let family: TestFamily = tests.iter().map(|(_, group)| *group).collect();
    let power = ComparisonPlan::default().power;
    for (change, holm) in all.into_iter().zip(family.adjusted(&tests)) {
        let fell = change.difference.value < 0.0;
        let ends = change.difference.interval;
        change.holm = holm;
        change.degraded = fell && holm <= alpha;
        let alone = change.p <= alpha || ends.is_some_and(|ends| ends.high < 0.0);
        change.suspect = fell && alone && !change.degraded;
        let level = alpha * family.share(change.group());
        change.more = change
            .spread
            .and_then(|spread| spread.more(change.difference.value, level, power));
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
        // A row of a single task would equal its cell.
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

/// Compares cells of both sets, equally weighted; `None` if they cannot be tested.
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
            suspect: false,
            moved: None,
            spread: None,
            more: None,
        };
    // Mixing cells that pair with cells that do not would make it a row of other tasks.
    if each.iter().all(|pairs| !pairs.is_empty()) {
        let scores = of_cells(&all);
        let found = scores.paired()?;
        let sides = [found.first, found.second, found.difference];
        return Some(CellChange {
            moved: Some((found.gained, found.lost)),
            spread: Some(PairSpread::of(&all, &scores, &found)),
            ..blank(sides, found.n, found.p, Some(found.test))
        });
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

/// Adds one score of 0 and one of 1, so that a side with equal scores does not look certain
/// (Agresti and Caffo, The American Statistician 54 (2000) 280–288).
fn pseudo(cell: &ResultCell) -> Vec<f64> {
    cell.values().into_iter().chain([0.0, 1.0]).collect()
}

#[cfg(test)]
mod tests;
