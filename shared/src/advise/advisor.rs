//! Gives advice: from evidence to a verdict with its reasons.

use super::adaptation_paths::{AdaptationPath, paths};
use super::advice::{Advice, VerdictCertainty};
use super::assumed_samples::assumed;
use super::condition::ConditionContext;
use super::cost_items;
use super::cost_options::{self, OptionCost};
use super::costs::{self, PromptMemory};
use super::decide::{RuleDecision, decide};
use super::derived_facts::factor;
use super::draws;
use super::evidence::{Evidence, PositionEncoding};
use super::extension_method::extend;
use super::headline;
use super::held_back::held_back;
use super::inconsistent_evidence;
use super::missing::{self, untried};
use super::next::{self, NextStepContext};
use super::plan;
use super::reasons::{SURE, reaches, told};
use super::sensitivity;
use super::step::AdaptationStep;
use super::thresholds::Thresholds;
use super::training;
use super::uncertain_figures;
use super::verdict::Verdict;
use super::window_end;
use crate::task::RulerCategory;

/// Gives advice. Deterministic, and defined for any evidence; [`Evidence::check`] reports
/// figures that are impossible.
///
/// The verdict is the one that most draws of the evidence lead to, if they are at least
/// `thresholds.decided` of all draws; otherwise it is undecided, with the shares of all verdicts.
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
    price_options(&mut advice, evidence, thresholds);
    advice.made_to_fit(evidence);
    advice.explain_hold_outs();
    advice
}

fn by_rules(evidence: &Evidence, thresholds: &Thresholds) -> Advice {
    let at = ConditionContext::new(evidence, thresholds);
    let RuleDecision {
        step: at_value,
        mut fired,
        out_of_reach,
        limited,
    } = decide(&at);
    let (shares, holds) = draws::survey(evidence, thresholds);
    let first = shares.first().copied();
    // If the figures as given lead elsewhere than most draws, deciding takes a larger share.
    let held = held_back(evidence, thresholds);
    let decided = first.filter(|_| held.is_none()).filter(|one| {
        match AdaptationStep::same(one.verdict, at_value) {
            true => reaches(one.share, thresholds.decided),
            false => reaches(one.share, thresholds.decided_against),
        }
    });
    let step = decided.and_then(|one| one.verdict);
    // The figures as given may call for the other form of the same course.
    let step = match AdaptationStep::same(step, at_value) {
        true => at_value,
        false => step,
    };
    fired.sort_by_key(|(_, rule)| (rule.then.is_empty(), rule.rank));
    let told = told(&fired, step, &at, &holds);
    let missing = missing::missing(evidence, thresholds);
    let unsettled = uncertain_figures::unsettled(evidence, thresholds);
    let measured = first
        .filter(|_| step.is_some())
        .map_or(0.0, |one| one.share);
    let verdicts: Vec<_> = shares.iter().map(|one| one.verdict).collect();
    let mut next = next::next(&NextStepContext {
        at: &at,
        step,
        split: decided.is_none(),
        held: held.as_ref(),
        unsure: step.is_some() && !reaches(measured, SURE),
        verdicts: &verdicts,
        untried: untried(at_value, evidence, thresholds),
        missing: &missing,
        unsettled: &unsettled,
        limited: match limited {
            true => &out_of_reach,
            false => &[],
        },
    });
    let factor = factor(&at.facts);
    let cost = step.and_then(|step| training::adaptation(step, evidence, thresholds, factor));
    let share = match step {
        Some(_) => draws::with_missing(evidence, thresholds, step, measured),
        None => 0.0,
    };
    let action = action(step, &at);
    let bill = cost_items::bill(evidence, &next, cost.as_ref());
    if let Some(part) = cost_items::part_of_budget(&bill, evidence) {
        next.why = format!("{}; {part}", next.why);
    }
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
        bill,
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
        clashes: inconsistent_evidence::clashes(evidence, thresholds),
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

/// Prices the options that remain if the figures are too close to decide, in the next step too.
fn price_options(advice: &mut Advice, evidence: &Evidence, thresholds: &Thresholds) {
    let close = advice.next.is_close();
    if advice.action != Verdict::Undecided || !(close || advice.next.is_instead()) {
        return;
    }
    advice.options = cost_options::options(&advice.certainty.shares, evidence, thresholds);
    let short: Vec<String> = advice.options.iter().map(OptionCost::short).collect();
    if close && !short.is_empty() {
        let what = format!("{}. The costs: {}", advice.next.what, short.join("; "));
        advice.next.what = what;
    }
}
