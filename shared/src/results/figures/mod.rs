//! Results as charts, with their descriptions; page and report show the same.
//!
//! ```text
//! means, gaps, depths, shares (with whose they are) --figures--> chart::Figure
//! ```

mod depth; // scores by depth in the text
mod gap; // the gap between finding a needle and following references or counting
mod lengths; // RULER scores by length, own and published
mod losses; // describes in words what checkpoints lost
mod questions; // LongBench v2 scores by group
mod reported; // figures that others report

pub use depth::depth;
pub use gap::{gap, told};
pub use lengths::{LengthMean, lengths};
pub use losses::{basis, verdict};
pub use questions::{GroupAccuracy, published_point, questions};
pub use reported::{reported_by_length, reported_overall};

use super::{ResultOrigin, ResultSetInfo};
use crate::chart::{Axis, AxisScale, ChartPoint, PointStyle, Series};
use crate::stats::{Interval, Summary};

/// The owner of figures: a set, or a published source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FigureOwner {
    /// The name shown to readers.
    pub name: String,
    /// The source of the figures.
    pub source: String,
    /// The page of the run behind them.
    pub href: Option<String>,
}

impl FigureOwner {
    /// The owner of a set's figures, from the set's description.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::results::{ResultSetInfo, ResultOrigin, figures::FigureOwner};
    /// let origin = ResultOrigin::Run { id: 3, engine: "wgpu".into(), created_ms: 0, window: None };
    /// let whose = FigureOwner::of(&ResultSetInfo { name: "run 3".into(), model: "m".into(), origin });
    /// assert_eq!((&*whose.name, &*whose.source), ("m, run 3", "run 3 by wgpu"));
    /// assert_eq!(whose.href.as_deref(), Some("/runs/3"));
    /// ```
    pub fn of(about: &ResultSetInfo) -> Self {
        let name = match about.model.as_str() {
            "" => about.name.clone(),
            model if about.name == model => model.to_owned(),
            model => format!("{model}, {}", about.name),
        };
        let source = match &about.origin {
            ResultOrigin::Run { id, engine, .. } => format!("run {id} by {engine}"),
            ResultOrigin::PageRun { id, engine, .. } => {
                format!("run page-{id} by {engine} in a browser")
            }
            ResultOrigin::File { format } => format!("{format}, a file"),
            ResultOrigin::Page => "asked in the page".to_owned(),
        };
        Self {
            name,
            source,
            href: about.origin.href(),
        }
    }

    /// A series of its points with a name.
    pub fn series(&self, name: String, points: Vec<ChartPoint>) -> Series {
        Series {
            name,
            own: true,
            source: self.source.clone(),
            form: PointStyle::Plain,
            points,
        }
    }

    /// A mean as a point, described by `what`; `None` without answers.
    pub fn point(&self, x: f64, sum: &Summary, what: &str) -> Option<ChartPoint> {
        Some(ChartPoint {
            x,
            y: sum.mean? * 100.0,
            interval: percents(sum.interval),
            across: None,
            n: Some(sum.n),
            name: String::new(),
            says: format!("{what}: {sum}."),
            href: self.href.clone(),
        })
    }
}

/// A series of published points.
pub fn published(name: String, source: &str, form: PointStyle, points: Vec<ChartPoint>) -> Series {
    Series {
        name,
        own: false,
        source: source.to_owned(),
        form,
        points,
    }
}

/// An interval of a share, in percent.
pub fn percents(interval: Option<Interval>) -> Option<(f64, f64)> {
    interval.map(|interval| (interval.low * 100.0, interval.high * 100.0))
}

/// An axis of percentages from `low` to 100.
pub fn percent_axis(title: &str, low: f64) -> Axis {
    Axis {
        title: title.to_owned(),
        scale: AxisScale::Linear { low, high: 100.0 },
    }
}

/// An axis of names.
pub fn name_axis(title: &str, names: Vec<String>) -> Axis {
    Axis {
        title: title.to_owned(),
        scale: AxisScale::Band(names),
    }
}

/// An axis of lengths that spans the points of `series`.
pub fn length_axis(series: &[Series]) -> Axis {
    let points = series.iter().flat_map(|series| &series.points);
    let places: Vec<f64> = points.map(|point| point.x).collect();
    let low = places.iter().copied().fold(f64::INFINITY, f64::min);
    let high = places.iter().copied().fold(0.0, f64::max);
    let (low, high) = if high > 0.0 { (low, high) } else { (1.0, 2.0) };
    Axis {
        title: "Context length in tokens".to_owned(),
        scale: AxisScale::Log2 { low, high },
    }
}

/// The lower end of a percentage axis: the lowest value, rounded down to a multiple of ten; 0 if
/// that would save little space.
pub fn floor(series: &[Series]) -> f64 {
    let points = series.iter().flat_map(|series| &series.points);
    let lows = points.map(|point| point.interval.map_or(point.y, |(low, _)| low.min(point.y)));
    let lowest = lows.fold(100.0, f64::min);
    match (lowest / 10.0).floor() * 10.0 {
        low if low < 40.0 => 0.0,
        low => low.min(80.0),
    }
}
