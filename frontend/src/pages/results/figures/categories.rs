//! RULER's categories for each set: a small radar, or bars where few of them were asked.

use fathom_shared::chart::{Figure, FigureKind, Series};
use fathom_shared::results::figures;
use fathom_shared::task::RulerCategory;

use super::{Digests, whose};
use crate::pages::display;
use crate::pages::results::model::ResultsQuery;
use crate::protocol::results::ResultDigest;

/// For each set its categories at the shortest and at the longest length that is shown.
pub(in super::super) fn categories(held: &Digests, look: &ResultsQuery) -> Vec<Figure> {
    let each = held.iter().enumerate();
    let figures = each.map(|(number, digest)| one(number, digest, look));
    figures.filter(|figure| !figure.is_empty()).collect()
}

fn one(number: usize, digest: &ResultDigest, look: &ResultsQuery) -> Figure {
    let mut lengths: Vec<u32> = digest
        .categories
        .iter()
        .map(|(_, at)| at.length.0)
        .collect();
    lengths.retain(|length| look.holds(*length));
    lengths.sort_unstable();
    lengths.dedup();
    let ends: Vec<u32> = match lengths[..] {
        [] => Vec::new(),
        [only] => vec![only],
        [first, .., last] => vec![first, last],
    };
    let all: Vec<Series> = ends.iter().map(|length| at(digest, *length)).collect();
    // Of one or two places a radar is a spike.
    let spokes = all.iter().map(|series| series.points.len()).max();
    Figure {
        id: format!("categories-{}", number + 1),
        title: whose(digest).name,
        about: "Mean score in percent by category, at the shortest and longest lengths. Categories without results have no mark.".to_owned(),
        kind: if spokes < Some(3) { FigureKind::Bars } else { FigureKind::Radar },
        x: figures::name_axis("Category", RulerCategory::ALL.map(|c| c.name().to_owned()).to_vec()),
        y: figures::percent_axis("Score, %", 0.0),
        series: all,
        guides: Vec::new(),
    }
}

fn at(digest: &ResultDigest, length: u32) -> Series {
    let whose = whose(digest);
    let here = digest
        .categories
        .iter()
        .filter(|(_, at)| at.length.0 == length);
    let mut points: Vec<_> = here
        .filter_map(|(category, at)| {
            let place = RulerCategory::ALL.iter().position(|one| one == category)?;
            let told = display::count(length.into());
            let what = format!("{} at {told} tokens", category.name());
            whose.point(place as f64, &at.sum, &what)
        })
        .collect();
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    let name = format!("{} tokens", display::count(length.into()));
    whose.series(name, points)
}
