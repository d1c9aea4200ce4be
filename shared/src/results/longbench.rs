//! LongBench v2 by group, and the gain of thinking first.

use std::collections::BTreeMap;

use super::compare::{ComparisonPlan, ComparisonSubject, SubjectComparison, compared, pairs};
use super::{QuestionTags, ResultCell, ResultSet, SampleScore, variant_of_setting};
use crate::longbench::{AnswerTally, AnswerVerdict, LongBenchSetting, QuestionGroup};
use crate::stats::{Interval, IntervalMethod, Summary};
use crate::task::asks_questions;
use crate::tokens::Tokens;

/// The groups of one cell of LongBench v2.
#[derive(Clone, PartialEq, Debug)]
pub struct QuestionGroups {
    /// The longest prompt plus its answer limit; `None` if a file does not state it.
    pub length: Option<Tokens>,
    /// [`variant`](super::variant): empty for direct questions.
    pub variant: String,
    /// The counts of each group, overall first. Other groups require the questions' tags.
    pub groups: BTreeMap<QuestionGroup, AnswerTally>,
    /// The mean of each group, as for any cell with these samples: clustered by text if questions
    /// share one.
    pub means: BTreeMap<QuestionGroup, Summary>,
}

impl QuestionGroups {
    /// The share of right answers in a group, with failures in the denominator; `None` if no
    /// question was asked. If all questions are about a single text, nothing is known about others,
    /// so the interval includes every share.
    pub fn share(&self, group: &QuestionGroup) -> Option<(f64, Interval)> {
        let summary = self.means.get(group)?;
        let unknown = Interval {
            low: 0.0,
            high: 1.0,
            level: 0.95,
            method: IntervalMethod::ClusterBootstrap,
        };
        Some((summary.mean?, summary.interval.unwrap_or(unknown)))
    }
}

impl QuestionTags {
    /// The groups that the question belongs to, overall first.
    pub fn groups(&self) -> impl Iterator<Item = QuestionGroup> {
        let domain = self.domain.clone().map(QuestionGroup::Domain);
        let all = [
            Some(QuestionGroup::Overall),
            self.difficulty.map(QuestionGroup::Difficulty),
            self.length.map(QuestionGroup::Length),
            domain,
        ];
        all.into_iter().flatten()
    }
}

impl SampleScore {
    /// The result of a multiple-choice question.
    pub fn verdict(&self) -> AnswerVerdict {
        match self.score {
            None => AnswerVerdict::Failed,
            Some(_) if self.blank => AnswerVerdict::Unparsed,
            Some(1.0) => AnswerVerdict::Right,
            Some(_) => AnswerVerdict::Wrong,
        }
    }
}

impl ResultSet {
    /// The cells of LongBench v2 by group; failures stay in the denominator.
    pub fn questions(&self) -> Vec<QuestionGroups> {
        let cells = self.cells.iter().filter(|cell| asks_questions(&cell.task));
        let each = cells.map(|cell| {
            let groups = by_group(cell);
            let tallies = groups.iter();
            QuestionGroups {
                length: cell.length,
                variant: cell.variant.clone(),
                groups: tallies
                    .map(|(group, part)| (group.clone(), tally(part)))
                    .collect(),
                means: groups
                    .into_iter()
                    .map(|(group, part)| (group, part.summary()))
                    .collect(),
            }
        });
        each.collect()
    }

    /// The gain of chain of thought: compares direct answers with those after thinking, question by
    /// question, at each length that has both. Nothing else may differ.
    pub fn thinking(&self, plan: &ComparisonPlan) -> Vec<SubjectComparison> {
        let cot = variant_of_setting(LongBenchSetting::Cot);
        let cells = || self.cells.iter().filter(|cell| asks_questions(&cell.task));
        let direct = cells().filter(|cell| cell.variant.is_empty());
        let both = direct.filter_map(|direct| {
            let alike = |cell: &&ResultCell| cell.variant == cot && cell.length == direct.length;
            let thought = cells().find(alike)?;
            let pairs = pairs(direct, thought);
            let subject = ComparisonSubject::Cell {
                task: direct.task.clone(),
                length: direct.length,
                variant: "direct, then setting=cot".to_owned(),
            };
            let alone = direct.samples.len() + thought.samples.len() - 2 * pairs.len();
            compared(subject, &pairs, alone, plan)
        });
        both.collect()
    }
}

