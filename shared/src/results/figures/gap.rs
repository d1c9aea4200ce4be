//! The gap between finding a needle and following references or counting.

use super::{FigureOwner, length_axis, percents};
use crate::chart::{Axis, AxisScale, ChartPoint, Figure, FigureKind, GuideLine, Series};
use crate::numbers::signed;
use crate::results::{NeedleGap, length_text};
use crate::stats::{Estimate, Interval, Summary};

/// The gap by length, one line per set.
pub fn gap(all: &[(FigureOwner, Vec<NeedleGap>)]) -> Figure {
    let each = all.iter().flat_map(|(whose, gaps)| {
        let point = |gap: &NeedleGap, estimate: Estimate, n| ChartPoint {
            x: f64::from(gap.length.0),
            y: estimate.value * 100.0,
            interval: percents(estimate.interval),
            n: Some(gap.single.n + n),
            says: format!("{}: {}", whose.name, told(gap)),
            href: whose.href.clone(),
            ..ChartPoint::default()
        };
        let both = gaps.iter().map(|gap| point(gap, gap.gap, gap.beyond.n));
        let hops = gaps.iter().filter_map(|gap| {
            let hops = gap.hops?;
            Some(point(gap, hops.gap, hops.sum.n))
        });
        [
            whose.series(whose.name.clone(), both.collect()),
            whose.series(format!("{}, hops alone", whose.name), hops.collect()),
        ]
    });
    let series: Vec<Series> = each.filter(|series| !series.points.is_empty()).collect();
    let points = || series.iter().flat_map(|series| &series.points);
    let ends = |point: &ChartPoint| point.interval.unwrap_or((point.y, point.y));
    let low = points().map(|point| ends(point).0).fold(0.0, f64::min);
    let high = points().map(|point| ends(point).1).fold(10.0, f64::max);
    Figure {
        id: "needle-hops-gap".to_owned(),
        title: "What a needle test misses: needles found minus hops followed and words counted".to_owned(),
        about: "Mean of the single-needle tasks (niah_single_1 to 3) minus the mean of multi-hop tracing and aggregation (vt, cwe, fwe), as far as available, in percentage points. Above 0, single needles make the model look better than it reads. Where both hops and counting were tested, a second line shows the gap to multi-hop tracing (vt) alone. Bands are 95% intervals from a joint Bayesian bootstrap of both sides.".to_owned(),
        kind: FigureKind::Lines,
        x: length_axis(&series),
        y: Axis {
            title: "Gap, percentage points".to_owned(),
            scale: AxisScale::Linear {
                low: (low / 10.0).floor() * 10.0,
                high: (high / 10.0).ceil() * 10.0,
            },
        },
        series,
        guides: vec![GuideLine {
            at: 0.0,
            name: "0: hops are as easy as needles".to_owned(),
        }],
    }
}

/// The figures of a gap, in words.
pub fn told(gap: &NeedleGap) -> String {
    let sure = |interval: Option<Interval>| {
        interval.map_or_else(
            || "no interval from single answers".to_owned(),
            |i| format!("95% {:.1} to {:.1}", i.low * 100.0, i.high * 100.0),
        )
    };
    let mean = |sum: &Summary| {
        sum.mean.map_or_else(
            || "–".to_owned(),
            |mean| {
                format!(
                    "{:.1}% ({}, n = {})",
                    mean * 100.0,
                    sure(sum.interval),
                    sum.n
                )
            },
        )
    };
    let growth = |growth: Option<Estimate>| {
        growth.map_or_else(String::new, |growth| {
            let (value, sure) = (growth.value * 100.0, sure(growth.interval));
            format!(
                ", {} compared with the shortest length ({sure})",
                signed(value, 1)
            )
        })
    };
    let mut text = format!(
        "at {} tokens, single needles score {} and hops and counting {}: a gap of {:.1} points ({}){}",
        length_text(gap.length),
        mean(&gap.single),
        mean(&gap.beyond),
        gap.gap.value * 100.0,
        sure(gap.gap.interval),
        growth(gap.growth),
    );
    if let Some(hops) = &gap.hops {
        text.push_str(&format!(
            "; multi-hop tracing alone scores {}: a gap of {:.1} points ({}){}",
            mean(&hops.sum),
            hops.gap.value * 100.0,
            sure(hops.gap.interval),
            growth(hops.growth)
        ));
    }
    text.push('.');
    text
}
