//! The map as a chart, and in words.

use super::DecisionMap;
use super::descriptions::MapWords;
use super::moves::{fixes, next_published, published_at, shorter};
use super::place::{MapPlace, tenth};
use super::regions::{Rectangle, VerdictRegions, area};
use crate::advise::benchmarks::{HARD, needle_tasks, tasks_of};
use crate::advise::draws::drawn;
use crate::advise::evidence::Evidence;
use crate::advise::sentences::{named, short};
use crate::advise::thresholds::Thresholds;
use crate::chart::{ChartPoint, Figure, FigureKind, GuideLine, PointStyle, Series};
use crate::published::categories::CategoryLine;
use crate::results::figures::percent_axis;
use crate::tokens::Tokens;

/// The number of draws in the cloud.
const CLOUD: u32 = 200;

pub(super) fn map(evidence: &Evidence, thresholds: &Thresholds, place: &MapPlace) -> DecisionMap {
    let regions = VerdictRegions::of(evidence, thresholds, place);
    let name = model_name(evidence);
    let told = MapWords {
        evidence,
        thresholds,
        regions: &regions,
    };
    let mut series = Vec::new();
    let mut says = match place.values() {
        Some(_) => told.stands(name, place),
        None => told.unplaced(name, place),
    };
    if let Some(at) = place.values() {
        let source = ruler_sources(evidence);
        let own = !source.starts_with("RULER");
        let here = told.point(name, name, place);
        let begins = ChartPoint {
            x: here.x,
            y: here.y,
            ..ChartPoint::default()
        };
        let mut arrow = |name: &str, own: bool, source: &str, points: [ChartPoint; 2]| {
            let source = source.to_owned();
            series.push(one(name, own, source, PointStyle::Arrow, points.to_vec()));
        };
        if let Some(before) = shorter(evidence, thresholds, place.length) {
            let length = short(before.length);
            let start = told.point(name, &length, &before);
            let from = format!("{name} at {length}");
            arrow(&from, own, &source, [start, begins.clone()]);
        }
        for (method, fixed) in fixes(evidence, thresholds, place) {
            let with = format!("with {}", method.name());
            let end = told.point(&format!("{name} {with}"), &with, &fixed);
            says.push_str(&told.moves(&format!("With {}", method.name()), &fixed));
            arrow(&with, own, &source, [begins.clone(), end]);
        }
        if let Some(line) = next_published(name, place.length, at) {
            let end = told.published(&line);
            says.push_str(&format!(
                " The nearest published model that is no worse at both, {}, stands at {:.1}% and {:.1}%, where the rules say: {}.",
                line.model,
                end.x,
                end.y,
                named(regions.at(end.x, end.y)),
            ));
            let next = format!("to {}", line.model);
            arrow(&next, false, line.source, [begins, end]);
        }
        series.insert(0, one(name, own, source, PointStyle::Plain, vec![here]));
        says.push_str(&told.kept_whole());
    }
    series.extend(others(name, place.length, &series, &told));
    let lows = lows(&series);
    let mut shown = Vec::new();
    if place.values().is_some() {
        let mut cloud = cloud(evidence, thresholds, place);
        let drawn = format!("{} draws within the intervals", cloud.len());
        cloud.retain(|one| one.x >= lows.0 && one.y >= lows.1);
        series.push(one(&drawn, true, String::new(), PointStyle::Cloud, cloud));
    }
    for (step, parts) in regions.by_verdict() {
        let parts: Vec<Rectangle> = parts.iter().filter_map(|part| above(*part, lows)).collect();
        if parts.is_empty() {
            continue;
        }
        let points = parts.iter().map(region).collect();
        let source = "the rules, with all other evidence unchanged".to_owned();
        series.push(one(named(step), true, source, PointStyle::Region, points));
        let whole = (100.0 - lows.0) * (100.0 - lows.1);
        let share = 100.0 * area(&parts) / whole;
        shown.push(format!("{} on {share:.0}% of what is shown", named(step)));
    }
    let length = short(place.length);
    let figure = Figure {
        id: "decision-map".to_owned(),
        title: match place.values() {
            Some(_) => format!("Where {name} stands at {length}"),
            None => format!("What the rules say at {length}"),
        },
        about: about(thresholds, &shown),
        kind: FigureKind::Map,
        x: percent_axis(
            &format!("Needles found at {length}, %: lost ← → kept"),
            lows.0,
        ),
        y: percent_axis("Hops and counts right, %: lost ↓ ↑ kept", lows.1),
        series,
        guides: vec![GuideLine {
            at: thresholds.acceptable,
            name: format!("good models: {}", thresholds.acceptable),
        }],
    };
    DecisionMap {
        says,
        placed: place.values().is_some(),
        figure,
    }
}

