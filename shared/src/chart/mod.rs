//! Charts as plain data: what is shown, where it lies, and a description for those who cannot see it.
//!
//! ```text
//! Figure --draw(View)--> Drawing (shapes, marks) --svg--> page, export, report
//!        --table-------> rows of text ---------csv------> export
//! ```
//!
//! It knows nothing of runs or of the page. Colours are CSS classes; `chart.css` defines them for
//! the page and for the exported file alike.

mod bars; // horizontal bars in groups
mod drawing; // a figure laid out as shapes
mod figure; // what a chart shows
mod forest; // differences with their intervals, a row each
mod frame; // margins, axes and grid of a chart
mod glyph; // eight marker shapes, so that series differ by more than colour
mod heat; // heat maps
mod labels; // text widths and label placement
mod layout; // lays a figure out as a drawing
mod lines; // line charts over lengths or steps
mod map; // maps: points in a plane of shaded regions
mod radar; // radar charts
mod scale; // axis scales
mod scatter; // scatter plots, labelled where there is room
mod slope; // slope charts: two columns joined by lines
mod svg; // renders shapes as SVG
mod table; // a chart's figures as a table
mod walk; // keyboard navigation between marks

pub use drawing::{ChartMark, ChartShape, ChartView, Drawing, TextAnchor};
pub use figure::{Axis, ChartPoint, Figure, FigureKind, GuideLine, PointStyle, Series};
pub use glyph::{GLYPHS, key, key_of};
pub use layout::draw;
pub use scale::{AxisScale, length_name};
pub use svg::{STYLE, escape, inner, standalone};
pub use table::{FigureTable, csv, table};
pub use walk::{KeyDirection, step};

#[cfg(test)]
mod tests;
