//! Evaluates a gate's checks.

mod effective_length; // the check for a minimum effective length
mod no_worse; // the check that a candidate is no worse than its baseline

use serde::{Deserialize, Serialize};

use super::policy::{GateBasis, GateCheck, GateCheckKind, GatePolicy, GateSuite};
use crate::longbench::QuestionGroup;
use crate::numbers::{count, counted};
use crate::results::{CellMeans, QuestionTags, ResultCell, ResultSet, SampleScore, length_text};
use crate::stats::Summary;
use crate::task::{RulerCategory, asks_questions};
use crate::tokens::Tokens;
use effective_length::effective;
use no_worse::no_worse;

/// The outcome of a check, or of the whole gate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateOutcome {
    /// The check holds.
    Passed,
    /// The samples do not decide it.
    Undecided,
    /// The check does not hold.
    Failed,
}

impl GateReport {
    /// The outcome in a sentence: `gate failed: 2 of 3 checks do not hold`.
    pub fn words(&self) -> String {
        let of = |check: &&GateCheckReport| check.outcome == self.outcome;
        let number = self.checks.iter().filter(of).count();
        let all = self.checks.len();
        if number == all && all > 1 {
            return match self.outcome {
                GateOutcome::Passed => format!("gate passed: all {all} checks hold"),
                GateOutcome::Failed => format!("gate failed: none of the {all} checks holds"),
                GateOutcome::Undecided => {
                    format!("gate undecided: these samples decide none of the {all} checks")
                }
            };
        }
        let which = match all {
            1 => "the one check".to_owned(),
            all => format!("{number} of {all} checks"),
        };
        let (hold, does) = if number == 1 {
            ("holds", "does")
        } else {
            ("hold", "do")
        };
        let undecided = |check: &&GateCheckReport| check.outcome == GateOutcome::Undecided;
        let open = match self.checks.iter().filter(undecided).count() {
            0 => String::new(),
            1 => ", and 1 is undecided".to_owned(),
            open => format!(", and {open} are undecided"),
        };
        match self.outcome {
            GateOutcome::Passed => format!("gate passed: {which} {hold}"),
            GateOutcome::Failed => format!("gate failed: {which} {does} not hold{open}"),
            GateOutcome::Undecided => {
                format!("gate undecided: none failed, but these samples do not decide {which}")
            }
        }
    }
}

impl GateOutcome {
    /// The outcome as a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Undecided => "undecided",
            Self::Failed => "failed",
        }
    }

    /// The exit code of `fathom gate`: 0, 1 for failed, 3 for undecided; 2 is a usage error.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Undecided => 3,
        }
    }
}

/// One check with its figures.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct GateCheckReport {
    /// The title of the check.
    pub title: String,
    /// Its outcome.
    pub outcome: GateOutcome,
    /// The figures, in a sentence: mean, interval, n, p.
    pub says: String,
    /// How many more samples would settle it, if the figures stay as they are; `None` if it is
    /// settled or no number of samples would.
    pub more: Option<u32>,
    /// The same in words.
    pub needs: Option<String>,
}

/// The whole gate.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct GateReport {
    /// Failed if any check failed, else undecided if any is, else passed.
    pub outcome: GateOutcome,
    /// The checks, in the file's order.
    pub checks: Vec<GateCheckReport>,
}

/// Checks a candidate against a policy and a baseline.
///
/// # Formula
/// Means: cells (a task at a length) equally weighted, with the 95% interval of [`CellMeans`]. "No
/// worse": [`ScorePairs::no_worse`](crate::stats::paired::ScorePairs::no_worse) over the pairs of
/// each cell, clustered by source, at half the check's level, so that a loss ruled out at 0.05 lies
/// outside the two-sided 95% interval; if no sample pairs, the 95% interval of the difference. If
/// no pair differs, the margin must exceed the upper end of Wilson's interval for the share that
/// does. Samples needed: `n·(w/d)²` for an interval of half width `w` at distance `d` from the
/// bound; for "no worse" as in [`pairs_for_one_side`](crate::stats::power::pairs_for_one_side). If
/// something that a check names was not measured, the check is undecided; so is an effective length
/// from fewer than RULER's 13 tasks, or with some of RULER's shorter lengths left out, unless the
/// check allows that.
pub fn judge(policy: &GatePolicy, baseline: &ResultSet, candidate: &ResultSet) -> GateReport {
    let checks: Vec<GateCheckReport> = policy
        .checks
        .iter()
        .map(|check| {
            let GateJudgement {
                outcome,
                says,
                more,
            } = one(check, baseline, candidate);
            GateCheckReport {
                title: check.title(),
                outcome,
                says,
                more: more.map(|more| more.more),
                needs: more.map(MissingSamples::words),
            }
        })
        .collect();
    let worst = checks.iter().map(|check| check.outcome).max();
    GateReport {
        outcome: worst.unwrap_or(GateOutcome::Undecided),
        checks,
    }
}

