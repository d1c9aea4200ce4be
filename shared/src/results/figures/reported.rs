//! Reports of models, as the ranking has them, as series.

use super::percents;
use crate::chart::{ChartPoint, PointStyle, Series};
use crate::published::ranking::{ModelReport, RankedBenchmark, ReportedScore, by_whom};
use crate::results::length_text;

/// What a report says of RULER by length, as a curve under `name`.
pub fn reported_by_length(report: &ModelReport, name: String) -> Series {
    let points = report.ruler.iter().map(|(length, score)| {
        let place = format!("at {} tokens", length_text(*length));
        let figure = (RankedBenchmark::Ruler, score);
        point(report, figure, f64::from(length.0), &place)
    });
    series(report, name, points.collect())
}

/// What a report says of LongBench v2 as a whole, as a bar of the first group under `name`.
pub fn reported_overall(report: &ModelReport, name: String) -> Option<Series> {
    let score = report.longbench.as_ref()?;
    let figure = (RankedBenchmark::Longbench, score);
    let points = vec![point(report, figure, 0.0, "on LongBench v2")];
    Some(series(report, name, points))
}

fn series(report: &ModelReport, name: String, points: Vec<ChartPoint>) -> Series {
    Series {
        name,
        own: report.own,
        source: report.source.clone(),
        form: PointStyle::Plain,
        points,
    }
}

fn point(
    report: &ModelReport,
    (by, score): (RankedBenchmark, &ReportedScore),
    x: f64,
    place: &str,
) -> ChartPoint {
    ChartPoint {
        x,
        y: score.share * 100.0,
        interval: percents(score.interval),
        n: score.n,
        says: format!(
            "{} {place}, {}: {}. {}.",
            report.model,
            by_whom(report, by),
            score.told(),
            report.source
        ),
        ..ChartPoint::default()
    }
}
