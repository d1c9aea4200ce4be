//! A figure laid out: shapes, and the places of its marks.

/// How a figure is looked at.
#[derive(Clone, PartialEq, Debug)]
pub struct ChartView {
    /// Room across, in pixels.
    pub width: f64,
    /// The height of text (1em), in pixels.
    pub em: f64,
    /// Height, in pixels; ignored by charts whose height follows from their content.
    pub height: f64,
    /// Series that are left out, by number.
    pub hidden: Vec<usize>,
    /// The part of the x axis that is shown; all of it without.
    pub range: Option<(f64, f64)>,
}

/// Shapes in drawing order, and marks in the figure's order.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Drawing {
    /// Across, in pixels.
    pub width: f64,
    /// Down.
    pub height: f64,
    /// The height of text.
    pub em: f64,
    /// Back to front.
    pub shapes: Vec<ChartShape>,
    /// What can be pointed at.
    pub marks: Vec<ChartMark>,
}

/// One shape; its class says how it looks.
#[derive(Clone, PartialEq, Debug)]
pub enum ChartShape {
    /// A path.
    Path {
        /// The path, as SVG writes it.
        d: String,
        /// Its classes.
        class: String,
    },
    /// A rectangle; with `share` as coloured as that, from 0 to 1.
    Rect {
        /// Left, top, width, height.
        at: [f64; 4],
        /// Its classes.
        class: String,
        /// How far on the scale of colours.
        share: Option<f64>,
    },
    /// Words.
    Text {
        /// Where they are anchored, on their base line.
        at: (f64, f64),
        /// Which end.
        anchor: TextAnchor,
        /// Its classes.
        class: String,
        /// The words.
        text: String,
    },
}

/// Which end of a text stands at its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextAnchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// A place that can be pointed at.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ChartMark {
    /// The series, by number.
    pub series: usize,
    /// The point of it.
    pub point: usize,
    /// The middle, across.
    pub x: f64,
    /// The middle, down.
    pub y: f64,
    /// Half of its width and height.
    pub half: (f64, f64),
}

impl Default for ChartView {
    fn default() -> Self {
        Self {
            width: 720.0,
            em: 14.0,
            height: 380.0,
            hidden: Vec::new(),
            range: None,
        }
    }
}

impl ChartView {
    pub(super) fn shows(&self, series: usize) -> bool {
        !self.hidden.contains(&series)
    }
}

impl Drawing {
    pub(super) fn path(&mut self, d: impl Into<String>, class: impl Into<String>) {
        let (d, class) = (d.into(), class.into());
        self.shapes.push(ChartShape::Path { d, class });
    }

    pub(super) fn rect(&mut self, at: [f64; 4], class: impl Into<String>) {
        self.shapes.push(ChartShape::Rect {
            at,
            class: class.into(),
            share: None,
        });
    }

    pub(super) fn text(
        &mut self,
        at: (f64, f64),
        anchor: TextAnchor,
        class: impl Into<String>,
        text: impl Into<String>,
    ) {
        self.shapes.push(ChartShape::Text {
            at,
            anchor,
            class: class.into(),
            text: text.into(),
        });
    }

    pub(super) fn mark(
        &mut self,
        series: usize,
        point: usize,
        (x, y): (f64, f64),
        half: (f64, f64),
    ) {
        self.marks.push(ChartMark {
            series,
            point,
            x,
            y,
            half,
        });
    }

    /// The nearest mark whose extent, enlarged by `reach`, contains a place.
    pub fn nearest(&self, x: f64, y: f64, reach: f64) -> Option<usize> {
        let far = |mark: &ChartMark| {
            let across = ((x - mark.x).abs() - mark.half.0).max(0.0);
            let down = ((y - mark.y).abs() - mark.half.1).max(0.0);
            across.hypot(down)
        };
        let all = self.marks.iter().enumerate();
        let near = all.map(|(at, mark)| (at, far(mark)));
        let near = near.filter(|(_, far)| *far <= reach);
        // Of several at the same place the one drawn last, which is on top.
        let nearest = near.reduce(|best, next| if next.1 <= best.1 { next } else { best });
        nearest.map(|(at, _)| at)
    }
}
