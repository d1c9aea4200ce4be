//! Tests conditions on what was done to the model before, and on what there is for more: corpus and
//! budget.

use super::ConditionContext;
use super::questions::low;
use super::ruler::and;
use super::work;
use crate::advise::evidence::{
    PercentFigure, PriorAdaptation, TrainingCorpus, Workload, Z_95, paired_error,
};
use crate::advise::step::AdaptationStep;
use crate::advise::training::{self, BudgetFit};
use crate::task::RulerCategory;

/// Whether at least this was done.
pub(super) fn reached(at: &ConditionContext<'_>, least: PriorAdaptation) -> Option<bool> {
    at.evidence.adaptation.map(|one| one >= least)
}

pub(super) fn window_gain_only(at: &ConditionContext<'_>) -> Option<bool> {
    let target = at.facts.at_target.as_ref()?;
    let now = target.of(RulerCategory::SingleNeedle)?;
    let before = value(at.evidence.before.retrieval)?;
    Some(now - before >= at.thresholds.drop && hard_flat(at)?)
}

pub(super) fn hard_flat(at: &ConditionContext<'_>) -> Option<bool> {
    let now = at.facts.at_target.as_ref()?.hard()?;
    Some(now - value(at.evidence.before.hard)? < at.thresholds.flat)
}

pub(super) fn comprehension_flat(at: &ConditionContext<'_>) -> Option<bool> {
    let now = at.facts.as_used?;
    let before = value(at.evidence.before.longbench);
    Some(before.map_or(now < low(at), |before| now - before < at.thresholds.flat))
}

pub(super) fn short_regressed(at: &ConditionContext<'_>) -> Option<bool> {
    let (evidence, limits) = (at.evidence, at.thresholds);
    let (before, now) = (evidence.before.short_context?, evidence.short_context?);
    let shown = paired_error(before, now, limits.assumed_n) * Z_95;
    Some(before.value - now.value >= limits.regression.max(shown))
}

pub(super) fn corpus(
    at: &ConditionContext<'_>,
    wanted: fn(TrainingCorpus) -> bool,
) -> Option<bool> {
    at.evidence.corpus.map(wanted)
}

pub(super) fn general_corpus_for_domain(at: &ConditionContext<'_>) -> Option<bool> {
    and(
        work::is(at, Workload::DomainShifted),
        corpus(at, |one| one == TrainingCorpus::General),
    )
}

pub(super) fn budget_small(at: &ConditionContext<'_>) -> Option<bool> {
    let step = AdaptationStep::ContinuePretraining;
    let cost = training::adaptation(step, at.evidence, at.thresholds, 1.0)?;
    Some(cost.budget? == BudgetFit::TooSmall)
}

fn value(figure: Option<PercentFigure>) -> Option<f64> {
    figure.map(|figure| figure.value)
}
