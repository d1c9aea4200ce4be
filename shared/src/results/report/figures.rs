//! Sets as figures.

use super::html::{name, origin};
use crate::chart::{Axis, Figure, Form, Guide, Kind, Point, Scale, Series, length_name};
use crate::longbench::{Difficulty, Group, LengthClass};
use crate::published::longbench::{self as board, Column};
use crate::published::ruler;
use crate::results::ResultSet;
use crate::stats::lengths::RULER_THRESHOLD;
use crate::stats::{Interval, Summary};

/// Published curves beside one's own.
const BESIDE: usize = 3;
/// Bins over the depth.
const BINS: u32 = 10;

fn percents(interval: Option<Interval>) -> Option<(f64, f64)> {
    interval.map(|interval| (interval.low * 100.0, interval.high * 100.0))
}

fn point(x: f64, summary: &Summary) -> Option<Point> {
    Some(Point {
        x,
        y: summary.mean? * 100.0,
        interval: percents(summary.interval),
        n: Some(summary.n),
        says: summary.to_string(),
        ..Point::default()
    })
}

fn own(set: &ResultSet, called: String, points: Vec<Point>) -> Series {
    Series {
        name: called,
        own: true,
        source: origin(set),
        form: Form::Plain,
        points,
    }
}

fn published(called: String, source: &str, form: Form, points: Vec<Point>) -> Series {
    Series {
        name: called,
        own: false,
        source: source.to_owned(),
        form,
        points,
    }
}

fn lengths_axis(series: &[Series]) -> Axis {
    let points = series.iter().flat_map(|series| &series.points);
    let places: Vec<f64> = points.map(|point| point.x).collect();
    let low = places.iter().copied().fold(f64::INFINITY, f64::min);
    let high = places.iter().copied().fold(0.0, f64::max);
    let (low, high) = if high > 0.0 { (low, high) } else { (1.0, 2.0) };
    Axis {
        title: "Context length, tokens".to_owned(),
        scale: Scale::Log2 { low, high },
    }
}

fn percent_axis(title: &str, low: f64) -> Axis {
    Axis {
        title: title.to_owned(),
        scale: Scale::Linear { low, high: 100.0 },
    }
}

/// RULER by length: own sets, and the first lines of RULER's table that have every length.
pub(super) fn lengths(sets: &[ResultSet]) -> Figure {
    let curve = |set: &ResultSet| {
        let (lengths, means) = (set.lengths().into_iter(), set.means());
        let points = lengths.filter_map(|at| point(f64::from(at.0), &means.at(at)));
        own(set, name(set), points.collect())
    };
    let mut series: Vec<Series> = sets.iter().map(curve).collect();
    series.retain(|series| !series.points.is_empty());
    if !series.is_empty() {
        let whole = |line: &ruler::Line| {
            let share = |at: &_| line.share(*at).is_some();
            !line.reported_by_others && ruler::LENGTHS.iter().all(share)
        };
        let lines = ruler::board().into_iter().filter(whole).take(BESIDE);
        series.extend(lines.map(|line| {
            let points = ruler::LENGTHS.into_iter().filter_map(|at| {
                Some(Point {
                    x: f64::from(at.0),
                    y: line.share(at)? * 100.0,
                    interval: percents(line.interval(at)),
                    n: line.samples(),
                    ..Point::default()
                })
            });
            published(line.name(), ruler::SOURCE, Form::Plain, points.collect())
        }));
    }
    Figure {
        id: "ruler-by-length".to_owned(),
        title: "RULER by context length".to_owned(),
        about: format!(
            "The mean over RULER's tasks, each counting the same. The line at {RULER_THRESHOLD} is what Llama-2-7B reaches at 4K: RULER's mark for a length that can be used. Intervals of published means are ours, by Wilson's formula for 6,500 samples."
        ),
        kind: Kind::Lines,
        x: lengths_axis(&series),
        y: percent_axis("Mean score, %", 0.0),
        series,
        guides: vec![Guide {
            at: RULER_THRESHOLD,
            name: RULER_THRESHOLD.to_string(),
        }],
    }
}

/// The gap between needles and hops or counts, by length.
pub(super) fn gaps(sets: &[ResultSet]) -> Figure {
    let curve = |set: &ResultSet| {
        let points = set.means().gaps().into_iter().map(|gap| Point {
            x: f64::from(gap.length.0),
            y: gap.gap * 100.0,
            interval: percents(gap.interval),
            n: Some(gap.single.n + gap.beyond.n),
            ..Point::default()
        });
        own(set, name(set), points.collect())
    };
    let mut series: Vec<Series> = sets.iter().map(curve).collect();
    series.retain(|series| !series.points.is_empty());
    let points = series.iter().flat_map(|series| &series.points);
    let low = points.map(|point| point.interval.map_or(point.y, |(low, _)| low));
    let low = low.fold(0.0, f64::min);
    Figure {
        id: "gap".to_owned(),
        title: "NIAH–multi-hop gap".to_owned(),
        about: "Points of 100 by which tasks with one needle are answered better than multi-hop tracing and aggregation: what a needle test alone does not show.".to_owned(),
        kind: Kind::Lines,
        x: lengths_axis(&series),
        y: percent_axis("Gap, points", (low / 10.0).floor() * 10.0),
        series,
        guides: vec![Guide {
            at: 0.0,
            name: "no gap".to_owned(),
        }],
    }
}

