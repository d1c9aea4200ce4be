//! Checks held against figures.

use serde::{Deserialize, Serialize};

use super::policy::{Basis, Check, Kind, Policy, Suite};
use crate::longbench::Group;
use crate::results::compare::{pairs, together};
use crate::results::{Cell, Means, QuestionTags, ResultSet, SampleScore};
use crate::stats::grouped::contrast;
use crate::stats::lengths::{RULER_TASKS, RULER_THRESHOLD};
use crate::stats::power::pairs_for_one_side;
use crate::stats::wilson::wilson;
use crate::stats::{Interval, Summary};
use crate::task::{Category, asks_questions};
use crate::tokens::Tokens;

/// How a check, or the whole gate, came out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Passed,
    /// The samples do not tell.
    Undecided,
    /// It does not hold.
    Failed,
}

impl Outcome {
    /// The word.
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
pub struct Checked {
    /// What was asked.
    pub title: String,
    /// How it came out.
    pub outcome: Outcome,
    /// The figures, in a sentence: mean, interval, n, p.
    pub says: String,
    /// How many samples more would settle it, if the figures stay as they are; nothing where it is
    /// settled or no number would.
    pub more: Option<u32>,
}

/// The whole gate.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// Failed if any check failed, else undecided if any is, else passed.
    pub outcome: Outcome,
    /// The checks, in the file's order.
    pub checks: Vec<Checked>,
}

/// Holds a candidate against a policy and a baseline.
///
/// # Formula
/// Means: each cell (task at a length) counting the same, with its 95% interval. "No worse":
/// [`Pairs::no_worse`](crate::stats::paired::Pairs::no_worse), one-sided over pairs, clustered by
/// source; where no sample pairs, the 95% interval of the difference. Where no pair differs, the
/// margin must exceed the upper end of Wilson's interval for the share that does. Samples needed:
/// `n·(w/d)²` for an interval of half width `w` at distance `d` from the bound; for "no worse" as in
/// [`pairs_for_one_side`]. What a check names and nobody measured leaves it undecided; so does an
/// effective length of fewer than RULER's 13 tasks, or above lengths of RULER's that were left out,
/// where the check does not allow that.
pub fn judge(policy: &Policy, baseline: &ResultSet, candidate: &ResultSet) -> Verdict {
    let checks: Vec<Checked> = policy
        .checks
        .iter()
        .map(|check| {
            let (outcome, says, more) = one(check, baseline, candidate);
            Checked {
                title: check.title(),
                outcome,
                says,
                more,
            }
        })
        .collect();
    let worst = checks.iter().map(|check| check.outcome).max();
    Verdict {
        outcome: worst.unwrap_or(Outcome::Undecided),
        checks,
    }
}

type Judged = (Outcome, String, Option<u32>);

fn one(check: &Check, baseline: &ResultSet, candidate: &ResultSet) -> Judged {
    let judged = match check.kind {
        Kind::AtLeast | Kind::LongbenchAtLeast => {
            let cells = picked(check, candidate);
            against(check, summary(&cells), check.percent.unwrap_or_default())
        }
        Kind::NoWorseThanBaseline => no_worse(check, baseline, candidate),
        Kind::EffectiveLengthAtLeast => return effective(check, candidate),
        Kind::FailuresAtMost => failures(check, &picked(check, candidate)),
    };
    let both = match check.kind {
        Kind::NoWorseThanBaseline => vec![baseline, candidate],
        _ => vec![candidate],
    };
    match missing(check, &both) {
        Some(missing) if judged.0 != Outcome::Failed => (
            Outcome::Undecided,
            format!("{}; {missing}", judged.1),
            judged.2,
        ),
        _ => judged,
    }
}

/// What the check names and a set has not; nothing where all is there.
fn missing(check: &Check, sets: &[&ResultSet]) -> Option<String> {
    let picked: Vec<Vec<Cell>> = sets.iter().map(|set| picked(check, set)).collect();
    let everywhere =
        |holds: &dyn Fn(&Cell) -> bool| picked.iter().all(|cells| cells.iter().any(holds));
    let lengths = check.lengths.iter().filter(|at| {
        let at = Some(Tokens(**at));
        !everywhere(&|cell| cell.length == at)
    });
    let tasks = check
        .tasks
        .iter()
        .filter(|task| !everywhere(&|cell| cell.task == **task));
    let named: Vec<String> = lengths
        .map(|length| format!("{length} tokens"))
        .chain(tasks.cloned())
        .collect();
    (!named.is_empty()).then(|| format!("not measured: {}", named.join(", ")))
}

