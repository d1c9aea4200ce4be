//! Inspect's `.eval` logs: a zip archive with one JSON member for each sample.
//!
//! Checked against inspect_ai 0.3.285, both ways. What RULER's rows have and Inspect has not is
//! kept in each sample's `metadata.fathom`.

mod read;
mod sample;
mod write;

pub use read::{read, read_within};
pub use write::write;

#[cfg(test)]
mod tests;
