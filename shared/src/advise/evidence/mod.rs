//! What is known of a model and of the work it is meant for.

mod builders; // builds evidence from published figures, and merges evidence
mod check; // finds invalid or contradictory evidence
mod figure; // figures with n and interval
mod kinds; // enums for what a user can choose
mod longbench_parts; // checks LongBench v2's total against its parts
mod measured; // builds evidence from runs and result files
mod positions; // position fixes: what they do, and whether one could be tried
mod standard_errors; // standard errors of figures and of paired differences
mod thinking_models; // models that think before every answer, by name
mod written_choices; // parses choices, however people spell them
mod written_models; // parses a model's shape: a name, a size or a table
mod written_numbers; // parses numbers with units: `128K`, `1M`
mod written_tables; // parses tables of figures

use serde::{Deserialize, Serialize};

use super::costs::ModelDimensions;
use crate::longbench::LengthClass;
use crate::tokens::Tokens;

pub use builders::UnknownPublishedModel;
pub use check::EvidenceError;
pub use figure::{
    DepthFigure, LongBenchFigure, PercentFigure, PositionFixFigure, RulerFigure, ThinkingGain,
};
pub use kinds::{
    ErrorTolerance, LongBenchMode, PositionEncoding, PositionFixMethod, PriorAdaptation,
    ReasoningDepth, TrainingCorpus, WeightAccess, Workload,
};
pub(super) use standard_errors::{ALIKE, Z_95, paired_error};
pub use written_choices::UnknownChoice;

/// Everything the advisor may know. Every field is optional; what is missing is named, with what it
/// would change. Shares are in percent.
///
/// # Example
/// ```
/// use fathom_shared::advise::Evidence;
/// let evidence: Evidence = toml::from_str(r#"
///     workload = "multi_document_synthesis"
///     target_window = "128K"
///     [[ruler]]
///     category = "multi_hop"
///     length = "128K"
///     value = 61.0
///     n = 500
/// "#)?;
/// evidence.check()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Evidence {
    /// What the reader calls the model.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where the figures come from, one line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// The work it is meant for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload: Option<Workload>,
    /// How much reasoning the work needs; taken from the workload if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<ReasoningDepth>,
    /// Which errors are acceptable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<ErrorTolerance>,
    /// Tokens that the work needs.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "written_numbers::optional"
    )]
    pub target_window: Option<Tokens>,
    /// Tokens that its makers claim.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "written_numbers::optional"
    )]
    pub claimed_window: Option<Tokens>,
    /// Who claims it: a table, or the model's file; empty if the user does.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub claimed_by: String,
    /// Tokens that it was trained on, adaptation included; takes precedence over the claim.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "written_numbers::optional"
    )]
    pub trained_window: Option<Tokens>,
    /// What was already tried to extend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptation: Option<PriorAdaptation>,
    /// Long documents at hand to train on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corpus: Option<TrainingCorpus>,
    /// Further window targets that are weighed; each has to be evaluated.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "written_numbers::list"
    )]
    pub window_targets: Vec<Tokens>,
    /// Whether the weights can be changed; an API's cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<WeightAccess>,
    /// How the model encodes positions; rotary embeddings if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub positions: Option<PositionEncoding>,
    /// GPU-hours in the budget: a number, or `"20K"`.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "written_numbers::number"
    )]
    pub budget_gpu_hours: Option<f64>,
    /// The model's shape, for costs; a name with its size (`"Llama 3.1 70B"`) will do.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "written_models::model"
    )]
    pub model: Option<ModelDimensions>,
    /// Who gives its size; empty if the user does.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub model_by: String,
    /// The hardware, by its name in [`hardware`](super::costs::hardware); an H100 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hardware: Option<String>,
    /// The number of devices for running the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub devices: Option<u32>,
    /// The price of an hour of one device.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "written_numbers::number"
    )]
    pub price_per_hour: Option<f64>,
    /// People's share of right answers to the same questions: to the own hold-outs if these are given,
    /// else to LongBench v2, for which 53.7 is assumed if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub human: Option<PercentFigure>,
    /// People's share of LongBench v2 as drawn; never read from a file.
    #[serde(skip)]
    pub drawn_people: Option<f64>,
    /// The score on the user's own hold-outs; with people's score on the same questions it takes
    /// precedence over LongBench v2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub production: Option<PercentFigure>,
    /// A score on short texts, today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_context: Option<PercentFigure>,
    /// The same figures before the adaptation.
    #[serde(skip_serializing_if = "BeforeAdaptation::is_empty")]
    pub before: BeforeAdaptation,
    /// RULER, by category and length.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "written_tables::ruler"
    )]
    pub ruler: Vec<RulerFigure>,
    /// LongBench v2, by way of answering and part.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "written_tables::longbench"
    )]
    pub longbench: Vec<LongBenchFigure>,
    /// What a chain of thought adds on the same questions; computed from the two shares if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking_gain: Option<ThinkingGain>,
    /// RULER with positions changed and nothing trained: a position fix that was tried.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "written_tables::fixes"
    )]
    pub position_fix: Vec<PositionFixFigure>,
    /// What was found at each depth of the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by_depth: Vec<DepthFigure>,
}

/// What was measured before the adaptation, at the target window if it applies.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct BeforeAdaptation {
    /// RULER's single needle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retrieval: Option<PercentFigure>,
    /// The lower of RULER's multi-hop tracing and aggregation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hard: Option<PercentFigure>,
    /// LongBench v2, direct.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longbench: Option<PercentFigure>,
    /// Short texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_context: Option<PercentFigure>,
}

impl BeforeAdaptation {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Evidence {
    /// Whether nothing was measured.
    pub fn is_unmeasured(&self) -> bool {
        let ruler = self.ruler.is_empty() && self.by_depth.is_empty();
        ruler && self.longbench.is_empty() && self.production.is_none()
    }

    /// Whether the model thinks before every answer: by its name, or because it was only measured with a
    /// chain of thought.
    pub(super) fn always_thinks(&self) -> bool {
        let asked = |reading| self.longbench_at(reading, None, None).is_some();
        if asked(LongBenchMode::Direct) {
            return false;
        }
        let model = self.model.as_ref().map(|one| one.name.as_str());
        let named = [Some(self.name.as_str()), model].into_iter().flatten();
        asked(LongBenchMode::Cot) || named.into_iter().any(thinking_models::thinks)
    }

    /// The own hold-outs, and people on the same questions; `None` if one of them is not given.
    pub(super) fn own_and_people(&self) -> Option<(PercentFigure, PercentFigure)> {
        self.production.zip(self.human)
    }

    /// The window that may be relied on: the trained one, else the claimed one.
    pub fn window(&self) -> Option<Tokens> {
        self.trained_window.or(self.claimed_window)
    }

    /// The target; the longest length measured with RULER if none is given.
    pub fn target(&self) -> Option<Tokens> {
        let longest = self.ruler.iter().map(|figure| figure.length).max();
        self.target_window.or(longest)
    }

    /// A share of LongBench v2 over all lengths, of one domain or of all.
    pub(super) fn longbench_at(
        &self,
        reading: LongBenchMode,
        domain: Option<&str>,
        length: Option<LengthClass>,
    ) -> Option<f64> {
        let found = self.longbench.iter().find(|figure| {
            figure.reading == reading
                && figure.domain.as_deref() == domain
                && figure.length == length
        });
        found.map(|figure| figure.value)
    }
}
