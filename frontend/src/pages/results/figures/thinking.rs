//! Direct answers against those after a chain of thought.

use fathom_shared::chart::{Axis, AxisScale, ChartPoint, Figure, FigureKind, Series};
use fathom_shared::longbench::LongBenchSetting;
use fathom_shared::published::longbench::{LeaderboardColumn, SOURCE};
use fathom_shared::results::{figures, variant_of_setting};

use super::bars::{published_point, says};
use super::{Digests, name, run_page, series, source};
use crate::pages::results::model::ResultsQuery;
use crate::protocol::results::{GroupBy, ResultDigest};

/// A line for every set and published model that has both.
pub(in super::super) fn thinking(held: &Digests, look: &ResultsQuery) -> Figure {
    let mut all: Vec<Series> = held.iter().filter_map(|digest| own(digest)).collect();
    let lines = look.board_lines();
    all.extend(lines.iter().filter_map(|line| {
        let called = line.name();
        let at = |x, cot| {
            let point = published_point(line, &called, LeaderboardColumn::Overall, cot)?;
            Some(ChartPoint {
                x,
                says: point.says.replace("{}", "overall"),
                ..point
            })
        };
        let points = vec![at(0.0, false)?, at(1.0, true)?];
        Some(series(called.clone(), false, SOURCE.to_owned(), points))
    }));
    let points = all.iter().flat_map(|series| &series.points);
    let values: Vec<f64> = points.map(|point| point.y).collect();
    let low = values.iter().copied().fold(100.0, f64::min);
    let high = values.iter().copied().fold(0.0, f64::max);
    let round = |value: f64| (value / 5.0).round() * 5.0;
    Figure {
        id: "direct-and-cot".to_owned(),
        title: "LongBench v2: direct answers vs. chain of thought".to_owned(),
        about: "Correct answers overall, in percent. Models that always think first have no direct score and are not shown. A falling line means that thinking did more harm than good.".to_owned(),
        kind: FigureKind::Slope,
        x: figures::name_axis("How it was asked", vec!["Direct".to_owned(), "Chain of thought".to_owned()]),
        y: Axis {
            title: "Correct answers, %".to_owned(),
            scale: AxisScale::Linear {
                low: round(low - 4.0).max(0.0),
                high: round(high + 4.0).clamp(5.0, 100.0),
            },
        },
        series: all,
        guides: Vec::new(),
    }
}

fn own(digest: &ResultDigest) -> Option<Series> {
    let cot = variant_of_setting(LongBenchSetting::Cot);
    let at = |x, variant: &str| {
        let asked = digest
            .questions
            .iter()
            .find(|asked| asked.variant == variant)?;
        let share = asked
            .groups
            .iter()
            .find(|share| share.by == GroupBy::Overall)?;
        let way = if x == 0.0 {
            "direct"
        } else {
            "chain of thought"
        };
        Some(ChartPoint {
            x,
            y: share.share * 100.0,
            interval: Some((share.interval.low * 100.0, share.interval.high * 100.0)),
            n: Some(share.n),
            says: says(&format!("{}, {way}", name(digest)), share),
            href: run_page(digest),
            ..ChartPoint::default()
        })
    };
    let points = vec![at(0.0, "")?, at(1.0, &cot)?];
    Some(series(name(digest), true, source(digest), points))
}
