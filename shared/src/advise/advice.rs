//! From evidence to a verdict and its reasons.

use serde::{Deserialize, Serialize};

use super::Thresholds;
use super::assumed::{AssumedSamples, assumed};
use super::clashes;
use super::condition::ConditionContext;
use super::cost_items::{self, CostItem};
use super::cost_options::OptionCost;
use super::costs::{self, AdaptationCost, PromptMemory};
use super::decide::{RuleDecision, decide};
use super::draws::{self, VerdictShare};
use super::evidence::{Evidence, PositionEncoding};
use super::facts::{AccuracyCliff, factor};
use super::feasible::InfeasibleStep;
use super::headline;
use super::missing::{self, MissingEvidence};
use super::next::{self, NextStep, NextStepContext};
use super::plan;
use super::reasons::{Contradiction, SURE, VerdictReason, told};
use super::rules::{AdaptationPath, AdaptationStep, paths};
use super::sensitivity::{self, VerdictFlip};
use super::unsettled::{self, UnsettledFigure};
use super::window_end;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// The verdict.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Verdict {
    /// The evidence does not decide between several.
    Undecided,
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
    /// Rescale its positions.
    Extend {
        /// How.
        method: ExtensionMethod,
        /// The window that may be relied on.
        from: Tokens,
        /// The target.
        to: Tokens,
        /// Target over window.
        factor: f64,
    },
    /// Continue its pretraining on long documents.
    ContinuePretraining {
        /// And let it think before it answers.
        reason_longer: bool,
    },
    /// Take another base model.
    SwitchModel,
    /// Train anew.
    Retrain,
}

/// How positions are rescaled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExtensionMethod {
    /// Position interpolation: all frequencies by one factor.
    PositionInterpolation,
    /// YaRN: by frequency, with a warmer attention.
    Yarn,
    /// LongRoPE: factors searched for, in steps.
    LongRope,
}

/// How sure a verdict is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerdictCertainty {
    /// The share of draws with the same verdict, with every missing figure drawn as bad or as
    /// good as it can be; never above `measured`. 0 where there is no verdict.
    pub share: f64,
    /// The share of draws with the same verdict where what is missing stays unknown.
    pub measured: f64,
    /// The shares of all verdicts on what was measured, most often first.
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
    /// How sure.
    pub certainty: VerdictCertainty,
    /// The rules that fired for it, the deciding ones first; five at most.
    pub reasons: Vec<VerdictReason>,
    /// The rules that fired for something else.
    pub contradictions: Vec<Contradiction>,
    /// The rules that say, whatever the verdict is, that the evidence is not what it seems.
    #[serde(default)]
    pub warnings: Vec<Contradiction>,
    /// What the evidence asks for and what cannot be done, with why, and by how much.
    #[serde(default)]
    pub out_of_reach: Vec<InfeasibleStep>,
    /// What is not known, with what it would change, cheapest to find out first.
    pub missing: Vec<MissingEvidence>,
    /// The figures whose intervals hold more than one verdict.
    #[serde(default)]
    pub unsettled: Vec<UnsettledFigure>,
    /// What to do next.
    pub next: NextStep,
    /// The nearest change of one figure that changes the verdict.
    pub flip: Option<VerdictFlip>,
    /// The longest length that RULER shows to be read well.
    pub holds_to: Option<Tokens>,
    /// The length that the work needs; the longest measured where none was given.
    #[serde(default)]
    pub target: Option<Tokens>,
    /// Whether the target is the only length measured.
    #[serde(default)]
    pub only_length: bool,
    /// RULER's categories that are good enough at the target, and those that are too low, where it
    /// is the only length measured.
    #[serde(default)]
    pub reached: Vec<String>,
    /// The others.
    #[serde(default)]
    pub short_of: Vec<String>,
    /// Figures that count with a number of samples that nobody told.
    #[serde(default)]
    pub assumed: Option<AssumedSamples>,
    /// Lengths that were not measured and would tell where the loss begins.
    #[serde(default)]
    pub unmeasured: Vec<Tokens>,
    /// Where the window ends, where a cliff shows it.
    #[serde(default)]
    pub window_end: Option<WindowEnd>,
    /// The path's row of the article; nothing where no weights are trained.
    pub path: Option<AdaptationPath>,
    /// The path's cost.
    pub cost: Option<AdaptationCost>,
    /// What running the model at the target takes; nothing where its size is not known.
    #[serde(default)]
    pub memory: Option<PromptMemory>,
    /// What each verdict costs between which the figures are too close to decide.
    #[serde(default)]
    pub options: Vec<OptionCost>,
    /// Facts that do not fit together.
    #[serde(default)]
    pub clashes: Vec<String>,
    /// Figures of real questions that no reason tells, with n and interval.
    #[serde(default)]
    pub untold: Vec<String>,
    /// What the next steps cost on the chosen hardware; empty where the model's size is not known.
    #[serde(default)]
    pub bill: Vec<CostItem>,
    /// What has to be done and validated, in order.
    pub plan: Vec<String>,
    /// Where the figures come from.
    pub sources: Vec<String>,
}

