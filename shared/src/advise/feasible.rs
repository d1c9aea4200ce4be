//! What can be done at all: weights, positions, corpus, budget.

use serde::{Deserialize, Serialize};

use super::condition::ConditionContext;
use super::costs::{self, BudgetFit, two_digits};
use super::evidence::{
    Evidence, PositionEncoding, PositionFixMethod, TrainingCorpus, WeightAccess,
};
use super::facts::factor;
use super::rules::AdaptationStep;
use crate::numbers::count;

/// A step that the evidence asks for and that cannot be done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InfeasibleStep {
    /// The step.
    pub step: AdaptationStep,
    /// Why not, each reason a sentence.
    pub why: Vec<String>,
}

/// Whether a position fix without training could be tried, and was not: STRING or dual chunk
/// attention.
pub(super) fn fix_untried(evidence: &Evidence) -> bool {
    !evidence.position_fix.iter().any(|one| moves(one.method)) && positions_can_change(evidence)
}

/// Whether a fix moves distant positions to well-trained ones, rather than scaling all of them:
/// where scaling alone brings nothing, this may.
pub(super) fn moves(method: PositionFixMethod) -> bool {
    match method {
        PositionFixMethod::String | PositionFixMethod::DualChunk | PositionFixMethod::Other => true,
        PositionFixMethod::Yarn
        | PositionFixMethod::PositionInterpolation
        | PositionFixMethod::Ntk
        | PositionFixMethod::LongRope => false,
    }
}

fn positions_can_change(evidence: &Evidence) -> bool {
    let rotary = evidence
        .positions
        .is_none_or(|one| one == PositionEncoding::Rope);
    rotary && evidence.weights != Some(WeightAccess::Fixed)
}

/// Why a step cannot be done; empty where it can.
pub(super) fn obstacles(step: AdaptationStep, at: &ConditionContext<'_>) -> Vec<String> {
    let evidence = at.evidence;
    let mut why = Vec::new();
    let changes = match step {
        AdaptationStep::Keep
        | AdaptationStep::ReasonLonger
        | AdaptationStep::Retrieve
        | AdaptationStep::SwitchModel => false,
        AdaptationStep::FixPositions
        | AdaptationStep::MendShort
        | AdaptationStep::Extend
        | AdaptationStep::ContinuePretraining
        | AdaptationStep::ContinueAndReason
        | AdaptationStep::Retrain => true,
    };
    if changes && evidence.weights == Some(WeightAccess::Fixed) {
        why.push("The weights cannot be changed.".to_owned());
    }
    let rescales = matches!(step, AdaptationStep::FixPositions | AdaptationStep::Extend);
    match evidence.positions.filter(|_| rescales) {
        Some(PositionEncoding::Alibi) => {
            why.push("The model has ALiBi: there are no rotary positions to rescale.".to_owned())
        }
        Some(PositionEncoding::None) => {
            why.push("The model has no positions that could be rescaled.".to_owned());
        }
        Some(PositionEncoding::Rope) | None => {}
    }
    let learns = matches!(
        step,
        AdaptationStep::ContinuePretraining
            | AdaptationStep::ContinueAndReason
            | AdaptationStep::Retrain
    );
    if learns && evidence.corpus == Some(TrainingCorpus::None) {
        why.push("It needs a large corpus of long documents, and there is none.".to_owned());
    }
    why.extend(over_budget(step, at));
    why
}

/// Whether a step can be done.
pub(super) fn can(step: AdaptationStep, at: &ConditionContext<'_>) -> bool {
    obstacles(step, at).is_empty()
}

/// By how much a budget is too small.
fn over_budget(step: AdaptationStep, at: &ConditionContext<'_>) -> Option<String> {
    let budget = at.evidence.budget_gpu_hours?;
    let cost = costs::adaptation(step, at.evidence, at.thresholds, factor(&at.facts))?;
    if cost.budget? != BudgetFit::TooSmall {
        return None;
    }
    let least = cost.planned().low;
    Some(format!(
        "It takes {}; the budget is {} GPU-hours, at least {} too few.",
        cost.says(),
        count(budget.round() as u64),
        two_digits(least - budget)
    ))
}
