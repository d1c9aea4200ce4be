//! BABILong: answers that need one, two or three facts, to a million tokens.

use fathom_shared::chart::{ChartPoint, Figure, FigureKind, PointStyle, Series};
use fathom_shared::numbers::count;
use fathom_shared::published::babilong::{FactCount, SOURCE, counts};
use fathom_shared::results::figures::{length_axis, percent_axis, percents};

use crate::pages::results::model::ResultsQuery;

/// A line for each number of facts, at the lengths that are shown.
pub(in super::super) fn facts(look: &ResultsQuery) -> Figure {
    let counts = counts();
    let line = |facts: u32| {
        let these = counts.iter().filter(|one| one.facts == Some(facts));
        let points = these.filter_map(|one| point(one, look));
        Series {
            name: match facts {
                1 => "1 fact".to_owned(),
                more => format!("{more} facts"),
            },
            own: false,
            source: SOURCE.to_owned(),
            form: PointStyle::Plain,
            points: points.collect(),
        }
    };
    let mut series: Vec<Series> = [1, 2, 3].map(line).into();
    series.retain(|series| !series.points.is_empty());
    let model = counts.first().map_or("", |one| one.model);
    let alone = counts.iter().filter(|one| one.length.is_none());
    let alone =
        alone.filter_map(|one| Some(format!("{:.1} ({})", one.share() * 100.0, one.facts?)));
    Figure {
        id: "babilong-facts".to_owned(),
        title: format!("BABILong: one, two and three facts, {model}"),
        about: format!(
            "Correct answers to questions that need one fact from a long text (qa1), or two (qa2) or three (qa3) combined. Given the facts alone, without surrounding text, scores were {}. Bands are Wilson’s 95% intervals. Published predictions: {SOURCE}.",
            alone.collect::<Vec<_>>().join(", ")
        ),
        kind: FigureKind::Lines,
        x: length_axis(&series),
        y: percent_axis("Correct answers, %", 0.0),
        series,
        guides: Vec::new(),
    }
}

fn point(one: &FactCount, look: &ResultsQuery) -> Option<ChartPoint> {
    let length = one.length.filter(|length| look.holds(length.0))?;
    let (share, interval) = (one.share() * 100.0, percents(one.interval()));
    let (low, high) = interval?;
    Some(ChartPoint {
        x: f64::from(length.0),
        y: share,
        interval,
        n: Some(one.n),
        says: format!(
            "{} on {} at {length:#} tokens: {share:.1} (95% {low:.1}–{high:.1}, n = {}), {}.",
            one.model,
            one.task,
            count(one.n.into()),
            one.reporter
        ),
        ..ChartPoint::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_lines_go_to_a_million_tokens() {
        let figure = facts(&ResultsQuery::default());
        let names: Vec<&str> = figure.series.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["1 fact", "2 facts", "3 facts"]);
        assert!(
            figure
                .about
                .contains("scores were 100.0 (1), 98.3 (2), 87.0 (3)."),
            "{}",
            figure.about
        );
        for series in &figure.series {
            assert_eq!(series.points.len(), 10);
            assert_eq!(series.points[9].x, 1_048_576.0);
            assert!(
                series
                    .points
                    .iter()
                    .all(|point| point.n.is_some() && point.interval.is_some())
            );
        }
        let short = ResultsQuery {
            to: Some(4096),
            ..ResultsQuery::default()
        };
        assert_eq!(facts(&short).series[0].points.len(), 3);
    }
}
