//! Points in a plane of shaded regions: a cloud, marks with intervals on both axes, arrows between
//! them. Each region is labelled, so that colour is never the only cue.

use std::fmt::Write as _;

use super::drawing::{ChartView, Drawing, TextAnchor};
use super::frame::{PlotFrame, SMALL};
use super::glyph::{classes, outline};
use super::labels::{OccupiedBoxes, holds, width, wrap};
use super::lines::shown;
use super::scatter::{Named, names};
use super::{ChartPoint, Figure, PointStyle, Series};

/// Lines that the name of a region may take.
const LINES: usize = 3;

pub(super) fn draw(figure: &Figure, view: &ChartView) -> Drawing {
    let em = view.em;
    let (frame, mut drawing) = PlotFrame::begin(figure, view, 0.0);
    let shown: Vec<(usize, &Series)> = shown(figure, view);
    let of = |form: PointStyle| {
        let all = shown.iter().copied();
        all.filter(move |(_, series)| series.form == form)
    };
    let at = |point: &ChartPoint| (frame.at_x(point.x), frame.at_y(point.y));
    for (number, series) in of(PointStyle::Region) {
        let parts = series.points.iter().map(|point| rectangle(point, &frame));
        let d = parts.fold(String::new(), |mut d, [left, top, right, bottom]| {
            // Writing to a text cannot fail.
            let _written = write!(d, "M{left:.1} {top:.1}H{right:.1}V{bottom:.1}H{left:.1}Z");
            d
        });
        drawing.path(d, classes("region", number, series.own));
    }
    guides(figure, &frame, &mut drawing);
    for (number, series) in of(PointStyle::Cloud) {
        let dots = series.points.iter().map(|point| {
            let (x, y) = at(point);
            outline(0, x, y, em * 0.09)
        });
        let class = classes("cloud", number, series.own);
        drawing.path(dots.collect::<String>(), class);
    }
    let size = em * 0.36;
    for (number, series) in of(PointStyle::Arrow) {
        if let [first, .., last] = &series.points[..] {
            let d = arrow(at(first), at(last), size);
            drawing.path(d, classes("arrow", number, series.own));
        }
    }
    let mut taken = OccupiedBoxes::default();
    let mut named: Vec<Named<'_>> = Vec::new();
    for (number, series) in shown.iter().copied() {
        for (place, point) in series.points.iter().enumerate() {
            if !series.form.marks(point) {
                continue;
            }
            let (x, y) = at(point);
            if let Some(d) = whiskers(point, (x, y), &frame) {
                drawing.path(d, classes("whisker", number, series.own));
            }
            for stroke in strokes(point, (x, y), &frame) {
                taken.keep(stroke);
            }
            // What it is all about is the largest.
            let main = number == 0 && series.points.len() == 1;
            let size = if main { size * 1.4 } else { size };
            let class = classes("dot", number, series.own);
            drawing.path(outline(number, x, y, size), class);
            drawing.mark(number, place, (x, y), (size, size));
            taken.keep([x - size, y - size, 2.0 * size, 2.0 * size]);
            named.push((number, series.own, point.name.as_str(), (x, y)));
        }
    }
    // Names of guides have four places to choose from; the others keep clear of them.
    let met = |at: [f64; 4]| named.iter().filter(|(.., place)| holds(at, *place)).count();
    for name in frame.guide_names(figure, met, &mut drawing) {
        taken.keep(name);
    }
    let room = (&frame, view.width);
    names(&named, size * 1.4, room, &mut taken, &mut drawing);
    for (number, series) in of(PointStyle::Region) {
        region_name(number, series, &frame, &mut taken, &mut drawing);
    }
    drawing
}

/// Left, top, right and bottom of a region's part.
fn rectangle(point: &ChartPoint, frame: &PlotFrame) -> [f64; 4] {
    let (left, right) = point.across.unwrap_or((point.x, point.x));
    let (low, high) = point.interval.unwrap_or((point.y, point.y));
    [
        frame.at_x(left),
        frame.at_y(high),
        frame.at_x(right),
        frame.at_y(low),
    ]
}

/// Both ways, as both axes are of one kind.
fn guides(figure: &Figure, frame: &PlotFrame, drawing: &mut Drawing) {
    frame.guides(figure, drawing);
    for guide in &figure.guides {
        let x = frame.at_x(guide.at);
        let d = format!("M{x:.1} {:.1}V{:.1}", frame.bottom, frame.top);
        drawing.path(d, "guide");
    }
}

