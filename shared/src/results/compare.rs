//! Two sets sample by sample: what got better, what got worse, and how sure that is.

mod pairs; // which samples pair, and which share a source

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{ResultCell, ResultSet, ResultSetInfo};
use crate::formats::RowId;
use crate::longbench::QuestionGroup;
use crate::stats::adjust::weighted_holm;
use crate::stats::lengths::RULER_TASKS;
use crate::stats::paired::PairedDifference;
use crate::stats::power::{detectable, pairs_for};
use crate::stats::wilson::wilson;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

pub(super) use pairs::{SamplePair, of_cells, pairs};

/// What is asked of a comparison.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct ComparisonPlan {
    /// Differences smaller than this fraction, either way, do not matter: tested where it is set.
    pub margin: Option<f64>,
    /// The difference, a fraction, for which pairs are counted.
    pub wanted: Option<f64>,
    /// The level of the tests.
    pub alpha: f64,
    /// The probability with which a difference is to be seen.
    pub power: f64,
}

impl Default for ComparisonPlan {
    fn default() -> Self {
        Self {
            margin: None,
            wanted: None,
            alpha: 0.05,
            power: 0.8,
        }
    }
}

/// What is compared.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ComparisonSubject {
    /// One task at one length with one choice of options.
    Cell {
        /// The task's id.
        task: String,
        /// Prompt and answer together.
        length: Option<Tokens>,
        /// [`variant`](super::variant).
        variant: String,
    },
    /// All of RULER's tasks that both have at a length, each counting the same.
    Length {
        /// Prompt and answer together.
        length: Tokens,
        /// How many tasks both have there; what is of fewer than thirteen is not called RULER.
        #[serde(default = "all_tasks")]
        tasks: u32,
    },
    /// Those of them that are of one category.
    Category {
        /// Which.
        category: RulerCategory,
        /// Prompt and answer together.
        length: Tokens,
    },
    /// LongBench's questions of one group.
    Questions {
        /// [`variant`](super::variant).
        variant: String,
        /// `overall`, `easy`, `long`, a domain.
        group: String,
    },
}

fn all_tasks() -> u32 {
    RULER_TASKS as u32
}

impl std::fmt::Display for ComparisonSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cell {
                task,
                length,
                variant,
            } => f.write_str(&ResultCell::new(task, *length, variant, Default::default()).name()),
            Self::Length { length, tasks } if *tasks < all_tasks() => {
                write!(f, "{tasks} of RULER's {} tasks at {length}", all_tasks())
            }
            Self::Length { length, .. } => write!(f, "RULER at {length}"),
            Self::Category { category, length } => write!(f, "{} at {length}", category.name()),
            Self::Questions { variant, group } if variant.is_empty() => {
                write!(f, "LongBench v2, {group}")
            }
            Self::Questions { variant, group } => write!(f, "LongBench v2 ({variant}), {group}"),
        }
    }
}

/// A sample that the two did not do equally well.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DiscordantSample {
    /// The task; of more use where several are compared at once.
    pub task: String,
    /// The sample.
    pub id: RowId,
    /// The first set's score.
    pub first: f64,
    /// The second set's.
    pub second: f64,
}

/// One subject in both sets.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SubjectComparison {
    /// What.
    pub subject: ComparisonSubject,
    /// Means, difference, interval and p-value.
    pub paired: PairedDifference,
    /// The p-value adjusted over all rows, or over all cells, by Holm's method: see [`compare`].
    pub holm: f64,
    /// The p-value of "smaller than the plan's margin"; see
    /// [`is_within`](SubjectComparison::is_within).
    pub within: Option<f64>,
    /// The difference that so many pairs show with the plan's power, a fraction.
    pub detectable: f64,
    /// Pairs that show the plan's wanted difference.
    pub needed: Option<u32>,
    /// Sources that the samples share; nothing where each has its own.
    pub sources: Option<u32>,
    /// Samples of either set without a partner.
    pub alone: u32,
    /// Samples that the two did not do equally well, in the order of the first set.
    pub discordant: Vec<DiscordantSample>,
}

impl SubjectComparison {
    /// Whether the difference is shown to be smaller than the plan's margin, each way with half of
    /// `alpha`: then the 95% interval lies within the margin too. Nothing without a margin.
    pub fn is_within(&self, alpha: f64) -> Option<bool> {
        self.within.map(|p| p <= alpha / 2.0)
    }

