//! Means by context length, put into one number: RULER's weighted averages and effective length.

use serde::{Deserialize, Serialize};

use crate::tokens::Tokens;

/// RULER's threshold: what Llama-2-7B-chat reaches at 4,096 tokens, in percent.
pub const RULER_THRESHOLD: f64 = 85.6;

/// Which lengths weigh more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// The longer the more: RULER's wAvg (inc).
    Increasing,
    /// The shorter the more: RULER's wAvg (dec).
    Decreasing,
}

/// The weights of `n` lengths, shortest first; they add up to 1.
///
/// # Formula
/// `rank / (n (n + 1) / 2)`, the rank counted from the shortest (inc) or the longest (dec).
/// Source: Hsieh et al., arXiv 2404.06654, section 4. Golden: `shared/data/published/ruler_leaderboard.csv`.
pub fn weights(weighting: Weighting, n: usize) -> Vec<f64> {
    let sum = (n * (n + 1) / 2) as f64;
    let rank = |at: usize| match weighting {
        Weighting::Increasing => at + 1,
        Weighting::Decreasing => n - at,
    };
    (0..n).map(|at| rank(at) as f64 / sum).collect()
}

/// The weighted average of `means`, shortest length first; nothing for none.
pub fn weighted_average(weighting: Weighting, means: &[f64]) -> Option<f64> {
    let weighted = weights(weighting, means.len());
    let sum = weighted
        .iter()
        .zip(means)
        .map(|(weight, mean)| weight * mean);
    (!means.is_empty()).then(|| sum.sum())
}

/// How far a model can read.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct EffectiveLength {
    /// The longest length whose own mean reaches the threshold; nothing where none does.
    pub length: Option<Tokens>,
    /// Shorter lengths that do not reach it, which the longest one hides.
    pub failed_below: Vec<Tokens>,
    /// Whether it is the longest length measured: the true one may be longer.
    pub at_the_end: bool,
}

/// The effective length: the longest length whose own mean is at least `threshold`, in the unit
/// of the means. Means are compared as they are, not as they are printed.
///
/// RULER's table follows this rule wherever its authors measured themselves; five rows reported
/// by others name a length one step longer. A shorter length that falls short does not end the
/// search but is told.
pub fn effective_length(by_length: &[(Tokens, f64)], threshold: f64) -> EffectiveLength {
    let passed = by_length.iter().filter(|(_, mean)| *mean >= threshold);
    let length = passed.map(|(length, _)| *length).max();
    let below = |at: Tokens| length.is_some_and(|length| at < length);
    let mut failed_below: Vec<Tokens> = by_length
        .iter()
        .filter(|(at, mean)| below(*at) && *mean < threshold)
        .map(|(at, _)| *at)
        .collect();
    failed_below.sort_unstable();
    let longest = by_length.iter().map(|(at, _)| *at).max();
    EffectiveLength {
        length,
        failed_below,
        at_the_end: length.is_some() && length == longest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_follow_the_rank() {
        assert_eq!(
            weights(Weighting::Increasing, 3),
            [1.0 / 6.0, 2.0 / 6.0, 0.5]
        );
        assert_eq!(
            weights(Weighting::Decreasing, 3),
            [0.5, 2.0 / 6.0, 1.0 / 6.0]
        );
        assert_eq!(weighted_average(Weighting::Increasing, &[]), None);
        assert_eq!(weighted_average(Weighting::Decreasing, &[7.0]), Some(7.0));
    }

    #[test]
    fn a_gap_below_is_told() {
        let means = [
            (Tokens(16384), 90.0),
            (Tokens(4096), 95.0),
            (Tokens(8192), 80.0),
            (Tokens(32768), 10.0),
        ];
        let effective = effective_length(&means, 85.6);
        assert_eq!(effective.length, Some(Tokens(16384)));
        assert_eq!(effective.failed_below, [Tokens(8192)]);
        assert!(!effective.at_the_end);
        let none = effective_length(&means, 99.0);
        assert_eq!((none.length, none.at_the_end), (None, false));
        assert!(none.failed_below.is_empty());
    }

    /// RULER's own table: every average it prints, and every effective length that its authors
    /// measured themselves.
    #[test]
    fn the_leaderboard_follows_these_rules() {
        let table = include_str!("../../data/published/ruler_leaderboard.csv");
        let lengths = [4096, 8192, 16384, 32768, 65536, 131_072].map(Tokens);
        let (mut averages, mut longer) = (0, Vec::new());
        for line in table.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let means: Vec<f64> = cells[5..11]
                .iter()
                .filter_map(|cell| cell.parse().ok())
                .collect();
            for (cell, weighting) in [(12, Weighting::Increasing), (13, Weighting::Decreasing)] {
                if let Ok(printed) = cells[cell].parse::<f64>() {
                    let ours = weighted_average(weighting, &means).unwrap();
                    // Both the means and the averages are printed with one decimal.
                    assert!((ours - printed).abs() < 0.1, "{line}: {ours}");
                    averages += 1;
                }
            }
            let by_length: Vec<(Tokens, f64)> = lengths.into_iter().zip(means).collect();
            let effective = effective_length(&by_length, RULER_THRESHOLD);
            assert!(effective.failed_below.is_empty(), "{line}");
            let printed = cells[4].to_uppercase();
            let ours = match effective.length {
                None => "<4K".to_owned(),
                Some(Tokens(131_072)) => ">128K".to_owned(),
                Some(Tokens(length)) => format!("{}K", length / 1024),
            };
            match (printed.as_str(), cells[1]) {
                // The threshold's own row names no length.
                ("", _) => assert_eq!(ours, "4K"),
                (printed, "yes") if printed != ours => longer.push(cells[0]),
                (printed, _) => assert_eq!(printed, ours, "{line}"),
            }
        }
        assert_eq!(averages, 68);
        let expected = [
            "Qwen3-14B",
            "Qwen2.5-7B-Instruct-1M",
            "Qwen3-8B",
            "Qwen3-4B",
            "EXAONE-4.0-1.2B",
        ];
        assert_eq!(longer, expected);
    }
}
