//! The article's paths: what each costs, and what has to be validated on it.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::step::AdaptationStep;

/// A path of the article and what it costs, from its tables of paths and of investment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AdaptationPath {
    /// Which.
    pub step: AdaptationStep,
    /// The section of the article.
    pub section: String,
    /// What it is for.
    pub objective: String,
    /// What it needs.
    pub data: String,
    /// Which failures of the benchmarks it addresses.
    pub addresses: String,
    /// What can go wrong.
    pub risk: String,
    /// The article's order of magnitude, an internal estimate of its authors.
    pub gpu_hours: String,
    /// The scarcity of its data.
    pub scarcity: String,
    /// The engineering effort.
    pub effort: String,
    /// The risk for short texts.
    pub short_context_risk: String,
    /// What has to be evaluated.
    pub evaluation: String,
}

/// What has to be validated in a situation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ValidationBurden {
    /// The situation.
    pub id: String,
    /// The path; any where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<AdaptationStep>,
    /// Compute.
    pub compute: String,
    /// Data collection.
    pub data: String,
    /// The engineering effort.
    pub effort: String,
    /// What to run.
    pub validate: Vec<String>,
}

#[derive(Default, Deserialize)]
struct PathsFile {
    path: Vec<AdaptationPath>,
}

#[derive(Default, Deserialize)]
struct BurdensFile {
    burden: Vec<ValidationBurden>,
}

// A test holds that both files can be read.
static PATHS: LazyLock<PathsFile> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/advise/paths.toml")).unwrap_or_default()
});
static BURDENS: LazyLock<BurdensFile> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/advise/burden.toml")).unwrap_or_default()
});

/// The article's three paths.
pub fn paths() -> &'static [AdaptationPath] {
    &PATHS.path
}

/// What has to be validated, by situation.
pub fn burdens() -> &'static [ValidationBurden] {
    &BURDENS.burden
}