/// The cells that a check is about, with only those samples.
fn picked(check: &Check, set: &ResultSet) -> Vec<Cell> {
    let of_longbench = check.kind == Kind::LongbenchAtLeast;
    let fits = |cell: &&Cell| {
        let suite = match () {
            () if asks_questions(&cell.task) => Suite::LongbenchV2,
            () if cell.is_ruler() => Suite::Ruler,
            () => Suite::Own,
        };
        let length = cell.length.map(|length| length.0);
        (!of_longbench || suite == Suite::LongbenchV2)
            && check.suite.is_none_or(|wanted| wanted == suite)
            && (check.tasks.is_empty() || check.tasks.contains(&cell.task))
            && check
                .category
                .is_none_or(|wanted| Category::of(&cell.task) == Some(wanted))
            && (check.lengths.is_empty() || length.is_some_and(|at| check.lengths.contains(&at)))
            && cell.variant == check.variant
    };
    let in_group = |sample: &&SampleScore| {
        let mut groups = sample.question.iter().flat_map(QuestionTags::groups);
        let named = |wanted: &String| groups.any(|group: Group| group.to_string() == *wanted);
        check.group.as_ref().is_none_or(named)
    };
    let cells = set.cells.iter().filter(fits).map(|cell| Cell {
        samples: cell.samples.iter().filter(in_group).cloned().collect(),
        ..Cell::new(&cell.task, cell.length, &cell.variant, cell.metric)
    });
    cells.filter(|cell| !cell.samples.is_empty()).collect()
}

fn summary(cells: &[Cell]) -> Summary {
    match cells {
        // Which counts failures where its metric does.
        [only] => only.summary(),
        cells => Means::of(cells).whole(),
    }
}

/// A mean against a percentage.
fn against(check: &Check, summary: Summary, percent: f64) -> Judged {
    let bound = percent / 100.0;
    let Some(mean) = summary.mean else {
        return (
            Outcome::Undecided,
            "no such sample has an answer".to_owned(),
            None,
        );
    };
    if check.basis == Basis::Mean {
        let outcome = if mean >= bound {
            Outcome::Passed
        } else {
            Outcome::Failed
        };
        return (outcome, format!("mean {summary}"), None);
    }
    let says = summary.to_string();
    match summary.interval {
        None => (
            Outcome::Undecided,
            format!("{says}; no interval from one score"),
            None,
        ),
        Some(interval) if interval.low >= bound => (Outcome::Passed, says, None),
        Some(interval) if interval.high < bound => (Outcome::Failed, says, None),
        Some(interval) => {
            let wide = match mean >= bound {
                true => mean - interval.low,
                false => interval.high - mean,
            };
            let more = more(summary.n, wide, (mean - bound).abs());
            (Outcome::Undecided, says, more)
        }
    }
}

/// Samples that are missing until an interval of half width `wide` ends at `distance`.
fn more(n: u32, wide: f64, distance: f64) -> Option<u32> {
    let needed = f64::from(n) * (wide / distance).powi(2);
    let needed = (needed.is_finite() && needed < 1e9).then_some(needed.ceil() as u32)?;
    Some(needed.saturating_sub(n).max(1))
}

fn effective(check: &Check, set: &ResultSet) -> Judged {
    let wanted = check.length.unwrap_or_default();
    let percent = check.percent.unwrap_or(RULER_THRESHOLD);
    let measured = set.lengths();
    let lengths = measured.iter().filter(|length| length.0 >= wanted);
    let means = set.means();
    let each: Vec<Judged> = lengths
        .map(|length| {
            let (mut outcome, mut says, more) = against(check, means.at(*length), percent);
            let tasks = RULER_TASKS - set.missing_at(*length).len();
            let mut open = Vec::new();
            if tasks < RULER_TASKS {
                open.push(format!("of {tasks} of RULER's {RULER_TASKS} tasks"));
            }
            let left_out = LADDER.into_iter().filter(|at| {
                let at = Tokens(*at);
                at < *length && !measured.contains(&at)
            });
            let left_out: Vec<String> = left_out.map(|at| at.to_string()).collect();
            if !left_out.is_empty() {
                open.push(format!("not measured at {}", left_out.join(", ")));
            }
            if !open.is_empty() {
                says.push_str(&format!(", {}", open.join(", ")));
            }
            if !open.is_empty() && !check.partial && outcome == Outcome::Passed {
                outcome = Outcome::Undecided;
            }
            (outcome, format!("{length}: {says}"), more)
        })
        .collect();
    if each.is_empty() {
        let says = format!("no length of {wanted} tokens or more was measured");
        return (Outcome::Undecided, says, None);
    }
    // One length that passes is enough; none may still come of those that are undecided.
    let outcome = each
        .iter()
        .map(|one| one.0)
        .min()
        .unwrap_or(Outcome::Undecided);
    let more = each.iter().filter_map(|one| one.2).min();
    let says: Vec<String> = each.into_iter().map(|one| one.1).collect();
    let more = more.filter(|_| outcome == Outcome::Undecided);
    (outcome, says.join("; "), more)
}

