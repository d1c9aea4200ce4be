//! Compares two result sets sample by sample: what got better, what got worse, and how certain that
//! is.

mod pairs; // pairs of samples, and samples that share a source
mod spread; // how much the differences of pairs vary, and what so many can show
mod subject; // what is compared: a cell, or a row that combines several

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::correction::{self, TestFamily, TestGroup};
use super::{ResultSet, ResultSetInfo};
use crate::formats::RowId;
use crate::longbench::QuestionGroup;
use crate::stats::paired::PairedDifference;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

pub(super) use pairs::{SamplePair, of_cells, pairs};
pub use spread::PairSpread;
pub use subject::ComparisonSubject;

/// The options of a comparison.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct ComparisonPlan {
    /// Differences smaller than this fraction, in either direction, do not matter: tested if set.
    pub margin: Option<f64>,
    /// The difference, as a fraction, for which the number of pairs is computed.
    pub wanted: Option<f64>,
    /// The level of the tests.
    pub alpha: f64,
    /// The probability with which a difference should be detected.
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

/// A sample on which the two scores differ.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DiscordantSample {
    /// Its task, needed when several tasks are compared together.
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
    /// The subject.
    pub subject: ComparisonSubject,
    /// Means, difference, interval and p-value.
    pub paired: PairedDifference,
    /// The p-value adjusted over all rows, or over all cells, by Holm's method: see [`compare`].
    pub holm: f64,
    /// The p-value of "smaller than the plan's margin"; see
    /// [`is_within`](SubjectComparison::is_within).
    pub within: Option<f64>,
    /// How much the differences of the pairs vary.
    pub spread: PairSpread,
    /// The difference that this many pairs detect with the plan's power at this test's share of
    /// the level, as a fraction; `None` if so few can detect none.
    pub detectable: Option<f64>,
    /// How many pairs detect the plan's wanted difference at the same level.
    pub needed: Option<u32>,
    /// How many more pairs would show a difference as large as this one, if it is real; `None` if
    /// there is none.
    pub more: Option<u32>,
    /// Number of sources that the samples share; `None` if each has its own.
    pub sources: Option<u32>,
    /// Samples in only one of the sets.
    pub alone: u32,
    /// Samples on which the two scores differ, in the order of the first set.
    pub discordant: Vec<DiscordantSample>,
}

impl SubjectComparison {
    /// Whether the difference is shown to be smaller than the plan's margin, with half of `alpha`
    /// for each direction: then the 95% interval lies within the margin too. `None` without a
    /// margin.
    pub fn is_within(&self, alpha: f64) -> Option<bool> {
        self.within.map(|p| p <= alpha / 2.0)
    }

    /// The smallest difference that would be seen, in points: `42.1`, or `none` if so few pairs
    /// would show none.
    pub fn seen(&self) -> String {
        self.detectable
            .map_or_else(|| "none".to_owned(), |seen| format!("{:.1}", seen * 100.0))
    }

    /// Whether the interval alone shows a difference that the test, corrected for the number of
    /// tests, does not.
    pub fn is_suspect(&self, alpha: f64) -> bool {
        let ends = self.paired.difference.interval;
        let beyond = ends.is_some_and(|ends| ends.low > 0.0 || ends.high < 0.0);
        self.holm > alpha && (beyond || self.paired.p <= alpha)
    }

    /// Computes what would be seen at this share of the plan's level.
    fn at_share(&mut self, share: f64, plan: &ComparisonPlan) {
        let (spread, alpha) = (self.spread, plan.alpha * share);
        let needed = |wanted| spread.needed(wanted, alpha, plan.power);
        self.detectable = spread.detectable(alpha, plan.power);
        self.needed = plan.wanted.map(needed);
        self.more = spread.more(self.paired.difference.value, alpha, plan.power);
    }

    /// How the difference compares with `margin`, a fraction. `None` without a margin in the plan.
    ///
    /// # Formula
    /// Smaller: [`is_within`](Self::is_within). Larger: the whole 95% interval lies beyond the
    /// margin on one side.
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

/// How a difference compares with the margin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MarginOutcome {
    /// Shown to be smaller, in both directions.
    Smaller,
    /// Shown to be larger, in one direction.
    Larger,
    /// Neither is shown.
    Open,
}

