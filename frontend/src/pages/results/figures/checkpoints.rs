//! Several sets in order, as checkpoints of one model.

use fathom_shared::chart::{ChartPoint, Figure, FigureKind, Series};
use fathom_shared::results::figures;

use super::{Digests, chosen, name, series, whose};
use crate::pages::display;
use crate::pages::results::model::ResultsQuery;

/// A line for every length, over the sets in their order.
pub(in super::super) fn checkpoints(held: &Digests, look: &ResultsQuery) -> Figure {
    let mut lengths: Vec<u32> = held
        .iter()
        .flat_map(|digest| chosen(digest, look))
        .map(|(length, ..)| length)
        .collect();
    lengths.sort_unstable();
    lengths.dedup();
    let all: Vec<Series> = lengths
        .iter()
        .map(|length| {
            let told = format!("{} tokens", display::count((*length).into()));
            let points = held.iter().enumerate().filter_map(|(at, digest)| {
                let (_, sum, _) = chosen(digest, look)
                    .into_iter()
                    .find(|(other, ..)| other == length)?;
                let whose = whose(digest);
                whose.point(at as f64, &sum, &format!("{} at {told}", whose.name))
            });
            let points: Vec<ChartPoint> = points.collect();
            series(told.clone(), true, "the sets above".to_owned(), points)
        })
        .collect();
    Figure {
        id: "checkpoints".to_owned(),
        title: format!("Checkpoints in order, RULER: {}", look.of.title()),
        about: "One line per length, across the result sets in the order they were added; the first is the baseline. Bands are 95% intervals.".to_owned(),
        kind: FigureKind::Lines,
        x: figures::name_axis("Checkpoint", held.iter().map(|digest| name(digest)).collect()),
        y: figures::percent_axis("Score, %", figures::floor(&all)),
        series: all,
        guides: Vec::new(),
    }
}