/// RULER's lengths: below an effective length each has to be measured.
const LADDER: [u32; 6] = [4096, 8192, 16_384, 32_768, 65_536, 131_072];

fn failures(check: &Check, cells: &[Cell]) -> Judged {
    let asked: usize = cells.iter().map(|cell| cell.samples.len()).sum();
    let failed: u32 = cells.iter().map(Cell::failed).sum();
    if asked == 0 {
        return (Outcome::Undecided, "no such sample".to_owned(), None);
    }
    let share = f64::from(failed) / asked as f64 * 100.0;
    let outcome = match share <= check.percent.unwrap_or_default() {
        true => Outcome::Passed,
        false => Outcome::Failed,
    };
    (
        outcome,
        format!("{failed} of {asked} failed, {share:.1}%"),
        None,
    )
}

fn no_worse(check: &Check, baseline: &ResultSet, candidate: &ResultSet) -> Judged {
    let margin = check.margin.unwrap_or_default() / 100.0;
    let (before, after) = (picked(check, baseline), picked(check, candidate));
    let both = before.iter().filter_map(|cell| {
        let other = after.iter().find(|other| other.is_like(cell))?;
        Some((cell, other))
    });
    let both: Vec<(&Cell, &Cell)> = both.collect();
    let all: Vec<_> = both.iter().flat_map(|(a, b)| pairs(a, b)).collect();
    let pairs = together(&all);
    let Some((found, paired)) = pairs.moments().zip(pairs.paired()) else {
        return unpaired(&both, margin);
    };
    let n = paired.n;
    let (mean, error) = (found.mean, found.error);
    let mut says = format!(
        "{} and {}, difference {}, n = {n} pairs",
        paired.first.percent(),
        paired.second.percent(),
        paired.difference.points()
    );
    if found.sources < all.len() {
        says.push_str(&format!(" of {} sources", found.sources));
    }
    if error == 0.0 && mean == 0.0 {
        let open = wilson(0, found.worth).map_or(1.0, |interval| interval.high);
        let fits = open < margin;
        says.push_str(&format!(", none differs, up to {:.1}% could", open * 100.0));
        let outcome = if fits {
            Outcome::Passed
        } else {
            Outcome::Undecided
        };
        let more = (!fits).then(|| more(n, open, margin)).flatten();
        return (outcome, says, more);
    }
    let p = pairs.no_worse(margin).unwrap_or(1.0);
    says.push_str(&format!(", p {p:.4} against a loss of the margin"));
    let outcome = match p {
        p if p <= check.level => Outcome::Passed,
        p if 1.0 - p <= check.level => Outcome::Failed,
        _ => Outcome::Undecided,
    };
    let variance = error.powi(2) * f64::from(n);
    let needed = pairs_for_one_side((mean + margin).abs(), variance, check.level, 0.8);
    let more = needed.map(|needed| needed.saturating_sub(n).max(1));
    (
        outcome,
        says,
        more.filter(|_| outcome == Outcome::Undecided),
    )
}

/// Where no sample is in both.
fn unpaired(both: &[(&Cell, &Cell)], margin: f64) -> Judged {
    let before = Means::of(both.iter().map(|(cell, _)| *cell));
    let after = Means::of(both.iter().map(|(_, cell)| *cell));
    let contrast = contrast(&after.groups(|_| true), &before.groups(|_| true));
    let found = contrast.and_then(|difference| Some((difference, difference.interval?)));
    let Some((difference, Interval { low, high, .. })) = found else {
        return (
            Outcome::Undecided,
            "nothing to compare with the baseline".to_owned(),
            None,
        );
    };
    let (first, second) = (before.whole(), after.whole());
    let says = format!(
        "no sample is in both; baseline {first}, candidate {second}, difference {}",
        difference.points()
    );
    let outcome = match () {
        () if low > -margin => Outcome::Passed,
        () if high < -margin => Outcome::Failed,
        () => Outcome::Undecided,
    };
    let wide = (high - low) / 2.0;
    let settled = outcome != Outcome::Undecided;
    let more = more(second.n, wide, (difference.value + margin).abs());
    (outcome, says, more.filter(|_| !settled))
}

#[cfg(test)]
mod tests;
