//! The gap between finding a needle and following references or counting.

use fathom_shared::chart::{Axis, Figure, Guide, Kind, Point, Scale, Series};
use fathom_shared::results::Gap;

use super::{Held, floor, interval, name, percent, point, run_page, series, source, tokens};
use crate::pages::results::model::Look;
use crate::pages::words;
use crate::worker::protocol::results::Digest;

/// The gap by length, a line for each set.
pub(in super::super) fn gap(held: &Held, look: &Look) -> Figure {
    let each = held.iter().map(|digest| {
        let gaps = shown(digest, look);
        let points = gaps.map(|gap| Point {
            x: f64::from(gap.length.0),
            y: gap.gap * 100.0,
            interval: interval(gap.interval),
            n: Some(gap.single.n + gap.beyond.n),
            says: format!("{}: {}", name(digest), sentence(gap)),
            href: run_page(digest),
            ..Point::default()
        });
        series(name(digest), true, source(digest), points.collect())
    });
    let all: Vec<Series> = each.filter(|series| !series.points.is_empty()).collect();
    let points = || all.iter().flat_map(|series| &series.points);
    let ends = |point: &Point| point.interval.unwrap_or((point.y, point.y));
    let low = points().map(|point| ends(point).0).fold(0.0, f64::min);
    let high = points().map(|point| ends(point).1).fold(10.0, f64::max);
    Figure {
        id: "needle-hops-gap".to_owned(),
        title: "What a needle test does not see: needles found minus hops followed and words counted".to_owned(),
        about: "Mean of the tasks with one needle (niah_single_1 to 3) minus the mean of multi-hop tracing and aggregation (vt, cwe, fwe), of those that are there, in percentage points. Above 0, single needles look better than the model reads. Bands are 95% intervals: by bootstrap, or Newcombe’s where one side is all right or all wrong.".to_owned(),
        kind: Kind::Lines,
        x: tokens(&all),
        y: Axis {
            title: "Gap, percentage points".to_owned(),
            scale: Scale::Linear {
                low: (low / 10.0).floor() * 10.0,
                high: (high / 10.0).ceil() * 10.0,
            },
        },
        series: all,
        guides: vec![Guide {
            at: 0.0,
            name: "0: hops are as easy as needles".to_owned(),
        }],
    }
}

/// Both sides of each set's gap.
pub(in super::super) fn sides(held: &Held, look: &Look) -> Vec<Figure> {
    let each = held.iter().enumerate();
    let figures = each.map(|(number, digest)| side_by_side(number, digest, look));
    figures.filter(|figure| !figure.is_empty()).collect()
}

fn side_by_side(number: usize, digest: &Digest, look: &Look) -> Figure {
    let side = |title: &str, of: fn(&Gap) -> &fathom_shared::stats::Summary| {
        let points = shown(digest, look).filter_map(|gap| {
            let what = format!("{title} at {} tokens", words::count(gap.length.0.into()));
            point(f64::from(gap.length.0), of(gap), &what, run_page(digest))
        });
        series(title.to_owned(), true, source(digest), points.collect())
    };
    let all = vec![
        side("One needle", |gap| &gap.single),
        side("Hops and counting", |gap| &gap.beyond),
    ];
    Figure {
        id: format!("needle-and-hops-{}", number + 1),
        title: format!("{}: one needle, and hops and counting", name(digest)),
        about: "The two means whose difference is the gap. Every task counts the same; bands are 95% intervals.".to_owned(),
        kind: Kind::Lines,
        x: tokens(&all),
        y: percent("Score, %", floor(&all)),
        series: all,
        guides: Vec::new(),
    }
}

/// In a sentence, what the chart means: the widest gap that is sure, else the widest.
pub(in super::super) fn meaning(held: &Held, look: &Look) -> Option<String> {
    let all = held
        .iter()
        .flat_map(|digest| shown(digest, look).map(move |gap| (digest, gap)));
    let sure = |gap: &Gap| gap.interval.is_some_and(|interval| interval.low > 0.0);
    let widest = all.max_by(|(_, a), (_, b)| {
        let key = |gap: &Gap| (sure(gap), gap.gap);
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    widest.map(|(digest, gap)| {
        let end = match (sure(gap), gap.gap > 0.0) {
            (true, _) => "A needle test alone would call this length read; it is not.",
            (false, true) => "The interval holds 0: with so few samples the gap may be chance.",
            (false, false) => "Here needles hide nothing.",
        };
        format!("{}: {} {end}", name(digest), sentence(gap))
    })
}

/// The figures of a gap.
fn sentence(gap: &Gap) -> String {
    let percent = |mean: Option<f64>| {
        mean.map_or_else(|| "–".to_owned(), |mean| format!("{:.1}%", mean * 100.0))
    };
    let sure = gap.interval.map_or_else(
        || "no interval from single answers".to_owned(),
        |i| format!("95% {:.1} to {:.1}", i.low * 100.0, i.high * 100.0),
    );
    format!(
        "at {} tokens, single needles come to {} and hops and counting to {}: a gap of {:.1} points ({sure}, n = {} and {}).",
        words::count(gap.length.0.into()),
        percent(gap.single.mean),
        percent(gap.beyond.mean),
        gap.gap * 100.0,
        gap.single.n,
        gap.beyond.n,
    )
}

fn shown<'a>(digest: &'a Digest, look: &'a Look) -> impl Iterator<Item = &'a Gap> {
    digest.gaps.iter().filter(|gap| look.holds(gap.length.0))
}

#[cfg(test)]
mod tests {
    use super::super::tests::digest_of;
    use super::*;

    #[test]
    fn the_gap_is_in_points_and_says_what_it_means() {
        let held = [digest_of("mine", 30)];
        let look = Look::default();
        let figure = gap(&held, &look);
        let values: Vec<f64> = figure.series[0]
            .points
            .iter()
            .map(|point| point.y)
            .collect();
        assert_eq!(values, [25.0, 50.0]);
        let told = meaning(&held, &look).unwrap();
        assert!(told.starts_with("mine: at 8,192 tokens, single needles come to 100.0% and hops and counting to 75.0%: a gap of 50.0 points (95% "), "{told}");
        assert!(told.ends_with("it is not."), "{told}");
        let short = Look {
            to: Some(4096),
            ..Look::default()
        };
        assert!(
            meaning(&held, &short)
                .unwrap()
                .contains("a gap of 25.0 points")
        );
        assert_eq!(meaning(&[], &look), None);
    }
}
