//! Differences with their intervals, a row each, in groups: right of 0, left of 0, or within
//! the margin.

use super::drawing::{ChartView, Drawing, TextAnchor};
use super::frame::SMALL;
use super::glyph::{classes, outline};
use super::labels::{BOLD, OccupiedBoxes, fit, width};
use super::lines::shown;
use super::{ChartPoint, Figure, Series};
use crate::numbers::signed;

pub(super) fn draw(figure: &Figure, view: &ChartView) -> Drawing {
    let em = view.em;
    let shown = shown(figure, view);
    let named = |point: &ChartPoint| match point.name.as_str() {
        "" => figure.x.scale.name(point.x),
        name => name.to_owned(),
    };
    let points = shown.iter().flat_map(|(_, series)| &series.points);
    let widest = points.map(|point| width(&named(point), em * SMALL));
    let left = (widest.fold(0.0, f64::max) + em).min(view.width * 0.38);
    let right = view.width - em * 3.4;
    let at_value = |value: f64| figure.y.scale.place(value, left, right).clamp(left, right);
    let (top, line, head, gap) = (em * 2.2, em * 1.55, em * 1.5, em * 0.6);
    let rows = |series: &Series| series.points.len() as f64 * line;
    let high: f64 = shown.iter().map(|(_, s)| head + rows(s) + gap).sum();
    let bottom = top + high;
    let mut drawing = Drawing {
        width: view.width,
        height: bottom + em * 3.0,
        em,
        ..Drawing::default()
    };
    plane(figure, (top, bottom), at_value, &mut drawing);
    let mut y = top;
    for (number, series) in shown {
        let name = fit(&series.name, em * BOLD, view.width);
        drawing.text((0.0, y + em), TextAnchor::Start, "group", name);
        y += head;
        for (at, point) in series.points.iter().enumerate() {
            let middle = y + line / 2.0;
            let label = fit(&named(point), em * SMALL, left - em * 0.6);
            let place = (0.0, middle + em * 0.3);
            drawing.text(place, TextAnchor::Start, "row", label);
            row(
                number,
                series,
                point,
                (middle, line),
                at_value,
                &mut drawing,
            );
            let value = signed(point.y, 1);
            let place = (view.width, middle + em * 0.3);
            drawing.text(place, TextAnchor::End, "value", value);
            let half = ((right - left) / 2.0, line / 2.0);
            drawing.mark(number, at, (left + half.0, middle), half);
            y += line;
        }
        y += gap;
    }
    drawing
}

/// The interval and the difference itself.
fn row(
    number: usize,
    series: &Series,
    point: &ChartPoint,
    (y, line): (f64, f64),
    at_value: impl Fn(f64) -> f64,
    drawing: &mut Drawing,
) {
    if let Some((low, high)) = point.interval {
        let (low, high, cap) = (at_value(low), at_value(high), line * 0.16);
        let (up, down) = (y - cap, 2.0 * cap);
        let d = format!(
            "M{low:.1} {y:.1}H{high:.1}M{low:.1} {up:.1}v{down:.1}M{high:.1} {up:.1}v{down:.1}"
        );
        drawing.path(d, classes("whisker", number, series.own));
    }
    let dot = outline(number, at_value(point.y), y, drawing.em * 0.34);
    drawing.path(dot, classes("dot", number, series.own));
}

/// The margin, from the first guide to the last, the grid and the axis.
fn plane(
    figure: &Figure,
    (top, bottom): (f64, f64),
    at_value: impl Fn(f64) -> f64,
    drawing: &mut Drawing,
) {
    let em = drawing.em;
    let begin = top - em * 0.4;
    let guides = || figure.guides.iter().map(|guide| guide.at);
    let (low, high) = (
        guides().fold(f64::INFINITY, f64::min),
        guides().fold(f64::NEG_INFINITY, f64::max),
    );
    if low < high {
        let (from, to) = (at_value(low), at_value(high));
        drawing.rect([from, begin, to - from, bottom - begin], "margin");
    }
    let mut taken = OccupiedBoxes::default();
    for (value, name) in figure.y.scale.ticks(5) {
        let x = at_value(value);
        let class = if value == 0.0 { "axis" } else { "grid" };
        drawing.path(format!("M{x:.1} {begin:.1}V{bottom:.1}"), class);
        let wide = width(&name, em * SMALL);
        if taken.take([x - wide, 0.0, wide * 2.0, 1.0]) {
            drawing.text((x, bottom + em * 1.2), TextAnchor::Middle, "tick", name);
        }
    }
    let mut taken = OccupiedBoxes::default();
    for guide in &figure.guides {
        let x = at_value(guide.at);
        drawing.path(format!("M{x:.1} {begin:.1}V{bottom:.1}"), "guide");
        let wide = width(&guide.name, em * SMALL);
        // Names at the edge stay inside the drawing.
        let middle = x.clamp(wide / 2.0, (drawing.width - wide / 2.0).max(wide / 2.0));
        if taken.take([middle - wide / 2.0, 0.0, wide + em * 0.5, 1.0]) {
            let at = (middle, begin - em * 0.3);
            drawing.text(at, TextAnchor::Middle, "guide-name", &guide.name);
        }
    }
    let title = fit(&figure.y.title, em * SMALL, drawing.width);
    let half = width(&title, em * SMALL) / 2.0;
    let middle = (at_value(f64::NEG_INFINITY) + at_value(f64::INFINITY)) / 2.0;
    let middle = middle.clamp(half, (drawing.width - half).max(half));
    drawing.text(
        (middle, bottom + em * 2.6),
        TextAnchor::Middle,
        "title",
        title,
    );
}