/// Two sets, or the first with each of several.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Comparison {
    /// The set that the other one is compared with.
    pub first: ResultSetInfo,
    /// The other set.
    pub second: ResultSetInfo,
    /// Cells that both sets have, with at least one sample in both.
    pub cells: Vec<SubjectComparison>,
    /// Lengths at which both sets have two or more of RULER's tasks.
    pub lengths: Vec<SubjectComparison>,
    /// The same tasks by category.
    pub categories: Vec<SubjectComparison>,
    /// Groups of LongBench's questions.
    pub questions: Vec<SubjectComparison>,
    /// Cells that both sets have, but without a sample in both.
    pub unpaired: Vec<String>,
    /// How many rows and how many cells p-values are corrected over: those of all sets that were
    /// compared together.
    #[serde(default)]
    pub tested: (usize, usize),
}

/// Compares each set of `others` with `first`.
///
/// Samples pair by task, length, variant and id. A failure does not pair, except where the metric
/// [counts failures](crate::task::Metric::counts_failures): there it has score 0.
///
/// Rows are tested first: RULER by length and LongBench v2 as a whole (four fifths of the level),
/// and both by part (one fifth), adjusted together over all sets. They are few, and combine many
/// samples. Cells are adjusted separately, over all cells of all sets.
///
/// # Formula
/// [`ScorePairs::paired`](crate::stats::paired::ScorePairs::paired) with
/// [`SampleScore::cluster`](super::SampleScore::cluster), all tasks of a row equally weighted;
/// [`weighted_holm`](crate::stats::adjust::weighted_holm);
/// [`ScorePairs::within`](crate::stats::paired::ScorePairs::within) for the margin; [`PairSpread`]
/// for what would be seen, at the share of the level that a test has.
pub fn compare(first: &ResultSet, others: &[ResultSet], plan: &ComparisonPlan) -> Vec<Comparison> {
    let mut all: Vec<Comparison> = others.iter().map(|other| one(first, other, plan)).collect();
    adjust(
        all.iter_mut().flat_map(Comparison::rows_mut).collect(),
        plan,
    );
    adjust(
        all.iter_mut().flat_map(|one| &mut one.cells).collect(),
        plan,
    );
    let rows = all.iter().map(|one| one.rows().count()).sum();
    let cells = all.iter().map(|one| one.cells.len()).sum();
    for one in &mut all {
        one.tested = (rows, cells);
    }
    all
}

/// A sentence that says over how many rows and cells of all comparisons p-values are corrected.
pub fn corrected<'a>(all: impl IntoIterator<Item = &'a Comparison>) -> String {
    let tests = all.into_iter().flat_map(|one| one.rows().chain(&one.cells));
    correction::told(tests.map(|one| one.subject.group()))
}

impl Comparison {
    /// All rows that combine cells: lengths, categories, groups of questions.
    pub fn rows(&self) -> impl Iterator<Item = &SubjectComparison> {
        let lengths = self.lengths.iter().chain(&self.categories);
        lengths.chain(&self.questions)
    }

    fn rows_mut(&mut self) -> impl Iterator<Item = &mut SubjectComparison> {
        let lengths = self.lengths.iter_mut().chain(&mut self.categories);
        lengths.chain(&mut self.questions)
    }
}

fn adjust(compared: Vec<&mut SubjectComparison>, plan: &ComparisonPlan) {
    let groups = compared.iter().map(|one| one.subject.group());
    let family: TestFamily = groups.collect();
    let tests: Vec<(f64, TestGroup)> = compared
        .iter()
        .map(|one| (one.paired.p, one.subject.group()))
        .collect();
    for (one, holm) in compared.into_iter().zip(family.adjusted(&tests)) {
        one.holm = holm;
        one.at_share(family.share(one.subject.group()), plan);
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
        tested: (0, 0),
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
            // A row of a single task would equal its cell.
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

/// Compares the pairs, with all cells equally weighted; `None` if there are none.
pub(super) fn compared(
    subject: ComparisonSubject,
    pairs: &[SamplePair<'_>],
    alone: usize,
    plan: &ComparisonPlan,
) -> Option<SubjectComparison> {
    let all = of_cells(pairs);
    let paired = all.paired()?;
    let spread = PairSpread::of(pairs, &all, &paired);
    let sources = spread.sources as usize;
    let differ = pairs.iter().filter(|pair| pair.scores.0 != pair.scores.1);
    let mut one = SubjectComparison {
        subject,
        holm: paired.p,
        within: plan.margin.and_then(|margin| all.within(margin)),
        spread,
        detectable: None,
        needed: None,
        more: None,
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
    };
    one.at_share(1.0, plan);
    Some(one)
}

#[cfg(test)]
mod tests;
