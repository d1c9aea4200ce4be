//! Scores by depth in the text, for each length.

use super::{FigureOwner, name_axis, percents};
use crate::chart::{ChartPoint, Figure, FigureKind, Series};
use crate::results::{DepthBin, length_text};

/// The map of a task: a row for each depth bin, a column for each length. `id` distinguishes maps
/// on the same page.
pub fn depth(
    id: String,
    whose: &FigureOwner,
    task: &str,
    variant: &str,
    bins: &[DepthBin],
) -> Figure {
    let known = || bins.iter().filter(|bin| bin.total > 0);
    let mut lengths: Vec<_> = known().map(|bin| bin.length).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let mut rows: Vec<(f64, f64)> = bins.iter().map(|bin| (bin.from, bin.to)).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.dedup();
    let series: Vec<Series> = rows
        .iter()
        .map(|(from, to)| {
            let row = format!("{:.0}–{:.0}%", from * 100.0, to * 100.0);
            let here = known().filter(|bin| bin.from == *from);
            let mut points: Vec<ChartPoint> = here
                .filter_map(|bin| {
                    let place = lengths.iter().position(|length| *length == bin.length)?;
                    Some(point(place, &row, whose, task, bin))
                })
                .collect();
            points.sort_by(|a, b| a.x.total_cmp(&b.x));
            whose.series(row, points)
        })
        .collect();
    let title = match variant {
        "" => format!("{}: {task}", whose.name),
        variant => format!("{}: {task} ({variant})", whose.name),
    };
    let columns = lengths
        .iter()
        .map(|length| length.map_or_else(|| "?".to_owned(), length_text));
    let rows = rows.iter().map(|(from, _)| format!("{:.0}%", from * 100.0));
    Figure {
        id,
        title,
        about: "Share of needles, hops and passages found in the answers, by their position in the text (0% is the beginning); failures are excluded. Intervals are Wilson’s, and slightly too narrow where a sample has several items.".to_owned(),
        kind: FigureKind::Heat,
        x: name_axis("Tokens", columns.collect()),
        y: name_axis("Depth", rows.collect()),
        series,
        guides: Vec::new(),
    }
}

fn point(place: usize, row: &str, whose: &FigureOwner, task: &str, bin: &DepthBin) -> ChartPoint {
    let share = f64::from(bin.found) / f64::from(bin.total) * 100.0;
    let interval = percents(bin.interval);
    let (low, high) = interval.unwrap_or((share, share));
    let length = bin.length.map_or_else(
        || "an unknown length".to_owned(),
        |length| format!("{} tokens", length_text(length)),
    );
    ChartPoint {
        x: place as f64,
        y: share,
        interval,
        n: Some(bin.total),
        says: format!(
            "{task}, {row} deep, {length}: {} of {} found, {share:.1}% (95% {low:.1}–{high:.1}).",
            bin.found, bin.total
        ),
        href: whose.href.clone(),
        ..ChartPoint::default()
    }
}
