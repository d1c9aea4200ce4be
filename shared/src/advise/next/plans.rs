//! What a next step runs, and its price.

use super::{NextRun, NextStep, NextStepContext};
use crate::advise::benchmarks::{questions, ruler_tasks};
use crate::advise::costs::EvaluationPlan;
use crate::advise::sentences::short;
use crate::tokens::Tokens;

/// A step with its measurements, each priced by itself.
pub(super) fn priced(
    known: &NextStepContext<'_>,
    what: String,
    why: &str,
    runs: Vec<(String, EvaluationPlan)>,
) -> NextStep {
    let model = known.at.evidence.model.as_ref();
    let priced = runs.into_iter().map(|(what, plan)| NextRun {
        what,
        cost: model.map(|model| plan.cost(model)),
        plan,
    });
    NextStep {
        runs: priced.collect(),
        what,
        why: why.to_owned(),
    }
}

/// RULER at some lengths; `with` says how the model is run.
pub(super) fn ruler_run(lengths: Vec<Tokens>, with: &str) -> (String, EvaluationPlan) {
    let told: Vec<String> = lengths.iter().map(|one| short(*one)).collect();
    let what = format!("RULER at {}{with}", told.join(", "));
    (what, ruler_plan(lengths))
}

pub(super) fn target(known: &NextStepContext<'_>) -> Tokens {
    known.at.evidence.target().unwrap_or(Tokens(32_768))
}

/// 100 samples of each task show a difference of some ten points.
fn ruler_plan(lengths: Vec<Tokens>) -> EvaluationPlan {
    EvaluationPlan {
        tasks: ruler_tasks(),
        lengths,
        samples: 100,
        checkpoints: 1,
        answer_tokens: 128,
    }
}

/// The median question of LongBench v2 has some 128,000 tokens; longer ones are cut to fit.
pub(super) fn questions_length(known: &NextStepContext<'_>) -> Tokens {
    Tokens(target(known).0.min(131_072))
}

/// LongBench v2; `how` says how it is asked.
pub(super) fn questions_run(known: &NextStepContext<'_>, how: &str) -> (String, EvaluationPlan) {
    let plan = EvaluationPlan {
        tasks: 1,
        lengths: vec![questions_length(known)],
        samples: questions(),
        checkpoints: 1,
        answer_tokens: 128,
    };
    (format!("LongBench v2 {how}"), plan)
}

/// Tokens read per question with retrieved passages: 16 of 512 tokens.
pub(super) const PASSAGES: Tokens = Tokens(8_192);

/// The same with retrieved passages instead of the whole text.
pub(super) fn passages_run(known: &NextStepContext<'_>) -> (String, EvaluationPlan) {
    let (what, plan) = questions_run(known, "with retrieved passages");
    let lengths = vec![Tokens(questions_length(known).0.min(PASSAGES.0))];
    (what, EvaluationPlan { lengths, ..plan })
}

/// The own hold-outs: with a chain of thought and with retrieved passages, or direct if they were
/// never measured.
pub(super) fn own_runs(
    known: &NextStepContext<'_>,
    remedies: bool,
) -> Vec<(String, EvaluationPlan)> {
    let own = known.at.evidence.production;
    let samples = own.and_then(|own| own.n).unwrap_or(OWN);
    let run = |what: &str, length: Tokens, answer_tokens| {
        let plan = EvaluationPlan {
            tasks: 1,
            lengths: vec![length],
            samples,
            checkpoints: 1,
            answer_tokens,
        };
        (format!("own hold-outs {what}, {samples} questions"), plan)
    };
    let whole = target(known);
    match remedies {
        true => vec![
            run("with a chain of thought", whole, 1_152),
            run(
                "with retrieved passages",
                Tokens(whole.0.min(PASSAGES.0)),
                128,
            ),
        ],
        false => vec![run("direct", whole, 128)],
    }
}

/// The number of own hold-outs if none is given. Chosen.
const OWN: u32 = 200;

/// The same with a chain of thought, whose answers are longer.
pub(super) fn thinking_run(known: &NextStepContext<'_>) -> (String, EvaluationPlan) {
    let (what, plan) = questions_run(known, "with a chain of thought");
    let plan = EvaluationPlan {
        answer_tokens: 1_152,
        ..plan
    };
    (what, plan)
}

/// A run of the lengths that would show where the loss begins; `None` if all are known.
pub(super) fn between(known: &NextStepContext<'_>) -> Option<(String, EvaluationPlan)> {
    let lengths = known.at.facts.between(known.at.thresholds);
    (!lengths.is_empty()).then(|| ruler_run(lengths, ", as the model is today"))
}

/// The same in words, after what is run with something changed.
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
