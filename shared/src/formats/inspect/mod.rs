//! Inspect's logs: `.eval`, a zip archive with one JSON member for each sample, or one JSON file.
//!
//! Checked against inspect_ai 0.3.285, both ways. Version 3, in which the members of a sample are
//! chunks, is read as its converter of July 2026 writes it; no release does yet. Fields of RULER's
//! rows that Inspect lacks are kept in each sample's `metadata.fathom`.

mod read; // reads Inspect logs
mod sample; // one sample of a log
mod write; // writes Inspect logs

pub use read::{is_log, read, read_within};
pub use write::write;

#[cfg(test)]
mod json_tests; // tests of logs as JSON
#[cfg(test)]
mod limit_tests; // tests of logs that are too large
#[cfg(test)]
mod tests;
