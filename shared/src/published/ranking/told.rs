//! The first of a ranking, and the difference of two, in words.

use std::collections::BTreeSet;

use super::{ModelReport, RankedBenchmark, RankedModel, ReportedScore};
use crate::chart::length_name;
use crate::numbers::count;
use crate::stats::{Interval, IntervalMethod};
use crate::tokens::Tokens;

/// One score minus another.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ScoreContrast {
    /// The difference, a fraction.
    pub value: f64,
    /// Its 95% interval, where both scores have one.
    pub interval: Option<Interval>,
}

/// One score minus another that was measured on other samples.
///
/// # Formula
/// With intervals `l` to `u`: `d − √((m₁ − l₁)² + (u₂ − m₂)²)` to `d + √((u₁ − m₁)² + (m₂ − l₂)²)`
/// (Newcombe, Statistics in Medicine 17 (1998) 873–890, method 10). Other prompts and engines are
/// not in it.
pub fn contrast(first: &ReportedScore, second: &ReportedScore) -> ScoreContrast {
    let value = first.share - second.share;
    let interval = first
        .interval
        .zip(second.interval)
        .map(|(one, other)| Interval {
            low: value - (first.share - one.low).hypot(other.high - second.share),
            high: value + (one.high - first.share).hypot(second.share - other.low),
            level: 0.95,
            method: IntervalMethod::Newcombe,
        });
    ScoreContrast { value, interval }
}

impl ReportedScore {
    /// `96.0 (95% about 92.9–97.8, n = 260)`, or that n is not reported; of how many tasks where
    /// these are not all.
    pub fn told(&self) -> String {
        let part = self
            .part
            .map(|part| format!(", {part}"))
            .unwrap_or_default();
        let sure = match (self.interval, self.n) {
            (Some(found), Some(n)) => format!(
                "95% about {:.1}–{:.1}, n = {}",
                found.low * 100.0,
                found.high * 100.0,
                count(n.into())
            ),
            (None, Some(n)) => format!("n = {}, no interval", count(n.into())),
            (_, None) => "n not reported".to_owned(),
        };
        format!("{:.1} ({sure}{part})", self.share * 100.0)
    }
}

/// Who measured it, as a sentence goes on.
pub fn by_whom(report: &ModelReport) -> String {
    match report.own {
        true => format!("measured here ({})", report.source),
        false => format!("reported by {}", report.reporter),
    }
}

impl ScoreContrast {
    /// What the difference of two named scores says; of one without n why there is no interval.
    pub fn told(&self, first: (&str, &ReportedScore), second: (&str, &ReportedScore)) -> String {
        let points = format!("{:.1} points", self.value.abs() * 100.0);
        let mut text = match (self.value * 1000.0).round() {
            0.0 => format!("{} and {} are alike", first.0, second.0),
            above if above > 0.0 => format!("{} is {points} above {}", first.0, second.0),
            _ => format!("{} is {points} below {}", first.0, second.0),
        };
        match self.interval {
            Some(found) => {
                let sure = match found.low > 0.0 || found.high < 0.0 {
                    true => "more than chance explains",
                    false => "0 lies within, so chance may explain it",
                };
                text += &format!(
                    " (95% about {:+.1} to {:+.1}: {sure}).",
                    found.low * 100.0,
                    found.high * 100.0
                );
            }
            None => {
                let without = [first, second].into_iter();
                let without = without.filter(|(_, score)| score.interval.is_none());
                let why = without.map(|(name, score)| match score.n {
                    None => format!("n is not reported for {name}"),
                    Some(n) => format!("{n} samples are too few for {name}"),
                });
                text += &format!(". No interval: {}.", why.collect::<Vec<_>>().join(", and "));
            }
        }
        for (name, score) in [first, second] {
            if let Some(part) = score.part {
                text += &format!(
                    " {name} is a mean of {part} only, which is not comparable with a mean of all."
                );
            }
        }
        text
    }
}

/// Which model is first, by how much that is sure, and who says so; means of some tasks are left
/// out.
pub fn conclusion(rows: &[RankedModel], by: RankedBenchmark, at: Tokens) -> String {
    let length = length_name(f64::from(at.0));
    let models: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row.rank.is_some())
        .map(|row| row.report.model.as_str())
        .collect();
    let models = match models.len() {
        0 => return format!("No model has figures of this choice at {length}."),
        1 => "1 model".to_owned(),
        many => format!("{many} models"),
    };
    match by {
        RankedBenchmark::Ruler => {
            format!(
                "Deepest at {length} among {models}{}",
                first(rows, RankedBenchmark::Ruler, at)
            )
        }
        RankedBenchmark::Longbench => {
            format!(
                "Best on LongBench v2 among {models}{}",
                first(rows, RankedBenchmark::Longbench, at)
            )
        }
        RankedBenchmark::Both => format!(
            "Deepest at {length} among {models} with figures of both{} Best of them on LongBench v2{}",
            first(rows, RankedBenchmark::Ruler, at),
            first(rows, RankedBenchmark::Longbench, at)
        ),
    }
}

/// `: NAME, FIGURE, reported by WHOM.`, of several that are alike each, and how many more lie
/// within the interval.
fn first(rows: &[RankedModel], by: RankedBenchmark, at: Tokens) -> String {
    let scores = rows.iter().filter(|row| row.rank.is_some());
    let scores: Vec<(&ModelReport, &ReportedScore)> = scores
        .filter_map(|row| Some((&row.report, row.report.score(by, at)?)))
        .filter(|(_, score)| score.is_whole())
        .collect();
    let Some(best) = scores.iter().map(|(_, score)| score.tenths()).max() else {
        return ": none.".to_owned();
    };
    let (first, rest): (Vec<_>, Vec<_>) =
        scores.iter().partition(|(_, score)| score.tenths() == best);
    let told = first
        .iter()
        .map(|(report, score)| format!("{}, {}, {}", report.model, score.told(), by_whom(report)));
    let alike = match first.len() {
        1 => String::new(),
        many => format!(", {many} alike"),
    };
    let mut text = format!("{alike}: {}.", told.collect::<Vec<_>>().join("; "));
    let named: BTreeSet<&str> = first
        .iter()
        .map(|(report, _)| report.model.as_str())
        .collect();
    let lows = first.iter().filter_map(|(_, score)| score.interval);
    let low = lows.map(|interval| interval.low).reduce(f64::min);
    if let Some(low) = low {
        let near = rest.iter().filter(|(_, score)| score.share >= low);
        let near: BTreeSet<&str> = near.map(|(report, _)| report.model.as_str()).collect();
        match near.difference(&named).count() {
            0 => text += " No other lies within this interval.",
            1 => text += " 1 more model lies within this interval, so which is first is open.",
            more => {
                text += &format!(
                    " {more} more models lie within this interval, so which is first is open."
                );
            }
        }
    }
    text
}
