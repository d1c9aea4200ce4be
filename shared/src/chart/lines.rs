//! Lines over lengths or steps, with the band of their intervals and their names at the end.

use std::fmt::Write as _;

use super::drawing::{ChartView, Drawing, TextAnchor};
use super::frame::{PlotFrame, name_em};
use super::glyph::{classes, outline};
use super::labels::{apart, fit, holds, width};
use super::{ChartPoint, Figure, Series};

/// With at least this width, names stand at the lines' ends; below it, the legend must do.
const NAMED: f64 = 36.0;
/// With more names than this, the labels become a thicket.
const NAMES: usize = 12;

pub(super) fn draw(figure: &Figure, view: &ChartView) -> Drawing {
    let em = view.em;
    let shown: Vec<(usize, &Series)> = shown(figure, view);
    let named = view.width >= NAMED * em && shown.len() <= NAMES && shown.len() > 1;
    let widest = shown
        .iter()
        .map(|(_, series)| width(&series.name, name_em(em, series.own)));
    let after = match named {
        true => (widest.fold(0.0, f64::max) + em * 1.8).min(view.width * 0.3),
        false => 0.0,
    };
    let (frame, mut drawing) = PlotFrame::begin(figure, view, after);
    frame.guides(figure, &mut drawing);
    for (number, series) in &shown {
        band(*number, series, &frame, &mut drawing);
    }
    for (number, series) in &shown {
        let inside = inside(series, &frame);
        let class = classes("line", *number, series.own);
        let places = inside.iter().map(|(_, point)| place(point, &frame));
        drawing.path(path(places), class);
    }
    let size = em * 0.32;
    for (number, series) in &shown {
        for (at, point) in inside(series, &frame) {
            let (x, y) = place(point, &frame);
            let class = classes("dot", *number, series.own);
            drawing.path(outline(*number, x, y, size), class);
            drawing.mark(*number, at, (x, y), (size, size));
        }
    }
    let met = |at: [f64; 4]| {
        let met = shown.iter().filter(|(_, series)| meets(at, series, &frame));
        met.count()
    };
    frame.guide_names(figure, met, &mut drawing);
    if named {
        names(&shown, &frame, em, after, &mut drawing);
    }
    drawing
}

/// The series that are not hidden, with their numbers.
pub(super) fn shown<'a>(figure: &'a Figure, view: &ChartView) -> Vec<(usize, &'a Series)> {
    let all = figure.series.iter().enumerate();
    all.filter(|(number, series)| view.shows(*number) && !series.points.is_empty())
        .collect()
}

fn inside<'a>(series: &'a Series, frame: &PlotFrame) -> Vec<(usize, &'a ChartPoint)> {
    let all = series.points.iter().enumerate();
    all.filter(|(_, point)| frame.holds(point.x)).collect()
}

fn place(point: &ChartPoint, frame: &PlotFrame) -> (f64, f64) {
    (frame.at_x(point.x), frame.at_y(point.y))
}

/// Whether the line of a series runs through a box.
fn meets(at: [f64; 4], series: &Series, frame: &PlotFrame) -> bool {
    const STEPS: u32 = 16;
    let inside = inside(series, frame).into_iter();
    let places: Vec<(f64, f64)> = inside.map(|(_, point)| place(point, frame)).collect();
    let along = places.windows(2).flat_map(|ends| {
        let ((x, y), (to_x, to_y)) = (ends[0], ends[1]);
        (0..=STEPS).map(move |step| {
            let share = f64::from(step) / f64::from(STEPS);
            (x + (to_x - x) * share, y + (to_y - y) * share)
        })
    });
    places
        .iter()
        .copied()
        .chain(along)
        .any(|one| holds(at, one))
}

/// A path through places.
pub(super) fn path(places: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut d = String::new();
    for (x, y) in places {
        let letter = if d.is_empty() { 'M' } else { 'L' };
        // Writing to a text cannot fail.
        let _written = write!(d, "{letter}{x:.1} {y:.1}");
    }
    d
}

/// The band between the ends of the intervals; a single one is a stroke.
fn band(number: usize, series: &Series, frame: &PlotFrame, drawing: &mut Drawing) {
    let ends: Vec<(f64, f64, f64)> = inside(series, frame)
        .into_iter()
        .filter_map(|(_, point)| {
            let (low, high) = point.interval?;
            Some((frame.at_x(point.x), frame.at_y(low), frame.at_y(high)))
        })
        .collect();
    if let [(x, low, high)] = ends[..] {
        let d = format!("M{x:.1} {low:.1}V{high:.1}");
        return drawing.path(d, classes("whisker", number, series.own));
    }
    if ends.is_empty() {
        return;
    }
    let there = ends.iter().map(|(x, _, high)| (*x, *high));
    let back = ends.iter().rev().map(|(x, low, _)| (*x, *low));
    let d = path(there.chain(back)) + "Z";
    drawing.path(d, classes("band", number, series.own));
}

/// Names where the lines end, each with a thread to its line where it had to move.
fn names(
    shown: &[(usize, &Series)],
    frame: &PlotFrame,
    em: f64,
    after: f64,
    drawing: &mut Drawing,
) {
    let ends: Vec<(usize, &Series, (f64, f64))> = shown
        .iter()
        .filter_map(|(number, series)| {
            let (_, last) = *inside(series, frame).last()?;
            Some((*number, *series, place(last, frame)))
        })
        .collect();
    let wanted: Vec<f64> = ends.iter().map(|(.., (_, y))| *y).collect();
    let placed = apart(&wanted, em * 1.05, (frame.top, frame.bottom));
    for ((number, series, (x, y)), at) in ends.into_iter().zip(placed) {
        let begin = frame.right + em * 0.9;
        let (from, to) = (x + em * 0.5, begin - em * 0.2);
        drawing.path(format!("M{from:.1} {y:.1}L{to:.1} {at:.1}"), "thread");
        let name = fit(&series.name, name_em(em, series.own), after - em);
        let class = classes("name", number, series.own);
        drawing.text((begin, at + em * 0.3), TextAnchor::Start, class, name);
    }
}
