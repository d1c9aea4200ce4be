//! The verdict in one sentence that can be repeated, with what it assumes.

use super::condition::{Condition, ConditionContext, helping};
use super::decide::{passages_before_fix, verdict};
use super::derived_facts::RulerAtLength;
use super::evidence::{Evidence, PriorAdaptation};
use super::feasible_steps::with_adapters;
use super::further_targets::FurtherTargets;
use super::missing::MissingKind;
use super::next::{First, NextStep, extended_for_lookup};
use super::published_fix_gains::{beyond_a_fix, published_gain};
use super::sentences::{hundreds, short};
use super::step::AdaptationStep;
use super::untried_fixes::fixes;
use super::verdict::Verdict;
use crate::task::RulerCategory;

/// The verdict: for which texts, what comes first and what then, and what applies to further targets.
/// `share` is the share of the draws that lead to it.
pub(super) fn headline(
    action: Verdict,
    first: Option<First>,
    next: &NextStep,
    share: f64,
    at: &ConditionContext<'_>,
) -> String {
    let model = at.evidence.model.as_ref().map(|one| one.name.as_str());
    let names = [Some(at.evidence.name.as_str()), model];
    let mut names = names.into_iter().flatten().filter(|one| !one.is_empty());
    let name = names.next().unwrap_or("this model");
    let targets = FurtherTargets::of(action, at);
    let main = targets.main();
    let whom = format!("{name}{}{main}", assumed(at.evidence));
    let told = match action {
        Verdict::Undecided if next.is_close() => format!(
            "Not decided for {whom}: the figures are too close to the limits for more samples to tell."
        ),
        Verdict::Undecided if next.is_more_samples() => {
            format!("Not decided yet for {whom}: there are too few samples; measure more first.")
        }
        Verdict::Undecided if next.is_instead() && next.tries_a_fix() => {
            format!("Not decided yet for {whom}: try a position fix first, without training.")
        }
        Verdict::Undecided if next.is_check() => format!(
            "Not decided yet for {whom}: the figures contradict each other; check the single needle's run first."
        ),
        Verdict::Undecided => format!("Not decided yet for {whom}: measure more first."),
        action if next.is_more_samples() => format!(
            "The advice for {whom}: measure more samples first; so far the figures lead {} to this: {}.",
            hundreds(share),
            course(action, None, at)
        ),
        action => format!("The advice for {whom}: {}.", course(action, first, at)),
    };
    format!("{told}{}", targets.says())
}

/// Says which target is assumed, if none was given.
fn assumed(evidence: &Evidence) -> String {
    let assumed = evidence
        .target()
        .filter(|_| evidence.target_window.is_none());
    assumed.map_or_else(String::new, |target| {
        format!(
            ", for texts of {} tokens (no target was given: this is the longest length measured)",
            short(target)
        )
    })
}

fn course(action: Verdict, first: Option<First>, at: &ConditionContext<'_>) -> String {
    let told = match action {
        Verdict::FixPositions => return fix(at),
        Verdict::Extend { from, to, .. } if again(at) => format!(
            "repeat the extension from {} to {} tokens with a longer fine-tune or another scaling, as needles are still lost there",
            short(from),
            short(to)
        ),
        Verdict::Extend { .. } if with_adapters(AdaptationStep::Extend, at) => format!(
            "{}, with adapters, as the devices at hand do not hold the training of all weights",
            action.sentence()
        ),
        Verdict::Retrain => "retrain".to_owned(),
        Verdict::Keep if extended_for_lookup(at) => {
            format!(
                "keep the model as it is, for looking up single facts only, as chains or counts are lost {}",
                at.facts.where_measured()
            )
        }
        Verdict::ReasonLonger | Verdict::Retrieve => {
            format!("{}{}", action.sentence(), leaves(action, at))
        }
        action => action.sentence(),
    };
    let gain = published_gain(at);
    match first {
        None => told,
        Some(First::Fix) => match (beyond_a_fix(at), gain) {
            (None, None) => {
                format!("try a position fix first; if {} with it, {told}", lost(at))
            }
            (None, Some(gain)) => format!(
                "try a position fix first, as {gain}; if {} with it, {told}",
                lost(at)
            ),
            (Some(shortfall), gain) => format!(
                "{told}. A position fix, tried first, costs one evaluation{}, but will not be enough by itself: {}",
                gain.map_or_else(String::new, |gain| format!(" ({gain})")),
                shortfall.says()
            ),
        },
        Some(First::Candidates) => {
            format!("measure other base models of this size first; if none holds up, {told}")
        }
        Some(First::Measure(gap)) => format!("{}, {told}", spares(gap)),
    }
}