/// The intervals of a point, up and across.
fn whiskers(point: &ChartPoint, (x, y): (f64, f64), frame: &PlotFrame) -> Option<String> {
    let mut d = String::new();
    if let Some((low, high)) = point.interval {
        let (low, high) = (frame.at_y(low), frame.at_y(high));
        d += &format!("M{x:.1} {low:.1}V{high:.1}");
    }
    if let Some((low, high)) = point.across {
        let (low, high) = (frame.at_x(low), frame.at_x(high));
        d += &format!("M{low:.1} {y:.1}H{high:.1}");
    }
    (!d.is_empty()).then_some(d)
}

/// The boxes of the whiskers, which no name crosses.
fn strokes(point: &ChartPoint, (x, y): (f64, f64), frame: &PlotFrame) -> Vec<[f64; 4]> {
    let up = point.interval.map(|(low, high)| {
        let (low, high) = (frame.at_y(low), frame.at_y(high));
        [x - 1.0, high.min(low), 2.0, (low - high).abs()]
    });
    let across = point.across.map(|(low, high)| {
        let (low, high) = (frame.at_x(low), frame.at_x(high));
        [low.min(high), y - 1.0, (high - low).abs(), 2.0]
    });
    up.into_iter().chain(across).collect()
}

/// From one place to just before another, with a head; nothing where they are one.
fn arrow((x0, y0): (f64, f64), (x1, y1): (f64, f64), size: f64) -> String {
    let (dx, dy) = (x1 - x0, y1 - y0);
    let far = dx.hypot(dy);
    if far < size * 4.0 {
        return String::new();
    }
    let (ux, uy) = (dx / far, dy / far);
    let (bx, by) = (x0 + ux * size * 1.8, y0 + uy * size * 1.8);
    let (tx, ty) = (x1 - ux * size * 1.5, y1 - uy * size * 1.5);
    let side = |way: f64| {
        let (back, out) = (size * 1.6, size * 0.9 * way);
        (tx - ux * back - uy * out, ty - uy * back + ux * out)
    };
    let ((lx, ly), (rx, ry)) = (side(1.0), side(-1.0));
    format!("M{bx:.1} {by:.1}L{tx:.1} {ty:.1}M{lx:.1} {ly:.1}L{tx:.1} {ty:.1}L{rx:.1} {ry:.1}")
}