/// How the map was computed, and its regions.
fn about(thresholds: &Thresholds, regions: &[String]) -> String {
    format!(
        "Across: the mean of RULER's {} tasks with needles. Up: the mean of its {} tasks that follow variables and count words. Each region shows what the rules say about a model at that point, with all other evidence unchanged: {}. The cloud shows the model redrawn within the intervals of its figures. Good models reach {} on both axes; a lower value, or one {} points below the same model's at its shortest length, counts as lost.",
        needle_tasks(),
        tasks_of(&HARD),
        regions.join("; "),
        thresholds.acceptable,
        thresholds.drop,
    )
}

/// Where both axes begin: at a multiple of ten below everything on the map, and at most at 50.
fn lows(series: &[Series]) -> (f64, f64) {
    let points = || series.iter().flat_map(|series| &series.points);
    let below = |lowest: f64| (libm::floor(lowest / 10.0) * 10.0 - 10.0).clamp(0.0, 50.0);
    let x = points().map(|one| one.across.map_or(one.x, |(low, _)| low));
    let y = points().map(|one| one.interval.map_or(one.y, |(low, _)| low));
    (
        below(x.fold(100.0, f64::min)),
        below(y.fold(100.0, f64::min)),
    )
}

/// The part of a rectangle that is shown.
fn above([left, right, low, high]: Rectangle, (x, y): (f64, f64)) -> Option<Rectangle> {
    let part = [left.max(x), right, low.max(y), high];
    (part[0] < part[1] && part[2] < part[3]).then_some(part)
}

fn one(name: &str, own: bool, source: String, form: PointStyle, points: Vec<ChartPoint>) -> Series {
    Series {
        name: name.to_owned(),
        own,
        source,
        form,
        points,
    }
}

fn region([left, right, low, high]: &Rectangle) -> ChartPoint {
    ChartPoint {
        x: f64::midpoint(*left, *right),
        y: f64::midpoint(*low, *high),
        interval: Some((*low, *high)),
        across: Some((*left, *right)),
        ..ChartPoint::default()
    }
}

fn model_name(evidence: &Evidence) -> &str {
    match evidence.name.as_str() {
        "" => "this model",
        name => name,
    }
}

/// Where RULER's figures come from.
fn ruler_sources(evidence: &Evidence) -> String {
    let sources = evidence.sources.iter();
    let sources = sources.filter(|one| !one.starts_with("LongBench"));
    let sources: Vec<&str> = sources.map(String::as_str).collect();
    match sources.is_empty() {
        true => "typed in".to_owned(),
        false => sources.join("; "),
    }
}

/// Published models to which no arrow leads.
fn others(name: &str, length: Tokens, drawn: &[Series], told: &MapWords<'_>) -> Option<Series> {
    let named = |model: &str| {
        let points = drawn.iter().flat_map(|series| &series.points);
        points.into_iter().any(|point| point.name == model)
    };
    let lines: Vec<CategoryLine> = published_at(name, length)
        .filter(|line| !named(line.model))
        .collect();
    let mut sources: Vec<&str> = lines.iter().map(|line| line.source).collect();
    sources.dedup();
    let points: Vec<ChartPoint> = lines.iter().map(|line| told.published(line)).collect();
    (!points.is_empty()).then(|| {
        let source = sources.join("; ");
        one("published models", false, source, PointStyle::Plain, points)
    })
}

fn cloud(evidence: &Evidence, thresholds: &Thresholds, place: &MapPlace) -> Vec<ChartPoint> {
    let draws = 0..thresholds.draws.clamp(1, CLOUD);
    let points = draws.filter_map(|draw| {
        let drawn = drawn(evidence, thresholds, draw);
        let (x, y) = MapPlace::of(&drawn, thresholds, place.length).values()?;
        Some(ChartPoint {
            x: tenth(x),
            y: tenth(y),
            ..ChartPoint::default()
        })
    });
    points.collect()
}
