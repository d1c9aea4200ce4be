//! Charts as plain data: what is shown, where it lies, and the words for who cannot see it.
//!
//! ```text
//! Figure --draw(View)--> Drawing (shapes, marks) --svg--> page, export, report
//!        --table-------> rows of text ---------csv------> export
//! ```
//!
//! It knows nothing of runs and nothing of a page. Colours are classes; `chart.css` gives them for
//! the page and for the exported file alike.

mod bars;
mod drawing;
mod figure;
mod frame;
mod glyph;
mod heat;
mod labels;
mod lines;
mod radar;
mod scale;
mod scatter;
mod slope;
mod svg;
mod table;
mod walk;

pub use drawing::{Anchor, Drawing, Mark, Shape, View, draw};
pub use figure::{Axis, Figure, Form, Guide, Kind, Point, Series};
pub use glyph::{GLYPHS, key};
pub use scale::{Scale, length_name};
pub use svg::{STYLE, escape, inner, standalone};
pub use table::{Table, csv, table};
pub use walk::{Way, step};

#[cfg(test)]
mod tests;
