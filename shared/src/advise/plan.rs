//! What has to be done and validated, in order.

use super::advice::Verdict;
use super::condition::{Condition, ConditionContext, helping};
use super::evidence::{ErrorTolerance, TrainingCorpus, Workload};
use super::facts::near;
use super::feasible::{InfeasibleStep, can};
use super::next::worth_a_fix;
use super::rules::{AdaptationStep, burdens};

/// The plan of a verdict.
pub(super) fn plan(
    step: Option<AdaptationStep>,
    action: Verdict,
    at: &ConditionContext<'_>,
    out_of_reach: &[InfeasibleStep],
) -> Vec<String> {
    let Some(step) = step else {
        return vec!["Measure what is named as next; then ask again.".to_owned()];
    };
    let mut plan = Vec::new();
    if step.path().is_some() || step == AdaptationStep::FixPositions {
        plan.push("Keep today's RULER figures at the target lengths, LongBench v2 and scores on short texts as the baseline.".to_owned());
    }
    plan.extend(own(action, at));
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
        add("RULER's multi-hop tracing and aggregation, not needles alone");
    }
    let target = evidence.target();
    let others = evidence.window_targets.iter();
    let others: Vec<String> = others
        .filter(|one| target.is_none_or(|target| !near(**one, target)))
        .map(|one| format!("{one:#}"))
        .collect();
    if !others.is_empty() {
        add(&format!(
            "each further window target by itself, {} tokens: each costs an evaluation of its own",
            others.join(" and ")
        ));
    }
    if evidence.workload == Some(Workload::SafetyCritical) {
        add("reviewed by people on a sample of its answers before it is relied on");
    }
    if step.path().is_some() {
        plan.push(
            "Measure all of them at every checkpoint, and let a test say what was lost, not the eye (`fathom track`)."
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
            "Let it think first, on questions of your own work; compare with direct answers sample by sample.",
            "Validate: LongBench v2 and your own hold-outs, as the model is then used.",
        ],
        Verdict::Retrieve => &[
            "Search for passages and give the model those, 4 to 16 of them, instead of the whole text.",
            "Validate: the same questions with the whole text and with passages, side by side; questions whose answer is spread over the text apart.",
        ],
        Verdict::FixPositions => {
            let first = match helping(at) {
                Some(tried) => format!("Switch {} on.", tried.method.name()),
                None => "Switch on a position fix that needs no training (STRING, dual chunk attention, or YaRN's scaling) and measure RULER at the target with it.".to_owned(),
            };
            return vec![
                first,
                "Measure short texts with it: a static scaling costs quality there.".to_owned(),
                "Ask whether anything has to be trained only for what stays lost with it."
                    .to_owned(),
            ];
        }
        Verdict::MendShort => &[
            "Go back to the version before, or mix high-quality short data into the training and repeat its end.",
            "Validate: short texts against the version before, by a test of pairs.",
        ],
        Verdict::Extend { method, factor, .. } => {
            return vec![
                match holds(Condition::FixFails) || holds(Condition::ScalingFails) {
                    true => "Expect little of scaling alone: what was tried without training did not bring it back. Measure after the first steps of the fine-tune, and stop if nothing comes back.".to_owned(),
                    false => "Test the scaling without training first: it costs one evaluation, and shows whether positions are what is missing.".to_owned(),
                },
                format!(
                    "Extend by {} with a factor of {factor:.1} and a short fine-tune.",
                    method.name()
                ),
                "Do not stop before the fine-tune: scaling alone finds easy needles, loses harder ones, and a static scaling costs quality on short texts (field).".to_owned(),
            ];
        }
        Verdict::ContinuePretraining { reason_longer } => {
            let mut lines = Vec::new();
            if worth_a_fix(at) {
                lines.push("Try a position fix without training first (STRING, dual chunk attention): one evaluation may save the training.".to_owned());
            }
            let have = at
                .evidence
                .corpus
                .filter(|one| *one != TrainingCorpus::None);
            let gather = match have {
                Some(_) => {
                    "Take the long documents at hand, check them for length, kind and doubles,"
                }
                None => "Gather long documents (books, code, the domain's own)",
            };
            lines.push(format!("{gather} and mix them with high-quality short data; train beyond the target length; evaluate after instruction tuning (field: ProLong)."));
            if reason_longer {
                lines.push("Let it think first meanwhile, and after it.".to_owned());
            }
            return lines;
        }
        Verdict::SwitchModel => &[
            "Choose two or three other base models of the size you can run whose published RULER holds at the target.",
            "Measure them on the same samples, and compare sample by sample (`fathom compare`).",
        ],
        Verdict::Retrain => &[
            "Measure other base models first: one of them may hold without any training.",
            "Train anew with other positions or attention, and with long documents from the start.",
        ],
    };
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// What can be done besides, where training is out of reach, cheapest first.
fn cheap(step: AdaptationStep, at: &ConditionContext<'_>) -> Vec<String> {
    let all = [
        (
            AdaptationStep::FixPositions,
            "Also within reach: a position fix without training; it costs an evaluation.",
        ),
        (
            AdaptationStep::ReasonLonger,
            "Also within reach: a chain of thought; it costs tokens at every answer.",
        ),
        (
            AdaptationStep::Retrieve,
            "Also within reach: retrieved passages instead of the whole text.",
        ),
    ];
    let holds = |condition: Condition| condition.holds(at) == Some(true);
    let others = all.into_iter().filter(|(one, _)| {
        let tried = *one == AdaptationStep::FixPositions && holds(Condition::FixFails)
            || *one == AdaptationStep::ReasonLonger
                && (holds(Condition::CotFails)
                    || holds(Condition::ThinkingCosts)
                    || holds(Condition::ThinkingFlat))
            || *one == AdaptationStep::Retrieve && holds(Condition::RagBelowFull);
        *one != step && can(*one, at) && !tried
    });
    others.map(|(_, line)| line.to_owned()).collect()
}
