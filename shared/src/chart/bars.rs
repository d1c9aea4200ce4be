//! Horizontal bars in groups: names can be read, and a narrow page has room for all of them.

use super::drawing::{ChartView, Drawing, TextAnchor};
use super::frame::SMALL;
use super::glyph::{classes, outline};
use super::labels::{OccupiedBoxes, fit, width};
use super::lines::shown;
use super::scale::trimmed;
use super::{ChartPoint, Figure, PointStyle, Series};

pub(super) fn draw(figure: &Figure, view: &ChartView) -> Drawing {
    let em = view.em;
    let shown = shown(figure, view);
    let groups = figure.x.scale.ticks(0);
    let plain = shown.iter().filter(|(_, s)| s.form == PointStyle::Plain);
    let widest = plain.map(|(_, series)| width(&series.name, em * SMALL));
    let left = (widest.fold(0.0, f64::max) + em).min(view.width * 0.36);
    let right = view.width - em * 3.2;
    let (thick, gap) = (em * 1.15, em * 1.3);
    let room = |at: f64| {
        let bars = shown.iter().filter(|(_, s)| s.form == PointStyle::Plain);
        let here = bars.filter(|(_, s)| s.points.iter().any(|p| p.x == at));
        here.count().max(1) as f64 * thick
    };
    let mut drawing = Drawing {
        width: view.width,
        em,
        ..Drawing::default()
    };
    let top = em * 2.0;
    let mut y = top;
    let mut placed = Vec::new();
    for (at, name) in &groups {
        drawing.text((0.0, y + em * 0.8), TextAnchor::Start, "group", name);
        y += em * 1.4;
        let height = room(*at);
        placed.push((*at, y, height));
        y += height + gap;
    }
    let bottom = y - gap * 0.4;
    let at_value = |value: f64| figure.y.scale.place(value, left, right);
    grid(figure, (top, bottom), at_value, &mut drawing);
    // In the order of the marks' series, so that keys walk along one.
    for (number, series) in &shown {
        for (at, point) in series.points.iter().enumerate() {
            let Some((_, y, height)) = placed.iter().find(|(x, ..)| *x == point.x) else {
                continue;
            };
            let place = match series.form {
                PointStyle::Plain => {
                    let before = shown.iter().filter(|(other, s)| {
                        other < number
                            && s.form == PointStyle::Plain
                            && s.points.iter().any(|p| p.x == point.x)
                    });
                    let y = y + before.count() as f64 * thick;
                    bar(
                        *number,
                        series,
                        point,
                        (y, thick),
                        (left, at_value),
                        &mut drawing,
                    )
                }
                PointStyle::Reference => reference(
                    *number,
                    series,
                    point,
                    (*y, *height),
                    at_value,
                    &mut drawing,
                ),
            };
            drawing.mark(*number, at, place.0, place.1);
        }
    }
    drawing.height = bottom + em * 3.0;
    drawing
}

type Placed = ((f64, f64), (f64, f64));

fn bar(
    number: usize,
    series: &Series,
    point: &ChartPoint,
    (y, thick): (f64, f64),
    (left, at_value): (f64, impl Fn(f64) -> f64),
    drawing: &mut Drawing,
) -> Placed {
    let (zero, end) = (at_value(0.0).max(left), at_value(point.y));
    let (from, wide) = (zero.min(end), (end - zero).abs());
    let (top, high) = (y + thick * 0.1, thick * 0.8);
    let class = classes("bar", number, series.own);
    drawing.rect([from, top, wide, high], class);
    let middle = top + high / 2.0;
    let mut beyond = end;
    if let Some((low, high)) = point.interval {
        let (low, high) = (at_value(low), at_value(high));
        beyond = beyond.max(high);
        let cap = thick * 0.2;
        let (up, cap) = (middle - cap, 2.0 * cap);
        let d = format!(
            "M{low:.1} {middle:.1}H{high:.1}M{low:.1} {up:.1}v{cap:.1}M{high:.1} {up:.1}v{cap:.1}"
        );
        drawing.path(d, classes("whisker", number, series.own));
    }
    let em = drawing.em;
    let name = fit(&series.name, em * SMALL, left - em * 0.6);
    let at = (left - em * 0.6, middle + em * 0.3);
    drawing.text(
        at,
        TextAnchor::End,
        classes("name", number, series.own),
        name,
    );
    let at = (beyond + em * 0.4, middle + em * 0.3);
    drawing.text(at, TextAnchor::Start, "value", trimmed(point.y, 1));
    ((from + wide / 2.0, middle), (wide / 2.0, high / 2.0))
}

/// A stroke across a group, with the mark of its series above.
fn reference(
    number: usize,
    series: &Series,
    point: &ChartPoint,
    (y, height): (f64, f64),
    at_value: impl Fn(f64) -> f64,
    drawing: &mut Drawing,
) -> Placed {
    let (x, em) = (at_value(point.y), drawing.em);
    let top = y - em * 0.45;
    let d = format!("M{x:.1} {top:.1}V{:.1}", y + height + em * 0.1);
    drawing.path(d, classes("reference", number, series.own));
    let size = em * 0.3;
    let dot = outline(number, x, top - size * 0.4, size);
    drawing.path(dot, classes("dot", number, series.own));
    ((x, y + height / 2.0), (2.0, height / 2.0 + em * 0.6))
}

fn grid(
    figure: &Figure,
    (top, bottom): (f64, f64),
    at_value: impl Fn(f64) -> f64,
    drawing: &mut Drawing,
) {
    let em = drawing.em;
    // Lines lie behind what was drawn before.
    let mut behind = Vec::new();
    std::mem::swap(&mut behind, &mut drawing.shapes);
    let mut taken = OccupiedBoxes::default();
    let top = top - em * 0.6;
    for (value, name) in figure.y.scale.ticks(5) {
        let x = at_value(value);
        let class = if value == 0.0 { "axis" } else { "grid" };
        drawing.path(format!("M{x:.1} {top:.1}V{bottom:.1}"), class);
        let wide = width(&name, em * SMALL);
        if taken.take([x - wide, 0.0, wide * 2.0, 1.0]) {
            let at = (x, bottom + em * 1.2);
            drawing.text(at, TextAnchor::Middle, "tick", name);
        }
    }
    for guide in &figure.guides {
        let x = at_value(guide.at);
        drawing.path(format!("M{x:.1} {top:.1}V{bottom:.1}"), "guide");
        let at = (x, top - em * 0.2);
        drawing.text(at, TextAnchor::Middle, "guide-name", &guide.name);
    }
    let middle = (at_value(0.0) + drawing.width) / 2.0;
    let at = (middle, bottom + em * 2.6);
    drawing.text(at, TextAnchor::Middle, "title", &figure.y.title);
    drawing.shapes.extend(behind);
}
