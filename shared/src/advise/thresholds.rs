//! The thresholds of the rules. All of them can be changed.

use serde::{Deserialize, Serialize};

use crate::stats::lengths::RULER_THRESHOLD;

/// The figures at which rules turn, in percent or points of it. "Article" is where the article
/// gives the number; "chosen" numbers are ours, for words of the article without a number.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Thresholds {
    /// RULER that is good enough, as a mean and in every category but question answering: 85.6,
    /// Llama-2-7B-chat at 4K. Source: RULER.
    pub acceptable: f64,
    /// Question answering that is good enough: 65.6. Chosen: 85.6 is 88.5% of the best published mean at
    /// 4K (96.7), and the best published answers at 128K are 74.1 (Gemini-1.5-pro, RULER's issue 10).
    pub good_answers: f64,
    /// A single needle that is nearly always found: 95. Chosen.
    pub needle_strong: f64,
    /// A loss from the shortest length to the target that is material: 5 points. Chosen: the
    /// half-width of an interval of 500 samples is 2.6 to 4.4.
    pub drop: f64,
    /// What RULER loses from one length to the next where its window ends: 15 points. Chosen: three
    /// material losses at once.
    pub cliff: f64,
    /// A change that does not count: less than 3 points. Chosen.
    pub flat: f64,
    /// How far the shortest length may lie below `acceptable` before length is no longer the problem:
    /// 10 points. Chosen.
    pub short_margin: f64,
    /// The longest length that is still moderate: 32,768 tokens. Article: its 32K finding.
    pub moderate_length: u32,
    /// What a chain of thought adds if deliberation was missing: 8 points. Article, failure
    /// patterns.
    pub reasoning_gap: f64,
    /// People with 15 minutes: 53.7. Article; LongBench v2.
    pub human: f64,
    /// Questions behind `human`: 503, one answer each. Source: arXiv 2412.15204.
    pub human_n: u32,
    /// The largest distance below people that is still near: 3.6 points. Article, the best direct answers' distance.
    pub near_human: f64,
    /// The best direct answers: 50.1. Article; LongBench v2.
    pub best_direct: f64,
    /// Comprehension that is expected: 50. Article, its three steps.
    pub comprehension: f64,
    /// The distance below what is expected that is "materially below": 5 points. Chosen.
    pub materially: f64,
    /// The distance below the best direct answers that is "well below": 15 points. Chosen.
    pub well_below: f64,
    /// Chance with four choices: 25. LongBench v2.
    pub chance: f64,
    /// The largest distance above chance that is still near: 5 points. Chosen: the half-width for 503 questions is 4.
    pub near_chance: f64,
    /// A loss on short texts that is a regression: 2 points. Chosen.
    pub regression: f64,
    /// The share of draws that a verdict needs: 0.6. Chosen: far enough above one half that a tenth of
    /// a point in one figure cannot turn one verdict into another.
    pub decided: f64,
    /// The share of draws that a verdict needs if the figures as given lead to another one: 0.9. Chosen.
    pub decided_against: f64,
    /// The uncertainty of the limits above, as a standard deviation that is added to that of every
    /// figure: 0.5 points. Chosen.
    pub blur: f64,
    /// GPU-hours that an extension takes: 300. Chosen, for the article's "hundreds".
    pub extend_hours: f64,
    /// GPU-hours that continued pretraining takes: 30,000. Chosen, for the article's "tens of
    /// thousands".
    pub continue_hours: f64,
    /// GPU-hours that retraining takes: 300,000. Chosen, for the article's "hundreds of
    /// thousands".
    pub retrain_hours: f64,
    /// The largest factor for plain interpolation of positions: 2. Chosen: cheapest, coarsest.
    pub pi_factor: f64,
    /// The largest factor for YaRN: 32. Source: YaRN (arXiv 2309.00071) goes from 4K to 128K.
    pub yarn_factor: f64,
    /// Samples assumed behind a figure that gives none: 100. Chosen.
    pub assumed_n: u32,
    /// Draws of the evidence: 1,000.
    pub draws: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            acceptable: RULER_THRESHOLD,
            good_answers: 65.6,
            needle_strong: 95.0,
            drop: 5.0,
            cliff: 15.0,
            flat: 3.0,
            short_margin: 10.0,
            moderate_length: 32_768,
            reasoning_gap: 8.0,
            human: 53.7,
            human_n: 503,
            near_human: 3.6,
            best_direct: 50.1,
            comprehension: 50.0,
            materially: 5.0,
            well_below: 15.0,
            chance: 25.0,
            near_chance: 5.0,
            regression: 2.0,
            decided: 0.6,
            decided_against: 0.9,
            blur: 0.5,
            extend_hours: 300.0,
            continue_hours: 30_000.0,
            retrain_hours: 300_000.0,
            pi_factor: 2.0,
            yarn_factor: 32.0,
            assumed_n: 100,
            draws: 1_000,
        }
    }
}
