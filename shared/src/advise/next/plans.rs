//! What a next step runs, and its price.

use super::{NextStep, NextStepContext};
use crate::advise::costs::EvaluationPlan;
use crate::tokens::Tokens;

pub(super) fn priced(
    known: &NextStepContext<'_>,
    what: String,
    why: &str,
    plan: EvaluationPlan,
) -> NextStep {
    let model = known.at.evidence.model.as_ref();
    NextStep {
        cost: model.map(|model| plan.cost(model)),
        plan: Some(plan),
        what,
        why: why.to_owned(),
    }
}

pub(super) fn target(known: &NextStepContext<'_>) -> Tokens {
    known.at.evidence.target().unwrap_or(Tokens(32_768))
}

/// 100 samples of each task tell a difference of some ten points.
pub(super) fn ruler_plan(lengths: Vec<Tokens>) -> EvaluationPlan {
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

pub(super) fn questions_plan(known: &NextStepContext<'_>, answer_tokens: u32) -> EvaluationPlan {
    EvaluationPlan {
        tasks: 1,
        lengths: vec![questions_length(known)],
        samples: 503,
        checkpoints: 1,
        answer_tokens,
    }
}
