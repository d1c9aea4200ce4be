//! Squares: a row for each series, a column for each name.

use super::drawing::{ChartShape, ChartView, Drawing, TextAnchor};
use super::frame::SMALL;
use super::labels::{fit, width};
use super::lines::shown;
use super::scale::trimmed;
use super::{AxisScale, Figure};

/// From this share of the scale on, white is easier to read on the colour than black, or black
/// than white at night: either way the contrast stays above 4.5.
const FLIP: f64 = 0.695;

pub(super) fn draw(figure: &Figure, view: &ChartView) -> Drawing {
    let em = view.em;
    let rows = shown(figure, view);
    let columns = figure.x.scale.ticks(0);
    let widest = rows
        .iter()
        .map(|(_, series)| width(&series.name, em * SMALL));
    let left = (widest.fold(0.0, f64::max) + em).min(view.width * 0.4);
    let across = (view.width - left) / columns.len().max(1) as f64;
    let across = across.min(em * 7.0);
    let (top, down) = (em * 3.2, em * 2.1);
    let mut drawing = Drawing {
        width: view.width,
        height: top + rows.len() as f64 * down + em * 0.5,
        em,
        ..Drawing::default()
    };
    let title = fit(&figure.x.title, em * SMALL, view.width - left);
    drawing.text((left, em), TextAnchor::Start, "title", title);
    drawing.text(
        (0.0, em),
        TextAnchor::Start,
        "title",
        fit(&figure.y.title, em * SMALL, left - em),
    );
    for (at, name) in &columns {
        let x = left + (at + 0.5) * across;
        let name = fit(name, em * SMALL, across);
        drawing.text((x, top - em * 0.5), TextAnchor::Middle, "tick", name);
    }
    for (row, (number, series)) in rows.iter().enumerate() {
        let y = top + row as f64 * down;
        let name = fit(&series.name, em * SMALL, left - em * 0.6);
        let at = (left - em * 0.6, y + down * 0.6);
        drawing.text(at, TextAnchor::End, "row", name);
        for (of_row, point) in series.points.iter().enumerate() {
            let share = share(&figure.y.scale, point.y);
            let x = left + point.x * across;
            drawing.shapes.push(ChartShape::Rect {
                at: [x + 1.5, y + 1.5, across - 3.0, down - 3.0],
                class: "cell".to_owned(),
                share: Some(share),
            });
            let class = if share >= FLIP {
                "cell-value high"
            } else {
                "cell-value"
            };
            let middle = (x + across / 2.0, y + down / 2.0);
            let at = (middle.0, middle.1 + em * 0.33);
            if across > em * 2.2 {
                drawing.text(at, TextAnchor::Middle, class, trimmed(point.y, 0));
            }
            let half = (across / 2.0 - 1.5, down / 2.0 - 1.5);
            drawing.mark(*number, of_row, middle, half);
        }
    }
    drawing
}

/// How far on the scale of colours a value is; rows are no scale, and their values are percent.
fn share(scale: &AxisScale, value: f64) -> f64 {
    match scale {
        AxisScale::Linear { low, high } | AxisScale::Log2 { low, high } => {
            ((value - low) / (high - low)).clamp(0.0, 1.0)
        }
        AxisScale::Band(_) => (value / 100.0).clamp(0.0, 1.0),
    }
}