    /// How the difference lies to `margin`, a fraction. Nothing without a margin in the plan.
    ///
    /// # Formula
    /// Smaller: [`is_within`](Self::is_within). Larger: the whole 95% interval lies beyond the
    /// margin, on one side.
    pub fn against_margin(&self, alpha: f64, margin: f64) -> Option<MarginOutcome> {
        let ends = self.paired.difference.interval;
        let beyond = ends.is_some_and(|ends| ends.low >= margin || ends.high <= -margin);
        Some(match self.is_within(alpha)? {
            true => MarginOutcome::Smaller,
            false if beyond => MarginOutcome::Larger,
            false => MarginOutcome::Open,
        })
    }
}

/// How a difference lies to the margin that matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MarginOutcome {
    /// Shown to be smaller, either way.
    Smaller,
    /// Shown to be larger, one way.
    Larger,
    /// Neither is shown.
    Open,
}

/// Two sets, or the first with each of several.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Comparison {
    /// The one that the other is measured against.
    pub first: ResultSetInfo,
    /// The other.
    pub second: ResultSetInfo,
    /// Cells that both have and that share a sample.
    pub cells: Vec<SubjectComparison>,
    /// Lengths at which both have two or more of RULER's tasks.
    pub lengths: Vec<SubjectComparison>,
    /// The same by category.
    pub categories: Vec<SubjectComparison>,
    /// Groups of LongBench's questions.
    pub questions: Vec<SubjectComparison>,
    /// Cells of which no sample is in both, though both have the cell.
    pub unpaired: Vec<String>,
}

/// Of the level of the rows, what those by category and by group of questions have; the rows that
/// are tested first, by length and over all questions, have the rest.
const PARTS: f64 = 0.2;

/// Compares each set of `others` with `first`.
///
/// Samples pair by task, length, variant and id. A failure is no pair, but where the metric
/// [counts failures](crate::task::Metric::counts_failures) it is a score of 0.
///
/// Rows are tested first: RULER by length, LongBench v2 as a whole (four fifths of the level), and
/// both by part (one fifth), adjusted together over all sets. They are few, and pool what many
/// samples say. Cells are adjusted over all cells of all sets, among themselves.
///
/// # Formula
/// [`ScorePairs::paired`](crate::stats::paired::ScorePairs::paired) with
/// [`SampleScore::cluster`](super::SampleScore::cluster), each task of a row counting the same;
/// [`weighted_holm`]; [`ScorePairs::within`](crate::stats::paired::ScorePairs::within) for the
/// margin; [`detectable`] and [`pairs_for`] with the variance of the differences about their mean.
/// Where fewer than half of the pairs differ it is at least `u·m`: `u` the upper end of Wilson's
/// interval for the share that differs where none did, `m` the mean square of those that differ, 1
/// where none does. So a pair more that differs never makes a smaller difference visible.
pub fn compare(first: &ResultSet, others: &[ResultSet], plan: &ComparisonPlan) -> Vec<Comparison> {
    let mut all: Vec<Comparison> = others.iter().map(|other| one(first, other, plan)).collect();
    adjust(all.iter_mut().flat_map(Comparison::rows_mut).collect());
    adjust(all.iter_mut().flat_map(|one| &mut one.cells).collect());
    all
}

impl Comparison {
    /// All rows that pool cells: lengths, categories, groups of questions.
    pub fn rows(&self) -> impl Iterator<Item = &SubjectComparison> {
        let lengths = self.lengths.iter().chain(&self.categories);
        lengths.chain(&self.questions)
    }

    fn rows_mut(&mut self) -> impl Iterator<Item = &mut SubjectComparison> {
        let lengths = self.lengths.iter_mut().chain(&mut self.categories);
        lengths.chain(&mut self.questions)
    }
}

impl ComparisonSubject {
    /// Whether it is a part of another row.
    fn is_part(&self) -> bool {
        match self {
            Self::Cell { .. } | Self::Length { .. } => false,
            Self::Category { .. } => true,
            Self::Questions { group, .. } => *group != QuestionGroup::Overall.to_string(),
        }
    }
}

fn adjust(compared: Vec<&mut SubjectComparison>) {
    let parts = compared.iter().filter(|one| one.subject.is_part()).count();
    let wholes = compared.len() - parts;
    let share = |one: &SubjectComparison| match (one.subject.is_part(), wholes) {
        (true, _) => PARTS / parts as f64,
        (false, _) if parts == 0 => 1.0,
        (false, _) => (1.0 - PARTS) / wholes as f64,
    };
    let tests: Vec<(f64, f64)> = compared
        .iter()
        .map(|one| (one.paired.p, share(one)))
        .collect();
    for (one, holm) in compared.into_iter().zip(weighted_holm(&tests)) {
        one.holm = holm;
    }
}

