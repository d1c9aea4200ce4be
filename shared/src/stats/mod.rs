//! Numbers with their n and interval. One estimator per file.

pub mod adjust;
pub mod bootstrap;
mod dirichlet;
pub mod equivalence;
mod estimate;
pub mod grouped;
pub mod lengths;
pub mod made;
pub mod mcnemar;
pub mod paired;
pub mod power;
pub mod random;
pub mod signflip;
mod special;
mod strata;
pub mod summary;
pub mod welch;
pub mod wilson;

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
    pub method: Method,
}

/// How an interval was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Method {
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

impl Method {
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
