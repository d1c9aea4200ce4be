//! The next step of a verdict.

use super::measure::measure;
use super::plans::{
    also_between, between, passages_run, priced, questions_run, ruler_run, target, thinking_run,
};
use super::position_fix::{fix, with_fix};
use super::undecided::undecided;
use super::{First, NextStep, NextStepContext, first};
use crate::advise::condition::{Condition, ConditionContext, helping};
use crate::advise::costs::EvaluationPlan;
use crate::advise::evidence::{LongBenchMode, TrainingCorpus};
use crate::advise::step::AdaptationStep;

pub(super) fn decided(known: &NextStepContext<'_>) -> NextStep {
    let at = known.at;
    let Some(step) = known.step else {
        return undecided(known);
    };
    match first(known.step, at, known.missing) {
        Some(First::Fix) => return fix(known),
        Some(First::Measure(gap)) => {
            if let Some(first) = known.missing.iter().find(|one| one.gap == gap) {
                return measure(first, known);
            }
        }
        Some(First::Candidates) | None => {}
    }
    if step == AdaptationStep::FixPositions {
        return match helping(at) {
            Some(tried) => with_fix(tried, known),
            None => fix(known),
        };
    }
    // If scaling was tried, what moves distant positions is tried before scaling again.
    let holds = |condition: Condition| condition.holds(at) == Some(true);
    if step == AdaptationStep::Extend
        && holds(Condition::ScalingFails)
        && holds(Condition::FixUntried)
    {
        return fix(known);
    }
    let asked = |reading| at.evidence.longbench_at(reading, None, None).is_some();
    let what = match step {
        AdaptationStep::Keep if extended_for_lookup(at) => "Ask questions like your own, at full length, before you rely on the extended model, some with facts from several places among them".to_owned(),
        AdaptationStep::Keep => "Use it, and measure again with every new version".to_owned(),
        AdaptationStep::ReasonLonger if !asked(LongBenchMode::Cot) => {
            "Measure LongBench v2 with a chain of thought, beside the direct answers".to_owned()
        }
        AdaptationStep::ReasonLonger => {
            "Ask questions from your own work directly and with a chain of thought, and compare the answers one by one".to_owned()
        }
        AdaptationStep::Retrieve if !asked(LongBenchMode::Rag) => {
            "Compare retrieved passages with the whole text on the same questions (`--setting direct,rag:4`)".to_owned()
        }
        AdaptationStep::Retrieve => {
            "Ask questions about your own documents with retrieved passages and with the whole text, and compare the answers one by one".to_owned()
        }
        AdaptationStep::MendShort => {
            "Go back to the previous version, or repeat the end of the training with short texts mixed in, and measure the same short texts again".to_owned()
        }
        AdaptationStep::Extend => {
            match Condition::FixFails.holds(at) {
                Some(true) => "Measure RULER by category at the target after the first steps of the fine-tune, as the fix that was tried restored little without it".to_owned(),
                _ => "Measure RULER by category at the target with the scaling switched on, before the fine-tune".to_owned(),
            }
        }
        AdaptationStep::ContinuePretraining | AdaptationStep::ContinueAndReason | AdaptationStep::FixPositions => {
            let corpus = at.evidence.corpus.filter(|one| *one != TrainingCorpus::None);
            match corpus {
                Some(_) => "Check the corpus (how many tokens, how many long documents, which kinds), and keep today's figures as the baseline for the training".to_owned(),
                None => "Gather the corpus, and keep today's figures as the baseline for the training".to_owned(),
            }
        }
        AdaptationStep::SwitchModel => {
            "Run the same tasks and lengths on two or three other models that you can run".to_owned()
        }
        AdaptationStep::Retrain => {
            "Run the same tasks and lengths on two or three other base models: one of them may hold up without any training".to_owned()
        }
    };
    let out: Vec<&str> = known.limited.iter().map(|one| one.step.name()).collect();
    let why = match out.is_empty() {
        false => format!(
            "what the figures call for first is out of reach: {}",
            out.join("; ")
        ),
        true if step == AdaptationStep::Keep => {
            kept(at).replace("at the target", &at.facts.where_measured())
        }
        true => reason(step).to_owned(),
    };
    let missing = |reading, run: (String, EvaluationPlan)| (!asked(reading)).then_some(run);
    let runs: Vec<_> = match step {
        AdaptationStep::Extend => {
            let scaled = ruler_run(vec![target(known)], " with the scaling switched on");
            [scaled].into_iter().chain(between(known)).collect()
        }
        AdaptationStep::SwitchModel | AdaptationStep::Retrain => {
            vec![ruler_run(vec![target(known)], ", each of the other models")]
        }
        AdaptationStep::Retrieve if !asked(LongBenchMode::Rag) => {
            let direct = missing(LongBenchMode::Direct, questions_run(known, "direct"));
            let passages = passages_run(known);
            direct.into_iter().chain([passages]).collect()
        }
        AdaptationStep::ReasonLonger if !asked(LongBenchMode::Cot) => {
            let direct = missing(LongBenchMode::Direct, questions_run(known, "direct"));
            direct.into_iter().chain([thinking_run(known)]).collect()
        }
        _ => Vec::new(),
    };
    let also = match step {
        AdaptationStep::Extend => also_between(known),
        _ => String::new(),
    };
    priced(known, format!("{what}{also}"), &why, runs)
}

/// Whether an extension brought the needles that lookup takes, but not the harder tasks.
pub(in crate::advise) fn extended_for_lookup(at: &ConditionContext<'_>) -> bool {
    let all = [
        Condition::ExtendedBefore,
        Condition::DepthLow,
        Condition::HardFails,
    ];
    all.into_iter().all(|one| one.holds(at) == Some(true))
}

/// Why the model is kept, also where some of RULER falls short.
fn kept(at: &ConditionContext<'_>) -> &'static str {
    let holds = |condition: Condition| condition.holds(at) == Some(true);
    let low = holds(Condition::HardFails) || holds(Condition::RulerFails);
    match (low, holds(Condition::DepthLow)) {
        (true, true) if holds(Condition::ExtendedBefore) => {
            "needles are found at the target, but chains or counts are not: the article asks for both before an extended model is called ready, and looking up one fact at a time takes only the needles"
        }
        (true, true) => {
            "looking up passages takes only needles, and these are found; do not use it for more than that, as chains or counts are lost"
        }
        (true, false) => "real questions count for more than what falls short on RULER",
        (false, _) => reason(AdaptationStep::Keep),
    }
}

/// Why the verdict's own step is what it is.
fn reason(step: AdaptationStep) -> &'static str {
    match step {
        AdaptationStep::Keep => "nothing that was measured calls for a change",
        AdaptationStep::ReasonLonger => {
            "thinking costs tokens with every answer, and only your own questions show whether it pays off"
        }
        AdaptationStep::Retrieve => {
            "only the same questions asked both ways show what passages miss"
        }
        AdaptationStep::FixPositions => "it takes one evaluation and no training",
        AdaptationStep::MendShort => "anything built on this version inherits its loss",
        AdaptationStep::Extend => "it takes one evaluation, and shows what scaling alone restores",
        AdaptationStep::ContinuePretraining | AdaptationStep::ContinueAndReason => {
            "the corpus decides what the training can teach, and without a baseline neither gains nor losses can be seen"
        }
        AdaptationStep::SwitchModel | AdaptationStep::Retrain => {
            "a measurement is far cheaper than any training"
        }
    }
}
