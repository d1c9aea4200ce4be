//! Horizontal bars in groups: names can be read, and a narrow page has room for all of them.

use super::drawing::{ChartShape, ChartView, Drawing, TextAnchor};
use super::frame::{SMALL, name_em};
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
    let widest = plain.map(|(_, series)| width(&series.name, name_em(em, series.own)));
    let beside = widest.fold(0.0, f64::max) + em;
    // Names that would be cut beside their bars stand above them.
    let above = beside > view.width * 0.36;
    let left = if above { em * 0.5 } else { beside };
    let right = view.width - em * 3.2;
    let (thick, gap) = (em * if above { 2.1 } else { 1.15 }, em * 1.3);
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
    let spans: Vec<(f64, f64)> = placed
        .iter()
        .flat_map(|(_, y, height)| beside_bars((*y, *height), thick, above, em))
        .collect();
    grid(figure, (top, bottom), &spans, at_value, &mut drawing);
    // In the order of the marks' series, so that keys walk along one.
    for (number, series) in &shown {
        for (at, point) in series.points.iter().enumerate() {
            let Some((_, y, height)) = placed.iter().find(|(x, ..)| *x == point.x) else {
                continue;
            };
            let place = match series.form {
                PointStyle::Plain | PointStyle::Region | PointStyle::Cloud | PointStyle::Arrow => {
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
                        (left, above, at_value),
                        &mut drawing,
                    )
                }
                PointStyle::Reference => reference(
                    *number,
                    series,
                    point,
                    (*y, *height),
                    (&beside_bars((*y, *height), thick, above, em), at_value),
                    &mut drawing,
                ),
            };
            drawing.mark(*number, at, place.0, place.1);
        }
    }
    // Names and figures stand on the strokes that bars are held against.
    let is_word = |shape: &ChartShape| match shape {
        ChartShape::Text { class, .. } => class == "value" || class.starts_with("name "),
        _ => false,
    };
    let shapes = std::mem::take(&mut drawing.shapes).into_iter();
    let (words, others): (Vec<_>, Vec<_>) = shapes.partition(is_word);
    drawing.shapes = others;
    drawing.shapes.extend(words);
    drawing.height = bottom + em * 3.0;
    drawing
}

type Placed = ((f64, f64), (f64, f64));

fn bar(
    number: usize,
    series: &Series,
    point: &ChartPoint,
    (y, thick): (f64, f64),
    (left, above, at_value): (f64, bool, impl Fn(f64) -> f64),
    drawing: &mut Drawing,
) -> Placed {
    let em = drawing.em;
    let (zero, end) = (at_value(0.0).max(left), at_value(point.y));
    let (from, wide) = (zero.min(end), (end - zero).abs());
    let high = em * 0.92;
    let top = y + thick - high - em * 0.11;
    let class = classes("bar", number, series.own);
    drawing.rect([from, top, wide, high], class);
    let middle = top + high / 2.0;
    let mut beyond = end;
    if let Some((low, high)) = point.interval {
        let (low, high) = (at_value(low), at_value(high));
        beyond = beyond.max(high);
        let cap = em * 0.23;
        let (up, cap) = (middle - cap, 2.0 * cap);
        let d = format!(
            "M{low:.1} {middle:.1}H{high:.1}M{low:.1} {up:.1}v{cap:.1}M{high:.1} {up:.1}v{cap:.1}"
        );
        drawing.path(d, classes("whisker", number, series.own));
    }
    let class = classes("name", number, series.own);
    if above {
        let name = fit(&series.name, name_em(em, series.own), drawing.width - left);
        drawing.text((left, top - em * 0.25), TextAnchor::Start, class, name);
    } else {
        let at = (left - em * 0.6, middle + em * 0.3);
        drawing.text(at, TextAnchor::End, class, &series.name);
    }
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
    (spans, at_value): (&[(f64, f64)], impl Fn(f64) -> f64),
    drawing: &mut Drawing,
) -> Placed {
    let (x, em) = (at_value(point.y), drawing.em);
    let top = y - em * 0.45;
    let d = strokes(x, spans);
    drawing.path(d, classes("reference", number, series.own));
    let size = em * 0.3;
    let dot = outline(number, x, top - size * 0.4, size);
    drawing.path(dot, classes("dot", number, series.own));
    ((x, y + height / 2.0), (2.0, height / 2.0 + em * 0.6))
}

/// Where lines may run down a group of bars: past its name, and past the names above bars.
fn beside_bars((y, height): (f64, f64), thick: f64, above: bool, em: f64) -> Vec<(f64, f64)> {
    if !above {
        return vec![(y - em * 0.2, y + height + em * 0.1)];
    }
    let bars = (height / thick).round() as usize;
    let ends = (1..=bars).map(|bar| y + bar as f64 * thick);
    ends.map(|end| (end - em * 1.1, end)).collect()
}

/// A line down in parts.
fn strokes(x: f64, spans: &[(f64, f64)]) -> String {
    let parts = spans.iter();
    let parts = parts.map(|(top, bottom)| format!("M{x:.1} {top:.1}V{bottom:.1}"));
    parts.collect()
}

fn grid(
    figure: &Figure,
    (top, bottom): (f64, f64),
    spans: &[(f64, f64)],
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
        drawing.path(strokes(x, spans), class);
        let wide = width(&name, em * SMALL);
        if taken.take([x - wide, 0.0, wide * 2.0, 1.0]) {
            let at = (x, bottom + em * 1.2);
            drawing.text(at, TextAnchor::Middle, "tick", name);
        }
    }
    for guide in &figure.guides {
        let x = at_value(guide.at);
        drawing.path(strokes(x, spans), "guide");
        // Names at the edge stay inside the drawing.
        let half = width(&guide.name, em * SMALL) / 2.0;
        let middle = x.clamp(half, (drawing.width - half).max(half));
        let at = (middle, top - em * 0.2);
        drawing.text(at, TextAnchor::Middle, "guide-name", &guide.name);
    }
    let middle = (at_value(0.0) + drawing.width) / 2.0;
    let at = (middle, bottom + em * 2.6);
    drawing.text(at, TextAnchor::Middle, "title", &figure.y.title);
    drawing.shapes.extend(behind);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_run_past_names() {
        let em = 10.0;
        // Beside their bars names are left of the axis; only the group's name is above its bars.
        let beside = beside_bars((100.0, 23.0), 11.5, false, em);
        let group = 100.0 - em * 1.4 + em * 0.8;
        assert!(beside.len() == 1 && beside[0].0 > group, "{beside:?}");
        // Above bars, names stand between the parts of a line.
        let above = beside_bars((100.0, 42.0), 21.0, true, em);
        assert_eq!(above.len(), 2);
        for (bar, (top, bottom)) in above.iter().enumerate() {
            let bar_top = 100.0 + (bar + 1) as f64 * 21.0 - em * 0.92 - em * 0.11;
            assert!(*top > bar_top - em * 0.25, "a name's base line");
            assert!(*top < bar_top && *bottom > bar_top + em * 0.92, "the bar");
        }
        assert_eq!(
            strokes(5.0, &[(1.0, 2.0), (3.0, 4.0)]),
            "M5.0 1.0V2.0M5.0 3.0V4.0"
        );
    }
}
