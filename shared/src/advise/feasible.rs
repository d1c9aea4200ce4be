//! What can be done at all: weights, positions, corpus, budget.

use serde::{Deserialize, Serialize};

use super::condition::Context;
use super::costs::{self, Budget, two_digits};
use super::evidence::{Corpus, Evidence, Positions, Weights};
use super::facts::factor;
use super::rules::Step;
use crate::numbers::count;

/// A step that the evidence asks for and that cannot be done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutOfReach {
    /// The step.
    pub step: Step,
    /// Why not, each reason a sentence.
    pub why: Vec<String>,
}

/// Whether a position fix without training could be tried, and was not.
pub(super) fn fix_untried(evidence: &Evidence) -> bool {
    evidence.position_fix.is_empty() && positions_can_change(evidence)
}

fn positions_can_change(evidence: &Evidence) -> bool {
    let rotary = evidence.positions.is_none_or(|one| one == Positions::Rope);
    rotary && evidence.weights != Some(Weights::Fixed)
}

/// Why a step cannot be done; empty where it can.
pub(super) fn obstacles(step: Step, at: &Context<'_>) -> Vec<String> {
    let evidence = at.evidence;
    let mut why = Vec::new();
    let changes = match step {
        Step::Keep | Step::ReasonLonger | Step::Retrieve | Step::SwitchModel => false,
        Step::FixPositions
        | Step::MendShort
        | Step::Extend
        | Step::ContinuePretraining
        | Step::ContinueAndReason
        | Step::Retrain => true,
    };
    if changes && evidence.weights == Some(Weights::Fixed) {
        why.push("The weights cannot be changed.".to_owned());
    }
    let rescales = matches!(step, Step::FixPositions | Step::Extend);
    match evidence.positions.filter(|_| rescales) {
        Some(Positions::Alibi) => {
            why.push("The model has ALiBi: there are no rotary positions to rescale.".to_owned())
        }
        Some(Positions::None) => {
            why.push("The model has no positions that could be rescaled.".to_owned());
        }
        Some(Positions::Rope) | None => {}
    }
    let learns = matches!(
        step,
        Step::ContinuePretraining | Step::ContinueAndReason | Step::Retrain
    );
    if learns && evidence.corpus == Some(Corpus::None) {
        why.push("It needs a large corpus of long documents, and there is none.".to_owned());
    }
    why.extend(over_budget(step, at));
    why
}

/// Whether a step can be done.
pub(super) fn can(step: Step, at: &Context<'_>) -> bool {
    obstacles(step, at).is_empty()
}

/// By how much a budget is too small.
fn over_budget(step: Step, at: &Context<'_>) -> Option<String> {
    let budget = at.evidence.budget_gpu_hours?;
    let cost = costs::adaptation(step, at.evidence, at.thresholds, factor(&at.facts))?;
    if cost.budget? != Budget::TooSmall {
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
