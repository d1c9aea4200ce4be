//! Which step the rules come to, and what is left where that cannot be done.

use super::Thresholds;
use super::condition::{Condition, ConditionContext};
use super::evidence::{Evidence, LongBenchMode, ReasoningDepth};
use super::feasible::{InfeasibleStep, can, fix_untried, obstacles};
use super::rules::{AdaptationStep, Rule, RuleTable, tables};

/// What the rules say, without reasons in words.
pub(super) struct RuleDecision {
    /// What to do; nothing where no rule decides.
    pub step: Option<AdaptationStep>,
    /// The rules that fired.
    pub fired: Vec<(&'static RuleTable, &'static Rule)>,
    /// What was asked for and cannot be done, the preferred first.
    pub out_of_reach: Vec<InfeasibleStep>,
}

/// The verdict alone.
pub(super) fn verdict(evidence: &Evidence, thresholds: &Thresholds) -> Option<AdaptationStep> {
    let at = ConditionContext::new(evidence, thresholds);
    let fired: Vec<_> = fired(&at);
    let wanted = wanted(&fired, &at);
    chosen(&wanted, &at)
}

/// The verdict, and which rules fired, by their place among all of them.
pub(super) fn verdict_and_rules(
    evidence: &Evidence,
    thresholds: &Thresholds,
) -> (Option<AdaptationStep>, Vec<bool>) {
    let at = ConditionContext::new(evidence, thresholds);
    let all = tables().iter().flat_map(|table| &table.rules);
    let fires: Vec<bool> = all.map(|rule| rule.fires(&at)).collect();
    let rules = tables()
        .iter()
        .flat_map(|table| table.rules.iter().map(move |rule| (table, rule)));
    let fired = rules.zip(&fires).filter(|(_, fires)| **fires);
    let fired: Vec<_> = fired.map(|(rule, _)| rule).collect();
    let wanted = wanted(&fired, &at);
    (chosen(&wanted, &at), fires)
}

/// The step of the rule with the lowest rank that fires; where several share the rank, the
/// cheapest of their preferred steps, as the article's order has it. Where that cannot be done, the
/// best that can.
pub(super) fn decide(at: &ConditionContext<'_>) -> RuleDecision {
    let fired = fired(at);
    let wanted = wanted(&fired, at);
    let chosen = chosen(&wanted, at);
    let mut out_of_reach: Vec<InfeasibleStep> = Vec::new();
    for step in wanted {
        if Some(step) == chosen {
            break;
        }
        let why = obstacles(step, at);
        if !why.is_empty() && !out_of_reach.iter().any(|one| one.step == step) {
            out_of_reach.push(InfeasibleStep { step, why });
        }
    }
    RuleDecision {
        step: chosen,
        fired,
        out_of_reach,
    }
}

fn fired(at: &ConditionContext<'_>) -> Vec<(&'static RuleTable, &'static Rule)> {
    let rules = tables()
        .iter()
        .flat_map(|table| table.rules.iter().map(move |rule| (table, rule)));
    rules.filter(|(_, rule)| rule.fires(at)).collect()
}

/// What the rules ask for, the deciding ones by rank; to keep the model only where that comes
/// first. Where none decides and something is lost: the training that they lean to, so that it is
/// known beforehand where that is out of reach.
fn wanted(
    fired: &[(&'static RuleTable, &'static Rule)],
    at: &ConditionContext<'_>,
) -> Vec<AdaptationStep> {
    // What the own hold-outs show is not overruled by benchmarks: nothing is kept against them.
    let short = Condition::OwnFallsShort.holds(at) == Some(true);
    let kept = |rule: &Rule| rule.then.first() == Some(&AdaptationStep::Keep);
    let deciding = fired.iter().map(|(_, rule)| *rule);
    let deciding = deciding.filter(|rule| !rule.then.is_empty() && !(short && kept(rule)));
    let mut deciding: Vec<&Rule> = deciding.collect();
    deciding.sort_by_key(|rule| (rule.rank, rule.then.first().copied()));
    if !deciding.is_empty() {
        let mut all: Vec<AdaptationStep> = Vec::new();
        for step in deciding.iter().flat_map(|rule| &rule.then) {
            let later = *step == AdaptationStep::Keep && !all.is_empty();
            if !later && !all.contains(step) {
                all.push(*step);
            }
        }
        return all;
    }
    let lost = [
        Condition::HardFails,
        Condition::RulerFails,
        Condition::ComprehensionShort,
    ];
    if !lost.iter().any(|one| one.holds(at) == Some(true)) {
        return Vec::new();
    }
    let leans = fired.iter().flat_map(|(_, rule)| rule.favours.iter());
    let short = Condition::WindowShort.holds(at) != Some(false);
    let trains =
        |step: &AdaptationStep| step.path().is_some() && (short || *step != AdaptationStep::Extend);
    let mut leans: Vec<AdaptationStep> = leans.copied().filter(trains).collect();
    leans.sort_unstable();
    leans.dedup_by_key(|step| step.course());
    // While one of them can be done, what is missing is measured first.
    if leans.iter().any(|step| can(*step, at)) {
        leans.clear();
    }
    leans
}

fn chosen(wanted: &[AdaptationStep], at: &ConditionContext<'_>) -> Option<AdaptationStep> {
    let first = wanted.first()?;
    let possible = wanted.iter().find(|step| can(**step, at));
    possible.copied().or_else(|| Some(instead(*first, at)))
}

/// The best that can be done where `wanted` cannot: what was measured to help, then what costs no
/// more than an evaluation, then another model.
fn instead(wanted: AdaptationStep, at: &ConditionContext<'_>) -> AdaptationStep {
    let holds = |condition: Condition| condition.holds(at) == Some(true);
    let fails = |condition: Condition| condition.holds(at) == Some(false);
    let reasons = at
        .facts
        .depth
        .is_none_or(|depth| depth > ReasoningDepth::Low);
    let short = wanted == AdaptationStep::Extend;
    let lost = holds(Condition::LostWithLength) || short;
    if holds(Condition::RagAtLeastFull) {
        return AdaptationStep::Retrieve;
    }
    if reasons && !short && holds(Condition::CotRecovers) {
        return AdaptationStep::ReasonLonger;
    }
    if lost && fix_untried(at.evidence) && can(AdaptationStep::FixPositions, at) {
        return AdaptationStep::FixPositions;
    }
    let trains = [AdaptationStep::Extend, AdaptationStep::ContinuePretraining];
    // Not tried yet, or tried and not much worse than the whole text.
    let passages = at.facts.rag.is_none() || fails(Condition::RagBelowFull);
    if short && !reasons && passages {
        return AdaptationStep::Retrieve;
    }
    if short && let Some(step) = trains.into_iter().find(|step| can(*step, at)) {
        return step;
    }
    // Thinking first that was tried and does not close the gap is no way out.
    let tried = at.evidence.longbench_at(LongBenchMode::Cot, None, None);
    let useless = tried.is_some() && !holds(Condition::CotRecovers);
    if reasons && !short && !useless {
        return AdaptationStep::ReasonLonger;
    }
    match passages {
        true => AdaptationStep::Retrieve,
        false => AdaptationStep::SwitchModel,
    }
}
