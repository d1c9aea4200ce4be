//! What a chart shows.

use super::AxisScale;

/// A chart: its words, its axes and its series.
#[derive(Clone, PartialEq, Debug)]
pub struct Figure {
    /// The stem of its files' names: `ruler-by-length`.
    pub id: String,
    /// What it shows, in a line.
    pub title: String,
    /// What it means and how it was reckoned, for who reads instead of looking.
    pub about: String,
    /// How it is drawn.
    pub kind: FigureKind,
    /// Where points lie: lengths, groups, columns.
    pub x: Axis,
    /// What they come to. Of [`FigureKind::Heat`] the rows, one for each series.
    pub y: Axis,
    /// In the order of the legend.
    pub series: Vec<Series>,
    /// Lines to hold values against.
    pub guides: Vec<GuideLine>,
}

/// How a chart is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FigureKind {
    /// Lines over lengths or over steps, with the band of their intervals.
    Lines,
    /// Horizontal bars in groups, with whiskers.
    Bars,
    /// Differences with their intervals, a row for each point, a group for each series; what lies
    /// between the first guide and the last is shaded.
    Forest,
    /// Squares: a row for each series, a column for each name on the x axis.
    Heat,
    /// A spoke for each name on the x axis.
    Radar,
    /// Two columns and a line from the one to the other.
    Slope,
    /// Points in the plane, named.
    Scatter,
}

/// An axis.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    /// What is measured, with its unit.
    pub title: String,
    /// Where values lie.
    pub scale: AxisScale,
}

/// Points that belong together.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    /// Its name in legend and table.
    pub name: String,
    /// Whether it was measured here; what others published looks otherwise.
    pub own: bool,
    /// Where its figures come from.
    pub source: String,
    /// How its points are drawn.
    pub form: PointStyle,
    /// By ascending x.
    pub points: Vec<ChartPoint>,
}

/// How points are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PointStyle {
    /// As the chart's kind has it.
    #[default]
    Plain,
    /// Of bars: as a stroke that other bars are held against.
    Reference,
}

/// One figure of a chart.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ChartPoint {
    /// Its place on the x axis; of names, their number.
    pub x: f64,
    /// Its value.
    pub y: f64,
    /// The interval of the value, where there is one.
    pub interval: Option<(f64, f64)>,
    /// Samples behind it, where that is known.
    pub n: Option<u32>,
    /// What stands at the mark itself; empty for the value alone.
    pub name: String,
    /// The whole truth about it in words, for tooltip, reader and table.
    pub says: String,
    /// Where the samples behind it are shown.
    pub href: Option<String>,
}

/// A line across, at a value of the y axis.
#[derive(Clone, PartialEq, Debug)]
pub struct GuideLine {
    /// The value.
    pub at: f64,
    /// What it is.
    pub name: String,
}

impl Figure {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.series.iter().all(|series| series.points.is_empty())
    }

    /// The places on the x axis at which any point lies, ascending.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::chart::{Axis, Figure, PointStyle, FigureKind, ChartPoint, AxisScale, Series};
    /// let at = |x| ChartPoint { x, ..ChartPoint::default() };
    /// let axis = || Axis { title: String::new(), scale: AxisScale::Linear { low: 0.0, high: 1.0 } };
    /// let figure = Figure {
    ///     id: String::new(), title: String::new(), about: String::new(), kind: FigureKind::Lines,
    ///     x: axis(), y: axis(), guides: vec![],
    ///     series: vec![Series { name: String::new(), own: true, source: String::new(),
    ///         form: PointStyle::Plain, points: vec![at(2.0), at(1.0), at(2.0)] }],
    /// };
    /// assert_eq!(figure.places(), [1.0, 2.0]);
    /// ```
    pub fn places(&self) -> Vec<f64> {
        let points = self.series.iter().flat_map(|series| &series.points);
        let mut places: Vec<f64> = points.map(|point| point.x).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        places
    }
}
