//! An advice: what to do, why, and what would change it.

use serde::{Deserialize, Serialize};

use super::adaptation_paths::AdaptationPath;
use super::assumed_samples::AssumedSamples;
use super::cost_items::CostItem;
use super::cost_options::OptionCost;
use super::costs::PromptMemory;
use super::draws::VerdictShare;
use super::feasible_steps::InfeasibleStep;
use super::missing::MissingEvidence;
use super::next::NextStep;
use super::reasons::{Contradiction, VerdictReason};
use super::sensitivity::VerdictFlip;
use super::training::AdaptationCost;
use super::uncertain_figures::UnsettledFigure;
use super::verdict::Verdict;
use super::window_end::WindowEnd;
use crate::tokens::Tokens;

/// How certain a verdict is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerdictCertainty {
    /// The share of draws with the same verdict, with every missing figure drawn as bad or as
    /// good as it can be; never above `measured`. 0 if there is no verdict.
    pub share: f64,
    /// The share of draws with the same verdict, leaving missing figures unknown.
    pub measured: f64,
    /// The shares of all verdicts on the measured evidence, most frequent first.
    #[serde(default)]
    pub shares: Vec<VerdictShare>,
    /// Draws of each kind.
    pub draws: u32,
}

/// What to do, why, and what would change it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Advice {
    /// The model.
    pub name: String,
    /// The verdict.
    pub action: Verdict,
    /// The verdict in one sentence that can be repeated, with what it assumes and what comes first.
    #[serde(default)]
    pub sentence: String,
    /// How certain the verdict is.
    pub certainty: VerdictCertainty,
    /// The rules that fired for it, the deciding ones first; at most five.
    pub reasons: Vec<VerdictReason>,
    /// The rules that fired for something else.
    pub contradictions: Vec<Contradiction>,
    /// The rules that warn, with any verdict, that the evidence is not what it seems.
    #[serde(default)]
    pub warnings: Vec<Contradiction>,
    /// What the evidence calls for but cannot be done: why, and by how much.
    #[serde(default)]
    pub out_of_reach: Vec<InfeasibleStep>,
    /// What is not known and what it would change, cheapest to find out first.
    pub missing: Vec<MissingEvidence>,
    /// Figures whose intervals allow more than one verdict.
    #[serde(default)]
    pub unsettled: Vec<UnsettledFigure>,
    /// What to do next.
    pub next: NextStep,
    /// The smallest change of one figure that changes the verdict.
    pub flip: Option<VerdictFlip>,
    /// The longest length that the model reads well by RULER.
    pub holds_to: Option<Tokens>,
    /// The length that the work needs; the longest length measured if none was given.
    #[serde(default)]
    pub target: Option<Tokens>,
    /// Whether the target is the only length measured.
    #[serde(default)]
    pub only_length: bool,
    /// RULER's categories that are good enough at the target, if it is the only length measured.
    #[serde(default)]
    pub reached: Vec<String>,
    /// RULER's categories that are too low at the target, if it is the only length measured.
    #[serde(default)]
    pub short_of: Vec<String>,
    /// Figures whose number of samples was not given and is assumed.
    #[serde(default)]
    pub assumed: Option<AssumedSamples>,
    /// Lengths that were not measured but would show where the loss begins.
    #[serde(default)]
    pub unmeasured: Vec<Tokens>,
    /// Where the window ends, if a cliff shows it.
    #[serde(default)]
    pub window_end: Option<WindowEnd>,
    /// The path's row in the article's table; `None` if no weights are trained.
    pub path: Option<AdaptationPath>,
    /// The path's cost.
    pub cost: Option<AdaptationCost>,
    /// The memory needed to run the model at the target; `None` if its size is not known.
    #[serde(default)]
    pub memory: Option<PromptMemory>,
    /// The cost of each verdict, if the figures are too close to decide between them.
    #[serde(default)]
    pub options: Vec<OptionCost>,
    /// Facts that contradict one another.
    #[serde(default)]
    pub clashes: Vec<String>,
    /// Figures for real questions that no reason mentions, with n and interval.
    #[serde(default)]
    pub untold: Vec<String>,
    /// What the next steps cost on the chosen hardware; empty if the model's size is not known.
    #[serde(default)]
    pub bill: Vec<CostItem>,
    /// What has to be done and validated, in order.
    pub plan: Vec<String>,
    /// Where the figures come from.
    pub sources: Vec<String>,
}