/// Where the window really ends.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WindowEnd {
    /// The cliff.
    pub cliff: AccuracyCliff,
    /// The 95% interval of the points lost there, be it a cliff or not.
    pub lost: (f64, f64),
    /// The share of draws in which the window ends right there.
    pub share: f64,
    /// The window that is stated, where it is longer.
    pub stated: Option<Tokens>,
}

/// Advises. Deterministic, and defined for any evidence; [`Evidence::check`] tells whether its
/// figures can be.
///
/// The verdict is the one that most draws of the evidence lead to, where at least
/// `thresholds.decided` of them do; else it is undecided, with the shares of all.
///
/// # Example
/// ```
/// use fathom_shared::advise::{Verdict, Evidence, Thresholds, advise};
/// let advice = advise(&Evidence::default(), &Thresholds::default());
/// assert_eq!(advice.action, Verdict::Undecided);
/// assert!(!advice.missing.is_empty());
/// ```
pub fn advise(evidence: &Evidence, thresholds: &Thresholds) -> Advice {
    let mut advice = by_rules(evidence, thresholds);
    advice.tell_untold(evidence);
    advice.price_options(evidence, thresholds);
    advice.made_to_fit(evidence);
    advice
}

fn by_rules(evidence: &Evidence, thresholds: &Thresholds) -> Advice {
    let at = ConditionContext::new(evidence, thresholds);
    let RuleDecision {
        step: at_value,
        mut fired,
        out_of_reach,
    } = decide(&at);
    let (shares, holds) = draws::survey(evidence, thresholds);
    let first = shares.first().copied();
    // Where the figures as they are lead elsewhere than most draws, that takes more to decide.
    let decided = first.filter(|one| match AdaptationStep::same(one.verdict, at_value) {
        true => one.share >= thresholds.decided,
        false => one.share >= thresholds.decided_against,
    });
    let step = decided.and_then(|one| one.verdict);
    // The figures as they are may speak for the course in its other form.
    let step = match AdaptationStep::same(step, at_value) {
        true => at_value,
        false => step,
    };
    fired.sort_by_key(|(_, rule)| (rule.then.is_empty(), rule.rank));
    let told = told(&fired, step, &at, &holds);
    let missing = missing::missing(evidence, thresholds);
    let unsettled = unsettled::unsettled(evidence, thresholds);
    let measured = first
        .filter(|_| step.is_some())
        .map_or(0.0, |one| one.share);
    let next = next::next(&NextStepContext {
        at: &at,
        step,
        split: decided.is_none(),
        unsure: step.is_some() && measured < SURE,
        missing: &missing,
        unsettled: &unsettled,
        limited: !out_of_reach.is_empty(),
    });
    let factor = factor(&at.facts);
    let cost = step.and_then(|step| costs::adaptation(step, evidence, thresholds, factor));
    let share = match step {
        Some(_) => draws::with_missing(evidence, thresholds, step, measured),
        None => 0.0,
    };
    let action = action(step, &at);
    Advice {
        name: evidence.name.clone(),
        action,
        sentence: headline::headline(
            action,
            next::first(step, &at, &missing),
            &next,
            measured,
            &at,
        ),
        certainty: VerdictCertainty {
            share,
            measured,
            shares,
            draws: thresholds.draws.max(1),
        },
        reasons: told.reasons,
        contradictions: told.contradictions,
        warnings: told.warnings,
        bill: cost_items::bill(evidence, &next, cost.as_ref()),
        plan: plan::plan(step, action, &at, &out_of_reach),
        out_of_reach,
        next,
        missing,
        unsettled,
        flip: sensitivity::nearest_flip(evidence, thresholds, step),
        holds_to: at.facts.holds_to(thresholds.acceptable),
        target: at.facts.target,
        only_length: only_length(&at),
        reached: at_only_length(&at, false),
        short_of: at_only_length(&at, true),
        assumed: assumed(evidence, thresholds),
        unmeasured: at.facts.between(thresholds),
        window_end: window_end::window_end(&at),
        path: path(step),
        memory: memory(evidence),
        options: Vec::new(),
        clashes: clashes::clashes(evidence, thresholds),
        untold: Vec::new(),
        cost,
        sources: evidence.told_by(),
    }
}

