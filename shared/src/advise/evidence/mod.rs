//! What is known of a model and of what it is wanted for.

mod builders; // evidence from what is published, and evidence put together
mod check; // what is wrong with evidence
mod choices; // choices however people write them
mod figure; // numbers with n and interval
mod kinds; // the choices a user makes
mod measured; // evidence from what was measured
mod parts; // a benchmark as a whole against its parts
mod shape; // a model's shape as people write it
mod tables; // tables of figures as people write them
mod window; // numbers as people write them

use serde::{Deserialize, Serialize};

use super::costs::ModelDimensions;
use crate::longbench::LengthClass;
use crate::tokens::Tokens;

pub use builders::UnknownPublishedModel;
pub use check::EvidenceError;
pub use choices::UnknownChoice;
pub use figure::{
    DepthFigure, LongBenchFigure, PercentFigure, PositionFixFigure, RulerFigure, ThinkingGain,
};
pub use kinds::{
    ErrorTolerance, LongBenchMode, PositionEncoding, PositionFixMethod, PriorAdaptation,
    ReasoningDepth, TrainingCorpus, WeightAccess, Workload,
};

/// Everything the advisor may know. Each field may be left out; what is missing is named, with
/// what it would change. Shares are in percent.
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
    /// What a reader calls the model.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where the figures come from, one line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// What it is wanted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload: Option<Workload>,
    /// How far conclusions must be drawn; taken from the workload where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<ReasoningDepth>,
    /// Which errors are acceptable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<ErrorTolerance>,
    /// Tokens that the work needs.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "window::optional"
    )]
    pub target_window: Option<Tokens>,
    /// Tokens that its makers claim.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "window::optional"
    )]
    pub claimed_window: Option<Tokens>,
    /// Who says so: a table, the model's file; empty where a user does.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub claimed_by: String,
    /// Tokens that it was trained on, adaptation included; goes before the claim.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "window::optional"
    )]
    pub trained_window: Option<Tokens>,
    /// What was already tried to lengthen it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptation: Option<PriorAdaptation>,
    /// Long documents at hand to train on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corpus: Option<TrainingCorpus>,
    /// Further window targets that are weighed; each has to be evaluated.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "window::list"
    )]
    pub window_targets: Vec<Tokens>,
    /// Whether the weights can be changed; an API's cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<WeightAccess>,
    /// How the model knows where a token stands; rotary embeddings where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub positions: Option<PositionEncoding>,
    /// GPU-hours that may be spent: a number, or `"20K"`.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "window::number"
    )]
    pub budget_gpu_hours: Option<f64>,
    /// The model's shape, for costs; a name with its size (`"Llama 3.1 70B"`) will do.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "shape::model"
    )]
    pub model: Option<ModelDimensions>,
    /// Who says its size; empty where a user does.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub model_by: String,
    /// What computes, by its name in [`hardware`](super::costs::hardware); an H100 where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hardware: Option<String>,
    /// Pieces of that hardware that there are, for running the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub devices: Option<u32>,
    /// Money for an hour of it.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "window::number"
    )]
    pub price_per_hour: Option<f64>,
    /// Right answers of people at the same questions: the own hold-outs where they are told, else
    /// LongBench v2, whose 53.7 are taken where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub human: Option<PercentFigure>,
    /// People's share of LongBench v2 as it was drawn; never told.
    #[serde(skip)]
    pub drawn_people: Option<f64>,
    /// The score on the user's own hold-outs; where people's on the same questions is told it goes
    /// before LongBench v2.
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
        deserialize_with = "tables::ruler"
    )]
    pub ruler: Vec<RulerFigure>,
    /// LongBench v2, by way of answering and part.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "tables::longbench"
    )]
    pub longbench: Vec<LongBenchFigure>,
    /// What a chain of thought adds on the same questions; found from the two shares where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking_gain: Option<ThinkingGain>,
    /// RULER with positions changed and nothing trained: a position fix that was tried.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "tables::fixes"
    )]
    pub position_fix: Vec<PositionFixFigure>,
    /// What was found by where it stood in the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by_depth: Vec<DepthFigure>,
}

/// What was measured before the adaptation, at the target window where it applies.
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
        self.ruler.is_empty() && self.longbench.is_empty() && self.production.is_none()
    }

    /// The own hold-outs, and people on the same questions; nothing where one of them is not told.
    pub(super) fn own_and_people(&self) -> Option<(PercentFigure, PercentFigure)> {
        self.production.zip(self.human)
    }

    /// The window that may be relied on: the trained one, else the claimed one.
    pub fn window(&self) -> Option<Tokens> {
        self.trained_window.or(self.claimed_window)
    }

    /// The target; the longest length of RULER measured where none is named.
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
