//! The gap between finding a needle and following references or counting.

use fathom_shared::chart::{Figure, FigureKind};
use fathom_shared::results::NeedleGap;
use fathom_shared::results::figures::{self, FigureOwner};
use fathom_shared::stats::Summary;

use super::{Digests, name, whose};
use crate::pages::results::model::ResultsQuery;
use crate::protocol::results::ResultDigest;

/// The gap by length, a line for each set.
pub(in super::super) fn gap(held: &Digests, look: &ResultsQuery) -> Figure {
    let gaps = |digest: &ResultDigest| shown(digest, look).copied().collect();
    let all: Vec<(FigureOwner, Vec<NeedleGap>)> =
        held.iter().map(|d| (whose(d), gaps(d))).collect();
    figures::gap(&all)
}

/// Both sides of each set's gap.
pub(in super::super) fn sides(held: &Digests, look: &ResultsQuery) -> Vec<Figure> {
    let each = held.iter().enumerate();
    let figures = each.map(|(number, digest)| side_by_side(number, digest, look));
    figures.filter(|figure| !figure.is_empty()).collect()
}

fn side_by_side(number: usize, digest: &ResultDigest, look: &ResultsQuery) -> Figure {
    let whose = whose(digest);
    let side = |title: &str, of: fn(&NeedleGap) -> &Summary| {
        let points = shown(digest, look).filter_map(|gap| {
            let what = format!("{title} at {:#} tokens", gap.length);
            whose.point(f64::from(gap.length.0), of(gap), &what)
        });
        whose.series(title.to_owned(), points.collect())
    };
    let all = vec![
        side("One needle", |gap| &gap.single),
        side("Hops and counting", |gap| &gap.beyond),
    ];
    Figure {
        id: format!("needle-and-hops-{}", number + 1),
        title: format!("{}: single needle vs. hops and counting", whose.name),
        about: "The gap is the difference between these two means. All tasks are weighted equally; bands are 95% intervals.".to_owned(),
        kind: FigureKind::Lines,
        x: figures::length_axis(&all),
        y: figures::percent_axis("Score, %", figures::floor(&all)),
        series: all,
        guides: Vec::new(),
    }
}

/// In a sentence, what the chart means: the widest gap that is sure, else the widest.
pub(in super::super) fn meaning(held: &Digests, look: &ResultsQuery) -> Option<String> {
    let all = held
        .iter()
        .flat_map(|digest| shown(digest, look).map(move |gap| (digest, gap)));
    let sure = |gap: &NeedleGap| gap.gap.interval.is_some_and(|interval| interval.low > 0.0);
    let widest = all.max_by(|(_, a), (_, b)| {
        let key = |gap: &NeedleGap| (sure(gap), gap.gap.value);
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    widest.map(|(digest, gap)| {
        let end = match (sure(gap), gap.gap.value > 0.0) {
            (true, _) => "A needle test alone would miss this.",
            (false, true) => {
                "The interval includes 0: with this few samples, the gap may be due to chance."
            }
            (false, false) => "In these samples, hops and counting are no harder than needles.",
        };
        format!("{}: {} {end}", name(digest), figures::told(gap))
    })
}

fn shown<'a>(
    digest: &'a ResultDigest,
    look: &'a ResultsQuery,
) -> impl Iterator<Item = &'a NeedleGap> {
    digest.gaps.iter().filter(|gap| look.holds(gap.length.0))
}

#[cfg(test)]
mod tests {
    use super::super::tests::digest_of;
    use super::*;

    #[test]
    fn the_gap_is_in_points_and_says_what_it_means() {
        let held = [digest_of("mine", 30)];
        let look = ResultsQuery::default();
        let figure = gap(&held, &look);
        let values: Vec<f64> = figure.series[0]
            .points
            .iter()
            .map(|point| point.y)
            .collect();
        assert_eq!(values, [25.0, 50.0]);
        let told = meaning(&held, &look).unwrap();
        assert!(
            told.starts_with("mine: at 8K tokens, single needles score 100.0% (95% "),
            "{told}"
        );
        assert!(
            told.contains(" and hops and counting 75.0% (95% "),
            "{told}"
        );
        assert!(told.contains("): a gap of 50.0 points (95% "), "{told}");
        assert!(
            told.ends_with("A needle test alone would miss this."),
            "{told}"
        );
        let short = ResultsQuery {
            to: Some(4096),
            ..ResultsQuery::default()
        };
        assert!(
            meaning(&held, &short)
                .unwrap()
                .contains("a gap of 25.0 points")
        );
        assert_eq!(meaning(&[], &look), None);
    }
}
