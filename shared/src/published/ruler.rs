//! The main table of RULER's README: means over its 13 tasks, by context length.

use crate::numbers::number_and_unit;
use crate::stats::Interval;
use crate::stats::lengths::RULER_LENGTHS;
use crate::stats::wilson::wilson;
use crate::tokens::Tokens;

/// The source of the figures, and their date.
pub const SOURCE: &str = "NVIDIA/RULER README, commit c3f5e3b, as of 2026-07-22";

/// The lengths in the table.
pub const LENGTHS: [Tokens; 6] = RULER_LENGTHS;

/// Samples behind each mean by RULER's authors: 13 tasks with 500 samples each.
///
/// Source: Hsieh et al., arXiv 2404.06654, section 4.
pub const SAMPLES: u32 = 13 * 500;

const CSV: &str = include_str!("../../data/published/ruler_leaderboard.csv");

/// A line of the table.
#[derive(Clone, PartialEq, Debug)]
pub struct RulerTableLine {
    /// The model, without its size.
    pub model: &'static str,
    /// Whether the figures come from the model's own report instead of RULER's authors.
    pub reported_by_others: bool,
    /// Its parameters as in the table, active ones first; empty if the table has none.
    pub params: &'static str,
    /// The window its makers claim.
    pub claimed: Tokens,
    /// The effective length as in the table; empty in the threshold's own line.
    pub effective: &'static str,
    /// Percentages, in the order of [`LENGTHS`]; `None` where none is published.
    means: [Option<f64>; 6],
}

impl RulerTableLine {
    /// Model and size, which together identify a line.
    pub fn name(&self) -> String {
        match self.params {
            "" => self.model.to_owned(),
            params => format!("{} {params}", self.model),
        }
    }

    /// The mean of the 13 tasks at one of [`LENGTHS`], a fraction.
    pub fn share(&self, length: Tokens) -> Option<f64> {
        let at = LENGTHS.iter().position(|one| *one == length)?;
        self.means[at].map(|percent| percent / 100.0)
    }

    /// Samples behind each mean; `None` if others reported it and the table does not say.
    pub fn samples(&self) -> Option<u32> {
        (!self.reported_by_others).then_some(SAMPLES)
    }

    /// An **approximate** 95% interval of [`share`](Self::share): the table has none, and a mean of
    /// thirteen tasks alone does not determine one.
    ///
    /// # Formula
    /// Wilson's interval for 6,500 samples. Scores lie between 0 and 1, so their variance is at
    /// most `p (1 - p)`, and the variance of a mean of equal groups is at most that of a single
    /// group of all: for independent samples this interval tends to be too wide rather than too
    /// narrow. It does not include the effect of shared documents, other prompts or other engines.
    /// Figures reported by others have no known n, and so no interval.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::published::ruler::{LENGTHS, find};
    /// let line = find("Llama3.1 8B").unwrap();
    /// let interval = line.interval(LENGTHS[5]).unwrap();
    /// assert!(interval.low > 0.75 && interval.high < 0.79);
    /// ```
    pub fn interval(&self, length: Tokens) -> Option<Interval> {
        let n = self.samples()?;
        let hits = (self.share(length)? * f64::from(n)).round();
        wilson(hits as u32, n)
    }
}

/// The table in its own order: the threshold's line, then best average first.
pub fn board() -> Vec<RulerTableLine> {
    CSV.lines().skip(1).map(line).collect()
}

/// The line with this [name](RulerTableLine::name), however it is [spelled](super::same_name).
pub fn find(name: &str) -> Option<RulerTableLine> {
    let mut lines = CSV.lines().skip(1).map(line);
    lines.find(|line| super::same_name(&line.name(), name))
}

fn line(text: &'static str) -> RulerTableLine {
    let fields: Vec<&'static str> = text.split(',').collect();
    let field = |at: usize| fields.get(at).copied().unwrap_or_default();
    let mut means = [None; 6];
    for (at, mean) in means.iter_mut().enumerate() {
        *mean = field(5 + at).parse().ok();
    }
    RulerTableLine {
        model: field(0),
        reported_by_others: field(1) == "yes",
        params: field(2),
        claimed: window(field(3)).unwrap_or_default(),
        effective: field(4),
        means,
    }
}

/// Parses a window as in model cards: `128K` is 131,072, `1M` 1,048,576 tokens.
///
/// # Example
/// ```
/// use fathom_shared::{published::ruler::window, tokens::Tokens};
/// assert_eq!(["128k", "128 K", "131,072 tokens"].map(window), [Some(Tokens(131_072)); 3]);
/// assert_eq!(window("wide"), None);
/// ```
pub fn window(text: &str) -> Option<Tokens> {
    let (number, unit) = number_and_unit(text)?;
    let unit = match unit.strip_suffix("tokens").unwrap_or(&unit) {
        "" => 1.0,
        "k" => 1_024.0,
        "m" => 1_024.0 * 1_024.0,
        _ => return None,
    };
    let tokens = number * unit;
    let whole = tokens.fract() == 0.0 && tokens <= f64::from(u32::MAX);
    whole.then_some(Tokens(tokens as u32))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_is_whole_and_named_once() {
        let board = board();
        assert_eq!(board.len(), 45);
        let names: BTreeSet<String> = board.iter().map(RulerTableLine::name).collect();
        assert_eq!(names.len(), 45);
        for line in &board {
            assert!(line.claimed >= Tokens(4_096), "{}", line.model);
            assert!(line.share(LENGTHS[0]).is_some(), "{}", line.model);
            assert_eq!(line.interval(LENGTHS[0]).is_none(), line.reported_by_others);
        }
    }

    #[test]
    fn the_threshold_is_llama_2_at_4k() {
        let line = &board()[0];
        let percent = line.share(LENGTHS[0]).map(|share| share * 100.0);
        assert_eq!(percent, Some(crate::stats::lengths::RULER_THRESHOLD));
        assert_eq!(line.share(LENGTHS[1]), None);
    }

    #[test]
    fn sizes_tell_models_of_one_name_apart() {
        assert_eq!(find("llama3.1 70b").map(|line| line.effective), Some("64K"));
        assert_eq!(find("Llama3.1 8B").map(|line| line.effective), Some("32K"));
        assert_eq!(find("Llama3.1"), None);
    }
}
