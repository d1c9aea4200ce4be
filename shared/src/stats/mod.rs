//! Statistics with their n and interval. One estimator per file.

pub mod adjust; // adjusts p-values for multiple comparisons
pub mod bootstrap; // the Bayesian bootstrap of a mean
mod dirichlet; // a mean under Dirichlet-distributed weights
pub mod equivalence; // equivalence by two one-sided tests
mod estimate; // an estimate that always carries its interval
pub mod grouped; // a weighted mean of the means of groups
pub mod lengths; // combines means by context length into one number
pub mod mcnemar; // McNemar's exact test for paired right-or-wrong answers
pub mod paired; // tests for two runs over the same samples
pub mod power; // power: the smallest difference that can be detected
pub mod random; // random numbers that are the same on every machine
pub mod signflip; // paired sign-flip permutation tests
pub mod simulated; // simulated scores whose true mean is known
mod special; // distribution functions that the standard library lacks
mod strata; // weighted means over strata
pub mod summary; // a mean that always carries its n and interval
pub mod welch; // Welch's test for two unpaired sets of scores
pub mod wilson; // Wilson's score interval for a proportion

use serde::{Deserialize, Serialize};

pub use estimate::Estimate;
pub use summary::Summary;

/// A two-sided interval, in the unit of the estimate.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The confidence level, as a fraction.
    pub level: f64,
    /// How it was computed.
    pub method: IntervalMethod,
}

/// How an interval was computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum IntervalMethod {
    /// Wilson's score interval, for scores of 0 or 1.
    Wilson,
    /// The Bayesian bootstrap over samples, for fractional scores.
    Bootstrap,
    /// The Bayesian bootstrap over sources, for samples that share them.
    ClusterBootstrap,
    /// Newcombe's, computed from the Wilson intervals of the two shares in a difference.
    Newcombe,
}

/// A p-value with as many digits as are meaningful.
///
/// # Example
/// ```
/// use fathom_shared::stats::p_value;
/// let told = [3e-9, 0.0004, 0.0312, 0.25, 0.996, 1.0].map(p_value);
/// assert_eq!(told, ["< 0.0001", "0.0004", "0.031", "0.25", "> 0.99", "1"]);
/// ```
pub fn p_value(p: f64) -> String {
    match p {
        p if p < 0.0001 => "< 0.0001".to_owned(),
        p if p < 0.01 => format!("{p:.4}"),
        p if p < 0.1 => format!("{p:.3}"),
        p if p <= 0.99 => format!("{p:.2}"),
        p if p < 1.0 => "> 0.99".to_owned(),
        _ => "1".to_owned(),
    }
}

impl IntervalMethod {
    /// The name shown to readers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wilson => "Wilson",
            Self::Bootstrap => "bootstrap",
            Self::ClusterBootstrap => "cluster bootstrap",
            Self::Newcombe => "Newcombe",
        }
    }
}
