//! Charts as plain data: what is shown, where it lies, and the words for who cannot see it.
//!
//! ```text
//! Figure --draw(View)--> Drawing (shapes, marks) --svg--> page, export, report
//!        --table-------> rows of text ---------csv------> export
//! ```
//!
//! It knows nothing of runs and nothing of a page. Colours are classes; `chart.css` gives them for
//! the page and for the exported file alike.

mod bars; // horizontal bars in groups
mod drawing; // a figure laid out
mod figure; // what a chart shows
mod forest; // differences with their intervals, a row each
mod frame; // the plane of a chart
mod glyph; // marks of eight forms, so that colour is never alone
mod heat; // squares
mod labels; // how wide words are
mod lines; // lines over lengths or steps
mod radar; // a spoke for each name
mod scale; // from values to places
mod scatter; // points in the plane, named where there is room
mod slope; // two columns and a line from the one to the other
mod svg; // shapes as SVG: inside the page's own element
mod table; // the same figures as a table
mod walk; // where a key leads from a mark

pub use drawing::{ChartMark, ChartShape, ChartView, Drawing, TextAnchor, draw};
pub use figure::{Axis, ChartPoint, Figure, FigureKind, GuideLine, PointStyle, Series};
pub use glyph::{GLYPHS, key};
pub use scale::{AxisScale, length_name};
pub use svg::{STYLE, escape, inner, standalone};
pub use table::{FigureTable, csv, table};
pub use walk::{KeyDirection, step};

#[cfg(test)]
mod tests;