struct GateJudgement {
    outcome: GateOutcome,
    says: String,
    more: Option<MissingSamples>,
}

/// Samples or pairs that are available, and those that are missing.
#[derive(Clone, Copy)]
struct MissingSamples {
    n: u32,
    more: u32,
    what: &'static str,
}

impl MissingSamples {
    /// `at these figures, about 80 in total would settle it, and there are 10`.
    fn words(self) -> String {
        let all = u64::from(self.n) + u64::from(self.more);
        if all > 10_000 && all > 20 * u64::from(self.n) {
            return format!(
                "the figure is so close to the bound that more {}s are unlikely to settle it",
                self.what
            );
        }
        // Two significant digits: the estimate is no more precise than that.
        let step = 10_u64.pow(all.checked_ilog10().unwrap_or(0).saturating_sub(1));
        let verb = if self.n == 1 { "is" } else { "are" };
        format!(
            "at these figures, about {} in total would settle it, and there {verb} {}",
            counted(all.div_ceil(step) * step, self.what),
            count(self.n.into())
        )
    }
}

fn undecided(says: &str) -> GateJudgement {
    GateJudgement {
        outcome: GateOutcome::Undecided,
        says: says.to_owned(),
        more: None,
    }
}

fn one(check: &GateCheck, baseline: &ResultSet, candidate: &ResultSet) -> GateJudgement {
    let judged = match check.kind {
        GateCheckKind::AtLeast | GateCheckKind::LongbenchAtLeast => {
            let cells = picked(check, candidate);
            against(check, summary(&cells), check.percent.unwrap_or_default())
        }
        GateCheckKind::NoWorseThanBaseline => no_worse(check, baseline, candidate),
        GateCheckKind::EffectiveLengthAtLeast => return effective(check, candidate),
        GateCheckKind::FailuresAtMost => failures(check, &picked(check, candidate)),
    };
    let both = match check.kind {
        GateCheckKind::NoWorseThanBaseline => vec![baseline, candidate],
        _ => vec![candidate],
    };
    match missing(check, &both) {
        Some(missing) if judged.outcome != GateOutcome::Failed => GateJudgement {
            outcome: GateOutcome::Undecided,
            says: format!("{}; {missing}", judged.says),
            ..judged
        },
        _ => judged,
    }
}

/// What the check names but a set lacks; `None` if nothing is missing.
fn missing(check: &GateCheck, sets: &[&ResultSet]) -> Option<String> {
    let picked: Vec<Vec<ResultCell>> = sets.iter().map(|set| picked(check, set)).collect();
    let everywhere =
        |holds: &dyn Fn(&ResultCell) -> bool| picked.iter().all(|cells| cells.iter().any(holds));
    let lengths = check.lengths.iter().filter(|at| {
        let at = Some(Tokens(**at));
        !everywhere(&|cell| cell.length == at)
    });
    let tasks = check
        .tasks
        .iter()
        .filter(|task| !everywhere(&|cell| cell.task == **task));
    let named: Vec<String> = lengths
        .map(|length| format!("{} tokens", length_text(Tokens(*length))))
        .chain(tasks.cloned())
        .collect();
    (!named.is_empty()).then(|| format!("not measured: {}", named.join(", ")))
}

