//! Every model by what was measured of it, whoever measured: RULER at a length, LongBench v2.
//!
//! ```text
//! tables, reports --tables--> ModelReport --ranked--> RankedModel --order--> rows, --told--> sentences
//! ```
//!
//! A model that several names mean is one; who measured it stays apart: two reports are two rows.

mod order; // who stands before whom
mod tables; // the published tables and reports, as reports of models
#[cfg(test)]
mod tests;
mod told; // the first and the difference of two, in words

pub use order::{RankingColumn, RankingOrder, found, ranked, sorted};
pub use tables::reports;
pub use told::{ScoreContrast, by_whom, conclusion, contrast};

use std::fmt;

use super::ParameterCount;
use super::longbench::LeaderboardColumn;
use crate::stats::Interval;
use crate::stats::lengths::RULER_TASKS;
use crate::tokens::Tokens;

/// What models are ranked by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RankedBenchmark {
    /// The mean of RULER's tasks at a length.
    #[default]
    Ruler,
    /// Right answers of LongBench v2.
    Longbench,
    /// Models of which both are known, by RULER first.
    Both,
}

/// What one reporter says of one model, asked one way.
#[derive(Clone, PartialEq, Debug)]
pub struct ModelReport {
    /// Names the report in addresses.
    pub id: String,
    /// The model, by one name whoever reports it.
    pub model: String,
    /// Whether it was measured here.
    pub own: bool,
    /// Who measured it.
    pub reporter: String,
    /// How it was asked, as far as that is told.
    pub setting: String,
    /// Its parameters.
    pub size: Option<ParameterCount>,
    /// The window that its makers claim.
    pub window: Option<Tokens>,
    /// Where the figures stand, and since when.
    pub source: String,
    /// The mean of RULER's tasks, by ascending length.
    pub ruler: Vec<(Tokens, ReportedScore)>,
    /// LongBench v2, overall.
    pub longbench: Option<ReportedScore>,
}

/// A score as it is reported.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ReportedScore {
    /// The fraction.
    pub share: f64,
    /// Samples behind it, where that is told.
    pub n: Option<u32>,
    /// Its 95% interval; of published figures from n alone, by Wilson's formula.
    pub interval: Option<Interval>,
    /// Of which part it is the mean, where that is not all.
    pub part: Option<ScorePart>,
}

/// A part of what a figure is usually the mean of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScorePart {
    /// So many.
    pub have: u32,
    /// Of so many.
    pub of: u32,
    /// Of what: `tasks`, `questions`.
    pub what: &'static str,
}

impl ScorePart {
    /// Of RULER's tasks, where these are not all.
    pub fn of_tasks(tasks: usize) -> Option<Self> {
        Self::of(tasks as u32, RULER_TASKS as u32, "tasks")
    }

    /// Of LongBench v2's questions, where these are not all.
    pub fn of_questions(questions: u32) -> Option<Self> {
        let all = LeaderboardColumn::Overall.questions();
        Self::of(questions, all, "questions")
    }

    fn of(have: u32, of: u32, what: &'static str) -> Option<Self> {
        (have < of).then_some(Self { have, of, what })
    }
}

impl fmt::Display for ScorePart {
    /// `3 of 13 tasks`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} {}", self.have, self.of, self.what)
    }
}

/// A report with its place.
#[derive(Clone, PartialEq, Debug)]
pub struct RankedModel {
    /// From 1; equal figures have equal places, and a mean of some tasks has none.
    pub rank: Option<usize>,
    /// The report.
    pub report: ModelReport,
}

impl ReportedScore {
    /// A published percentage, its interval from `n`.
    fn published(percent: f64, n: Option<u32>) -> Self {
        let share = percent / 100.0;
        let interval = n.and_then(|n| {
            let hits = (share * f64::from(n)).round();
            crate::stats::wilson::wilson(hits as u32, n)
        });
        Self {
            share,
            n,
            interval,
            part: None,
        }
    }

    /// Whether it is of all that belongs to it.
    pub fn is_whole(&self) -> bool {
        self.part.is_none()
    }

    /// The share as it is printed and ranked: tenths of a percent.
    fn tenths(&self) -> i64 {
        (self.share * 1000.0).round() as i64
    }
}

impl RankedBenchmark {
    /// The figure that decides the order unless the reader chooses another.
    pub fn first_column(self) -> RankingColumn {
        match self {
            Self::Ruler | Self::Both => RankingColumn::Ruler,
            Self::Longbench => RankingColumn::Longbench,
        }
    }
}

impl ModelReport {
    /// The mean of RULER's tasks at a length.
    pub fn at(&self, length: Tokens) -> Option<&ReportedScore> {
        let mut at = self.ruler.iter().filter(|(other, _)| *other == length);
        at.next().map(|(_, score)| score)
    }

    /// The figure that decides the order by `benchmark`.
    pub fn score(&self, benchmark: RankedBenchmark, length: Tokens) -> Option<&ReportedScore> {
        match benchmark {
            RankedBenchmark::Ruler | RankedBenchmark::Both => self.at(length),
            RankedBenchmark::Longbench => self.longbench.as_ref(),
        }
    }
}

/// The lengths at which any report has RULER, ascending.
pub fn lengths(reports: &[ModelReport]) -> Vec<Tokens> {
    let all = reports.iter().flat_map(|report| &report.ruler);
    let mut lengths: Vec<Tokens> = all.map(|(length, _)| *length).collect();
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

/// The report that stands for a chosen one where `benchmark` is asked: itself if it has a figure,
/// else another of the same model.
///
/// # Example
/// ```
/// use fathom_shared::published::ranking::{RankedBenchmark, reports, stand_in};
/// use fathom_shared::tokens::Tokens;
/// let reports = reports();
/// let llama = reports.iter().find(|one| one.model == "Llama3.1 8B").unwrap();
/// let there = stand_in(&reports, &llama.id, RankedBenchmark::Longbench, Tokens(131_072)).unwrap();
/// assert_eq!((there.model.as_str(), there.longbench.is_some()), ("Llama3.1 8B", true));
/// ```
pub fn stand_in<'a>(
    reports: &'a [ModelReport],
    id: &str,
    benchmark: RankedBenchmark,
    length: Tokens,
) -> Option<&'a ModelReport> {
    let chosen = reports.iter().find(|report| report.id == id)?;
    let has = |report: &&ModelReport| report.score(benchmark, length).is_some();
    let others = reports.iter().filter(|other| other.model == chosen.model);
    std::iter::once(chosen).chain(others).find(has)
}
