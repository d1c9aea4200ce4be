//! Ranks every model by one figure, whoever measured it: RULER at a length, or LongBench v2.
//!
//! ```text
//! tables, reports --tables--> ModelReport --ranked--> RankedModel --order--> rows, --sentences--> text
//! ```
//!
//! Several names of a model are merged, but reports are not: two reports are two rows.

mod order; // the order of the ranking
mod sentences; // the leader and the difference of two entries, in words
mod tables; // turns published tables and reports into ranking entries
#[cfg(test)]
mod tests;

pub use order::{RankingColumn, RankingOrder, found, ranked, sorted};
pub use sentences::{ScoreContrast, by_whom, conclusion, contrast};
pub use tables::reports;

use std::fmt;

use super::ParameterCount;
use super::longbench::LeaderboardColumn;
use crate::numbers::count;
use crate::stats::Interval;
use crate::stats::lengths::RULER_TASKS;
use crate::tokens::Tokens;

/// The benchmark that models are ranked by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RankedBenchmark {
    /// The mean of RULER's tasks at a length.
    #[default]
    Ruler,
    /// Right answers in LongBench v2.
    Longbench,
    /// Models with both figures, ranked by RULER first.
    Both,
}

/// What one reporter published about one model, asked in one way.
#[derive(Clone, PartialEq, Debug)]
pub struct ModelReport {
    /// Identifies the report in addresses.
    pub id: String,
    /// The model, with the same name for all its reports.
    pub model: String,
    /// Whether it was measured here.
    pub own: bool,
    /// Who measured it.
    pub reporter: String,
    /// Who measured LongBench v2's figure, where it is joined from another report.
    pub joined: Option<String>,
    /// How it was asked, as far as known.
    pub setting: String,
    /// Its parameters.
    pub size: Option<ParameterCount>,
    /// The window that its makers claim.
    pub window: Option<Tokens>,
    /// The source of the figures, and their date.
    pub source: String,
    /// The mean of RULER's tasks, by increasing length.
    pub ruler: Vec<(Tokens, ReportedScore)>,
    /// LongBench v2, overall.
    pub longbench: Option<ReportedScore>,
}

/// A score as it is reported.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ReportedScore {
    /// The fraction.
    pub share: f64,
    /// Number of samples, if known.
    pub n: Option<u32>,
    /// Its 95% interval; for published figures computed from n alone, by Wilson's formula.
    pub interval: Option<Interval>,
    /// The part that it covers, if it does not cover everything.
    pub part: Option<ScorePart>,
}

/// The part of a benchmark that a figure covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScorePart {
    /// How many are covered.
    pub have: u32,
    /// How many there are.
    pub of: u32,
    /// The unit: `tasks`, `questions`.
    pub what: &'static str,
}

impl ScorePart {
    /// A part of RULER's tasks; `None` if all are covered.
    pub fn of_tasks(tasks: usize) -> Option<Self> {
        Self::of(tasks as u32, RULER_TASKS as u32, "tasks")
    }

    /// A part of LongBench v2's questions; `None` if all are covered.
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

/// A report with its rank.
#[derive(Clone, PartialEq, Debug)]
pub struct RankedModel {
    /// From 1; equal figures have equal ranks, and a mean of only some tasks has none.
    pub rank: Option<usize>,
    /// The report.
    pub report: ModelReport,
}

impl ReportedScore {
    /// A published percentage, with its interval computed from `n`.
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

    /// Whether it covers all tasks or questions.
    pub fn is_whole(&self) -> bool {
        self.part.is_none()
    }

    /// The share as printed and ranked: in tenths of a percent.
    fn tenths(&self) -> i64 {
        (self.share * 1000.0).round() as i64
    }
}

impl RankedBenchmark {
    /// The column that the ranking is sorted by, unless the reader chooses another.
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

    /// Who measured it; both, if two reports are joined: `RULER by Qwen; LongBench v2 by its
    /// authors`.
    pub fn who(&self) -> String {
        let of = |benchmark: &str, who: &str| match who.strip_suffix(" authors") {
            Some(whose) if whose.starts_with(benchmark) => format!("{benchmark} by its authors"),
            _ => format!("{benchmark} by {who}"),
        };
        match &self.joined {
            None => self.reporter.clone(),
            Some(other) => format!(
                "{}; {}",
                of("RULER", &self.reporter),
                of("LongBench v2", other)
            ),
        }
    }

    /// How many samples the figures have that rank it, in words: `260`, `RULER 260, LongBench v2
    /// 503`, `not reported`.
    pub fn samples(&self, by: RankedBenchmark, at: Tokens) -> String {
        let told = |score: Option<&ReportedScore>| {
            let n = score.and_then(|score| score.n);
            n.map_or_else(|| "not reported".to_owned(), |n| count(n.into()))
        };
        match by {
            RankedBenchmark::Ruler | RankedBenchmark::Longbench => told(self.score(by, at)),
            RankedBenchmark::Both => format!(
                "RULER {}, LongBench v2 {}",
                told(self.at(at)),
                told(self.longbench.as_ref())
            ),
        }
    }

    /// The figure by which `benchmark` ranks.
    pub fn score(&self, benchmark: RankedBenchmark, length: Tokens) -> Option<&ReportedScore> {
        match benchmark {
            RankedBenchmark::Ruler | RankedBenchmark::Both => self.at(length),
            RankedBenchmark::Longbench => self.longbench.as_ref(),
        }
    }
}

/// The lengths at which any report has RULER figures, in increasing order.
pub fn lengths(reports: &[ModelReport]) -> Vec<Tokens> {
    let all = reports.iter().flat_map(|report| &report.ruler);
    let mut lengths: Vec<Tokens> = all.map(|(length, _)| *length).collect();
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

/// The report to show for a chosen one when ranking by `benchmark`: the report itself if it has a
/// figure, else another one of the same model.
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
