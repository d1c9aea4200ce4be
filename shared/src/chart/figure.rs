//! What a chart shows.

use serde::{Deserialize, Serialize};

use super::AxisScale;

/// A chart: its words, its axes and its series.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Figure {
    /// The stem of its files' names: `ruler-by-length`.
    pub id: String,
    /// What it shows, in a line.
    pub title: String,
    /// What it means and how it was computed, for those who read instead of looking.
    pub about: String,
    /// How it is drawn.
    pub kind: FigureKind,
    /// The x axis: lengths, groups or columns.
    pub x: Axis,
    /// The y axis, the values. For [`FigureKind::Heat`] the rows, one for each series.
    pub y: Axis,
    /// In the order of the legend.
    pub series: Vec<Series>,
    /// Reference lines to compare values with.
    pub guides: Vec<GuideLine>,
}

/// How a chart is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureKind {
    /// Lines over lengths or over steps, with the band of their intervals.
    #[default]
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
    /// The same over shaded regions, with a cloud and with arrows; both axes have the same scale,
    /// and guides go across and down.
    Map,
}

/// An axis.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Axis {
    /// What is measured, with its unit.
    pub title: String,
    /// Where values lie.
    pub scale: AxisScale,
}

/// Points that belong together.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Series {
    /// Its name in legend and table.
    pub name: String,
    /// Whether it was measured here; published figures look different.
    pub own: bool,
    /// Where its figures come from.
    pub source: String,
    /// How its points are drawn.
    pub form: PointStyle,
    /// By ascending x.
    pub points: Vec<ChartPoint>,
}

/// How points are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointStyle {
    /// As the chart's kind has it.
    #[default]
    Plain,
    /// Of bars: as a stroke that other bars are held against.
    Reference,
    /// Of a map: each point is a shaded rectangle, as wide and as high as its intervals.
    Region,
    /// Of a map: many small points without tooltips.
    Cloud,
    /// Of a map: from the first point to the last; those with words are marked.
    Arrow,
}

/// One figure of a chart.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChartPoint {
    /// Its place on the x axis; of names, their number.
    pub x: f64,
    /// Its value.
    pub y: f64,
    /// The interval of the value, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
    /// The interval on the x axis, of a map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub across: Option<(f64, f64)>,
    /// Samples behind it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
    /// What stands at the mark itself; empty for the value alone.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Everything about it in words, for tooltip, screen reader and table.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub says: String,
    /// Where the samples behind it are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
}

/// A line across, at a value of the y axis.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct GuideLine {
    /// The value.
    pub at: f64,
    /// What it is.
    pub name: String,
}

impl PointStyle {
    /// Whether its points are figures to list in a table and to point at.
    pub fn is_told(self) -> bool {
        !matches!(self, Self::Region | Self::Cloud)
    }

    /// Whether a point of it is such a figure: the other end of an arrow is another series'.
    pub(super) fn marks(self, point: &ChartPoint) -> bool {
        self.is_told() && (self != Self::Arrow || !point.says.is_empty())
    }
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
