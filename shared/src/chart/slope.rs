//! Two columns and a line from the one to the other, named at both ends.

use super::Figure;
use super::drawing::{ChartView, Drawing, TextAnchor};
use super::frame::name_em;
use super::glyph::{classes, outline};
use super::labels::{apart, fit};
use super::lines::{path, shown};
use super::scale::trimmed;

pub(super) fn draw(figure: &Figure, view: &ChartView) -> Drawing {
    let em = view.em;
    let shown = shown(figure, view);
    let (top, bottom) = (em * 2.6, view.height - em * 1.2);
    let names = (view.width * 0.42 - em * 2.0).min(em * 15.0);
    let columns = [em * 3.6, view.width - names - em * 3.6];
    let mut drawing = Drawing {
        width: view.width,
        height: view.height,
        em,
        ..Drawing::default()
    };
    for (at, name) in figure.x.scale.ticks(0) {
        let Some(x) = columns.get(at as usize) else {
            continue;
        };
        drawing.text((*x, em), TextAnchor::Middle, "group", name);
        drawing.path(format!("M{x:.1} {top:.1}V{bottom:.1}"), "grid");
    }
    let place = |x: f64, value: f64| {
        let across = columns[usize::from(x >= 0.5)];
        (across, figure.y.scale.place(value, bottom, top))
    };
    for (number, series) in &shown {
        let places = series.points.iter().map(|point| place(point.x, point.y));
        drawing.path(path(places), classes("line", *number, series.own));
    }
    let size = em * 0.32;
    for (number, series) in &shown {
        for (at, point) in series.points.iter().enumerate() {
            let (x, y) = place(point.x, point.y);
            let class = classes("dot", *number, series.own);
            drawing.path(outline(*number, x, y, size), class);
            drawing.mark(*number, at, (x, y), (size, size));
        }
    }
    for side in [0.0, 1.0] {
        let ends: Vec<_> = shown
            .iter()
            .filter_map(|(number, series)| {
                let point = series.points.iter().find(|point| point.x == side)?;
                Some((*number, *series, point))
            })
            .collect();
        let wanted: Vec<f64> = ends.iter().map(|(.., p)| place(side, p.y).1).collect();
        let placed = apart(&wanted, em * 1.05, (top, bottom));
        for ((number, series, point), y) in ends.into_iter().zip(placed) {
            let x = place(side, point.y).0;
            let value = trimmed(point.y, 1);
            let class = classes("name", number, series.own);
            let y = y + em * 0.3;
            match side {
                0.0 => drawing.text((x - em * 0.7, y), TextAnchor::End, "value", value),
                _ => {
                    drawing.text((x + em * 0.7, y), TextAnchor::Start, "value", value);
                    let name = fit(&series.name, name_em(em, series.own), names);
                    drawing.text((x + em * 3.2, y), TextAnchor::Start, class, name);
                }
            }
        }
    }
    drawing
}
