//! Which steps are possible at all: by weights, positions, corpus and budget.

use serde::{Deserialize, Serialize};

use super::condition::ConditionContext;
use super::costs::{AdapterMemory, TrainingMemory, hardware, named};
use super::derived_facts::factor;
use super::evidence::{PositionEncoding, TrainingCorpus, WeightAccess};
use super::sentences::two_digits_down;
use super::step::AdaptationStep;
use super::training::{self, BudgetFit};
use crate::numbers::count;

/// A step that the evidence calls for but that cannot be done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InfeasibleStep {
    /// The step.
    pub step: AdaptationStep,
    /// Why not, each reason a sentence.
    pub why: Vec<String>,
}

/// Why a step cannot be done; empty if it can.
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
            why.push("The model uses ALiBi: there are no rotary positions to rescale.".to_owned());
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
    why.extend(too_little_memory(step, at));
    why.extend(over_budget(step, at));
    why
}

/// Whether a step can be done.
pub(super) fn can(step: AdaptationStep, at: &ConditionContext<'_>) -> bool {
    obstacles(step, at).is_empty()
}

/// Whether the devices at hand are too few for a training: of all weights, or, for an extension, of
/// adapters.
fn too_little_memory(step: AdaptationStep, at: &ConditionContext<'_>) -> Option<String> {
    let (needed, adapters, there) = memory(step, at)?;
    if needed.devices <= there || with_adapters(step, at) {
        return None;
    }
    let instead = match step {
        AdaptationStep::Extend => format!(" {}", adapters.says()),
        _ => String::new(),
    };
    Some(format!(
        "{}{instead} There {} only {there}.",
        needed.says(),
        if there == 1 { "is" } else { "are" }
    ))
}

/// Whether a step is an extension that the devices at hand hold with adapters alone.
pub(super) fn with_adapters(step: AdaptationStep, at: &ConditionContext<'_>) -> bool {
    memory(step, at).is_some_and(|(needed, adapters, there)| {
        step == AdaptationStep::Extend && needed.devices > there && adapters.devices <= there
    })
}

/// The memory that training all weights takes, that training adapters takes, and the devices at hand.
fn memory(
    step: AdaptationStep,
    at: &ConditionContext<'_>,
) -> Option<(TrainingMemory, AdapterMemory, u32)> {
    step.path()?;
    let (model, there) = (at.evidence.model.as_ref()?, at.evidence.devices?);
    let on = at.evidence.hardware.as_deref().and_then(named);
    let on = on.or(hardware().first())?;
    Some((
        TrainingMemory::of(model, on),
        AdapterMemory::of(model, on),
        there,
    ))
}

/// By how much the cost exceeds a budget.
fn over_budget(step: AdaptationStep, at: &ConditionContext<'_>) -> Option<String> {
    let budget = at.evidence.budget_gpu_hours?;
    let cost = training::adaptation(step, at.evidence, at.thresholds, factor(&at.facts))?;
    if cost.budget? != BudgetFit::TooSmall {
        return None;
    }
    let least = cost.planned().low;
    Some(format!(
        "It takes {}; the budget is {} GPU-hours, at least {} too few.",
        cost.says(),
        count(budget.round() as u64),
        two_digits_down(least - budget)
    ))
}
