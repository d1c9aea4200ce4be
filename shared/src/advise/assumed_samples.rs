//! Figures whose number of samples was not given.

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::thresholds::Thresholds;

/// The figures without a number of samples, and the number that is assumed for them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AssumedSamples {
    /// The number.
    pub n: u32,
    /// What was measured.
    pub figures: Vec<String>,
}

pub(super) fn assumed(evidence: &Evidence, thresholds: &Thresholds) -> Option<AssumedSamples> {
    let figures = evidence.figures().into_iter();
    let figures: Vec<String> = figures
        .filter(|(_, figure)| figure.ends().is_none())
        .map(|(what, _)| what)
        .collect();
    (!figures.is_empty()).then_some(AssumedSamples {
        n: thresholds.assumed_n,
        figures,
    })
}
