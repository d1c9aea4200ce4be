//! A comparison as a forest plot: the difference of every row and cell, by category.

use fathom_shared::chart::{Axis, AxisScale, ChartPoint, Figure, FigureKind, GuideLine};
use fathom_shared::results::figures::{FigureOwner, name_axis, percents};
use fathom_shared::results::{Comparison, ComparisonSubject, SubjectComparison};
use fathom_shared::stats::p_value;
use fathom_shared::task::{RulerCategory, asks_questions};

/// Under which heading a subject stands.
fn heading(subject: &ComparisonSubject) -> &'static str {
    const LONGBENCH: &str = "LongBench v2";
    match subject {
        ComparisonSubject::Length { .. } => "RULER",
        ComparisonSubject::Category { category, .. } => category.name(),
        ComparisonSubject::Questions { .. } => LONGBENCH,
        ComparisonSubject::Cell { task, .. } if asks_questions(task) => LONGBENCH,
        ComparisonSubject::Cell { task, .. } => {
            RulerCategory::of(task).map_or("other tasks", RulerCategory::name)
        }
    }
}

/// Every difference of a comparison, the second minus the first; `margin`, in points, is shaded.
/// `number` tells figures of several comparisons apart.
pub(in super::super) fn differences(of: &Comparison, margin: u32, number: usize) -> Figure {
    let [first, second] = [&of.first, &of.second].map(|about| FigureOwner::of(about).name);
    let rows: Vec<&SubjectComparison> = of.rows().chain(&of.cells).collect();
    let names: Vec<String> = rows.iter().map(|row| row.subject.to_string()).collect();
    let whose = FigureOwner::of(&of.second);
    let mut headings = vec!["RULER"];
    headings.extend(RulerCategory::ALL.map(RulerCategory::name));
    headings.extend(["LongBench v2", "other tasks"]);
    let groups = headings.into_iter().map(|name| {
        let these = rows.iter().enumerate();
        let these = these.filter(|(_, row)| heading(&row.subject) == name);
        let points = these.map(|(at, row)| point(at, row));
        whose.series(name.to_owned(), points.collect())
    });
    let series: Vec<_> = groups.filter(|group| !group.points.is_empty()).collect();
    let points = || series.iter().flat_map(|group| &group.points);
    let ends = |point: &ChartPoint| point.interval.unwrap_or((point.y, point.y));
    let far = f64::from(margin) * 1.4;
    let low = points().map(|point| ends(point).0).fold(-far, f64::min);
    let high = points().map(|point| ends(point).1).fold(far, f64::max);
    let guide = |at: f64| GuideLine {
        at,
        name: format!("{at:+}"),
    };
    Figure {
        id: format!("differences-{}", number + 1),
        title: format!("{second} minus {first}"),
        about: format!(
            "One row per task and length, after a row for the whole category at each length. To the right of 0, {second} is better; to the left, {first}. Lines are 95% intervals; the shaded band marks differences too small to matter, less than {margin} points either way. A line entirely inside the band shows that the two are equally good there; a line that extends beyond it does not."
        ),
        kind: FigureKind::Forest,
        x: name_axis("Cell", names),
        y: Axis {
            title: "Difference, percentage points".to_owned(),
            scale: AxisScale::Linear {
                low: (low / 5.0).floor() * 5.0,
                high: (high / 5.0).ceil() * 5.0,
            },
        },
        series,
        guides: vec![guide(-f64::from(margin)), guide(f64::from(margin))],
    }
}

fn point(at: usize, row: &SubjectComparison) -> ChartPoint {
    let paired = &row.paired;
    ChartPoint {
        x: at as f64,
        y: paired.difference.value * 100.0,
        interval: percents(paired.difference.interval),
        across: None,
        n: Some(paired.n),
        name: row.subject.to_string(),
        says: format!(
            "{}: {:.1} to {:.1}, difference {}, n = {} pairs, corrected p {}.",
            row.subject,
            paired.first.value * 100.0,
            paired.second.value * 100.0,
            paired.difference.points(),
            paired.n,
            p_value(row.holm)
        ),
        href: None,
    }
}

#[cfg(test)]
mod tests {
    use fathom_shared::formats::RowId;
    use fathom_shared::results::{
        ComparisonPlan, ResultCell, ResultOrigin, ResultSet, ResultSetInfo, SampleScore, compare,
    };
    use fathom_shared::task::Metric;
    use fathom_shared::tokens::Tokens;

    use super::*;

    fn set(name: &str, cells: &[(&str, u32)]) -> ResultSet {
        let cell = |(task, right): &(&str, u32)| {
            let sample = |at: u32| SampleScore {
                id: RowId::Number(at.into()),
                score: Some(f64::from(u8::from(at < *right))),
                blank: false,
                parts: Vec::new(),
                cluster: None,
                question: None,
                place: None,
            };
            ResultCell {
                samples: (0..20).map(sample).collect(),
                ..ResultCell::new(task, Some(Tokens(4096)), "", Metric::default())
            }
        };
        let about = ResultSetInfo {
            name: name.to_owned(),
            model: String::new(),
            origin: ResultOrigin::Page,
        };
        ResultSet::new(about, cells.iter().map(cell).collect())
    }

    #[test]
    fn every_difference_stands_in_its_category_with_its_interval() {
        let first = set(
            "before",
            &[("niah_single_1", 20), ("vt", 8), ("contracts", 10)],
        );
        let second = set(
            "after",
            &[("niah_single_1", 19), ("vt", 18), ("contracts", 10)],
        );
        let compared = compare(&first, &[second], &ComparisonPlan::default());
        let figure = differences(&compared[0], 5, 0);
        let groups: Vec<&str> = figure.series.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(
            groups,
            ["RULER", "single needle", "multi-hop tracing", "other tasks"]
        );
        let hops = &figure.series[2].points;
        assert_eq!((hops[0].name.as_str(), hops[0].y), ("vt at 4K", 50.0));
        assert!(
            hops[0]
                .says
                .contains("40.0 to 90.0, difference +50.0 (95% "),
            "{}",
            hops[0].says
        );
        for point in figure.series.iter().flat_map(|group| &group.points) {
            assert!(
                point.interval.is_some() && point.n.is_some(),
                "{}",
                point.says
            );
            assert!(point.says.ends_with('.'), "{}", point.says);
        }
        let margin: Vec<f64> = figure.guides.iter().map(|guide| guide.at).collect();
        assert_eq!(margin, [-5.0, 5.0]);
    }
}