/// The cells that a check is about, with only the selected samples.
fn picked(check: &GateCheck, set: &ResultSet) -> Vec<ResultCell> {
    let of_longbench = check.kind == GateCheckKind::LongbenchAtLeast;
    let fits = |cell: &&ResultCell| {
        let suite = match () {
            () if asks_questions(&cell.task) => GateSuite::LongbenchV2,
            () if cell.is_ruler() => GateSuite::Ruler,
            () => GateSuite::Own,
        };
        let length = cell.length.map(|length| length.0);
        (!of_longbench || suite == GateSuite::LongbenchV2)
            && check.suite.is_none_or(|wanted| wanted == suite)
            && (check.tasks.is_empty() || check.tasks.contains(&cell.task))
            && check
                .category
                .is_none_or(|wanted| RulerCategory::of(&cell.task) == Some(wanted))
            && (check.lengths.is_empty() || length.is_some_and(|at| check.lengths.contains(&at)))
            && cell.variant == check.variant
    };
    let in_group = |sample: &&SampleScore| {
        let mut groups = sample.question.iter().flat_map(QuestionTags::groups);
        let named =
            |wanted: &String| groups.any(|group: QuestionGroup| group.to_string() == *wanted);
        check.group.as_ref().is_none_or(named)
    };
    let cells = set.cells.iter().filter(fits).map(|cell| ResultCell {
        samples: cell.samples.iter().filter(in_group).cloned().collect(),
        ..ResultCell::new(&cell.task, cell.length, &cell.variant, cell.metric)
    });
    cells.filter(|cell| !cell.samples.is_empty()).collect()
}

fn summary(cells: &[ResultCell]) -> Summary {
    match cells {
        // Counts failures if its metric does.
        [only] => only.summary(),
        cells => CellMeans::of(cells).whole(),
    }
}

/// Compares a mean with a percentage.
fn against(check: &GateCheck, summary: Summary, percent: f64) -> GateJudgement {
    let bound = percent / 100.0;
    let Some(mean) = summary.mean else {
        return undecided("no matching sample has an answer");
    };
    let mut judged = undecided(&summary.to_string());
    match summary.interval {
        _ if check.basis == GateBasis::Mean => {
            judged.says = format!("mean {summary}");
            judged.outcome = match mean >= bound {
                true => GateOutcome::Passed,
                false => GateOutcome::Failed,
            };
        }
        None => judged.says.push_str("; one score gives no interval"),
        Some(interval) if interval.low >= bound => judged.outcome = GateOutcome::Passed,
        Some(interval) if interval.high < bound => judged.outcome = GateOutcome::Failed,
        Some(interval) => {
            let wide = match mean >= bound {
                true => mean - interval.low,
                false => interval.high - mean,
            };
            let is_end = mean == 0.0 || mean == 1.0;
            let distance = (mean - bound).abs();
            judged.more = more(summary.n, wide, distance, is_end, "sample");
        }
    }
    judged
}

/// How many samples are missing until an interval of half width `wide` ends at `distance`. If all
/// scores are at an end (`is_end`), the width shrinks with n, by Wilson's formula, otherwise with
/// the root of n.
fn more(
    n: u32,
    wide: f64,
    distance: f64,
    is_end: bool,
    what: &'static str,
) -> Option<MissingSamples> {
    let factor = match is_end {
        true => (1.0 / distance - 1.0) / (1.0 / wide - 1.0),
        false => (wide / distance).powi(2),
    };
    let needed = f64::from(n) * factor;
    let needed = (needed.is_finite() && needed < 1e9).then_some(needed.ceil() as u32)?;
    let more = needed.saturating_sub(n).max(1);
    Some(MissingSamples { n, more, what })
}

fn failures(check: &GateCheck, cells: &[ResultCell]) -> GateJudgement {
    let asked: usize = cells.iter().map(|cell| cell.samples.len()).sum();
    let failed: u32 = cells.iter().map(ResultCell::failed).sum();
    if asked == 0 {
        return undecided("no matching sample");
    }
    let share = f64::from(failed) / asked as f64 * 100.0;
    GateJudgement {
        outcome: match share <= check.percent.unwrap_or_default() {
            true => GateOutcome::Passed,
            false => GateOutcome::Failed,
        },
        says: format!("{failed} of {asked} failed, {share:.1}%"),
        more: None,
    }
}

#[cfg(test)]
mod tests;
