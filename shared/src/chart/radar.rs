//! A spoke for each name; small, so that several stand side by side.

use std::f64::consts::TAU;

use super::Figure;
use super::drawing::{ChartView, Drawing, TextAnchor};
use super::frame::SMALL;
use super::glyph::{classes, outline};
use super::labels::wrap;
use super::lines::{path, shown};

pub(super) fn draw(figure: &Figure, view: &ChartView) -> Drawing {
    let em = view.em;
    let spokes = figure.x.scale.ticks(0);
    let centre = (view.width / 2.0, view.height / 2.0 + em * 0.3);
    let radius = (view.width / 2.0 - em * 5.4).min(view.height / 2.0 - em * 2.4);
    let radius = radius.max(em * 2.5);
    let mut drawing = Drawing {
        width: view.width,
        height: view.height,
        em,
        ..Drawing::default()
    };
    let place = |spoke: f64, value: f64| {
        let (sin, cos) = (TAU * spoke / spokes.len().max(1) as f64).sin_cos();
        let far = figure.y.scale.place(value, 0.0, radius).clamp(0.0, radius);
        (centre.0 + far * sin, centre.1 - far * cos)
    };
    for (value, name) in figure.y.scale.ticks(4) {
        let ring = spokes.iter().map(|(spoke, _)| place(*spoke, value));
        drawing.path(path(ring) + "Z", "grid ring");
        let (x, y) = place(0.0, value);
        drawing.text(
            (x + em * 0.25, y + em * 0.3),
            TextAnchor::Start,
            "tick ring-name",
            name,
        );
    }
    let (_, top) = figure
        .y
        .scale
        .ticks(4)
        .last()
        .cloned()
        .map_or((0, 100.0), |(v, _)| (0, v));
    for (spoke, name) in &spokes {
        let (x, y) = place(*spoke, top);
        drawing.path(path([centre, (x, y)]), "grid");
        let (sin, cos) = (TAU * spoke / spokes.len().max(1) as f64).sin_cos();
        let anchor = match sin {
            sin if sin > 0.3 => TextAnchor::Start,
            sin if sin < -0.3 => TextAnchor::End,
            _ => TextAnchor::Middle,
        };
        let (x, y) = (
            centre.0 + (radius + em * 0.6) * sin,
            centre.1 - (radius + em * 0.9) * cos,
        );
        let lines = wrap(name, em * SMALL, em * 5.5);
        for (at, line) in lines.iter().enumerate() {
            // Several lines grow away from the web: above it upwards, below it downwards.
            let more = (lines.len() as f64 - 1.0) / 2.0;
            let y = y + em * 0.3 + (at as f64 - more - more * cos) * em;
            drawing.text((x, y), anchor, "tick", line);
        }
    }
    let shown = shown(figure, view);
    for (number, series) in &shown {
        let places = series.points.iter().map(|point| place(point.x, point.y));
        let d = path(places) + "Z";
        drawing.path(d, classes("area", *number, series.own));
    }
    let size = em * 0.28;
    for (number, series) in &shown {
        for (at, point) in series.points.iter().enumerate() {
            let (x, y) = place(point.x, point.y);
            let class = classes("dot", *number, series.own);
            drawing.path(outline(*number, x, y, size), class);
            drawing.mark(*number, at, (x, y), (size, size));
        }
    }
    drawing
}
