//! Checks held against figures.

mod no_worse;

use serde::{Deserialize, Serialize};

use super::policy::{Basis, Check, Kind, Policy, Suite};
use crate::longbench::Group;
use crate::numbers::{count, counted};
use crate::results::{Cell, Means, QuestionTags, ResultSet, SampleScore};
use crate::stats::Summary;
use crate::stats::lengths::{RULER_TASKS, RULER_THRESHOLD};
use crate::task::{Category, asks_questions};
use crate::tokens::Tokens;
use no_worse::no_worse;

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

impl Verdict {
    /// How it came out, in a sentence: `gate failed: 2 of 3 checks do not hold`.
    pub fn words(&self) -> String {
        let of = |check: &&Checked| check.outcome == self.outcome;
        let number = self.checks.iter().filter(of).count();
        let all = self.checks.len();
        if number == all && all > 1 {
            return match self.outcome {
                Outcome::Passed => format!("gate passed: all {all} checks hold"),
                Outcome::Failed => format!("gate failed: none of the {all} checks holds"),
                Outcome::Undecided => {
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
        match self.outcome {
            Outcome::Passed => format!("gate passed: {which} {hold}"),
            Outcome::Failed => format!("gate failed: {which} {does} not hold"),
            Outcome::Undecided => {
                format!("gate undecided: none failed, but these samples do not decide {which}")
            }
        }
    }
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
    /// The same in words.
    pub needs: Option<String>,
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
/// Means: each cell (task at a length) counting the same, with the 95% interval of [`Means`]. "No
/// worse": [`Pairs::no_worse`](crate::stats::paired::Pairs::no_worse), one-sided over the pairs of
/// each cell, clustered by source; where no sample pairs, the 95% interval of the difference. Where no pair differs, the
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
            let Judged {
                outcome,
                says,
                more,
            } = one(check, baseline, candidate);
            Checked {
                title: check.title(),
                outcome,
                says,
                more: more.map(|more| more.more),
                needs: more.map(More::words),
            }
        })
        .collect();
    let worst = checks.iter().map(|check| check.outcome).max();
    Verdict {
        outcome: worst.unwrap_or(Outcome::Undecided),
        checks,
    }
}

struct Judged {
    outcome: Outcome,
    says: String,
    more: Option<More>,
}

/// Samples, or pairs, that are there, and those that are missing.
#[derive(Clone, Copy)]
struct More {
    n: u32,
    more: u32,
    what: &'static str,
}

impl More {
    /// `at these figures about 80 samples in all would tell, and there are 10`.
    fn words(self) -> String {
        let all = u64::from(self.n) + u64::from(self.more);
        if all > 10_000 && all > 20 * u64::from(self.n) {
            return format!(
                "the figure lies so near the bound that more {}s will hardly tell",
                self.what
            );
        }
        // Two digits: it is not known better than that.
        let step = 10_u64.pow(all.checked_ilog10().unwrap_or(0).saturating_sub(1));
        let verb = if self.n == 1 { "is" } else { "are" };
        format!(
            "at these figures about {} in all would tell, and there {verb} {}",
            counted(all.div_ceil(step) * step, self.what),
            count(self.n.into())
        )
    }
}

fn undecided(says: &str) -> Judged {
    Judged {
        outcome: Outcome::Undecided,
        says: says.to_owned(),
        more: None,
    }
}

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
        Some(missing) if judged.outcome != Outcome::Failed => Judged {
            outcome: Outcome::Undecided,
            says: format!("{}; {missing}", judged.says),
            ..judged
        },
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
        return undecided("no such sample has an answer");
    };
    let mut judged = undecided(&summary.to_string());
    match summary.interval {
        _ if check.basis == Basis::Mean => {
            judged.says = format!("mean {summary}");
            judged.outcome = match mean >= bound {
                true => Outcome::Passed,
                false => Outcome::Failed,
            };
        }
        None => judged.says.push_str("; one score gives no interval"),
        Some(interval) if interval.low >= bound => judged.outcome = Outcome::Passed,
        Some(interval) if interval.high < bound => judged.outcome = Outcome::Failed,
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

/// Samples that are missing until an interval of half width `wide` ends at `distance`. Where all
/// scores are at an end (`is_end`) it narrows with n, by Wilson's formula, else with its root.
fn more(n: u32, wide: f64, distance: f64, is_end: bool, what: &'static str) -> Option<More> {
    let factor = match is_end {
        true => (1.0 / distance - 1.0) / (1.0 / wide - 1.0),
        false => (wide / distance).powi(2),
    };
    let needed = f64::from(n) * factor;
    let needed = (needed.is_finite() && needed < 1e9).then_some(needed.ceil() as u32)?;
    let more = needed.saturating_sub(n).max(1);
    Some(More { n, more, what })
}

fn effective(check: &Check, set: &ResultSet) -> Judged {
    let wanted = check.length.unwrap_or_default();
    let percent = check.percent.unwrap_or(RULER_THRESHOLD);
    let measured = set.lengths();
    let lengths = measured.iter().filter(|length| length.0 >= wanted);
    let means = set.means();
    let each: Vec<Judged> = lengths
        .map(|length| {
            let mut judged = against(check, means.at(*length), percent);
            let reaches = match judged.outcome {
                Outcome::Passed => "reaches",
                Outcome::Undecided => "may or may not reach",
                Outcome::Failed => "does not reach",
            };
            judged.says = format!("at {length} tokens {} {reaches} {percent}", judged.says);
            let tasks = RULER_TASKS - set.missing_at(*length).len();
            let mut open = Vec::new();
            if tasks < RULER_TASKS {
                let was = if tasks == 1 { "was" } else { "were" };
                open.push(format!(
                    "only {tasks} of RULER's {RULER_TASKS} tasks {was} asked"
                ));
            }
            let left_out = LADDER.into_iter().filter(|at| {
                let at = Tokens(*at);
                at < *length && !measured.contains(&at)
            });
            let left_out: Vec<String> = left_out.map(|at| at.to_string()).collect();
            if !left_out.is_empty() {
                open.push(format!("nothing was asked at {}", left_out.join(", ")));
            }
            if !open.is_empty() {
                judged
                    .says
                    .push_str(&format!(", but {}", open.join(" and ")));
                if !check.partial && judged.outcome == Outcome::Passed {
                    judged.outcome = Outcome::Undecided;
                }
            }
            judged
        })
        .collect();
    // One length that passes is enough; none may still come of those that are undecided.
    let Some(outcome) = each.iter().map(|one| one.outcome).min() else {
        return undecided(&format!(
            "no length of {wanted} tokens or more was measured"
        ));
    };
    let more = each.iter().filter_map(|one| one.more);
    let more = more.min_by_key(|more| more.more);
    // Where one passes, what the others say does not matter.
    let told = each.into_iter();
    let told = told.filter(|one| outcome != Outcome::Passed || one.outcome == outcome);
    let says: Vec<String> = told.map(|one| one.says).collect();
    Judged {
        outcome,
        says: says.join("; "),
        more: more.filter(|_| outcome == Outcome::Undecided),
    }
}

/// RULER's lengths: below an effective length each has to be measured.
const LADDER: [u32; 6] = [4096, 8192, 16_384, 32_768, 65_536, 131_072];

fn failures(check: &Check, cells: &[Cell]) -> Judged {
    let asked: usize = cells.iter().map(|cell| cell.samples.len()).sum();
    let failed: u32 = cells.iter().map(Cell::failed).sum();
    if asked == 0 {
        return undecided("no such sample");
    }
    let share = f64::from(failed) / asked as f64 * 100.0;
    Judged {
        outcome: match share <= check.percent.unwrap_or_default() {
            true => Outcome::Passed,
            false => Outcome::Failed,
        },
        says: format!("{failed} of {asked} failed, {share:.1}%"),
        more: None,
    }
}

#[cfg(test)]
mod tests;
