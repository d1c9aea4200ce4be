//! Combines means by context length into one number: RULER's weighted averages and effective
//! length.

use serde::{Deserialize, Serialize};

use crate::chart::length_name;
use crate::tokens::Tokens;

/// RULER's threshold, in percent: the score of Llama-2-7B-chat at 4,096 tokens.
pub const RULER_THRESHOLD: f64 = 85.6;

/// Which lengths weigh more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LengthWeighting {
    /// Longer lengths weigh more: RULER's wAvg (inc).
    Increasing,
    /// Shorter lengths weigh more: RULER's wAvg (dec).
    Decreasing,
}

/// The weights of `n` lengths, shortest first; they add up to 1.
///
/// # Formula
/// `rank / (n (n + 1) / 2)`, the rank counted from the shortest (inc) or the longest (dec).
/// Source: Hsieh et al., arXiv 2404.06654, section 4. Golden: `shared/data/published/ruler_leaderboard.csv`.
pub fn weights(weighting: LengthWeighting, n: usize) -> Vec<f64> {
    let sum = (n * (n + 1) / 2) as f64;
    let rank = |at: usize| match weighting {
        LengthWeighting::Increasing => at + 1,
        LengthWeighting::Decreasing => n - at,
    };
    (0..n).map(|at| rank(at) as f64 / sum).collect()
}

/// The weighted average of `means`, shortest length first; `None` if there are none.
pub fn weighted_average(weighting: LengthWeighting, means: &[f64]) -> Option<f64> {
    let weighted = weights(weighting, means.len());
    let sum = weighted
        .iter()
        .zip(means)
        .map(|(weight, mean)| weight * mean);
    (!means.is_empty()).then(|| sum.sum())
}

/// A mean at a length, in the unit of the threshold.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MeanAtLength {
    /// Prompt and answer together.
    pub length: Tokens,
    /// The mean of the tasks there.
    pub mean: f64,
    /// The ends of its interval, if there is one.
    pub ends: Option<(f64, f64)>,
    /// How many of RULER's tasks it covers.
    pub tasks: usize,
}

/// How many tasks RULER's own means cover.
pub const RULER_TASKS: usize = 13;

/// RULER's own lengths. An effective length takes each shorter one for granted that was not
/// measured.
pub const RULER_LENGTHS: [Tokens; 6] = [
    Tokens(4_096),
    Tokens(8_192),
    Tokens(16_384),
    Tokens(32_768),
    Tokens(65_536),
    Tokens(131_072),
];

/// The effective length of a model.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct EffectiveLength {
    /// The longest length whose mean reaches the threshold, if any.
    pub length: Option<Tokens>,
    /// The longest length whose whole interval reaches the threshold: certain up to here.
    pub surely: Option<Tokens>,
    /// The longest length where any part of the interval reaches the threshold: possible up to
    /// here.
    pub possibly: Option<Tokens>,
    /// Shorter lengths that do not reach the threshold, although a longer one does.
    pub failed_below: Vec<Tokens>,
    /// RULER's lengths below the longest one named here that were not measured.
    #[serde(default)]
    pub unmeasured_below: Vec<Tokens>,
    /// Whether it is the longest length measured: the true one may be longer.
    pub at_the_end: bool,
    /// The shortest and the longest length measured.
    pub measured: Option<(Tokens, Tokens)>,
    /// The fewest tasks at any of these lengths: with fewer than RULER's 13, the figure is not
    /// RULER's.
    pub tasks: usize,
}

