//! Where in the text things are found: depth by length, task by task.

use fathom_shared::chart::{Figure, Kind, Point, Series};

use super::{Held, interval, name, names, run_page, series, source};
use crate::pages::results::model::{Look, Of};
use crate::pages::words;
use crate::worker::protocol::results::{Digest, TaskDepths};

/// A map for every task of every set whose places are known.
pub(in super::super) fn depth(held: &Held, look: &Look) -> Vec<Figure> {
    let wanted = |task: &TaskDepths| match &look.of {
        Of::Task(wanted) => *wanted == task.task,
        Of::Category(category) => {
            fathom_shared::results::Category::of(&task.task) == Some(*category)
        }
        Of::All => true,
    };
    let all = held.iter().enumerate().flat_map(|(number, digest)| {
        let tasks = digest.depths.iter().filter(move |task| wanted(task));
        tasks.map(move |task| one(number, digest, task, look))
    });
    all.filter(|figure| !figure.is_empty()).collect()
}

fn one(number: usize, digest: &Digest, task: &TaskDepths, look: &Look) -> Figure {
    let shown = || {
        let known = task.bins.iter().filter(|bin| bin.total > 0);
        known.filter(|bin| bin.length.is_none_or(|length| look.holds(length.0)))
    };
    let mut lengths: Vec<_> = shown().map(|bin| bin.length).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let mut rows: Vec<(f64, f64)> = task.bins.iter().map(|bin| (bin.from, bin.to)).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.dedup();
    let all: Vec<Series> = rows
        .iter()
        .map(|(from, to)| {
            let row = format!("{:.0}–{:.0}%", from * 100.0, to * 100.0);
            let bins = shown().filter(|bin| bin.from == *from);
            let mut points: Vec<Point> = bins
                .filter_map(|bin| {
                    let place = lengths.iter().position(|length| *length == bin.length)?;
                    let share = f64::from(bin.found) / f64::from(bin.total) * 100.0;
                    let sure = interval(bin.interval);
                    let (low, high) = sure.unwrap_or((share, share));
                    let length = bin.length.map_or_else(
                        || "an unknown length".to_owned(),
                        |length| format!("{} tokens", words::count(length.0.into())),
                    );
                    Some(Point {
                        x: place as f64,
                        y: share,
                        interval: sure,
                        n: Some(bin.total),
                        says: format!(
                            "{}, {row} deep, {length}: {} of {} found, {share:.1}% (95% {low:.1}–{high:.1}).",
                            task.task, bin.found, bin.total
                        ),
                        href: run_page(digest),
                        ..Point::default()
                    })
                })
                .collect();
            points.sort_by(|a, b| a.x.total_cmp(&b.x));
            series(row, true, source(digest), points)
        })
        .collect();
    let title = match task.variant.as_str() {
        "" => format!("{}: {}", name(digest), task.task),
        variant => format!("{}: {} ({variant})", name(digest), task.task),
    };
    let columns = lengths.iter().map(|length| {
        length.map_or_else(
            || "?".to_owned(),
            |length| fathom_shared::chart::length_name(f64::from(length.0)),
        )
    });
    Figure {
        id: format!("depth-{}-{}", number + 1, task.task),
        title,
        about: "Share of needles, hops and passages that the answers hold, by where they stood; failures have none. Wilson’s intervals, a little too narrow where a sample has several.".to_owned(),
        kind: Kind::Heat,
        x: names("Tokens", columns.collect()),
        y: names("Depth", rows.iter().map(|(from, _)| format!("{:.0}%", from * 100.0)).collect()),
        series: all,
        guides: Vec::new(),
    }
}
