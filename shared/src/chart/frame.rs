//! The plane of a chart: margins, axes, grid, guides.

use super::drawing::{ChartView, Drawing, TextAnchor};
use super::labels::{BOLD, OccupiedBoxes, fit, width};
use super::{AxisScale, Figure, GuideLine};

/// The height of small labels, relative to the text's.
pub(super) const SMALL: f64 = 0.86;

/// The font size that a series' name is measured with: the user's own are bold and so wider.
pub(super) fn name_em(em: f64, own: bool) -> f64 {
    em * SMALL * if own { BOLD } else { 1.0 }
}

/// A plane between margins.
pub(super) struct PlotFrame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
    pub(super) x: AxisScale,
    pub(super) y: AxisScale,
}

impl PlotFrame {
    /// The plane of a figure with `after` pixels free to its right, and its axes drawn.
    pub(super) fn begin(figure: &Figure, view: &ChartView, after: f64) -> (Self, Drawing) {
        let em = view.em;
        let small = em * SMALL;
        let y = figure.y.scale.clone();
        let x = match view.range {
            Some((low, high)) => figure.x.scale.part(low, high),
            None => figure.x.scale.clone(),
        };
        let ticks = y.ticks(5);
        let widest = ticks.iter().map(|(_, name)| width(name, small));
        let widest = widest.fold(0.0, f64::max);
        let frame = Self {
            left: widest + em,
            // The y axis' title stands above it, where it can be read without a turned head.
            top: em * 2.0,
            right: view.width - after.max(em),
            bottom: view.height - em * 3.2,
            x,
            y,
        };
        let mut drawing = Drawing {
            width: view.width,
            height: view.height,
            em,
            ..Drawing::default()
        };
        frame.axes(figure, &ticks, em, &mut drawing);
        (frame, drawing)
    }

    /// The horizontal position of a value.
    pub(super) fn at_x(&self, value: f64) -> f64 {
        // What stands at the edge must not be cut in half.
        let inset = match self.x {
            AxisScale::Band(_) => 0.0,
            _ => ((self.right - self.left) * 0.03).min(16.0),
        };
        self.x.place(value, self.left + inset, self.right - inset)
    }

    /// The vertical position of a value.
    pub(super) fn at_y(&self, value: f64) -> f64 {
        self.y.place(value, self.bottom, self.top)
    }

    /// Whether a place across is shown.
    pub(super) fn holds(&self, value: f64) -> bool {
        match self.x {
            AxisScale::Linear { low, high } | AxisScale::Log2 { low, high } => {
                (low..=high).contains(&value)
            }
            AxisScale::Band(_) => true,
        }
    }

    fn axes(&self, figure: &Figure, ticks: &[(f64, String)], em: f64, drawing: &mut Drawing) {
        let (left, right) = (self.left, self.right);
        for (value, name) in ticks {
            let y = self.at_y(*value);
            let class = if *value == 0.0 { "grid zero" } else { "grid" };
            drawing.path(format!("M{left:.1} {y:.1}H{right:.1}"), class);
            let at = (left - em * 0.5, y + em * 0.3);
            drawing.text(at, TextAnchor::End, "tick", name);
        }
        let title = fit(&figure.y.title, em * SMALL, right);
        drawing.text((0.0, em), TextAnchor::Start, "title", title);
        let bottom = self.bottom;
        drawing.path(format!("M{left:.1} {bottom:.1}H{right:.1}"), "axis");
        self.named_places(figure, em, drawing);
        let at = ((left + right) / 2.0, bottom + em * 2.8);
        drawing.text(at, TextAnchor::Middle, "title", &figure.x.title);
    }

    /// The names below: of lengths those that were measured, as far as there is room.
    fn named_places(&self, figure: &Figure, em: f64, drawing: &mut Drawing) {
        let small = em * SMALL;
        let ticks: Vec<(f64, String)> = match &self.x {
            AxisScale::Log2 { .. } => {
                let places = figure.places().into_iter();
                let shown = places.filter(|place| self.holds(*place));
                shown.map(|place| (place, self.x.name(place))).collect()
            }
            scale => scale.ticks(6),
        };
        let mut taken = OccupiedBoxes::default();
        for (value, name) in ticks {
            let x = self.at_x(value);
            let room = match &self.x {
                AxisScale::Band(names) => {
                    (self.right - self.left) / names.len().max(1) as f64 - em * 0.4
                }
                _ => f64::INFINITY,
            };
            let name = fit(&name, small, room.max(em * 2.5));
            let wide = width(&name, small) + em * 0.5;
            if taken.take([x - wide / 2.0, 0.0, wide, 1.0]) {
                let bottom = self.bottom;
                drawing.path(format!("M{x:.1} {bottom:.1}v{:.1}", em * 0.3), "axis");
                let at = (x, bottom + em * 1.35);
                drawing.text(at, TextAnchor::Middle, "tick", name);
            }
        }
    }

    /// Lines to hold values against.
    pub(super) fn guides(&self, figure: &Figure, drawing: &mut Drawing) {
        for guide in &figure.guides {
            let y = self.at_y(guide.at);
            drawing.path(
                format!("M{:.1} {y:.1}H{:.1}", self.left, self.right),
                "guide",
            );
        }
    }

    /// Their names, on top of what else there is: at the end of the four, left or right, above
    /// or below, at which `met` counts the least. Gives the boxes that they take.
    pub(super) fn guide_names(
        &self,
        figure: &Figure,
        met: impl Fn([f64; 4]) -> usize,
        drawing: &mut Drawing,
    ) -> Vec<[f64; 4]> {
        let em = drawing.em;
        let (left, right, high) = (self.left + em * 0.3, self.right - em * 0.3, em * SMALL);
        let one = |guide: &GuideLine| {
            let name = fit(&guide.name, high, right - left);
            let (wide, y) = (width(&name, high), self.at_y(guide.at));
            let ends = [
                (TextAnchor::End, right, right - wide),
                (TextAnchor::Start, left, left),
            ];
            let lines = [y - em * 0.35, y + em * 1.05];
            let places = lines.into_iter().flat_map(|line| {
                ends.map(|(anchor, x, from)| {
                    let taken = [from, line - high * 0.9, wide, high * 1.1];
                    ((x, line), anchor, taken)
                })
            });
            let ((x, line), anchor, taken) = places.min_by_key(|(.., taken)| met(*taken))?;
            drawing.text((x, line), anchor, "guide-name", name);
            Some(taken)
        };
        figure.guides.iter().filter_map(one).collect()
    }
}