impl EffectiveLength {
    /// The figure in words, without the threshold: `16K tokens by the mean; surely 4K, possibly
    /// 32K or more`. Says at which shorter lengths it was not reached or not measured, and if it
    /// covers fewer than RULER's 13 tasks.
    pub fn words(&self) -> String {
        let Some((first, longest)) = self.measured else {
            return "not measured".to_owned();
        };
        let name = |length: Tokens| length_name(f64::from(length.0));
        let shortest = name(first);
        let mut text = match (self.length, self.surely, self.possibly) {
            (None, _, None) => format!("less than {shortest} tokens"),
            (None, _, Some(possibly)) => {
                format!(
                    "less than {shortest} tokens by the mean, possibly {}",
                    name(possibly)
                )
            }
            (Some(at), Some(surely), Some(possibly)) if surely == at && possibly == at => {
                format!("{} tokens", name(at))
            }
            (Some(at), surely, possibly) => {
                let surely = surely.map_or_else(
                    || "not sure at any length".to_owned(),
                    |surely| format!("surely {}", name(surely)),
                );
                let (at, possibly) = (name(at), name(possibly.unwrap_or(at)));
                format!("{at} tokens by the mean; {surely}, possibly {possibly}")
            }
        };
        if self.possibly.or(self.length) == Some(longest) {
            text.push_str(" or more, as it was the longest measured");
        }
        for (what, below) in [
            ("not reached", &self.failed_below),
            ("not measured", &self.unmeasured_below),
        ] {
            if !below.is_empty() {
                let below: Vec<String> = below.iter().copied().map(name).collect();
                text.push_str(&format!("; {what} at {}", below.join(", ")));
            }
        }
        if self.tasks < RULER_TASKS {
            text.push_str(&format!(
                " ({} of RULER’s {RULER_TASKS} tasks: not RULER’s figure)",
                self.tasks
            ));
        }
        text
    }
}

/// The effective length: the longest length whose mean is at least `threshold`, in the unit of the
/// means. Means are compared unrounded. Their intervals say up to which length that is certain, and
/// up to which it is possible.
///
/// RULER's table follows this rule wherever its authors measured themselves; five rows reported by
/// others name a length one step longer. A shorter length below the threshold does not end the
/// search but is reported.
pub fn effective_length(reached: &[MeanAtLength], threshold: f64) -> EffectiveLength {
    let longest = |holds: &dyn Fn(&MeanAtLength) -> bool| {
        let passed = reached.iter().filter(|at| holds(at));
        passed.map(|at| at.length).max()
    };
    let length = longest(&|at| at.mean >= threshold);
    let below = |at: Tokens| length.is_some_and(|length| at < length);
    let mut failed_below: Vec<Tokens> = reached
        .iter()
        .filter(|at| below(at.length) && at.mean < threshold)
        .map(|at| at.length)
        .collect();
    failed_below.sort_unstable();
    let first = reached.iter().map(|at| at.length).min();
    let measured = first.zip(longest(&|_| true));
    let possibly = longest(&|at| at.ends.map_or(at.mean, |(_, high)| high) >= threshold);
    EffectiveLength {
        length,
        surely: longest(&|at| at.ends.is_some_and(|(low, _)| low >= threshold)),
        possibly,
        failed_below,
        unmeasured_below: length
            .max(possibly)
            .map(|at| unmeasured_below(at, |other| reached.iter().any(|at| at.length == other)))
            .unwrap_or_default(),
        at_the_end: length.is_some() && length == measured.map(|(_, longest)| longest),
        measured,
        tasks: reached.iter().map(|at| at.tasks).min().unwrap_or(0),
    }
}

