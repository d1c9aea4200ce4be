//! A cost as a range.

use serde::{Deserialize, Serialize};

/// From the least to the most.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CostRange {
    /// The least.
    pub low: f64,
    /// The most.
    pub high: f64,
}
