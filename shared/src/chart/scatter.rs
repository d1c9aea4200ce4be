//! Points in the plane, named where there is room.

use super::Figure;
use super::drawing::{ChartView, Drawing, TextAnchor};
use super::frame::{PlotFrame, SMALL};
use super::glyph::{classes, outline};
use super::labels::{OccupiedBoxes, holds, width};
use super::lines::shown;

pub(super) fn draw(figure: &Figure, view: &ChartView) -> Drawing {
    let em = view.em;
    let (frame, mut drawing) = PlotFrame::begin(figure, view, 0.0);
    frame.guides(figure, &mut drawing);
    let places = shown(figure, view).into_iter().flat_map(|(_, s)| &s.points);
    let places = places.map(|point| (frame.at_x(point.x), frame.at_y(point.y)));
    let places: Vec<(f64, f64)> = places.collect();
    let met = |at: [f64; 4]| places.iter().filter(|place| holds(at, **place)).count();
    let guides = frame.guide_names(figure, met, &mut drawing);
    let size = em * 0.36;
    let mut taken = OccupiedBoxes::default();
    guides.into_iter().for_each(|at| taken.keep(at));
    let mut named = Vec::new();
    for (number, series) in shown(figure, view) {
        for (at, point) in series.points.iter().enumerate() {
            if !frame.holds(point.x) {
                continue;
            }
            let (x, y) = (frame.at_x(point.x), frame.at_y(point.y));
            if let Some((low, high)) = point.interval {
                let (low, high) = (frame.at_y(low), frame.at_y(high));
                let d = format!("M{x:.1} {low:.1}V{high:.1}");
                drawing.path(d, classes("whisker faint", number, series.own));
            }
            let class = classes("dot", number, series.own);
            drawing.path(outline(number, x, y, size), class);
            drawing.mark(number, at, (x, y), (size, size));
            taken.keep([x - size, y - size, 2.0 * size, 2.0 * size]);
            named.push((number, series.own, point.name.as_str(), (x, y)));
        }
    }
    names(&named, size, (&frame, view.width), &mut taken, &mut drawing);
    drawing
}

/// A point's series, whether it was measured here, its name, and its place.
pub(super) type Named<'a> = (usize, bool, &'a str, (f64, f64));

/// Names beside their points, on the first side that is free; those without room are left out.
pub(super) fn names(
    named: &[Named<'_>],
    size: f64,
    (frame, edge): (&PlotFrame, f64),
    taken: &mut OccupiedBoxes,
    drawing: &mut Drawing,
) {
    let em = drawing.em;
    for (number, own, name, (x, y)) in named.iter().copied() {
        let (wide, high) = (width(name, em * SMALL), em * SMALL);
        let off = size * 1.6;
        let (left, right) = (x - size * 1.1, x + size * 1.1);
        let (above, below) = (y - size * 0.5, y + size * 0.5 + high * 0.85);
        let sides = [
            (x + off, y + high * 0.35, TextAnchor::Start, x + off),
            (x - off, y + high * 0.35, TextAnchor::End, x - off - wide),
            (x, y - off, TextAnchor::Middle, x - wide / 2.0),
            (x, y + off + high * 0.8, TextAnchor::Middle, x - wide / 2.0),
            // Between the arms of a cross of whiskers.
            (right, above, TextAnchor::Start, right),
            (right, below, TextAnchor::Start, right),
            (left, above, TextAnchor::End, left - wide),
            (left, below, TextAnchor::End, left - wide),
        ];
        let fits = |left: f64| left >= frame.left && left + wide <= edge;
        let free = sides.into_iter().find(|(_, y, _, left)| {
            fits(*left) && taken.take([*left, y - high * 0.85, wide, high])
        });
        if let Some((x, y, anchor, _)) = free {
            drawing.text((x, y), anchor, classes("name", number, own), name);
        }
    }
}
