//! The step that the rules lead to, and what remains if that cannot be done.

use super::condition::{Condition, ConditionContext, gain};
use super::derived_facts::factor;
use super::evidence::{Evidence, LongBenchMode, ReasoningDepth, WeightAccess};
use super::feasible_steps::{InfeasibleStep, can, obstacles};
use super::published_fix_gains::beyond_a_fix;
use super::rules::{Rule, RuleTable, tables};
use super::step::AdaptationStep;
use super::thresholds::Thresholds;

/// What the rules decide, without reasons in words.
pub(super) struct RuleDecision {
    /// What to do; `None` if no rule decides.
    pub step: Option<AdaptationStep>,
    /// The rules that fired.
    pub fired: Vec<(&'static RuleTable, &'static Rule)>,
    /// What the rules call for and cannot be done, the preferred first.
    pub out_of_reach: Vec<InfeasibleStep>,
    /// Whether something that the rules prefer to the verdict is among it.
    pub limited: bool,
}

/// The verdict alone.
pub(super) fn verdict(evidence: &Evidence, thresholds: &Thresholds) -> Option<AdaptationStep> {
    let at = ConditionContext::new(evidence, thresholds);
    let fired: Vec<_> = fired(&at);
    let wanted = wanted(&fired, &at);
    chosen(&wanted, &at)
}

/// The verdict, and which rules fired, by their index among all of them.
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

/// The step of the firing rule with the lowest rank; if several share that rank, the
/// cheapest of their preferred steps, in the article's order. If that cannot be done, the
/// best one that can.
pub(super) fn decide(at: &ConditionContext<'_>) -> RuleDecision {
    let fired = fired(at);
    let wanted = wanted(&fired, at);
    let chosen = chosen(&wanted, at);
    let mut out_of_reach: Vec<InfeasibleStep> = Vec::new();
    let (mut limited, mut before) = (false, true);
    for step in wanted {
        before &= Some(step) != chosen;
        // Steps after the verdict are listed too if they cannot be done, but not when the model is kept.
        if !before && chosen == Some(AdaptationStep::Keep) {
            break;
        }
        let why = obstacles(step, at);
        limited |= before && !why.is_empty();
        let same = |one: &InfeasibleStep| one.step.course() == step.course();
        if !why.is_empty() && !out_of_reach.iter().any(same) {
            out_of_reach.push(InfeasibleStep { step, why });
        }
    }
    RuleDecision {
        step: chosen,
        fired,
        out_of_reach,
        limited,
    }
}

fn fired(at: &ConditionContext<'_>) -> Vec<(&'static RuleTable, &'static Rule)> {
    let rules = tables()
        .iter()
        .flat_map(|table| table.rules.iter().map(move |rule| (table, rule)));
    rules.filter(|(_, rule)| rule.fires(at)).collect()
}

