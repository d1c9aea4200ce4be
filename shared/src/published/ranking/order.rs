//! The order of the ranking.

use std::cmp::Ordering;

use super::{ModelReport, RankedBenchmark, RankedModel};
use crate::published::plain_name;
use crate::tokens::Tokens;

/// A column of the ranking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RankingColumn {
    /// The model's name.
    Model,
    /// The mean of RULER's tasks at the length.
    Ruler,
    /// LongBench v2.
    Longbench,
    /// Samples behind the figure that the ranking uses.
    Samples,
    /// Who measured it.
    Reporter,
    /// Its total parameters.
    Size,
    /// The claimed window.
    Window,
}

/// The column by which rows are sorted, and the direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RankingOrder {
    /// The column.
    pub column: RankingColumn,
    /// From largest to smallest, or from Z to A.
    pub descending: bool,
}

impl RankingColumn {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::Model,
        Self::Ruler,
        Self::Longbench,
        Self::Samples,
        Self::Reporter,
        Self::Size,
        Self::Window,
    ];

    /// The initial direction: words from A, figures from the largest.
    pub fn first_order(self) -> RankingOrder {
        RankingOrder {
            column: self,
            descending: !matches!(self, Self::Model | Self::Reporter),
        }
    }

    /// The value of a column as a word or a number; `None` if it is empty.
    fn of(self, row: &RankedModel, by: RankedBenchmark, at: Tokens) -> Option<ColumnValue> {
        let report = &row.report;
        let number = match self {
            Self::Model => return Some(ColumnValue::Words(report.model.to_lowercase())),
            Self::Reporter => return Some(ColumnValue::Words(report.who().to_lowercase())),
            Self::Ruler => report.at(at)?.tenths() as f64,
            Self::Longbench => report.longbench?.tenths() as f64,
            Self::Samples => f64::from(report.score(by, at)?.n?),
            Self::Size => report.size.as_ref()?.total,
            Self::Window => f64::from(report.window?.0),
        };
        Some(ColumnValue::Number(number))
    }
}

enum ColumnValue {
    Words(String),
    Number(f64),
}

impl ColumnValue {
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Words(a), Self::Words(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            // A column has only one of the two kinds.
            (Self::Words(_), Self::Number(_)) => Ordering::Less,
            (Self::Number(_), Self::Words(_)) => Ordering::Greater,
        }
    }
}

/// The reports with a figure for `by`, best first, each with its rank. With both benchmarks, a
/// report on RULER is joined with LongBench v2's figure of the same model: the same reporter's if
/// there is one, else the first.
pub fn ranked(reports: &[ModelReport], by: RankedBenchmark, at: Tokens) -> Vec<RankedModel> {
    let reports: Vec<ModelReport> = match by {
        RankedBenchmark::Both => reports
            .iter()
            .filter_map(|one| joined(one, reports, at))
            .collect(),
        _ => reports.to_vec(),
    };
    let has = |report: &ModelReport| report.score(by, at).is_some();
    let rows = reports.into_iter().filter(has);
    let rows = rows.map(|report| RankedModel { rank: None, report });
    let mut rows = sorted(rows.collect(), by.first_column().first_order(), by, at);
    let figures: Vec<Option<i64>> = rows
        .iter()
        .map(|row| {
            let score = row.report.score(by, at);
            score
                .filter(|score| score.is_whole())
                .map(|score| score.tenths())
        })
        .collect();
    for (row, mine) in rows.iter_mut().zip(&figures) {
        let better = figures
            .iter()
            .flatten()
            .filter(|other| Some(**other) > *mine);
        row.rank = mine.map(|_| better.count() + 1);
    }
    rows
}

/// Joins a report on RULER with LongBench v2's figure of the same model.
fn joined(report: &ModelReport, reports: &[ModelReport], at: Tokens) -> Option<ModelReport> {
    report.at(at)?;
    if report.longbench.is_some() {
        return Some(report.clone());
    }
    let others = || {
        let same = reports.iter().filter(|other| other.model == report.model);
        same.filter(|other| other.longbench.is_some() && !other.own)
    };
    let own = others().find(|other| other.reporter == report.reporter);
    let other = own.or_else(|| others().next())?;
    let both = |one: &str, other: &str| match one == other {
        true => one.to_owned(),
        false => format!("RULER: {one}; LongBench v2: {other}"),
    };
    Some(ModelReport {
        joined: (report.reporter != other.reporter).then(|| other.reporter.clone()),
        setting: both(&report.setting, &other.setting),
        source: both(&report.source, &other.source),
        size: report.size.clone().or_else(|| other.size.clone()),
        window: report.window.or(other.window),
        longbench: other.longbench,
        ..report.clone()
    })
}

/// Sorts rows. Rows without a value come last in either direction; on a tie, rows are sorted by the
/// ranking figure, then by name.
pub fn sorted(
    mut rows: Vec<RankedModel>,
    order: RankingOrder,
    by: RankedBenchmark,
    at: Tokens,
) -> Vec<RankedModel> {
    let along = |a: &RankedModel, b: &RankedModel, order: RankingOrder| {
        let of = |row| order.column.of(row, by, at);
        match (of(a), of(b)) {
            (Some(a), Some(b)) if order.descending => b.order(&a),
            (Some(a), Some(b)) => a.order(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    };
    rows.sort_by(|a, b| {
        along(a, b, order)
            .then_with(|| along(a, b, by.first_column().first_order()))
            .then_with(|| along(a, b, RankingColumn::Model.first_order()))
    });
    rows
}

/// Whether a row contains every search word, however it is spelled: in the model, the reporter or
/// the setting.
pub fn found(row: &RankedModel, words: &str) -> bool {
    let report = &row.report;
    let text = [&report.model, &report.who(), &report.setting].map(|text| plain_name(text));
    let mut words = words.split_whitespace().map(plain_name);
    words.all(|word| text.iter().any(|text| text.contains(&word)))
}
