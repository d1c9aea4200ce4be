//! The rules, read from `shared/data/advise`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::Condition;
use super::condition::ConditionContext;

/// What can be done, cheapest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AdaptationStep {
    /// Keep the model as it is.
    Keep,
    /// Let it think before it answers.
    ReasonLonger,
    /// Give it retrieved passages instead of the whole text.
    Retrieve,
    /// Change how positions are computed, without training.
    FixPositions,
    /// Mend what an adaptation lost on short texts, or roll the adaptation back.
    MendShort,
    /// Rescale its positions, with a short fine-tune.
    Extend,
    /// Continue its pretraining on long documents.
    ContinuePretraining,
    /// The same, and let it think before it answers.
    ContinueAndReason,
    /// Take another base model.
    SwitchModel,
    /// Train anew.
    Retrain,
}

impl AdaptationStep {
    /// All of them, cheapest first.
    pub const ALL: [Self; 10] = [
        Self::Keep,
        Self::ReasonLonger,
        Self::Retrieve,
        Self::FixPositions,
        Self::MendShort,
        Self::Extend,
        Self::ContinuePretraining,
        Self::ContinueAndReason,
        Self::SwitchModel,
        Self::Retrain,
    ];

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep the model",
            Self::ReasonLonger => "let it reason longer",
            Self::Retrieve => "retrieve passages instead of reading the whole text",
            Self::FixPositions => "try a position fix without training",
            Self::MendShort => "mend the loss on short texts, or roll the change back",
            Self::Extend => "extend the window",
            Self::ContinuePretraining => "continue pretraining",
            Self::ContinueAndReason => "continue pretraining and let it reason longer",
            Self::SwitchModel => "take another base model",
            Self::Retrain => "retrain",
        }
    }

    /// Its course: thinking first beside continued pretraining is no other path.
    pub(super) fn course(self) -> Self {
        match self {
            Self::ContinueAndReason => Self::ContinuePretraining,
            other => other,
        }
    }

    /// Whether two are one course.
    pub(super) fn same(a: Option<Self>, b: Option<Self>) -> bool {
        a.map(Self::course) == b.map(Self::course)
    }

    /// The path of the article that it belongs to, on which weights are trained; nothing for the
    /// others.
    pub fn path(self) -> Option<Self> {
        match self {
            Self::Extend | Self::ContinuePretraining | Self::Retrain => Some(self),
            Self::ContinueAndReason => Some(Self::ContinuePretraining),
            Self::Keep
            | Self::ReasonLonger
            | Self::Retrieve
            | Self::FixPositions
            | Self::MendShort
            | Self::SwitchModel => None,
        }
    }
}

/// Whose rule it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuleOrigin {
    /// The article's.
    #[default]
    Article,
    /// Evidence of the field beside it.
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

/// One rule. It fires where all of `when` hold and none of `unless` does; a condition of which
/// nothing is known neither holds nor prevents.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name within the table.
    pub id: String,
    /// The situation in our words.
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
    /// Whether it is told whatever the verdict is: the evidence itself is not what it seems.
    #[serde(default)]
    pub warns: bool,
    /// Among rules that decide, the lowest goes first.
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
    /// How scarce its data is.
    pub scarcity: String,
    /// The work of engineers.
    pub effort: String,
    /// The danger for short texts.
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
    /// Collection of data.
    pub data: String,
    /// The work of engineers.
    pub effort: String,
    /// What to run.
    pub validate: Vec<String>,
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

#[derive(Default, Deserialize)]
struct PathsFile {
    path: Vec<AdaptationPath>,
}

#[derive(Default, Deserialize)]
struct BurdensFile {
    burden: Vec<ValidationBurden>,
}

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
static PATHS: LazyLock<PathsFile> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/advise/paths.toml")).unwrap_or_default()
});
static BURDENS: LazyLock<BurdensFile> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/advise/burden.toml")).unwrap_or_default()
});

/// Every table of rules.
pub fn tables() -> &'static [RuleTable] {
    &TABLES
}

/// The article's three paths.
pub fn paths() -> &'static [AdaptationPath] {
    &PATHS.path
}

/// What has to be validated, by situation.
pub fn burdens() -> &'static [ValidationBurden] {
    &BURDENS.burden
}
