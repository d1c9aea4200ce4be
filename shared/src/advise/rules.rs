//! The rules, read from `shared/data/advise`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::condition::{Condition, ConditionContext};
use super::step::AdaptationStep;

/// Whose rule it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuleOrigin {
    /// The article's.
    #[default]
    Article,
    /// Evidence of the field, beside the article.
    Field,
}

/// One table of rules.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleTable {
    /// The file's name without its ending.
    #[serde(default)]
    pub name: String,
    /// The section of the article.
    pub section: String,
    /// Whose rules they are.
    pub origin: RuleOrigin,
    /// Its rows.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

/// One rule. It fires if all of `when` hold and none of `unless` does; an unknown condition
/// counts neither as holding nor as preventing.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name within the table.
    pub id: String,
    /// The situation in words.
    pub says: String,
    /// What must hold.
    pub when: Vec<Condition>,
    /// What must not.
    #[serde(default)]
    pub unless: Vec<Condition>,
    /// What it decides for, the preferred first.
    #[serde(default)]
    pub then: Vec<AdaptationStep>,
    /// What it speaks for without deciding.
    #[serde(default)]
    pub favours: Vec<AdaptationStep>,
    /// What it speaks against.
    #[serde(default)]
    pub against: Vec<AdaptationStep>,
    /// Whether it is shown with any verdict, as a warning that the evidence is not what it seems.
    #[serde(default)]
    pub warns: bool,
    /// Among rules that decide, the one with the lowest rank decides.
    #[serde(default)]
    pub rank: u8,
}

impl Rule {
    pub(super) fn fires(&self, at: &ConditionContext<'_>) -> bool {
        self.when.iter().all(|one| one.holds(at) == Some(true))
            && !self.unless.iter().any(|one| one.holds(at) == Some(true))
    }

    /// Whether it speaks for `step`.
    pub fn supports(&self, step: AdaptationStep) -> bool {
        self.then.contains(&step) || self.favours.contains(&step)
    }

    /// Whether it decides for something else, or speaks against it.
    pub fn contradicts(&self, step: AdaptationStep) -> bool {
        self.against.contains(&step) || (!self.then.is_empty() && !self.then.contains(&step))
    }
}

macro_rules! table {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../data/advise/", $name, ".toml")),
        )
    };
}

/// The tables of rules by name, with their text.
pub(super) const TEXTS: [(&str, &str); 10] = [
    table!("steps"),
    table!("vanilla"),
    table!("workload_baseline"),
    table!("tiers"),
    table!("failure_patterns"),
    table!("framework"),
    table!("earns"),
    table!("decision_factors"),
    table!("field"),
    table!("positions"),
];

// A test holds that every text can be read.
static TABLES: LazyLock<Vec<RuleTable>> = LazyLock::new(|| {
    let read = TEXTS.iter().filter_map(|(name, text)| {
        let table: RuleTable = toml::from_str(text).ok()?;
        Some(RuleTable {
            name: (*name).to_owned(),
            ..table
        })
    });
    read.collect()
});
/// Every table of rules.
pub fn tables() -> &'static [RuleTable] {
    &TABLES
}