/// Depth by length, for every task of which places are known.
pub(super) fn depths(set: &ResultSet) -> Vec<Figure> {
    let mut named: Vec<(&str, &str)> = set
        .cells
        .iter()
        .map(|cell| (cell.task.as_str(), cell.variant.as_str()))
        .collect();
    named.dedup();
    let mut seen = Vec::new();
    named.retain(|one| {
        !seen.contains(one) && {
            seen.push(*one);
            true
        }
    });
    let figures = named
        .into_iter()
        .map(|(task, variant)| depth(set, task, variant));
    figures.filter(|figure| !figure.is_empty()).collect()
}

fn depth(set: &ResultSet, task: &str, variant: &str) -> Figure {
    let bins = set.depths(task, variant, BINS);
    let mut lengths: Vec<_> = bins.iter().map(|bin| bin.length).collect();
    lengths.dedup();
    let row = |from: f64, to: f64| format!("{:.0}–{:.0}%", from * 100.0, to * 100.0);
    let rows = bins.iter().take(BINS as usize);
    let series = rows.map(|first| {
        let here = bins
            .iter()
            .filter(|bin| bin.from == first.from && bin.total > 0);
        let points = here.filter_map(|bin| {
            Some(Point {
                x: lengths.iter().position(|at| *at == bin.length)? as f64,
                y: f64::from(bin.found) / f64::from(bin.total) * 100.0,
                interval: percents(bin.interval),
                n: Some(bin.total),
                ..Point::default()
            })
        });
        own(set, row(first.from, first.to), points.collect())
    });
    let columns = lengths
        .iter()
        .map(|at| at.map_or_else(|| "?".to_owned(), |at| length_name(f64::from(at.0))));
    let called = if variant.is_empty() {
        String::new()
    } else {
        format!(" ({variant})")
    };
    Figure {
        id: format!("depth-{task}"),
        title: format!("{task}{called}: {}", name(set)),
        about: "Share of needles, hops and passages that the answers hold, by where they stood in the text (0% is its beginning). Intervals are Wilson's.".to_owned(),
        kind: Kind::Heat,
        series: series.collect(),
        x: Axis {
            title: "Context length, tokens".to_owned(),
            scale: Scale::Band(columns.collect()),
        },
        y: percent_axis("Depth", 0.0),
        guides: Vec::new(),
    }
}

/// LongBench v2 against people and the leaderboard.
pub(super) fn longbench(sets: &[ResultSet]) -> Figure {
    let groups = [
        (Group::Overall, Column::Overall),
        (
            Group::Difficulty(Difficulty::Easy),
            Column::Difficulty(Difficulty::Easy),
        ),
        (
            Group::Difficulty(Difficulty::Hard),
            Column::Difficulty(Difficulty::Hard),
        ),
        (
            Group::Length(LengthClass::Short),
            Column::Length(LengthClass::Short),
        ),
        (
            Group::Length(LengthClass::Medium),
            Column::Length(LengthClass::Medium),
        ),
        (
            Group::Length(LengthClass::Long),
            Column::Length(LengthClass::Long),
        ),
    ];
    let mut series = Vec::new();
    for set in sets {
        for questions in set.questions() {
            let points = (0..).zip(&groups).filter_map(|(at, (group, _))| {
                let tally = questions.groups.get(group)?;
                let (share, interval) = tally.accuracy()?;
                Some(Point {
                    x: f64::from(at),
                    y: share * 100.0,
                    interval: percents(Some(interval)),
                    n: Some(tally.asked),
                    ..Point::default()
                })
            });
            let how = match questions.variant.as_str() {
                "" => "direct".to_owned(),
                variant => variant.replace("setting=", ""),
            };
            series.push(own(set, format!("{}, {how}", name(set)), points.collect()));
        }
    }
    if !series.is_empty() {
        for (line, called) in [
            (board::human(), "People, 15 minutes a question"),
            (board::best_direct(), "GPT-4o, direct"),
            (board::best_reasoning(), "o1-preview"),
        ] {
            let points = (0..).zip(&groups).filter_map(|(at, (_, column))| {
                let cot = line.share(*column, false).is_none();
                Some(Point {
                    x: f64::from(at),
                    y: line.share(*column, cot)? * 100.0,
                    interval: percents(line.interval(*column, cot)),
                    n: Some(column.questions()),
                    ..Point::default()
                })
            });
            let points = points.collect();
            series.push(published(
                called.to_owned(),
                board::SOURCE,
                Form::Reference,
                points,
            ));
        }
    }
    Figure {
        id: "longbench".to_owned(),
        title: "LongBench v2 by difficulty and length".to_owned(),
        about: "Right answers of all that were asked; a failure is not right. Chance is 25%. Intervals are Wilson's, of published shares ours.".to_owned(),
        kind: Kind::Bars,
        x: Axis {
            title: "Questions".to_owned(),
            scale: Scale::Band(groups.iter().map(|(group, _)| group.to_string()).collect()),
        },
        y: percent_axis("Right answers, %", 0.0),
        series,
        guides: vec![Guide {
            at: 25.0,
            name: "chance".to_owned(),
        }],
    }
}
