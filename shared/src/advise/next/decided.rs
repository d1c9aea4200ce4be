//! The next step of a verdict.

use super::measure::measure;
use super::plans::{priced, questions_run, ruler_run, target, thinking_run};
use super::undecided::undecided;
use super::{First, NextStep, NextStepContext, first};
use crate::advise::condition::{Condition, helping};
use crate::advise::costs::EvaluationPlan;
use crate::advise::evidence::{LongBenchMode, PositionFixFigure, ReasoningDepth, TrainingCorpus};
use crate::advise::rules::AdaptationStep;
use crate::advise::sentences::short;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

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
    // Scaling that was tried is not tried again before what moves distant positions.
    let holds = |condition: Condition| condition.holds(at) == Some(true);
    if step == AdaptationStep::Extend
        && holds(Condition::ScalingFails)
        && holds(Condition::FixUntried)
    {
        return fix(known);
    }
    let asked = |reading| at.evidence.longbench_at(reading, None, None).is_some();
    let what = match step {
        AdaptationStep::Keep => "Use it, and measure again with every new version".to_owned(),
        AdaptationStep::ReasonLonger if !asked(LongBenchMode::Cot) => {
            "Measure LongBench v2 with a chain of thought, beside the direct answers".to_owned()
        }
        AdaptationStep::ReasonLonger => {
            "Ask questions of your own work directly and with a chain of thought, and compare the answers one by one".to_owned()
        }
        AdaptationStep::Retrieve if !asked(LongBenchMode::Rag) => {
            "Compare retrieved passages with the whole text on the same questions (`--setting direct,rag:4`)".to_owned()
        }
        AdaptationStep::Retrieve => {
            "Ask questions of your own documents with retrieved passages and with the whole text, and compare the answers one by one".to_owned()
        }
        AdaptationStep::MendShort => {
            "Go back to the version before, or repeat the end of the training with short texts mixed in, and measure the same short texts again".to_owned()
        }
        AdaptationStep::Extend => {
            match Condition::FixFails.holds(at) {
                Some(true) => "Measure RULER by category at the target after the first steps of the fine-tune, as the fix that was tried brought little back without it".to_owned(),
                _ => "Measure RULER by category at the target with the scaling switched on, before the fine-tune".to_owned(),
            }
        }
        AdaptationStep::ContinuePretraining | AdaptationStep::ContinueAndReason | AdaptationStep::FixPositions => {
            let corpus = at.evidence.corpus.filter(|one| *one != TrainingCorpus::None);
            match corpus {
                Some(_) => "Check the corpus (how many tokens, how many long documents, which kinds), and keep today's figures as the baseline that the training is held to".to_owned(),
                None => "Gather the corpus, and keep today's figures as the baseline that the training is held to".to_owned(),
            }
        }
        AdaptationStep::SwitchModel => {
            "Run the same tasks and lengths on two or three other models of the size you can run".to_owned()
        }
        AdaptationStep::Retrain => {
            "Run the same tasks and lengths on two or three other base models: one of them may hold without any training".to_owned()
        }
    };
    let why = match known.limited {
        true => "the better options are out of reach".to_owned(),
        false => reason(step).to_owned(),
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
            let passages = questions_run(known, "with retrieved passages");
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

/// Why the verdict's own step is what it is.
fn reason(step: AdaptationStep) -> &'static str {
    match step {
        AdaptationStep::Keep => "nothing that was measured asks for a change",
        AdaptationStep::ReasonLonger => {
            "thinking costs tokens at every answer, and only your own questions tell whether it pays"
        }
        AdaptationStep::Retrieve => {
            "only the same questions asked both ways tell what passages miss"
        }
        AdaptationStep::FixPositions => "it takes an evaluation and no training",
        AdaptationStep::MendShort => "what is built on a lossy version inherits its loss",
        AdaptationStep::Extend => {
            "it takes one evaluation, and shows what the scaling alone brings"
        }
        AdaptationStep::ContinuePretraining | AdaptationStep::ContinueAndReason => {
            "the corpus decides what the training can teach, and without a baseline no gain and no loss is seen"
        }
        AdaptationStep::SwitchModel | AdaptationStep::Retrain => {
            "a measurement is far cheaper than any training"
        }
    }
}

/// A position fix to be tried, and the lengths that nobody measured.
pub(super) fn fix(known: &NextStepContext<'_>) -> NextStep {
    let what = format!(
        "Run RULER at the target with a position fix ({}){}",
        fixes(known),
        also_between(known)
    );
    let fixed = ruler_run(vec![target(known)], " with the position fix");
    priced(
        known,
        what,
        "it takes an evaluation and no training, and has brought chains back at 128K before (Llama 3.1 70B: variable tracking from 59 to 96, arXiv 2410.18745)",
        [fixed].into_iter().chain(between(known)).collect(),
    )
}

/// The fixes that are left to try.
fn fixes(known: &NextStepContext<'_>) -> &'static str {
    match Condition::ScalingFails.holds(known.at) {
        Some(true) => "STRING or dual chunk attention: scaling alone was tried",
        _ => "STRING, dual chunk attention or another scaling",
    }
}

/// What is left to measure with a fix that was tried and helps.
pub(super) fn with_fix(tried: &PositionFixFigure, known: &NextStepContext<'_>) -> NextStep {
    let (at, name) = (known.at, tried.method.name());
    let fixes = || at.evidence.position_fix.iter();
    let untried = RulerCategory::ALL.into_iter().filter(|category| {
        let again = fixes().any(|fix| fix.category == Some(*category));
        let today = at.facts.at_target.and_then(|at| at.of(*category));
        !again && today.is_some_and(|value| value < at.thresholds.good(*category))
    });
    let untried: Vec<&str> = untried.map(RulerCategory::name).collect();
    if !untried.is_empty() {
        return priced(
            known,
            format!(
                "Run the rest of RULER at the target with {name}: {} {} low today and not measured with it",
                untried.join(" and "),
                if untried.len() == 1 { "is" } else { "are" }
            ),
            "what the fix leaves lost decides whether anything has to be trained",
            vec![ruler_run(vec![target(known)], &format!(" with {name}"))],
        );
    }
    let short = ruler_run(vec![SHORT], &format!(" with {name}"));
    if at.facts.depth == Some(ReasoningDepth::Low) {
        return priced(
            known,
            format!("Switch {name} on, and measure short texts with it"),
            "a change of positions can cost quality on short texts",
            vec![short],
        );
    }
    priced(
        known,
        format!("Measure LongBench v2 with {name} switched on, and short texts too"),
        "real questions tell whether anything is left to train, and were not asked with the fix",
        vec![questions_run(known, &format!("direct, with {name}")), short],
    )
}

/// The short length that texts are measured at with a fix.
const SHORT: Tokens = Tokens(4_096);

/// A run of the lengths that would tell where the loss begins; nothing where all are known.
pub(super) fn between(known: &NextStepContext<'_>) -> Option<(String, EvaluationPlan)> {
    let lengths = known.at.facts.between(known.at.thresholds);
    (!lengths.is_empty()).then(|| ruler_run(lengths, ", as the model is today"))
}

/// The same in words, behind what is run with something changed.
pub(super) fn also_between(known: &NextStepContext<'_>) -> String {
    let lengths = known.at.facts.between(known.at.thresholds);
    let lengths: Vec<String> = lengths.into_iter().map(short).collect();
    match lengths.is_empty() {
        true => String::new(),
        false => format!(
            ", and without it at {}, where nothing was measured",
            lengths.join(", ")
        ),
    }
}
