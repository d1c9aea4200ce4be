//! What has to be done and validated, in order.

use super::adaptation_paths::burdens;
use super::condition::{Condition, ConditionContext, helping};
use super::derived_facts::near;
use super::evidence::{ErrorTolerance, TrainingCorpus, Workload};
use super::feasible_steps::{InfeasibleStep, can, with_adapters};
use super::published_fix_gains::{beyond_a_fix, published_gain};
use super::sentences::short;
use super::step::AdaptationStep;
use super::untried_fixes::{fixes, worth_a_fix};
use super::verdict::Verdict;

/// The plan of a verdict.
pub(super) fn plan(
    step: Option<AdaptationStep>,
    action: Verdict,
    at: &ConditionContext<'_>,
    out_of_reach: &[InfeasibleStep],
) -> Vec<String> {
    let Some(step) = step else {
        return vec!["Take the measurement named as the next step; then ask again.".to_owned()];
    };
    let mut plan = Vec::new();
    if step.path().is_some() || step == AdaptationStep::FixPositions {
        plan.push("Keep today's RULER figures at the target lengths, LongBench v2 and scores on short texts as the baseline.".to_owned());
    }
    plan.extend(own(action, at));
    if step == AdaptationStep::FixPositions {
        plan.extend(after_a_fix(at, out_of_reach));
    }
    if !out_of_reach.is_empty() {
        plan.extend(cheap(step, at));
    }
    let evidence = at.evidence;
    let strict = evidence.workload == Some(Workload::SafetyCritical)
        || evidence
            .tolerance
            .is_some_and(|one| one != ErrorTolerance::SomeMisses);
    let mut add = |what: &str| {
        let line = format!("Validate: {what}.");
        if !plan.contains(&line) {
            plan.push(line);
        }
    };
    for burden in burdens() {
        let of_path = burden.step.is_some() && burden.step == step.path();
        let of_domain = burden.id == "domain" && evidence.workload == Some(Workload::DomainShifted);
        let sign_off = burden.id == "sign_off" && strict;
        if of_path || of_domain || sign_off {
            burden.validate.iter().for_each(|one| add(one));
        }
    }
    if step == AdaptationStep::Extend && evidence.workload != Some(Workload::DocumentLookup) {
        add("RULER's multi-hop tracing and aggregation, not only needles");
    }
    let target = evidence.target();
    let others = evidence.window_targets.iter();
    let others: Vec<String> = others
        .filter(|one| target.is_none_or(|target| !near(**one, target)))
        .map(|one| short(*one))
        .collect();
    if !others.is_empty() {
        add(&format!(
            "each further window target by itself, {} tokens: each takes an evaluation of its own",
            others.join(" and ")
        ));
    }
    if evidence.workload == Some(Workload::SafetyCritical) {
        add("people review a sample of its answers before you rely on it");
    }
    if step.path().is_some() {
        plan.push(
            "Measure all of them at every checkpoint, and let a test, not the eye, decide what was lost (`fathom track`)."
                .to_owned(),
        );
    }
    plan
}