/// Whether nothing shorter than the target was measured.
fn only_length(at: &ConditionContext<'_>) -> bool {
    at.facts.at_target.is_some() && at.facts.shorter().is_none()
}

/// RULER's categories at the only length measured that are too low, or the others.
fn at_only_length(at: &ConditionContext<'_>, low: bool) -> Vec<String> {
    let Some(here) = at.facts.at_target.filter(|_| only_length(at)) else {
        return Vec::new();
    };
    let known = RulerCategory::ALL.into_iter();
    let known = known.filter_map(|category| Some((category, here.of(category)?)));
    let told = known.filter(|(category, value)| (*value < at.thresholds.good(*category)) == low);
    told.map(|(category, _)| category.name().to_owned())
        .collect()
}

fn path(step: Option<AdaptationStep>) -> Option<AdaptationPath> {
    let path = step?.path()?;
    paths().iter().find(|row| row.step == path).cloned()
}

fn memory(evidence: &Evidence) -> Option<PromptMemory> {
    let on = evidence.hardware.as_deref().and_then(costs::named);
    let on = on.or(costs::hardware().first())?;
    Some(PromptMemory::of(
        evidence.model.as_ref()?,
        evidence.target()?,
        on,
        evidence.devices,
        evidence.positions == Some(PositionEncoding::None),
    ))
}

fn action(step: Option<AdaptationStep>, at: &ConditionContext<'_>) -> Verdict {
    match step {
        None => Verdict::Undecided,
        Some(AdaptationStep::Keep) => Verdict::Keep,
        Some(AdaptationStep::ReasonLonger) => Verdict::ReasonLonger,
        Some(AdaptationStep::Retrieve) => Verdict::Retrieve,
        Some(AdaptationStep::FixPositions) => Verdict::FixPositions,
        Some(AdaptationStep::MendShort) => Verdict::MendShort,
        Some(AdaptationStep::Extend) => extend(at),
        Some(AdaptationStep::ContinuePretraining) => Verdict::ContinuePretraining {
            reason_longer: false,
        },
        Some(AdaptationStep::ContinueAndReason) => Verdict::ContinuePretraining {
            reason_longer: true,
        },
        Some(AdaptationStep::SwitchModel) => Verdict::SwitchModel,
        Some(AdaptationStep::Retrain) => Verdict::Retrain,
    }
}

/// By the ratio of target and window: the simplest method whose reach was shown.
fn extend(at: &ConditionContext<'_>) -> Verdict {
    let factor = factor(&at.facts);
    let method = match factor {
        factor if factor <= at.thresholds.pi_factor * 1.1 => ExtensionMethod::PositionInterpolation,
        factor if factor <= at.thresholds.yarn_factor * 1.1 => ExtensionMethod::Yarn,
        _ => ExtensionMethod::LongRope,
    };
    let to = at.facts.target.unwrap_or_default();
    Verdict::Extend {
        method,
        from: at.facts.window.unwrap_or(to),
        to,
        factor,
    }
}

impl ExtensionMethod {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PositionInterpolation => "position interpolation",
            Self::Yarn => "YaRN",
            Self::LongRope => "LongRoPE",
        }
    }
}
