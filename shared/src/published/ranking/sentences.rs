//! The leader of a ranking, and the difference between two entries, in words.

use std::collections::BTreeSet;

use super::{ModelReport, RankedBenchmark, RankedModel, ReportedScore};
use crate::chart::length_name;
use crate::numbers::{count, signed};
use crate::stats::{Interval, IntervalMethod};
use crate::tokens::Tokens;

/// The difference between two scores.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ScoreContrast {
    /// The difference, a fraction.
    pub value: f64,
    /// Its 95% interval, if both scores have one.
    pub interval: Option<Interval>,
}

/// One score minus another that was measured on different samples.
///
/// # Formula
/// With intervals `l` to `u`: `d − √((m₁ − l₁)² + (u₂ − m₂)²)` to `d + √((u₁ − m₁)² + (m₂ − l₂)²)`
/// (Newcombe, Statistics in Medicine 17 (1998) 873–890, method 10). It does not include the effect
/// of different prompts and engines.
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
    /// `96.0 (95% about 92.9–97.8, n = 260)`, or a note that n is not reported; with the number of
    /// tasks if not all are covered.
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

/// Who measured its figure for `by`, worded as part of a sentence.
pub fn by_whom(report: &ModelReport, by: RankedBenchmark) -> String {
    let who = match (by, &report.joined) {
        (RankedBenchmark::Longbench, Some(other)) => other,
        _ => &report.reporter,
    };
    match report.own {
        true => format!("measured here ({})", report.source),
        false => format!("reported by {who}"),
    }
}

impl ScoreContrast {
    /// The difference of two named scores in words; if n is missing, why there is no interval.
    pub fn told(&self, first: (&str, &ReportedScore), second: (&str, &ReportedScore)) -> String {
        let points = format!("{:.1} points", self.value.abs() * 100.0);
        let mut text = match (self.value * 1000.0).round() {
            0.0 => format!("{} and {} score the same", first.0, second.0),
            above if above > 0.0 => format!("{} is {points} above {}", first.0, second.0),
            _ => format!("{} is {points} below {}", first.0, second.0),
        };
        match self.interval {
            Some(found) => {
                let sure = match found.low > 0.0 || found.high < 0.0 {
                    true => "more than chance would explain",
                    false => "this includes 0, so it may be chance",
                };
                text += &format!(
                    " (95% about {} to {}: {sure}).",
                    signed(found.low * 100.0, 1),
                    signed(found.high * 100.0, 1)
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
                    " {name} is a mean of {part} only, which is not comparable with a mean of all tasks."
                );
            }
        }
        text
    }
}

/// Which model leads, how certain that is, and who reported it; ignores means of only some tasks.
pub fn conclusion(rows: &[RankedModel], by: RankedBenchmark, at: Tokens) -> String {
    let length = length_name(f64::from(at.0));
    let models: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row.rank.is_some())
        .map(|row| row.report.model.as_str())
        .collect();
    let models = match models.len() {
        0 => return format!("No model has figures for this selection at {length}."),
        1 => "1 model".to_owned(),
        many => format!("{many} models"),
    };
    let leaders = |by| Leaders::of(rows, by, at);
    match by {
        RankedBenchmark::Ruler | RankedBenchmark::Longbench => {
            let best = match by {
                RankedBenchmark::Longbench => "Best on LongBench v2".to_owned(),
                _ => format!("Deepest at {length}"),
            };
            let leaders = leaders(by);
            let so = match leaders.near {
                Some(near) if near > 0 => ", so first place is not settled",
                _ => "",
            };
            format!("{best} among {models}{}{so}.", leaders.told())
        }
        RankedBenchmark::Both => {
            let [ruler, longbench] =
                [RankedBenchmark::Ruler, RankedBenchmark::Longbench].map(leaders);
            let is_open = |leaders: &Leaders| leaders.near.is_some_and(|near| near > 0);
            let open = match (is_open(&ruler), is_open(&longbench)) {
                (true, true) => " Neither first place is settled.",
                (true, false) => " First place on RULER is not settled.",
                (false, true) => " First place on LongBench v2 is not settled.",
                (false, false) => "",
            };
            format!(
                "Deepest at {length} among {models} with figures of both{}. Best of them on LongBench v2{}.{open}",
                ruler.told(),
                longbench.told()
            )
        }
    }
}

/// The models in first place, in words.
struct Leaders {
    /// `: NAME, FIGURE, reported by WHOM`, for each model in a tie.
    names: String,
    /// How many more models lie within their interval; `None` without an interval.
    near: Option<usize>,
}

impl Leaders {
    fn of(rows: &[RankedModel], by: RankedBenchmark, at: Tokens) -> Self {
        let scores = rows.iter().filter(|row| row.rank.is_some());
        let scores: Vec<(&ModelReport, &ReportedScore)> = scores
            .filter_map(|row| Some((&row.report, row.report.score(by, at)?)))
            .filter(|(_, score)| score.is_whole())
            .collect();
        let Some(best) = scores.iter().map(|(_, score)| score.tenths()).max() else {
            return Self {
                names: ": none".to_owned(),
                near: None,
            };
        };
        let (first, rest): (Vec<_>, Vec<_>) =
            scores.iter().partition(|(_, score)| score.tenths() == best);
        let told = first.iter().map(|(report, score)| {
            let who = by_whom(report, by);
            format!("{}, {}, {who}", report.model, score.told())
        });
        let alike = match first.len() {
            1 => String::new(),
            many => format!(", {many} tied"),
        };
        let named: BTreeSet<&str> = first
            .iter()
            .map(|(report, _)| report.model.as_str())
            .collect();
        let lows = first.iter().filter_map(|(_, score)| score.interval);
        let low = lows.map(|interval| interval.low).reduce(f64::min);
        Self {
            names: format!("{alike}: {}", told.collect::<Vec<_>>().join("; ")),
            near: low.map(|low| {
                let near = rest.iter().filter(|(_, score)| score.share >= low);
                let near: BTreeSet<&str> = near.map(|(report, _)| report.model.as_str()).collect();
                near.difference(&named).count()
            }),
        }
    }

    /// Without a full stop at the end.
    fn told(&self) -> String {
        let near = match self.near {
            None => String::new(),
            Some(0) => ". No other lies within this interval".to_owned(),
            Some(1) => ". 1 more model lies within this interval".to_owned(),
            Some(more) => format!(". {more} more models lie within this interval"),
        };
        format!("{}{near}", self.names)
    }
}
