//! Numbers with their n and interval. One estimator per file.

pub mod adjust; // p-values of many comparisons at once
pub mod bootstrap; // the Bayesian bootstrap for a mean of scores
mod dirichlet; // a mean whose weights are drawn by chance
pub mod equivalence; // two one-sided tests
mod estimate; // a figure that cannot be shown without its interval
pub mod grouped; // a weighted mean of the means of groups
pub mod lengths; // means by context length, put into one number
pub mod mcnemar; // McNemar's exact test for paired answers that are right or wrong
pub mod paired; // two runs over the same samples
pub mod power; // how small a difference can be seen
pub mod random; // numbers by chance, the same on every machine
pub mod signflip;
pub mod simulated; // made scores, whose truth is known
mod special; // distribution functions, of which the standard library has none
mod strata; // means of groups that each count by weight
pub mod summary; // a mean that cannot be shown without its n and interval
pub mod welch; // two sets of scores that do not pair
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
    /// How it was made.
    pub method: IntervalMethod,
}

/// How an interval was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum IntervalMethod {
    /// Wilson's score interval, for scores of 0 or 1.
    Wilson,
    /// The Bayesian bootstrap over samples, for fractional scores.
    Bootstrap,
    /// The Bayesian bootstrap over sources, where samples share them.
    ClusterBootstrap,
    /// Newcombe's, out of the Wilson intervals of both shares of a difference.
    Newcombe,
}

/// A p-value with as many digits as say something.
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
    /// What a reader is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wilson => "Wilson",
            Self::Bootstrap => "bootstrap",
            Self::ClusterBootstrap => "cluster bootstrap",
            Self::Newcombe => "Newcombe",
        }
    }
}