/// What the rules call for, by the rank of the deciding ones; keeping the model only if that comes
/// first. If none decides and something is lost: the training that the rules favour, so that it is
/// known beforehand if that is out of reach.
fn wanted(
    fired: &[(&'static RuleTable, &'static Rule)],
    at: &ConditionContext<'_>,
) -> Vec<AdaptationStep> {
    // Benchmarks do not overrule the user's own hold-outs: no model is kept against them.
    let short = Condition::OwnFallsShort.holds(at) == Some(true);
    let kept = |rule: &Rule| rule.then.first() == Some(&AdaptationStep::Keep);
    let deciding = fired.iter().map(|(_, rule)| *rule);
    let deciding = deciding.filter(|rule| !(rule.then.is_empty() || short && kept(rule)));
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
        if all.contains(&AdaptationStep::Retrieve) && is_trial(&all, at) {
            all.retain(|step| *step != AdaptationStep::Retrieve);
            all.insert(0, AdaptationStep::Retrieve);
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
    // If one of them can be done, what is missing is measured first.
    if leans.iter().any(|step| can(*step, at)) {
        leans.clear();
    }
    leans
}

/// Whether a position fix that the rules prefer is only a trial beside retrieved passages: these were
/// measured to help, beyond sampling error, and the fix alone will not be enough.
fn is_trial(wanted: &[AdaptationStep], at: &ConditionContext<'_>) -> bool {
    let helps =
        || gain(at, LongBenchMode::Rag, LongBenchMode::Direct).is_some_and(|one| one.low > 0.0);
    wanted.first() == Some(&AdaptationStep::FixPositions)
        && at.evidence.fix_untried()
        && beyond_a_fix(at).is_some()
        && helps()
}

/// Whether passages come before a position fix that the rules would prefer.
pub(super) fn passages_before_fix(at: &ConditionContext<'_>) -> bool {
    let deciding = fired(at).into_iter().map(|(_, rule)| rule);
    let first = deciding
        .filter(|rule| !rule.then.is_empty())
        .min_by_key(|rule| (rule.rank, rule.then.first().copied()));
    first.is_some_and(|rule| is_trial(&rule.then, at))
}

fn chosen(wanted: &[AdaptationStep], at: &ConditionContext<'_>) -> Option<AdaptationStep> {
    let first = wanted.first()?;
    let possible = wanted.iter().find(|step| can(**step, at));
    possible.copied().or_else(|| instead(*first, at))
}

/// The best that can be done if `wanted` cannot: what was measured to help, the better first, then
/// what costs no more than an evaluation, then another model. `None` if real questions were never
/// asked and the work is more than lookup.
fn instead(wanted: AdaptationStep, at: &ConditionContext<'_>) -> Option<AdaptationStep> {
    let holds = |condition: Condition| condition.holds(at) == Some(true);
    let reasons = at
        .facts
        .depth
        .is_none_or(|depth| depth > ReasoningDepth::Low);
    let short = wanted == AdaptationStep::Extend && Condition::WindowShort.holds(at) != Some(false);
    // Thinking first extends no window: beyond it, it is worth trying only if it reaches people.
    let beyond = holds(Condition::WindowShort);
    let thinks = reasons && !holds(Condition::AlwaysThinks);
    let reaches = holds(Condition::CotNearHuman);
    // Where more errors than people's are not acceptable, what stays below them is no remedy.
    let strict = reasons && holds(Condition::BelowHumanUnacceptable);
    let helps = thinks && holds(Condition::ThinkingHelps) && (reaches || !beyond);
    let helps = helps && !(strict && holds(Condition::CotBelowHuman));
    let too_low = strict && holds(Condition::RagBelowHuman);
    let passages = holds(Condition::RagHelps) && !too_low;
    let kept = reasons && !beyond && keeps(at);
    if kept && holds(Condition::HumanMet) {
        return Some(AdaptationStep::Keep);
    }
    if helps && reaches {
        return Some(AdaptationStep::ReasonLonger);
    }
    if kept && holds(Condition::AboutPeople) {
        return Some(AdaptationStep::Keep);
    }
    if helps && (!passages || holds(Condition::ThinkingBeatsPassages)) {
        return Some(AdaptationStep::ReasonLonger);
    }
    if passages {
        return Some(AdaptationStep::Retrieve);
    }
    // A fix without training does not reliably carry a window as far as this.
    let far = short && factor(&at.facts) >= FAR && can(AdaptationStep::FixPositions, at);
    let lost = holds(Condition::LostWithLength) || short;
    if lost && !far && at.evidence.fix_untried() && can(AdaptationStep::FixPositions, at) {
        return Some(AdaptationStep::FixPositions);
    }
    let trains = [AdaptationStep::Extend, AdaptationStep::ContinuePretraining];
    if short
        && reasons
        && let Some(step) = trains.into_iter().find(|step| can(*step, at))
    {
        return Some(step);
    }
    let asked = at.facts.as_told.is_some() || at.facts.own.is_some();
    if reasons && !asked && !beyond {
        return None;
    }
    // What was not measured yet, the cheapest first, without what was measured and does not help.
    let told = |reading| at.evidence.longbench_at(reading, None, None).is_some();
    if thinks && !short && !told(LongBenchMode::Cot) {
        return Some(AdaptationStep::ReasonLonger);
    }
    let fixed = at.evidence.weights == Some(WeightAccess::Fixed);
    let asked = told(LongBenchMode::Direct) || ((fixed || far) && !reasons);
    let untried = !told(LongBenchMode::Rag) && asked;
    let low = too_low || reasons && holds(Condition::ComprehensionLow);
    let near = Condition::RagBelowFull.holds(at) == Some(false) && !low;
    match untried || near {
        true => Some(AdaptationStep::Retrieve),
        false => Some(AdaptationStep::SwitchModel),
    }
}

/// How many times the window is too far for a position fix without training. Chosen.
const FAR: f64 = 7.5;

/// Whether nothing speaks against keeping the model: the own hold-outs do not fall short, and more
/// errors than people's are acceptable.
fn keeps(at: &ConditionContext<'_>) -> bool {
    let against = [Condition::OwnFallsShort, Condition::BelowHumanUnacceptable];
    !against.iter().any(|one| one.holds(at) == Some(true))
}
