//! RULER by category, which its main table lacks: for some models, a few also with STRING.

use super::ruler::window;
use super::same_name;
use crate::tokens::Tokens;

/// The source of the figures at 128K and of those with STRING.
pub const STRING_PAPER: &str = "arXiv 2410.18745, read in a public copy";
/// The source of Gemini-1.5-pro's figures.
pub const RULER_ISSUE: &str = "NVIDIA/RULER, issue 10";

const CSV: &str = include_str!("../../data/published/ruler_by_category.csv");

/// A line: one model at one length, in percent.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CategoryLine {
    /// The model.
    pub model: &'static str,
    /// Whether STRING was switched on: changed positions, no training.
    pub string: bool,
    /// Prompt and answer together.
    pub length: Tokens,
    /// The mean of the eight needle tasks.
    pub needles: f64,
    /// Variable tracking.
    pub multi_hop: f64,
    /// Counting words.
    pub aggregation: f64,
    /// Questions about documents.
    pub question_answering: f64,
    /// The mean of all thirteen tasks.
    pub mean: f64,
    /// The source.
    pub source: &'static str,
}

/// Every line of a model, however its name is spelled.
///
/// # Example
/// ```
/// use fathom_shared::published::categories::find;
/// let lines = find("Llama-3.1-70B-Instruct");
/// let hops: Vec<f64> = lines.iter().map(|line| line.multi_hop).collect();
/// assert_eq!(hops, [59.2, 95.6]); // without and with STRING
/// ```
pub fn find(name: &str) -> Vec<CategoryLine> {
    let lines = board().into_iter();
    lines.filter(|line| same_name(line.model, name)).collect()
}

/// Every line, in the order of the table.
pub fn board() -> Vec<CategoryLine> {
    CSV.lines().skip(1).filter_map(line).collect()
}

fn line(text: &'static str) -> Option<CategoryLine> {
    let fields: Vec<&'static str> = text.split(',').collect();
    let [
        model,
        length,
        needles,
        hop,
        counted,
        answers,
        mean,
        source,
        ..,
    ] = fields[..]
    else {
        return None;
    };
    let (model, string) = match model.split_once(" + STRING") {
        Some((model, _)) => (model, true),
        None => (model, false),
    };
    let source = match source.starts_with("arXiv") {
        true => STRING_PAPER,
        false => RULER_ISSUE,
    };
    Some(CategoryLine {
        model,
        string,
        length: window(length)?,
        needles: needles.parse().ok()?,
        multi_hop: hop.parse().ok()?,
        aggregation: counted.parse().ok()?,
        question_answering: answers.parse().ok()?,
        mean: mean.parse().ok()?,
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_its_mean_is_that_of_its_parts() {
        let lines: Vec<CategoryLine> = CSV.lines().skip(1).filter_map(line).collect();
        assert_eq!(lines.len(), CSV.lines().count() - 1);
        for one in lines {
            let pairs = 2.0 * (one.aggregation + one.question_answering);
            let mean = (8.0 * one.needles + one.multi_hop + pairs) / 13.0;
            assert!((mean - one.mean).abs() < 0.15, "{one:?}: {mean:.2}");
        }
    }
}