/// What a region is called, in the largest part of it that has room; else the legend has to do.
fn region_name(
    number: usize,
    series: &Series,
    frame: &PlotFrame,
    taken: &mut OccupiedBoxes,
    drawing: &mut Drawing,
) {
    let em = drawing.em;
    let (small, line) = (em * SMALL, em * 1.1);
    let mut parts: Vec<[f64; 4]> = series
        .points
        .iter()
        .map(|one| rectangle(one, frame))
        .collect();
    let area = |[left, top, right, bottom]: &[f64; 4]| (right - left) * (bottom - top);
    parts.sort_by(|a, b| area(b).total_cmp(&area(a)));
    for [left, top, right, bottom] in parts.into_iter().take(3) {
        let lines = wrap(&series.name, small, right - left - em);
        let widest = lines
            .iter()
            .map(|one| width(one, small))
            .fold(0.0, f64::max);
        let high = lines.len() as f64 * line;
        if lines.len() > LINES || widest > right - left - em * 0.5 || high > bottom - top {
            continue;
        }
        let middle = f64::midpoint(left, right);
        let spare = bottom - top - high;
        let free = [0.5, 0.15, 0.85, 0.3, 0.7].map(|share| top + spare * share);
        let free = free
            .into_iter()
            .find(|y| taken.take([middle - widest / 2.0, *y, widest, high]));
        let Some(y) = free else {
            continue;
        };
        for (row, text) in lines.iter().enumerate() {
            let at = (middle, y + (row as f64 + 0.8) * line);
            let class = classes("region-name", number, series.own);
            drawing.text(at, TextAnchor::Middle, class, text);
        }
        return;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Axis, AxisScale, FigureKind, draw as laid_out, inner, table};

    fn map() -> Figure {
        let axis = |title: &str| Axis {
            title: title.to_owned(),
            scale: AxisScale::Linear {
                low: 0.0,
                high: 100.0,
            },
        };
        let at = |x, y, name: &str| ChartPoint {
            x,
            y,
            interval: Some((y - 4.0, y + 4.0)),
            across: Some((x - 2.0, x + 2.0)),
            n: Some(50),
            name: name.to_owned(),
            says: name.to_owned(),
            ..ChartPoint::default()
        };
        let part = |x: (f64, f64), y: (f64, f64)| ChartPoint {
            x: f64::midpoint(x.0, x.1),
            y: f64::midpoint(y.0, y.1),
            interval: Some(y),
            across: Some(x),
            ..ChartPoint::default()
        };
        let series = |name: &str, form, points| Series {
            name: name.to_owned(),
            own: true,
            source: "here".to_owned(),
            form,
            points,
        };
        let lost = part((0.0, 85.0), (0.0, 100.0));
        let kept = part((85.0, 100.0), (0.0, 100.0));
        Figure {
            id: "map".to_owned(),
            title: "Map".to_owned(),
            about: String::new(),
            kind: FigureKind::Map,
            x: axis("Needles"),
            y: axis("Hops"),
            series: vec![
                series("m", PointStyle::Plain, vec![at(40.0, 30.0, "m")]),
                series(
                    "m with a fix",
                    PointStyle::Arrow,
                    vec![at(40.0, 30.0, ""), at(90.0, 60.0, "fix")],
                ),
                series("draws", PointStyle::Cloud, vec![at(41.0, 29.0, "")]),
                series("extend", PointStyle::Region, vec![lost]),
                series("keep the model", PointStyle::Region, vec![kept]),
            ],
            guides: Vec::new(),
        }
    }

    #[test]
    fn marks_are_of_figures_and_regions_are_named_where_they_lie() {
        for width in [280.0, 720.0, 1600.0] {
            let view = ChartView {
                width,
                ..ChartView::default()
            };
            let drawing = laid_out(&map(), &view);
            let marks: Vec<(usize, usize)> = drawing
                .marks
                .iter()
                .map(|one| (one.series, one.point))
                .collect();
            assert_eq!(
                marks,
                [(0, 0), (1, 1)],
                "the cloud and the regions have none"
            );
            let picture = inner(&drawing);
            assert!(picture.contains("region s3") && picture.contains(">extend<"));
            assert!(picture.contains("cloud s2") && picture.contains("arrow s1"));
            assert!(!picture.contains("NaN"));
        }
    }

    #[test]
    fn the_table_has_intervals_both_ways_and_no_region() {
        let table = table(&map());
        assert_eq!(
            table.head,
            [
                "Series", "Name", "Needles", "Low", "High", "Hops", "Low", "High", "n", "Source"
            ]
        );
        assert_eq!(
            table.rows,
            [
                ["m", "m", "40", "38", "42", "30", "26", "34", "50", "here"],
                [
                    "m with a fix",
                    "fix",
                    "90",
                    "88",
                    "92",
                    "60",
                    "56",
                    "64",
                    "50",
                    "here"
                ],
            ]
        );
    }

    #[test]
    fn names_keep_clear_of_whiskers_and_of_guides() {
        let mut map = map();
        map.guides.push(crate::chart::GuideLine {
            name: "good models: 70".to_owned(),
            at: 70.0,
        });
        for width in [280.0, 720.0, 1600.0] {
            let view = ChartView {
                width,
                ..ChartView::default()
            };
            let (frame, _) = PlotFrame::begin(&map, &view, 0.0);
            let drawing = laid_out(&map, &view);
            let small = drawing.em * SMALL;
            let boxes = drawing.shapes.iter().filter_map(|shape| match shape {
                crate::chart::drawing::ChartShape::Text {
                    at,
                    anchor,
                    class,
                    text,
                    ..
                } if class.starts_with("name") || class == "guide-name" => {
                    let wide = super::width(text, small);
                    let left = match anchor {
                        TextAnchor::Start => at.0,
                        TextAnchor::Middle => at.0 - wide / 2.0,
                        TextAnchor::End => at.0 - wide,
                    };
                    Some([left, at.1 - small * 0.85, wide, small])
                }
                _ => None,
            });
            let boxes: Vec<[f64; 4]> = boxes.collect();
            assert!(boxes.len() >= 2, "{width}: {boxes:?}");
            let mut taken = OccupiedBoxes::default();
            for series in [&map.series[0], &map.series[1]] {
                for point in &series.points {
                    let place = (frame.at_x(point.x), frame.at_y(point.y));
                    for stroke in strokes(point, place, &frame) {
                        taken.keep(stroke);
                    }
                }
            }
            // A guide's name stands on top; points' names meet neither it nor a whisker.
            for one in boxes {
                assert!(taken.take(one), "{width}: {one:?}");
            }
        }
    }

    #[test]
    fn an_arrow_of_no_length_is_none() {
        assert_eq!(arrow((10.0, 10.0), (11.0, 10.0), 5.0), "");
        assert!(arrow((10.0, 10.0), (90.0, 10.0), 5.0).starts_with("M19.0 10.0L82.5 10.0"));
    }
}
