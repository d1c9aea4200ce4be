//! The leaderboard of LongBench v2.

use crate::longbench::{Difficulty, LengthClass};
use crate::stats::Interval;
use crate::stats::wilson::wilson;

/// The source of the figures, and their date.
pub const SOURCE: &str = "longbench2.github.io, as of 2025-08-30";

const CSV: &str = include_str!("../../data/published/longbench_v2_leaderboard.csv");

/// A column of the leaderboard.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LeaderboardColumn {
    /// All questions.
    Overall,
    /// Questions of one difficulty.
    Difficulty(Difficulty),
    /// Questions with texts of one length class.
    Length(LengthClass),
}

/// A line of the leaderboard.
#[derive(Clone, PartialEq, Debug)]
pub struct LeaderboardLine {
    /// The model, or another participant.
    pub model: &'static str,
    /// Its organisation; empty for people and chance.
    pub organisation: &'static str,
    /// Whether it thinks before it answers; such models have no direct figures.
    pub reasoning: bool,
    /// Its parameters as in the table, for a mixture of experts the total; empty if the table has
    /// none.
    pub params: &'static str,
    /// Its claimed window.
    pub context: &'static str,
    /// Its date, `YYYY-MM-DD`.
    pub date: &'static str,
    /// Percentages of right answers, in the order of [`LeaderboardColumn::ALL`]; `None` where none
    /// is published.
    direct: [Option<f64>; 6],
    cot: [Option<f64>; 6],
}

impl LeaderboardColumn {
    /// All of them, in the order of the leaderboard.
    pub const ALL: [Self; 6] = [
        Self::Overall,
        Self::Difficulty(Difficulty::Easy),
        Self::Difficulty(Difficulty::Hard),
        Self::Length(LengthClass::Short),
        Self::Length(LengthClass::Medium),
        Self::Length(LengthClass::Long),
    ];

    /// Number of questions in this column.
    ///
    /// Source: arXiv 2412.15204, table 2.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::published::longbench::LeaderboardColumn;
    /// assert_eq!(LeaderboardColumn::ALL.map(LeaderboardColumn::questions), [503, 192, 311, 180, 215, 108]);
    /// ```
    pub fn questions(self) -> u32 {
        match self {
            Self::Overall => 503,
            Self::Difficulty(Difficulty::Easy) => 192,
            Self::Difficulty(Difficulty::Hard) => 311,
            Self::Length(LengthClass::Short) => 180,
            Self::Length(LengthClass::Medium) => 215,
            Self::Length(LengthClass::Long) => 108,
        }
    }

    fn place(self) -> usize {
        Self::ALL.iter().position(|one| *one == self).unwrap_or(0)
    }
}

impl LeaderboardLine {
    /// The fraction of right answers without, or with, a chain of thought.
    pub fn share(&self, column: LeaderboardColumn, cot: bool) -> Option<f64> {
        let of = if cot { &self.cot } else { &self.direct };
        of[column.place()].map(|percent| percent / 100.0)
    }

    /// Model and date, which together name a line.
    pub fn name(&self) -> String {
        match self.date {
            "" => self.model.to_owned(),
            date => format!("{} ({date})", self.model),
        }
    }

    /// Wilson's interval of [`share`](Self::share), from the number of questions: the leaderboard
    /// has none itself.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::published::longbench::{LeaderboardColumn, best_direct};
    /// let interval = best_direct().interval(LeaderboardColumn::Overall, false).unwrap();
    /// assert!((interval.high - interval.low - 0.087).abs() < 1e-3); // ±4.4 points
    /// ```
    pub fn interval(&self, column: LeaderboardColumn, cot: bool) -> Option<Interval> {
        let n = column.questions();
        let right = (self.share(column, cot)? * f64::from(n)).round();
        wilson(right as u32, n)
    }
}

/// The leaderboard in its own order: best with chain of thought first.
pub fn board() -> Vec<LeaderboardLine> {
    let lines = CSV.lines().skip(1);
    lines.map(line).collect()
}

/// The line for people, who had 15 minutes per question.
pub fn human() -> LeaderboardLine {
    named("Human", "")
}

/// The line with the paper's best direct answers.
pub fn best_direct() -> LeaderboardLine {
    named("GPT-4o", "2024-08-06")
}

/// The paper's best line, from a model that thinks before it answers.
pub fn best_reasoning() -> LeaderboardLine {
    named("o1-preview", "2024-09-12")
}

fn named(model: &str, date: &str) -> LeaderboardLine {
    let found = CSV.lines().skip(1).map(line);
    let mut found = found.filter(|line| line.model == model && line.date == date);
    // A test ensures that these lines exist.
    found.next().unwrap_or_else(|| line(""))
}

fn line(text: &'static str) -> LeaderboardLine {
    let mut fields = text.split(',');
    let mut next = || fields.next().unwrap_or_default();
    let (model, organisation, reasoning) = (next(), next(), next() == "yes");
    let (params, context, date) = (next(), next(), next());
    let (mut direct, mut cot) = ([None; 6], [None; 6]);
    for column in 0..6 {
        direct[column] = next().parse().ok();
        cot[column] = next().parse().ok();
    }
    LeaderboardLine {
        model,
        organisation,
        reasoning,
        params,
        context,
        date,
        direct,
        cot,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paper_s_figures_are_there() {
        let percent = |line: LeaderboardLine, cot| {
            let share = line.share(LeaderboardColumn::Overall, cot);
            share.map(|share| format!("{:.1}", share * 100.0))
        };
        assert_eq!(percent(human(), false).as_deref(), Some("53.7"));
        assert_eq!(percent(best_direct(), false).as_deref(), Some("50.1"));
        assert_eq!(percent(best_reasoning(), true).as_deref(), Some("57.7"));
        assert_eq!(percent(best_reasoning(), false), None);
    }

    #[test]
    fn every_line_is_whole_and_in_order() {
        let board = board();
        assert_eq!(board.len(), 38);
        for line in &board {
            let told: Vec<f64> = LeaderboardColumn::ALL
                .iter()
                .filter_map(|column| line.share(*column, true))
                .collect();
            assert_eq!(told.len(), 6, "{}", line.model);
            // The parts add up to the whole, as far as one decimal shows.
            let part = |difficulty| {
                let column = LeaderboardColumn::Difficulty(difficulty);
                line.share(column, true).unwrap() * f64::from(column.questions())
            };
            let whole = (part(Difficulty::Easy) + part(Difficulty::Hard)) / 503.0;
            assert!((whole - told[0]).abs() < 0.012, "{}: {whole}", line.model);
        }
        let overall =
            |line: &LeaderboardLine| line.share(LeaderboardColumn::Overall, true).unwrap();
        assert!(board.is_sorted_by(|a, b| overall(a) >= overall(b)));
    }
}