fn own(action: Verdict, at: &ConditionContext<'_>) -> Vec<String> {
    let holds = |condition: Condition| condition.holds(at) == Some(true);
    let lines: &[&str] = match action {
        Verdict::Undecided => &[],
        Verdict::Keep => &["Use it as it is; measure again with every new version."],
        Verdict::ReasonLonger => &[
            "Let it think first on questions from your own work, and compare with direct answers sample by sample.",
            "Validate: LongBench v2 and your own hold-outs, with the model used in that way.",
        ],
        Verdict::Retrieve => &[
            "Search for passages, and give the model 4 to 16 of them instead of the whole text.",
            "Validate: the same questions with the whole text and with passages, side by side; report questions whose answer is spread over the text separately.",
        ],
        Verdict::FixPositions => {
            let first = match helping(at) {
                Some(tried) => format!("Switch {} on.", tried.method.name()),
                None => format!(
                    "Switch on a position fix that needs no training ({}) and measure RULER at the target with it.",
                    fixes(at)
                ),
            };
            return vec![
                first,
                "Measure short texts with it too: static scaling costs quality there.".to_owned(),
            ];
        }
        Verdict::MendShort => &[
            "Go back to the previous version, or repeat the end of the training with high-quality short data mixed in.",
            "Validate: short texts against the previous version, with a paired test.",
        ],
        Verdict::Extend { method, factor, .. } => {
            let known = published_gain(at)
                .map(|gain| format!("Try a position fix without training first: {gain}."));
            let lines = [
                match holds(Condition::FixFails) || holds(Condition::ScalingFails) {
                    true => "Expect little from scaling alone: what was tried without training did not restore what is lost. Measure after the first steps of the fine-tune, and stop if nothing improves.".to_owned(),
                    false => "Test the scaling without training first: it costs one evaluation, and shows whether positions are the cause.".to_owned(),
                },
                format!(
                    "Extend by {} with a factor of {factor:.1} and a short fine-tune{}.",
                    method.name(),
                    match with_adapters(AdaptationStep::Extend, at) {
                        true => " of adapters, norms and embeddings, which the devices at hand hold",
                        false => "",
                    }
                ),
                "Do not skip the fine-tune: scaling alone finds easy needles but loses harder ones, and static scaling costs quality on short texts (field).".to_owned(),
            ];
            return known.into_iter().chain(lines).collect();
        }
        Verdict::ContinuePretraining { reason_longer } => {
            let mut lines = Vec::new();
            if worth_a_fix(at) {
                let why = match beyond_a_fix(at) {
                    None => "may save the training",
                    Some(_) => "shows how much is left to train",
                };
                lines.push(format!("Try a position fix without training first (STRING, dual chunk attention): one evaluation {why}."));
            }
            let have = at
                .evidence
                .corpus
                .filter(|one| *one != TrainingCorpus::None);
            let gather = match have {
                Some(_) => {
                    "Take the long documents at hand, check them for length, kind and duplicates,"
                }
                None => "Gather long documents (books, code, documents of the domain)",
            };
            lines.push(format!("{gather} and mix them with high-quality short data; train beyond the target length; evaluate after instruction tuning (field: ProLong)."));
            if reason_longer {
                lines.push("Let it think first, both meanwhile and afterwards.".to_owned());
            }
            return lines;
        }
        Verdict::SwitchModel => &[
            "Choose two or three other base models that you can run and whose published RULER scores hold up at the target.",
            "Measure them on the same samples, and compare sample by sample (`fathom compare`).",
        ],
        Verdict::Retrain => &[
            "Measure other base models first: one of them may hold up without any training.",
            "Train a new model with other positions or attention, and with long documents from the start.",
        ],
    };
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// What follows for what a position fix leaves lost.
fn after_a_fix(at: &ConditionContext<'_>, out_of_reach: &[InfeasibleStep]) -> Option<String> {
    let trains = out_of_reach.iter().any(|one| one.step.path().is_some());
    let strict = Condition::BelowHumanUnacceptable.holds(at) == Some(true);
    let told = match (trains, strict) {
        (false, _) => "Consider training only for what is still lost with it.",
        (true, true) => {
            "If answers are still below people's with it, take another base model: training is out of reach."
        }
        (true, false) => {
            "Training is out of reach: for what is still lost with it, there are the ways below, and another base model."
        }
    };
    Some(told.to_owned())
}

/// What else can be done if training is out of reach, cheapest first.
fn cheap(step: AdaptationStep, at: &ConditionContext<'_>) -> Vec<String> {
    let all = [
        (
            AdaptationStep::FixPositions,
            "Also within reach: a position fix without training; it costs one evaluation.",
        ),
        (
            AdaptationStep::ReasonLonger,
            "Also within reach: a chain of thought; it costs tokens with every answer.",
        ),
        (
            AdaptationStep::Retrieve,
            "Also within reach: retrieved passages instead of the whole text.",
        ),
    ];
    let holds = |condition: Condition| condition.holds(at) == Some(true);
    // Where more errors than people's are not acceptable, what stays below them is no way out.
    let strict = holds(Condition::BelowHumanUnacceptable);
    let thought = [
        Condition::DepthLow,
        Condition::CotFails,
        Condition::ThinkingCosts,
        Condition::ThinkingFlat,
    ];
    let vain = |one: AdaptationStep| match one {
        AdaptationStep::FixPositions => holds(Condition::FixFails),
        AdaptationStep::ReasonLonger => {
            thought.into_iter().any(holds) || strict && holds(Condition::CotBelowHuman)
        }
        _ => {
            Condition::RagHelps.holds(at) == Some(false)
                || strict && !holds(Condition::DepthLow) && holds(Condition::RagBelowHuman)
        }
    };
    let others = all
        .into_iter()
        .filter(|(one, _)| *one != step && can(*one, at) && !vain(*one));
    others.map(|(_, line)| line.to_owned()).collect()
}
