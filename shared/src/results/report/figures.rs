//! The charts of the report.

use std::collections::BTreeSet;

use super::{PublishedModels, SetWithMeans};
use crate::chart::Figure;
use crate::results::ResultSet;
use crate::results::figures::{self, FigureOwner, GroupAccuracy, LengthMean};

/// Bins over the depth.
const BINS: u32 = 10;

fn whose(set: &ResultSet) -> FigureOwner {
    FigureOwner::of(&set.about)
}

/// RULER by length: own sets and published models, from zero.
pub(super) fn lengths(sets: &[SetWithMeans<'_>], beside: &PublishedModels) -> Option<Figure> {
    let curve = |(set, own): &SetWithMeans<'_>| {
        let means = set.lengths().into_iter().map(|length| LengthMean {
            length,
            sum: own.at(length),
            tasks: Some(set.ruler_at(length).count()),
            of: format!(
                ", {} of {} tasks",
                set.ruler_at(length).count(),
                crate::task::ruler::count()
            ),
        });
        (whose(set), means.collect::<Vec<_>>())
    };
    let own: Vec<_> = sets.iter().map(curve).collect();
    let measured = own.iter().any(|(_, means)| !means.is_empty());
    measured.then(|| {
        let mut figure = figures::lengths(own, &beside.ruler, |_| true, "mean of its tasks");
        beside.add_curves(&mut figure);
        figure.y = figures::percent_axis("Score, %", 0.0);
        figure
    })
}

/// The gap between needles and hops or counting, by length.
pub(super) fn gaps(sets: &[SetWithMeans<'_>]) -> Figure {
    let all: Vec<_> = sets
        .iter()
        .map(|(set, means)| (whose(set), means.gaps()))
        .collect();
    figures::gap(&all)
}

/// Depth by length, for every task with known places.
pub(super) fn depths(set: &ResultSet) -> Vec<Figure> {
    let mut seen = BTreeSet::new();
    let cells = set.cells.iter().map(|cell| (&*cell.task, &*cell.variant));
    let tasks = cells.filter(|task| seen.insert(*task));
    let maps = tasks.map(|(task, variant)| {
        let bins = set.depths(task, variant, BINS);
        figures::depth(format!("depth-{task}"), &whose(set), task, variant, &bins)
    });
    maps.filter(|map| !map.is_empty()).collect()
}

/// LongBench v2 against people, chance and published models.
pub(super) fn longbench(sets: &[SetWithMeans<'_>], beside: &PublishedModels) -> Option<Figure> {
    let groups = ["overall", "easy", "hard", "short", "medium", "long"].map(str::to_owned);
    let asked: Vec<_> = sets
        .iter()
        .flat_map(|(set, _)| set.questions().into_iter().map(move |asked| (*set, asked)))
        .map(|(set, asked)| {
            let named = asked.groups.iter().filter_map(|(group, tally)| {
                let (share, interval) = asked.share(group)?;
                Some((group.to_string(), *tally, share, interval))
            });
            let named: Vec<_> = named.collect();
            (set, asked.variant, named)
        })
        .collect();
    let own: Vec<_> = asked
        .iter()
        .map(|(set, variant, named)| {
            let shares = named
                .iter()
                .map(|(group, tally, share, interval)| GroupAccuracy {
                    group,
                    n: tally.asked,
                    failed: tally.failed,
                    share: *share,
                    interval: *interval,
                });
            (whose(set), variant.as_str(), shares.collect::<Vec<_>>())
        })
        .collect();
    let lines = beside.longbench.iter();
    let lines: Vec<_> = lines.map(|line| (line.clone(), line.name())).collect();
    let title = "LongBench v2 by difficulty and length".to_owned();
    (!own.is_empty()).then(|| {
        let mut figure = figures::questions(&own, &lines, groups.to_vec(), title);
        beside.add_bars(&mut figure);
        figure
    })
}
