//! Points in the plane, named where there is room.

use super::Figure;
use super::drawing::{ChartView, Drawing, TextAnchor};
use super::frame::{PlotFrame, SMALL};
use super::glyph::{classes, outline};
use super::labels::{OccupiedBoxes, width};
use super::lines::shown;

pub(super) fn draw(figure: &Figure, view: &ChartView) -> Drawing {
    let em = view.em;
    let (frame, mut drawing) = PlotFrame::begin(figure, view, 0.0);
    frame.guides(figure, &mut drawing);
    frame.guide_names(figure, TextAnchor::End, &mut drawing);
    let size = em * 0.36;
    let mut taken = OccupiedBoxes::default();
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
    for (number, own, name, (x, y)) in named {
        let (wide, high) = (width(name, em * SMALL), em * SMALL);
        let off = size * 1.6;
        let sides = [
            (x + off, y + high * 0.35, TextAnchor::Start, x + off),
            (x - off, y + high * 0.35, TextAnchor::End, x - off - wide),
            (x, y - off, TextAnchor::Middle, x - wide / 2.0),
            (x, y + off + high * 0.8, TextAnchor::Middle, x - wide / 2.0),
        ];
        let fits = |left: f64| left >= frame.left && left + wide <= view.width;
        let free = sides.into_iter().find(|(_, y, _, left)| {
            fits(*left) && taken.take([*left, y - high * 0.85, wide, high])
        });
        if let Some((x, y, anchor, _)) = free {
            drawing.text((x, y), anchor, classes("name", number, own), name);
        }
    }
    drawing
}
