//! What a next step runs, and its price.

use super::{NextRun, NextStep, NextStepContext};
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

/// RULER at some lengths, `with` saying how the model is run.
pub(super) fn ruler_run(lengths: Vec<Tokens>, with: &str) -> (String, EvaluationPlan) {
    let told: Vec<String> = lengths.iter().map(|one| short(*one)).collect();
    let what = format!("RULER at {}{with}", told.join(", "));
    (what, ruler_plan(lengths))
}

pub(super) fn target(known: &NextStepContext<'_>) -> Tokens {
    known.at.evidence.target().unwrap_or(Tokens(32_768))
}

/// 100 samples of each task tell a difference of some ten points.
fn ruler_plan(lengths: Vec<Tokens>) -> EvaluationPlan {
    EvaluationPlan {
        tasks: 13,
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

/// LongBench v2, `how` saying how it is asked.
pub(super) fn questions_run(known: &NextStepContext<'_>, how: &str) -> (String, EvaluationPlan) {
    let plan = EvaluationPlan {
        tasks: 1,
        lengths: vec![questions_length(known)],
        samples: 503,
        checkpoints: 1,
        answer_tokens: 128,
    };
    (format!("LongBench v2 {how}"), plan)
}

/// The same with a chain of thought, whose answers are longer.
pub(super) fn thinking_run(known: &NextStepContext<'_>) -> (String, EvaluationPlan) {
    let (what, plan) = questions_run(known, "with a chain of thought");
    let plan = EvaluationPlan {
        answer_tokens: 1_152,
        ..plan
    };
    (what, plan)
}