/// What thinking first or passages leave: what is lost where no error is acceptable; and a position fix
/// as a trial, if it would come first but passages are known to help.
fn leaves(action: Verdict, at: &ConditionContext<'_>) -> String {
    if Condition::NoErrors.holds(at) == Some(true) {
        let low = RulerCategory::ALL.into_iter().filter_map(|category| {
            let value = at.facts.at_target?.of(category)?;
            let low = value < at.thresholds.good(category);
            low.then(|| format!("{} at {value:.1}", category.name()))
        });
        let low: Vec<String> = low.collect();
        return match low.is_empty() {
            true => String::new(),
            false => format!(
                ", which leaves RULER {}, where no error is accepted",
                low.join(" and ")
            ),
        };
    }
    match action == Verdict::Retrieve && passages_before_fix(at) {
        true => "; a position fix is worth a trial beside it, for one evaluation and without training, but will not be enough by itself".to_owned(),
        false => String::new(),
    }
}

/// Whether an extension was made already.
fn again(at: &ConditionContext<'_>) -> bool {
    at.evidence.adaptation == Some(PriorAdaptation::Extended)
        && Condition::RetrievalFails.holds(at) == Some(true)
}

/// What a position fix would have to restore.
fn lost(at: &ConditionContext<'_>) -> String {
    let fails = |condition: Condition| condition.holds(at) == Some(true);
    let lost = [
        (Condition::RetrievalFails, "needles"),
        (Condition::MultiHopFails, "chains (multi-hop tracing)"),
        (Condition::AggregationFails, "counts (aggregation)"),
    ];
    let lost = lost.into_iter().filter(|(condition, _)| fails(*condition));
    let lost: Vec<&str> = lost.map(|(_, name)| name).collect();
    match lost.split_last() {
        None => "RULER is still low at the target".to_owned(),
        Some((last, [])) => format!("{last} are still lost"),
        Some((last, others)) => format!("{} or {last} are still lost", others.join(", ")),
    }
}

/// What is measured first, as it could make training unnecessary, and what leads to it all the same.
fn spares(gap: MissingKind) -> String {
    match gap {
        MissingKind::Cot => "try a chain of thought first; if it does not close the gap".to_owned(),
        MissingKind::Rag => "try retrieved passages first; if they do not help".to_owned(),
        MissingKind::NoContext => {
            "ask the same questions without the text first; if fewer are answered then".to_owned()
        }
        MissingKind::Holdouts => {
            "try it on questions about your own documents first; if these are answered badly too"
                .to_owned()
        }
        gap => format!("measure {} first; if that changes nothing", gap.what()),
    }
}

/// What the figures lead to once a position fix was tried and was not enough.
fn after_the_fix(at: &ConditionContext<'_>) -> String {
    let outcomes = MissingKind::PositionFix.options(at.evidence, at.thresholds);
    // The first outcome is a fix that restores nothing.
    let after = outcomes.into_iter().next();
    let after = after.and_then(|(_, evidence)| verdict(&evidence, at.thresholds));
    match after.filter(|step| *step != AdaptationStep::FixPositions) {
        Some(step) => format!("; after it comes: {}", step.name()),
        None => "; what comes after it is not decided yet".to_owned(),
    }
}

/// A fix to be tried, or what the one that was tried restores and what it leaves lost.
fn fix(at: &ConditionContext<'_>) -> String {
    let Some(tried) = helping(at) else {
        let gain = published_gain(at).map_or_else(String::new, |gain| format!(": {gain}"));
        let told = format!("try a position fix, without training ({}){gain}", fixes(at));
        return match beyond_a_fix(at) {
            None => told,
            Some(shortfall) => format!(
                "{told}, but it will not be enough by itself: {}{}",
                shortfall.says(),
                after_the_fix(at)
            ),
        };
    };
    let value = |one: Option<RulerAtLength>| {
        let one = one?;
        match tried.category {
            Some(category) => one.of(category),
            None => one.overall,
        }
    };
    let today = value(at.facts.at_target).map_or_else(String::new, |one| format!("from {one:.1} "));
    let name = tried.category.map_or("mean", RulerCategory::name);
    let told = format!(
        "use {}, which needs no training: it raises RULER {name} at {} {today}to {:.1}",
        tried.method.name(),
        short(tried.length),
        tried.value
    );
    let limits = at.thresholds;
    let left = [RulerCategory::MultiHop, RulerCategory::Aggregation].map(|category| {
        let value = at.facts.fixed?.of(category)?;
        let again = at.evidence.position_fix.iter();
        let mut again = again.filter(|fix| fix.category == Some(category));
        let low = value < limits.good(category) && again.next().is_some();
        low.then(|| format!("{} at {value:.1}", category.name()))
    });
    let left: Vec<String> = left.into_iter().flatten().collect();
    match left.is_empty() {
        true => told,
        false => format!("{told}; it leaves {}", left.join(" and ")),
    }
}