fn one(first: &ResultSet, second: &ResultSet, plan: &ComparisonPlan) -> Comparison {
    let mut comparison = Comparison {
        first: first.about.clone(),
        second: second.about.clone(),
        cells: Vec::new(),
        lengths: Vec::new(),
        categories: Vec::new(),
        questions: Vec::new(),
        unpaired: Vec::new(),
    };
    let mut lengths = BTreeMap::<Tokens, Vec<SamplePair<'_>>>::new();
    let mut questions = BTreeMap::<(&str, QuestionGroup), Vec<SamplePair<'_>>>::new();
    for cell in &first.cells {
        let Some(other) = second.cells.iter().find(|other| other.is_like(cell)) else {
            continue;
        };
        let pairs = pairs(cell, other);
        let subject = ComparisonSubject::Cell {
            task: cell.task.clone(),
            length: cell.length,
            variant: cell.variant.clone(),
        };
        let alone = cell.samples.len() + other.samples.len() - 2 * pairs.len();
        match compared(subject, &pairs, alone, plan) {
            Some(one) => comparison.cells.push(one),
            None => comparison.unpaired.push(cell.name()),
        }
        for pair in &pairs {
            let tags = pair
                .first
                .question
                .as_ref()
                .or(pair.second.question.as_ref());
            for group in tags.into_iter().flat_map(super::QuestionTags::groups) {
                let all = questions.entry((cell.variant.as_str(), group)).or_default();
                all.push(pair.clone());
            }
        }
        if let Some(length) = cell.length.filter(|_| cell.is_ruler()) {
            lengths.entry(length).or_default().extend(pairs);
        }
    }
    for (length, pairs) in lengths {
        let tasks = |pairs: &[SamplePair<'_>]| {
            let tasks: BTreeSet<&str> = pairs.iter().map(|pair| pair.task).collect();
            tasks.len()
        };
        let row = |pairs: &[SamplePair<'_>], subject| {
            // Of a single task the row would be its cell.
            (tasks(pairs) > 1).then(|| compared(subject, pairs, 0, plan))?
        };
        let whole = ComparisonSubject::Length {
            length,
            tasks: tasks(&pairs) as u32,
        };
        comparison.lengths.extend(row(&pairs, whole));
        for category in RulerCategory::ALL {
            let of = pairs
                .iter()
                .filter(|pair| RulerCategory::of(pair.task) == Some(category));
            let of: Vec<SamplePair<'_>> = of.cloned().collect();
            let subject = ComparisonSubject::Category { category, length };
            comparison.categories.extend(row(&of, subject));
        }
    }
    let each = questions
        .into_iter()
        .filter_map(|((variant, group), pairs)| {
            let subject = ComparisonSubject::Questions {
                variant: variant.to_owned(),
                group: group.to_string(),
            };
            compared(subject, &pairs, 0, plan)
        });
    comparison.questions = each.collect();
    comparison
}

/// What pairs come to, each cell counting the same; nothing for none.
pub(super) fn compared(
    subject: ComparisonSubject,
    pairs: &[SamplePair<'_>],
    alone: usize,
    plan: &ComparisonPlan,
) -> Option<SubjectComparison> {
    let all = of_cells(pairs);
    let paired = all.paired()?;
    let moments = all.moments();
    let sources = moments.map_or(1, |moments| moments.sources);
    let variance = moments.map(|found| found.error.powi(2) * f64::from(paired.n));
    let differ = pairs.iter().filter(|pair| pair.scores.0 != pair.scores.1);
    let number = differ.clone().count();
    let squares = differ
        .clone()
        .map(|pair| (pair.scores.1 - pair.scores.0).powi(2));
    let square = match number {
        0 => 1.0,
        number => squares.sum::<f64>() / number as f64,
    };
    let unseen = wilson(0, paired.n).map_or(1.0, |interval| interval.high);
    let variance = match variance.unwrap_or_default() {
        0.0 => unseen,
        variance if 2 * number < pairs.len() => variance.max(unseen * square),
        variance => variance,
    };
    Some(SubjectComparison {
        subject,
        holm: paired.p,
        within: plan.margin.and_then(|margin| all.within(margin)),
        detectable: detectable(paired.n, variance, plan.alpha, plan.power),
        needed: plan
            .wanted
            .map(|wanted| pairs_for(wanted, variance, plan.alpha, plan.power)),
        sources: (sources < pairs.len()).then(|| u32::try_from(sources).unwrap_or(u32::MAX)),
        alone: u32::try_from(alone).unwrap_or(u32::MAX),
        discordant: differ
            .map(|pair| DiscordantSample {
                task: pair.task.to_owned(),
                id: pair.first.id.clone(),
                first: pair.scores.0,
                second: pair.scores.1,
            })
            .collect(),
        paired,
    })
}

#[cfg(test)]
mod tests;
