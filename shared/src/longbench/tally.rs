//! The results of groups of questions, with every question accounted for.

use std::collections::BTreeMap;
use std::fmt;

use super::{Difficulty, LengthClass, Prediction, QuestionCard};
use crate::stats::Interval;
use crate::stats::wilson::wilson;

/// The result of one question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnswerVerdict {
    /// The letter is right.
    Right,
    /// The letter is wrong.
    Wrong,
    /// There is text, but it names no letter.
    Unparsed,
    /// There is no text.
    Failed,
}

/// Counts with `asked = right + wrong + unparsed + failed`: failures stay in the denominator.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AnswerTally {
    /// Number of questions.
    pub asked: u32,
    /// Answers with the right letter.
    pub right: u32,
    /// Answers without a letter.
    pub unparsed: u32,
    /// Questions without text.
    pub failed: u32,
}

/// A group of questions that are shown together.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum QuestionGroup {
    /// All questions.
    Overall,
    /// One difficulty.
    Difficulty(Difficulty),
    /// One length class.
    Length(LengthClass),
    /// One domain.
    Domain(String),
}

impl Prediction {
    /// The result of the question.
    pub fn verdict(&self) -> AnswerVerdict {
        match self.judged.pred {
            _ if self.failure.is_some() => AnswerVerdict::Failed,
            None => AnswerVerdict::Unparsed,
            Some(letter) if letter == self.judged.answer => AnswerVerdict::Right,
            Some(_) => AnswerVerdict::Wrong,
        }
    }
}

impl AnswerTally {
    /// Adds one question.
    pub fn add(&mut self, verdict: AnswerVerdict) {
        self.asked += 1;
        match verdict {
            AnswerVerdict::Right => self.right += 1,
            AnswerVerdict::Wrong => {}
            AnswerVerdict::Unparsed => self.unparsed += 1,
            AnswerVerdict::Failed => self.failed += 1,
        }
    }

    /// Questions with any text as answer.
    pub fn answered(self) -> u32 {
        self.asked - self.failed
    }

    /// The share of right answers among all questions asked, as a fraction, with Wilson's 95%
    /// interval; `None` if no questions were asked.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::longbench::AnswerTally;
    /// // The paper's best direct answer: 50.1% of 503 questions, give or take 4.4.
    /// let (share, interval) = AnswerTally { asked: 503, right: 252, ..AnswerTally::default() }.accuracy().unwrap();
    /// assert!((share - 0.501).abs() < 5e-4 && (interval.high - share - 0.0435).abs() < 5e-4);
    /// ```
    pub fn accuracy(self) -> Option<(f64, Interval)> {
        let interval = wilson(self.right, self.asked)?;
        Some((f64::from(self.right) / f64::from(self.asked), interval))
    }

    /// All groups that any of the answers belongs to, overall first.
    pub fn groups<'a>(
        answers: impl IntoIterator<Item = &'a Prediction>,
    ) -> BTreeMap<QuestionGroup, Self> {
        let mut groups = BTreeMap::<QuestionGroup, Self>::new();
        for answer in answers {
            let verdict = answer.verdict();
            let of = [
                Some(QuestionGroup::Overall),
                answer.judged.difficulty.map(QuestionGroup::Difficulty),
                answer.judged.length.map(QuestionGroup::Length),
                answer.domain.clone().map(QuestionGroup::Domain),
            ];
            for group in of.into_iter().flatten() {
                groups.entry(group).or_default().add(verdict);
            }
        }
        groups
    }
}

impl QuestionGroup {
    /// The groups that a question belongs to, overall first.
    pub fn of(card: &QuestionCard) -> [Self; 4] {
        [
            Self::Overall,
            Self::Difficulty(card.difficulty),
            Self::Length(card.length),
            Self::Domain(card.domain.clone()),
        ]
    }
}

impl fmt::Display for QuestionGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overall => f.write_str("overall"),
            Self::Difficulty(difficulty) => write!(f, "{difficulty}"),
            Self::Length(length) => write!(f, "{length}"),
            Self::Domain(domain) => f.write_str(domain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ChoiceLetter;
    use super::*;

    #[test]
    fn every_question_is_accounted_for() {
        let line = |pred: &str, more: &str| {
            let line = format!(
                r#"{{"_id": "q", "domain": "Code", "difficulty": "easy", "length": "long",
                "answer": "B", "response": "text", "pred": {pred}{more}}}"#
            );
            Prediction::read(&line, false).unwrap()
        };
        let failed = r#", "error": "no answer in time""#;
        let answers = [
            line(r#""B""#, ""),
            line(r#""A""#, ""),
            line("null", ""),
            line("null", failed),
        ];
        assert_eq!(answers[0].judged.pred, Some(ChoiceLetter::B));
        let groups = AnswerTally::groups(&answers);
        let names: Vec<String> = groups.keys().map(QuestionGroup::to_string).collect();
        assert_eq!(names, ["overall", "easy", "long", "Code"]);
        for tally in groups.values() {
            assert_eq!((tally.asked, tally.answered()), (4, 3));
            assert_eq!((tally.right, tally.unparsed, tally.failed), (1, 1, 1));
            assert_eq!(tally.accuracy().unwrap().0, 0.25);
        }
    }
}