/// Splits a cell's samples by the groups of their questions, each group as a cell of its own.
fn by_group(cell: &ResultCell) -> BTreeMap<QuestionGroup, ResultCell> {
    let empty = || ResultCell::new(&cell.task, cell.length, &cell.variant, cell.metric);
    let mut groups = BTreeMap::<QuestionGroup, ResultCell>::new();
    for sample in &cell.samples {
        let tags = sample.question.iter();
        let tagged = tags.flat_map(QuestionTags::groups).skip(1);
        for group in std::iter::once(QuestionGroup::Overall).chain(tagged) {
            let part = groups.entry(group).or_insert_with(empty);
            part.samples.push(sample.clone());
        }
    }
    groups
}

fn tally(cell: &ResultCell) -> AnswerTally {
    let mut tally = AnswerTally::default();
    for sample in &cell.samples {
        tally.add(sample.verdict());
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cell, set};
    use super::*;
    use crate::longbench::{Difficulty, LengthClass};
    use crate::stats::wilson::wilson;
    use crate::task::{Metric, longbench_v2};

    fn questions(variant: &str, scores: &[Option<f64>]) -> ResultCell {
        let mut cell = cell(longbench_v2::ID, 4096, scores);
        (cell.variant, cell.metric) = (variant.to_owned(), Metric::Letter);
        for (at, sample) in cell.samples.iter_mut().enumerate() {
            sample.question = Some(QuestionTags {
                domain: (at % 2 == 0).then(|| "Code".to_owned()),
                difficulty: Some(Difficulty::Easy),
                length: Some(LengthClass::Long),
            });
        }
        cell
    }

    #[test]
    fn groups_account_for_every_question() {
        let mut cell = questions("", &[Some(1.0), Some(0.0), Some(0.0), None]);
        cell.samples[2].blank = true;
        cell.samples[3].question = None;
        let set = set(vec![cell]);
        let all = set.questions();
        let tally = all[0].groups[&QuestionGroup::Overall];
        assert_eq!(
            (tally.asked, tally.right, tally.unparsed, tally.failed),
            (4, 1, 1, 1)
        );
        let code = all[0].groups[&QuestionGroup::Domain("Code".to_owned())];
        assert_eq!((code.asked, code.right), (2, 1));
        // The share is the mean of the same samples, with its interval.
        let (share, interval) = all[0].share(&QuestionGroup::Overall).unwrap();
        assert_eq!((share, Some(interval)), (0.25, wilson(1, 4)));
    }

    #[test]
    fn questions_about_one_text_are_one_piece_of_evidence_in_every_group() {
        let scores: Vec<Option<f64>> = (0..40).map(|i| Some(f64::from(i % 2))).collect();
        let mut cell = questions("", &scores);
        for (at, sample) in cell.samples.iter_mut().enumerate() {
            sample.cluster = Some((at / 10).to_string());
        }
        let mean = cell.summary();
        let set = set(vec![cell]);
        let found = &set.questions()[0];
        let (share, interval) = found.share(&QuestionGroup::Overall).unwrap();
        assert_eq!((Some(share), Some(interval)), (mean.mean, mean.interval));
        assert_eq!(interval.method, IntervalMethod::ClusterBootstrap);
    }

    #[test]
    fn thinking_is_compared_question_by_question() {
        let direct = questions("", &[Some(1.0), Some(0.0), Some(0.0), None]);
        let cot = questions("setting=cot", &[Some(1.0), Some(1.0), None, Some(1.0)]);
        let worth = set(vec![direct.clone(), cot]).thinking(&ComparisonPlan::default());
        let paired = worth[0].paired;
        // Failures count as wrong.
        assert_eq!((paired.n, paired.gained, paired.lost), (4, 2, 0));
        assert_eq!(paired.difference.value, 0.5);
        assert!(
            set(vec![direct])
                .thinking(&ComparisonPlan::default())
                .is_empty()
        );
    }
}