/// [`RULER_LENGTHS`] below `at` that were not measured.
pub fn unmeasured_below(at: Tokens, measured: impl Fn(Tokens) -> bool) -> Vec<Tokens> {
    let below = RULER_LENGTHS.into_iter().filter(|other| *other < at);
    below.filter(|other| !measured(*other)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_follow_the_rank() {
        assert_eq!(
            weights(LengthWeighting::Increasing, 3),
            [1.0 / 6.0, 2.0 / 6.0, 0.5]
        );
        assert_eq!(
            weights(LengthWeighting::Decreasing, 3),
            [0.5, 2.0 / 6.0, 1.0 / 6.0]
        );
        assert_eq!(weighted_average(LengthWeighting::Increasing, &[]), None);
        assert_eq!(
            weighted_average(LengthWeighting::Decreasing, &[7.0]),
            Some(7.0)
        );
    }

    fn reach(length: u32, mean: f64, half: f64) -> MeanAtLength {
        MeanAtLength {
            length: Tokens(length),
            mean,
            ends: Some((mean - half, mean + half)),
            tasks: RULER_TASKS,
        }
    }

    #[test]
    fn it_is_a_range_and_says_of_how_many_tasks() {
        let mut means = [
            reach(4096, 95.0, 3.0),
            reach(8192, 88.0, 5.0),
            reach(16384, 84.0, 3.0),
            reach(32768, 60.0, 3.0),
        ];
        let told = |means: &[MeanAtLength]| effective_length(means, 85.6).words();
        assert_eq!(
            told(&means),
            "8K tokens by the mean; surely 4K, possibly 16K"
        );
        means[1] = reach(8192, 80.0, 1.0);
        means[2] = reach(16384, 60.0, 1.0);
        assert_eq!(told(&means), "4K tokens");
        assert_eq!(
            told(&means[..1]),
            "4K tokens or more, as it was the longest measured"
        );
        assert_eq!(told(&means[1..]), "less than 8K tokens");
        // What lies between measured lengths is not known, and the sentence says so.
        let apart = [reach(4096, 95.0, 1.0), reach(32768, 90.0, 1.0)];
        assert_eq!(
            told(&apart),
            "32K tokens or more, as it was the longest measured; not measured at 8K, 16K"
        );
        let possible = [reach(8192, 80.0, 1.0), reach(32768, 85.0, 1.0)];
        assert_eq!(
            told(&possible),
            "less than 8K tokens by the mean, possibly 32K or more, as it was the longest measured; not measured at 4K, 16K"
        );
        means[0].tasks = 3;
        means[0].ends = None;
        assert_eq!(
            told(&means[..1]),
            "4K tokens by the mean; not sure at any length, possibly 4K or more, as it was the longest measured (3 of RULER’s 13 tasks: not RULER’s figure)"
        );
        assert_eq!(told(&[]), "not measured");
    }

    #[test]
    fn a_gap_below_is_told() {
        let means = [
            reach(16384, 90.0, 2.0),
            reach(4096, 95.0, 2.0),
            reach(8192, 80.0, 2.0),
            reach(32768, 10.0, 2.0),
        ];
        let effective = effective_length(&means, 85.6);
        assert_eq!(effective.length, Some(Tokens(16384)));
        assert_eq!(effective.failed_below, [Tokens(8192)]);
        assert!(!effective.at_the_end);
        let none = effective_length(&means, 99.0);
        assert_eq!((none.length, none.at_the_end), (None, false));
        assert!(none.failed_below.is_empty());
    }

    /// RULER's own table: every printed average, and every effective length that its authors
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
            for (cell, weighting) in [
                (12, LengthWeighting::Increasing),
                (13, LengthWeighting::Decreasing),
            ] {
                if let Ok(printed) = cells[cell].parse::<f64>() {
                    let ours = weighted_average(weighting, &means).unwrap();
                    // Both the means and the averages are printed with one decimal.
                    assert!((ours - printed).abs() < 0.1, "{line}: {ours}");
                    averages += 1;
                }
            }
            let by_length = lengths.into_iter().zip(means);
            let by_length: Vec<MeanAtLength> = by_length
                .map(|(length, mean)| reach(length.0, mean, 0.0))
                .collect();
            let effective = effective_length(&by_length, RULER_THRESHOLD);
            assert!(effective.failed_below.is_empty(), "{line}");
            let printed = cells[4].to_uppercase();
            let ours = match effective.length {
                None => "<4K".to_owned(),
                Some(Tokens(131_072)) => ">128K".to_owned(),
                Some(Tokens(length)) => format!("{}K", length / 1024),
            };
            match (printed.as_str(), cells[1]) {
                // The threshold's own row has no effective length.
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
